/// Laws that every run obeys, checked as it goes. A broken one is a bug: LAIR_ASSERT.
///  * Calls come in order of time; a host's interval precedes that interval's totals.
///  * arrived = finished + failed + active + queued at every interval's end, and the events agree.
///  * Every further copy of a task that starts ends once, or goes on as the task itself.
///  * The energy of the hosts adds up to the run's.
///  * Every applied fault had an effect, within 1 % of its closed form.
///  * After a completed run planned = applied + masked, and every applied fault has ended.
#pragma once

#include "model/event.hpp"

#include <cstdint>
#include <map>
#include <set>

namespace lair::record {

class Invariants : public EventSink {
public:
  void on(const Event&) override;
  void on(const HostInterval&) override;
  void on(const IntervalTotals&) override;
  void finish(bool completed, std::uint64_t faults_planned) const;

private:
  double time_ = 0, energy_ = 0;
  std::uint32_t intervals_ = 0;
  std::uint64_t arrived_ = 0, finished_ = 0, failed_ = 0;
  std::uint64_t applied_ = 0, masked_ = 0; ///< a fault counts as applied when it has ended
  std::set<FaultId> lasting_;
  std::map<TaskId, unsigned> copies_; ///< beside one, of tasks that have several
};

/// Is the measured integral of a fault's effect what the closed form says? Both in the same unit.
bool fault_effect_agrees(double measured, double expected);

} // namespace lair::record
