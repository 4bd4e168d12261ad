/// Scheduler `round-robin`: each queued task goes to the next host, by id, that has room for it.
/// The turn goes on from one interval to the next.
#pragma once

#include "schedulers/candidates.hpp"

namespace lair {

class RoundRobinScheduler final : public Scheduler {
public:
  explicit RoundRobinScheduler(PolicyContext& context);
  void place(const Observation&, Decision& out) override;

private:
  Scope scope_;
  Candidates candidates_;
  std::uint32_t last_ = LAIR_NONE; ///< id of the host that got the previous task
};

} // namespace lair
