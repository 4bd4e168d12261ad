#include "record/fault_table.hpp"

#include "core/error.hpp"
#include "record/host_tables.hpp"

namespace lair::record {

FaultTable::FaultTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), leis_(csv_names(run.leis)), kinds_(run.fault_kinds),
      file_(folder + "/faults.csv", failure) {
  file_.cell(header).end_row();
}

void FaultTable::begin_row(const Event& event, std::string_view outcome) {
  file_.cell(event.fault.value).cell(kinds_.at(event.fault_kind));
  event.host.valid() ? file_.cell(hosts_.at(event.host.index())) : file_.empty_cell();
  event.lei.valid() ? file_.cell(leis_.at(event.lei.index())) : file_.empty_cell();
  file_.cell(outcome);
}

void FaultTable::on(const Event& event) {
  switch (event.kind) {
  case EventKind::fault_started:
    LAIR_ASSERT(open_.emplace(event.fault, event).second, "a fault starts once");
    break;
  case EventKind::fault_ended: {
    const auto start = open_.find(event.fault);
    LAIR_ASSERT(start != open_.end(), "a fault starts before it ends");
    begin_row(start->second, "applied");
    file_.empty_cell().cell(start->second.time).cell(event.time).cell(start->second.value);
    file_.cell(event.value).cell(event.extra).end_row();
    open_.erase(start);
    break;
  }
  case EventKind::fault_masked:
    begin_row(event, "masked");
    file_.cell(to_string(event.reason));
    if (const auto start = open_.find(event.fault); start != open_.end()) {
      file_.cell(start->second.time).cell(event.time); // ended too soon to count
      open_.erase(start);
    } else {
      file_.cell(event.time).empty_cell();
    }
    file_.empty_cell().empty_cell().empty_cell().end_row();
    break;
  default: break;
  }
}

void FaultTable::finish() {
  for (const auto& [fault, start] : open_) {
    begin_row(start, "applied");
    file_.empty_cell().cell(start.time).empty_cell().cell(start.value);
    file_.empty_cell().empty_cell().end_row();
  }
  open_.clear();
}

} // namespace lair::record
