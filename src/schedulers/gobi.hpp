/// Scheduler `gobi`: gradient descent of a neural surrogate on the placement of the queued tasks (COSCO, Tuli
/// et al., IEEE TPDS 2022). Running tasks stay where they are: moving them is the remediator's [ours].
/// docs/gobi.md has what the paper leaves open.
#pragma once

#include "learn/surrogate.hpp"
#include "schedulers/candidates.hpp"
#include "schedulers/placement_descent.hpp"

namespace lair {

class GobiScheduler final : public Scheduler {
public:
  explicit GobiScheduler(PolicyContext& context);
  void place(const Observation&, Decision& out) override;

private:
  learn::Model model_;
  Candidates candidates_;
  DescentOptions descent_;
  double energy_weight_, response_weight_;
  learn::Surrogate surrogate_;
};

} // namespace lair
