#include "record/copy_table.hpp"

#include "record/host_tables.hpp"

#include <limits>

namespace lair::record {

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
}

CopyTable::CopyTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), file_(folder + "/copies.csv", failure) {
  file_.cell(header).end_row();
}

void CopyTable::on(const Event& event) {
  const Key key{event.task, event.host};
  switch (event.kind) {
  case EventKind::copy_placed: alive_[key] = {event.time, nan}; break;
  case EventKind::copy_started:
    if (const auto copy = alive_.find(key); copy != alive_.end()) copy->second.started = event.time;
    break;
  case EventKind::migration_finished:
    if (auto copy = alive_.extract(key); !copy.empty()) {
      copy.key().second = event.target;
      alive_.insert(std::move(copy));
    }
    break;
  case EventKind::copy_ended: end(event, "ended"); break;
  case EventKind::copy_promoted: end(event, "promoted"); break;
  case EventKind::task_finished:
    if (alive_.contains(key)) end(event, "finished");
    break;
  default: break;
  }
}

void CopyTable::end(const Event& event, std::string_view outcome) {
  const Key key{event.task, event.host};
  const auto copy = alive_.find(key); // else the primary
  write(key, copy == alive_.end() ? Times{nan, nan} : copy->second, &event, outcome);
  if (copy != alive_.end()) alive_.erase(copy);
}

void CopyTable::finish() {
  for (const auto& [key, times] : alive_) write(key, times, nullptr, "active");
  alive_.clear();
}

void CopyTable::write(const Key& key, const Times& times, const Event* end,
                      std::string_view outcome) {
  file_.cell(key.first.value).cell(hosts_.at(key.second.index()));
  file_.cell(times.placed).cell(times.started).cell(end == nullptr ? nan : end->time);
  file_.cell(outcome);
  end == nullptr || end->reason == Reason::none ? file_.empty_cell()
                                                : file_.cell(to_string(end->reason));
  file_.cell(end != nullptr && end->kind == EventKind::copy_ended ? end->value : 0.0).end_row();
}

} // namespace lair::record
