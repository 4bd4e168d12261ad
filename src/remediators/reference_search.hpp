/// Remediator `reference-search`: what the public Python code of DRAGON and CAROL does about labelled hosts, its
/// errors included. Not what the papers say (docs/baselines.md). Both look for the least power that
/// ReferenceSimulation tells, and then hardly use what they have found:
///
///   search   looks                                                                  and replaces
///   greedy   for each task of the *last* labelled own host through all hosts,       DRAGON: where the scheduler
///            the first of the best                                                  has just decided to put it
///   tabu     for the task with the least memory of each labelled own host, all      CAROL: nothing, since pairs
///            together, by tabu search                                               are taken for a dictionary
///
/// `apply = "all"`: what is found is done, which tells what the search itself is worth.
#pragma once

#include "remediators/reference_simulation.hpp"

#include <lair/policy.hpp>

#include <vector>

namespace lair {

class ReferenceSearch : public Remediator {
public:
  explicit ReferenceSearch(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  using Moves = std::vector<ReferenceSimulation::Move>;
  Moves greedy(const Observation&, const DetectionView&, ReferenceSimulation&) const;
  Moves tabu(const Observation&, const DetectionView&, ReferenceSimulation&);
  bool replaces(const TaskView&, Actions placement) const;

  bool tabu_, all_;
};

} // namespace lair
