/// Scheduler `first-fit`: each queued task goes to the host of the lowest id that has room for it.
#pragma once

#include "schedulers/candidates.hpp"

namespace lair {

class FirstFitScheduler final : public Scheduler {
public:
  explicit FirstFitScheduler(PolicyContext& context);
  void place(const Observation&, Decision& out) override;

private:
  Scope scope_;
  Candidates candidates_;
};

} // namespace lair
