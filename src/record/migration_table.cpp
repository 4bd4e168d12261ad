#include "record/migration_table.hpp"

#include "core/error.hpp"
#include "record/host_tables.hpp"

namespace lair::record {

MigrationTable::MigrationTable(const std::string& folder, const RunIdentity& run,
                               WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), file_(folder + "/migrations.csv", failure) {
  file_.cell(header).end_row();
}

void MigrationTable::on(const Event& event) {
  switch (event.kind) {
  case EventKind::migration_started:
    LAIR_ASSERT(under_way_.emplace(event.task, event).second, "a task migrates once at a time");
    break;
  case EventKind::migration_finished:
  case EventKind::migration_aborted: {
    const auto start = under_way_.find(event.task);
    LAIR_ASSERT(start != under_way_.end(), "a migration starts before it ends");
    write(start->second, &event);
    under_way_.erase(start);
    break;
  }
  default: break;
  }
}

void MigrationTable::finish() {
  for (const auto& [task, start] : under_way_) write(start, nullptr);
  under_way_.clear();
}

void MigrationTable::write(const Event& start, const Event* end) {
  file_.cell(start.task.value).cell(hosts_.at(start.host.index()));
  file_.cell(hosts_.at(start.target.index())).cell(start.time);
  if (end == nullptr) {
    file_.empty_cell().empty_cell().cell(start.bytes).cell("under_way").empty_cell();
  } else {
    const bool finished = end->kind == EventKind::migration_finished;
    file_.cell(end->time).cell(end->value).cell(finished ? end->bytes : start.bytes);
    file_.cell(finished ? "finished" : "aborted");
    end->reason == Reason::none ? file_.empty_cell() : file_.cell(to_string(end->reason));
  }
  file_.end_row();
}

} // namespace lair::record
