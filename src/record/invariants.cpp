#include "record/invariants.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::record {

bool fault_effect_agrees(double measured, double expected) {
  return measured > 0 && std::abs(measured - expected) <= std::max(0.01 * std::abs(expected), 1e-6);
}

void Invariants::on(const Event& event) {
  LAIR_ASSERT(event.time >= time_, fmt::format("{} at {} s comes after something at {} s",
                                               to_string(event.kind), event.time, time_)
                                       .c_str());
  time_ = event.time;
  const auto alone = [&] {
    LAIR_ASSERT(!copies_.contains(event.task), fmt::format("{} of task {}, which has another copy",
                                                           to_string(event.kind), event.task.value)
                                                   .c_str());
  };
  switch (event.kind) {
  case EventKind::copy_placed: ++copies_[event.task]; break;
  case EventKind::copy_ended: {
    const auto copies = copies_.find(event.task);
    LAIR_ASSERT(copies != copies_.end(), "a copy ends that never began");
    if (--copies->second == 0) copies_.erase(copies);
    break;
  }
  case EventKind::task_requeued:
  case EventKind::task_reopened: alone(); break;
  case EventKind::task_arrived: ++arrived_; break;
  case EventKind::task_finished:
    alone();
    ++finished_;
    break;
  case EventKind::task_failed:
    alone();
    ++failed_;
    break;
  case EventKind::fault_started:
    LAIR_ASSERT(lasting_.insert(event.fault).second, "a fault starts once");
    break;
  case EventKind::fault_masked: // also if it ended too soon to count
    lasting_.erase(event.fault);
    ++masked_;
    break;
  case EventKind::fault_ended:
    LAIR_ASSERT(lasting_.erase(event.fault) == 1, "a fault starts before it ends");
    ++applied_;
    LAIR_ASSERT(fault_effect_agrees(event.value, event.extra),
                fmt::format("fault {} had an effect of {}, its closed form is {}",
                            event.fault.value, event.value, event.extra)
                    .c_str());
    break;
  default: break;
  }
}

void Invariants::on(const HostInterval& row) {
  LAIR_ASSERT(row.interval == intervals_, "a host's interval comes before that interval's totals");
  energy_ += row.energy;
}

void Invariants::on(const IntervalTotals& totals) {
  LAIR_ASSERT(totals.interval == intervals_, "every interval has totals once, in order");
  LAIR_ASSERT(totals.time >= time_, "an interval ends after what happened in it");
  time_ = totals.time;
  ++intervals_;
  LAIR_ASSERT(totals.arrived == totals.finished + totals.failed + totals.active + totals.queued,
              fmt::format("tasks: {} arrived, {} finished + {} failed + {} active + {} queued",
                          totals.arrived, totals.finished, totals.failed, totals.active,
                          totals.queued)
                  .c_str());
  LAIR_ASSERT(
      totals.arrived == arrived_ && totals.finished == finished_ && totals.failed == failed_,
      fmt::format("events tell of {} arrived, {} finished, {} failed tasks; the totals of "
                  "{}, {}, {}",
                  arrived_, finished_, failed_, totals.arrived, totals.finished, totals.failed)
          .c_str());
  LAIR_ASSERT(
      std::abs(totals.energy - energy_) <= 1e-6 * std::abs(energy_),
      fmt::format("the hosts used {} J together, the run {} J", energy_, totals.energy).c_str());
}

void Invariants::finish(bool completed, std::uint64_t faults_planned) const {
  if (!completed) return;
  LAIR_ASSERT(lasting_.empty(),
              fmt::format("{} faults have started and not ended", lasting_.size()).c_str());
  LAIR_ASSERT(
      faults_planned == applied_ + masked_,
      fmt::format("faults: {} planned, {} applied + {} masked", faults_planned, applied_, masked_)
          .c_str());
}

} // namespace lair::record
