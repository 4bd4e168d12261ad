/// Scheduler `random`: each queued task goes to a uniformly drawn host that has room for it.
#pragma once

#include "schedulers/candidates.hpp"

namespace lair {

class RandomScheduler final : public Scheduler {
public:
  explicit RandomScheduler(PolicyContext& context);
  void place(const Observation&, Decision& out) override;

private:
  Scope scope_;
  Candidates candidates_;
};

} // namespace lair
