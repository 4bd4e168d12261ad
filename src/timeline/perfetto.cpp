// Chrome's trace event format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
// (the JSON that ui.perfetto.dev and chrome://tracing read). A track is a process, a lane a thread. No number
// is both a process and a thread of another, none is 0, and times are whole ns: older Perfettos mix threads
// 0 and 1, and slices must lie within each other exactly.
#include "timeline/timeline.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace lair::timeline {

namespace {

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else out += c;
  }
  return out + "\"";
}

std::int64_t nanoseconds(double seconds) { return std::llround(1e9 * seconds); }
/// In us, the unit of the format, with every ns.
std::string microseconds(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }
std::string microseconds(double seconds) { return microseconds(nanoseconds(seconds)); }

class Writer {
public:
  explicit Writer(const Timeline& timeline) {
    out_ = fmt::format("{{\"displayTimeUnit\": \"ms\", \"otherData\": {{\"scenario\": {}, \"policy\": {}}},\n"
                       "\"traceEvents\": [",
                       json_text(timeline.scenario), json_text(timeline.policy));
  }
  void event(const std::string& members) {
    out_ += fmt::format("{}\n{{{}}}", first_ ? "" : ",", members);
    first_ = false;
  }
  /// The name of a process or thread, and its place in the list.
  void name(const char* what, std::size_t process, std::size_t thread, const std::string& name,
            std::size_t place) {
    event(fmt::format("\"ph\": \"M\", \"name\": \"{}_name\", \"pid\": {}, \"tid\": {}, \"args\": {{\"name\": {}}}",
                      what, process, thread, json_text(name)));
    event(fmt::format("\"ph\": \"M\", \"name\": \"{}_sort_index\", \"pid\": {}, \"tid\": {}, \"args\": "
                      "{{\"sort_index\": {}}}",
                      what, process, thread, place));
  }
  std::string end() && { return std::move(out_) + "\n]}\n"; }

private:
  std::string out_;
  bool first_ = true;
};

} // namespace

std::string perfetto_json(const Timeline& timeline) {
  Writer writer(timeline);
  std::vector<std::size_t> processes; // a track's number; its lanes have the next ones
  for (std::size_t t = 0, next = 1; t < timeline.tracks.size(); ++t) {
    const Track& track = timeline.tracks[t];
    const std::size_t process = next;
    processes.push_back(process);
    next += 1 + track.lanes.size();
    writer.name("process", process, process,
                track.is_host ? fmt::format("{} ({})", track.name, track.lei) : "LEI " + track.name, t);
    for (std::size_t l = 0; l < track.lanes.size(); ++l) {
      const Lane& lane = track.lanes[l];
      writer.name("thread", process, process + 1 + l, lane.name, l);
      for (const Slice& slice : lane.slices) {
        std::string details;
        for (const auto& [key, value] : slice.details)
          details += fmt::format("{}\"{}\": {}", details.empty() ? "" : ", ", key, value);
        writer.event(fmt::format("\"ph\": \"X\", \"cat\": \"{}\", \"name\": {}, \"pid\": {}, \"tid\": {}, "
                                 "\"ts\": {}, \"dur\": {}, \"args\": {{{}}}",
                                 slice.kind, json_text(slice.name), process, process + 1 + l, microseconds(slice.start),
                                 microseconds(nanoseconds(slice.end) - nanoseconds(slice.start)), details));
      }
    }
    for (const Counter& counter : track.counters)
      for (const auto& [time, value] : counter.values)
        writer.event(fmt::format("\"ph\": \"C\", \"name\": \"{0} {1}\", \"pid\": {2}, \"ts\": {3}, \"args\": "
                                 "{{\"{1}\": {4}}}",
                                 counter.name, counter.unit, process, microseconds(time), value));
    for (const Mark& mark : track.marks)
      writer.event(fmt::format("\"ph\": \"i\", \"s\": \"p\", \"name\": {}, \"pid\": {}, \"tid\": {}, \"ts\": {}",
                               json_text(mark.name), process, process, microseconds(mark.time)));
  }
  std::size_t id = 0;
  for (const Flow& flow : timeline.flows) {
    ++id;
    for (const bool start : {true, false}) {
      const Flow::End& end = start ? flow.from : flow.to;
      writer.event(fmt::format("\"ph\": \"{}\", \"cat\": \"migration\", \"name\": {}, \"id\": {}, \"pid\": {}, "
                               "\"tid\": {}, \"ts\": {}{}",
                               start ? "s" : "f", json_text(flow.name), id, processes[end.track],
                               processes[end.track] + 1 + end.lane, microseconds(end.time), start ? "" : ", \"bp\": \"e\""));
    }
  }
  return std::move(writer).end();
}

} // namespace lair::timeline
