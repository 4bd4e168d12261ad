/// Checks a decision against what its broker knows, before the world sees it.
#pragma once

#include "model/event.hpp"

#include <lair/policy.hpp>

#include <span>
#include <vector>

namespace lair {

struct Refusal {
  lair_action action{};
  Reason reason = Reason::none;
};

struct ValidDecision {
  std::vector<lair_action> actions; ///< in the order given
  std::vector<double> values;       ///< one for each action
  std::vector<Refusal> refusals;
};

/// One place or migration per task (a remediator's PLACE replaces the scheduler's for the same task),
/// one vote per task, one of each other kind per task and host; known tasks and hosts, target alive and
/// with room as far as the observation tells. `values` belong to the remediation; none: all 0. The
/// world checks again when an action takes effect.
ValidDecision validate(const lair_observation& observation, Actions placement, Actions remediation,
                       std::span<const double> values = {});

} // namespace lair
