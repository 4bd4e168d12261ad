// The Paje trace format: "The Paje Event Trace Description Language",
// https://paje.sourceforge.net/download/publication/lang-paje.pdf. Events stand in order of time.
#include "timeline/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace lair::timeline {

namespace {

// Numbers of the event definitions below.
enum Id { container_type = 0, variable_type, state_type, event_type, link_type, entity, create, destroy,
          set_variable, push_state, pop_state, new_event, start_link, end_link };

constexpr const char* header = R"(%EventDef PajeDefineContainerType 0
%  Alias string
%  Type string
%  Name string
%EndEventDef
%EventDef PajeDefineVariableType 1
%  Alias string
%  Type string
%  Name string
%  Color color
%EndEventDef
%EventDef PajeDefineStateType 2
%  Alias string
%  Type string
%  Name string
%EndEventDef
%EventDef PajeDefineEventType 3
%  Alias string
%  Type string
%  Name string
%  Color color
%EndEventDef
%EventDef PajeDefineLinkType 4
%  Alias string
%  Type string
%  StartContainerType string
%  EndContainerType string
%  Name string
%EndEventDef
%EventDef PajeDefineEntityValue 5
%  Alias string
%  Type string
%  Name string
%  Color color
%EndEventDef
%EventDef PajeCreateContainer 6
%  Time date
%  Alias string
%  Type string
%  Container string
%  Name string
%EndEventDef
%EventDef PajeDestroyContainer 7
%  Time date
%  Type string
%  Name string
%EndEventDef
%EventDef PajeSetVariable 8
%  Time date
%  Type string
%  Container string
%  Value double
%EndEventDef
%EventDef PajePushState 9
%  Time date
%  Type string
%  Container string
%  Value string
%EndEventDef
%EventDef PajePopState 10
%  Time date
%  Type string
%  Container string
%EndEventDef
%EventDef PajeNewEvent 11
%  Time date
%  Type string
%  Container string
%  Value string
%EndEventDef
%EventDef PajeStartLink 12
%  Time date
%  Type string
%  Container string
%  StartContainer string
%  Value string
%  Key string
%EndEventDef
%EventDef PajeEndLink 13
%  Time date
%  Type string
%  Container string
%  EndContainer string
%  Value string
%  Key string
%EndEventDef
)";

/// Colours by kind of slice.
struct Value {
  std::string_view kind, colour;
};
constexpr std::array<Value, 8> values{{{"task", "0.60 0.75 0.90"},
                                       {"input", "0.80 0.80 0.80"},
                                       {"compute", "0.25 0.55 0.80"},
                                       {"migrate", "0.95 0.75 0.25"},
                                       {"queue", "0.70 0.70 0.70"},
                                       {"fault", "0.85 0.30 0.25"},
                                       {"off", "0.15 0.15 0.15"},
                                       {"decide", "0.45 0.70 0.35"}}};

std::string quoted(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  return "\"" + text + "\"";
}

std::string alias(std::size_t track) { return fmt::format("t{}", track); }
std::string alias(std::size_t track, std::size_t lane) { return fmt::format("t{}l{}", track, lane); }

/// A line with its time; those of one time keep their order.
using Timed = std::pair<double, std::string>;

void add_lane(std::vector<Timed>& out, const Lane& lane, const std::string& container) {
  std::vector<double> open; // ends of the slices that are on the stack
  const auto pop_to = [&](std::size_t depth) {
    while (open.size() > depth) {
      out.emplace_back(open.back(), fmt::format("{} {} S {}", int{pop_state}, open.back(), container));
      open.pop_back();
    }
  };
  for (const Slice& slice : lane.slices) {
    pop_to(slice.depth);
    // What is outermost bears the name of its task; faults and moves say which.
    const bool named = slice.depth == 0 && slice.kind != "off" && slice.kind != "decide";
    out.emplace_back(slice.start, fmt::format("{} {} S {} {}", int{push_state}, slice.start, container,
                                              named ? quoted(slice.name) : std::string(slice.kind)));
    open.push_back(slice.end);
  }
  pop_to(0);
}

} // namespace

