#include "record/interval_table.hpp"

#include <limits>

namespace lair::record {

IntervalTable::IntervalTable(const std::string& folder, const RunIdentity& run,
                             WriteFailure& failure)
    : has_detector_(!run.detector.empty()), file_(folder + "/intervals.csv", failure) {
  file_.cell(header).end_row();
}

void IntervalTable::on(const Event& event) {
  switch (event.kind) {
  case EventKind::task_finished:
    ++row_.finished;
    row_.response += event.value;
    row_.late += event.value > event.extra;
    break;
  case EventKind::task_requeued: ++row_.requeued; break;
  case EventKind::fault_started: ++row_.faults; break;
  case EventKind::migration_finished: ++row_.migrations; break;
  case EventKind::migration_aborted: ++row_.aborted; break;
  case EventKind::action_refused: ++row_.refused; break;
  case EventKind::decision_made: row_.decision += event.value; break;
  default: break;
  }
}

void IntervalTable::on(const HostInterval& host) {
  ++row_.hosts;
  row_.cpu += host.state[LAIR_CPU];
  row_.ram += host.state[LAIR_RAM];
  row_.on += host.state[LAIR_ALIVE];
  row_.faulty += host.fault_share > 0;
  row_.labelled += host.label > 0;
}

void IntervalTable::on(const IntervalTotals& totals) {
  const auto mean = [](double total, std::uint64_t count) {
    return count > 0 ? total / static_cast<double>(count)
                     : std::numeric_limits<double>::quiet_NaN();
  };
  file_.cell(totals.interval).cell(totals.time).cell(totals.arrived - before_.arrived);
  file_.cell(totals.finished - before_.finished).cell(totals.failed - before_.failed);
  file_.cell(totals.active).cell(totals.queued).cell(row_.requeued);
  file_.cell(mean(row_.response, row_.finished)).cell(row_.late);
  file_.cell(totals.energy - before_.energy).cell(mean(row_.cpu, row_.hosts));
  file_.cell(mean(row_.ram, row_.hosts)).cell(row_.on).cell(row_.faulty);
  has_detector_ ? file_.cell(row_.labelled) : file_.empty_cell();
  file_.cell(row_.faults).cell(row_.migrations).cell(row_.aborted).cell(row_.refused);
  file_.cell(row_.decision).end_row();
  before_ = totals;
  row_ = {};
}

} // namespace lair::record
