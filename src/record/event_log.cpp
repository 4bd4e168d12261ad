#include "record/event_log.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lair::record {

namespace {
std::vector<std::string> json_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const auto& name : names) out.push_back(json_quoted(name));
  return out;
}
std::string key(std::string_view name) { return name.empty() ? "" : fmt::format(",\"{}\":", name); }
} // namespace

EventNumbers event_numbers(EventKind kind) {
  switch (kind) {
  case EventKind::task_arrived: return {.value = "images"};
  case EventKind::task_finished: return {.value = "response_s", .extra = "deadline_s"};
  case EventKind::task_requeued:
  case EventKind::task_failed: return {.value = "lost_core_s"};
  case EventKind::migration_started: return {.bytes = true};
  case EventKind::migration_finished: return {.value = "duration_s", .bytes = true};
  case EventKind::migration_aborted: return {.value = "duration_s"};
  case EventKind::image_fetched: return {.value = "duration_s", .target = "source", .bytes = true};
  case EventKind::fault_started: return {.value = "strength"};
  case EventKind::fault_ended: return {.value = "measured", .extra = "expected"};
  case EventKind::host_failed: return {.value = "silent_s"};
  case EventKind::report_lost: return {.value = "to_lei"};
  case EventKind::copy_ended: return {.value = "lost_core_s", .extra = "kept_core_s"};
  case EventKind::result_delivered: return {.value = "digest", .extra = "equal"};
  case EventKind::task_reopened: return {.value = "results", .extra = "kept_core_s"};
  case EventKind::checkpoint_stored: return {.value = "duration_s", .bytes = true};
  case EventKind::task_restored: return {.value = "images", .target = "source"};
  case EventKind::policy_learned: return {.value = "learning_s"};
  case EventKind::decision_made: return {.value = "decision_s", .extra = "actions"};
  default: return {};
  }
}

EventLog::EventLog(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(json_names(run.hosts)), leis_(json_names(run.leis)),
      applications_(json_names(run.applications)), kinds_(json_names(run.fault_kinds)),
      file_(folder + "/events.jsonl", failure) {
  for (std::size_t i = 0; i < event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    const EventNumbers numbers = event_numbers(kind);
    prefixes_[i] = {fmt::format(",\"kind\":\"{}\"", to_string(kind)), key(numbers.value),
                    key(numbers.extra), key(numbers.target), numbers.bytes};
  }
}

void EventLog::number(std::string_view prefix, double x) {
  file_.text(prefix);
  std::isfinite(x) ? file_.number(x) : file_.text("null");
}

void EventLog::on(const Event& event) {
  const auto& prefix = prefixes_[static_cast<std::size_t>(event.kind)];
  file_.text("{\"time_s\":").number(event.time).text(prefix.kind);
  if (event.task.valid()) file_.text(",\"task\":").number(event.task.value);
  if (event.application.valid())
    file_.text(",\"application\":").text(applications_.at(event.application.index()));
  if (event.host.valid()) file_.text(",\"host\":").text(hosts_.at(event.host.index()));
  if (event.target.valid()) file_.text(prefix.target).text(hosts_.at(event.target.index()));
  if (event.lei.valid()) file_.text(",\"lei\":").text(leis_.at(event.lei.index()));
  if (event.fault.valid()) {
    file_.text(",\"fault\":").number(std::uint64_t(event.fault.value));
    if (event.kind != EventKind::fault_ended)
      file_.text(",\"fault_kind\":").text(kinds_.at(event.fault_kind));
  }
  if (event.reason != Reason::none)
    file_.text(",\"reason\":\"").text(to_string(event.reason)).character('"');
  if (event.kind == EventKind::report_lost)
    file_.text(prefix.value).text(leis_.at(static_cast<std::size_t>(event.value)));
  else if (!prefix.value.empty())
    number(prefix.value, event.value);
  if (!prefix.extra.empty()) number(prefix.extra, event.extra);
  if (prefix.bytes) number(",\"bytes\":", event.bytes);
  file_.text("}\n");
  file_.end_line();
}

} // namespace lair::record