std::string paje_trace(const Timeline& timeline) {
  std::string out = header;
  const auto line = [&](Id id, const std::string& rest) { out += fmt::format("{} {}\n", int{id}, rest); };
  line(container_type, "F 0 Federation");
  line(container_type, "L F LEI");
  line(container_type, "H L Host");
  line(container_type, "A H Lane"); // of a host
  line(container_type, "Q L Queue"); // of a LEI
  line(state_type, "S A State");
  line(state_type, "SQ Q State");
  line(variable_type, "CPU H \"CPU %\" \"0.25 0.55 0.80\"");
  line(variable_type, "RAM H \"RAM %\" \"0.45 0.70 0.35\"");
  line(event_type, "E H Event \"0.85 0.30 0.25\"");
  line(link_type, "M F A A Migration");
  for (const Value& value : values)
    for (const char* type : {"S", "SQ"})
      line(entity, fmt::format("{}{} {} {} \"{}\"", type == std::string_view("S") ? "" : "q_", value.kind,
                               type, value.kind, value.colour));
  line(create, "0 root F 0 Federation");
  std::vector<Timed> all;
  std::string parent;
  for (std::size_t t = 0; t < timeline.tracks.size(); ++t) {
    const Track& track = timeline.tracks[t];
    if (!track.is_host) parent = alias(t);
    line(create, fmt::format("0 {} {} {} {}", alias(t), track.is_host ? "H" : "L",
                             track.is_host ? parent : "root", quoted(track.name)));
    for (std::size_t l = 0; l < track.lanes.size(); ++l) {
      const Lane& lane = track.lanes[l];
      line(create, fmt::format("0 {} {} {} {}", alias(t, l), track.is_host ? "A" : "Q", alias(t),
                               quoted(track.name + " " + lane.name)));
      const auto from = all.size();
      add_lane(all, lane, alias(t, l));
      if (!track.is_host) // states of queues are of another type
        for (std::size_t i = from; i < all.size(); ++i)
          if (const auto at = all[i].second.find(" S "); at != std::string::npos)
            all[i].second.replace(at, 3, " SQ ");
    }
    for (const Counter& counter : track.counters)
      for (const auto& [time, value] : counter.values)
        all.emplace_back(time, fmt::format("{} {} {} {} {}", int{set_variable}, time, counter.name, alias(t), value));
    if (track.is_host)
      for (const Mark& mark : track.marks)
        all.emplace_back(mark.time, fmt::format("{} {} E {} {}", int{new_event}, mark.time, alias(t), quoted(mark.name)));
  }
  for (std::size_t i = 0; i < timeline.flows.size(); ++i)
    for (const bool start : {true, false}) {
      const Flow& flow = timeline.flows[i];
      const Flow::End& end = start ? flow.from : flow.to;
      all.emplace_back(end.time, fmt::format("{} {} M root {} {} k{}", int{start ? start_link : end_link}, end.time,
                                             alias(end.track, end.lane), quoted(flow.name), i));
    }
  std::stable_sort(all.begin(), all.end(), [](const Timed& a, const Timed& b) { return a.first < b.first; });
  for (const auto& [time, text] : all) out += text + '\n';
  const double end = timeline.end;
  for (std::size_t t = timeline.tracks.size(); t-- > 0;) {
    const Track& track = timeline.tracks[t];
    for (std::size_t l = track.lanes.size(); l-- > 0;)
      line(destroy, fmt::format("{} {} {}", end, track.is_host ? "A" : "Q", alias(t, l)));
    line(destroy, fmt::format("{} {} {}", end, track.is_host ? "H" : "L", alias(t)));
  }
  line(destroy, fmt::format("{} F root", end));
  return out;
}

} // namespace lair::timeline
