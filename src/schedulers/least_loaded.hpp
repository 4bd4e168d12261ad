/// Scheduler `least-loaded`: each queued task goes to the host that is least loaded with it on
/// board, counting what this decision already placed. Option `measure`: "threads" (default, ours:
/// what stands on the host now) or "cpu" (use over the last interval, as published). Ties: own LEI,
/// lowest id.
#pragma once

#include "schedulers/candidates.hpp"

namespace lair {

class LeastLoadedScheduler final : public Scheduler {
public:
  explicit LeastLoadedScheduler(PolicyContext& context);
  void place(const Observation&, Decision& out) override;

private:
  Scope scope_;
  LoadMeasure measure_;
  Candidates candidates_;
};

} // namespace lair
