/// Checks a decision against what its broker knows, before the world sees it.
#pragma once

#include "model/event.hpp"

#include <lair/policy.hpp>

#include <vector>

namespace lair {

struct Refusal {
  lair_action action{};
  Reason reason = Reason::none;
};

struct ValidDecision {
  std::vector<lair_action> actions; ///< in the order given
  std::vector<Refusal> refusals;
};

/// One action per task (a remediator's PLACE replaces the scheduler's for the same task), known
/// tasks and hosts, target alive and with room as far as the observation tells. The world checks
/// again when an action takes effect.
ValidDecision validate(const lair_observation& observation, Actions placement, Actions remediation);

} // namespace lair
