/// Remediator `preference-assignment`, of PBFM (Ray et al. 2020): every task that runs on a labelled own host
/// is assigned to another host of the federation, weighing what the user gains against what moving costs.
/// docs/baselines.md has what the paper leaves open.
///
/// For task v and host j: the profit p is minus what the twin says the move does to response time and deadlines,
/// the cost c the seconds that image and memory take over the network; both as shares of what the pairs span.
/// The sum of w (1 - p) + (1 - w) c over the assigned and of `penalty` over those that stay is smallest, and no
/// host takes more memory than it has and more threads than `fill` a core. Solved exactly by CBC, above `exact`
/// tasks by deferred acceptance.
///
///   option     meaning                                                        default
///   w          weight of profit; 0: cost alone (MCAFM), 1: profit alone (PAFM)  0.5
///   slo        share of deadlines in profit, the rest is response time          0.5
///   penalty    of a task that stays, where a pair's largest is 1; above 1 all go  0.5
///   memory     of a host's RAM that may be filled                               1
///   fill       runnable threads per core that a host may have                   1
///   targets    hosts considered at most, those with the fewest threads per core 32
///   exact      tasks up to which the integer program is solved                  200
///   nodes      of branch and bound at most                                      200
/// It works with any detector; without one it does nothing.
#pragma once

#include <lair/policy.hpp>

#include <vector>

namespace lair {

class PreferenceAssignment : public Remediator {
public:
  explicit PreferenceAssignment(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  /// A host that may be given tasks, as this interval's placements leave it.
  struct Target {
    const Host* host;
    double ram;     ///< bytes it can still take
    double threads; ///< likewise
    double pressure;
  };
  std::vector<Target> targets(const Observation&, Actions placement,
                              const std::vector<std::uint32_t>& labelled);
  /// tasks x targets, smaller is better; NaN where the move is impossible.
  std::vector<double> harm(const Observation&, Actions placement,
                           const std::vector<const TaskView*>&, const std::vector<Target>&);
  double seconds(const Observation&, const TaskView&, const Host& from, const Host& to) const;

  double w_, slo_, penalty_, memory_, fill_;
  std::uint32_t targets_, exact_, nodes_;
  double flops_ = 0;
};

} // namespace lair
