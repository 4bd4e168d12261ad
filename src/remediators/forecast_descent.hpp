/// [ours] Moves tasks wherever the twin foresees that it pays, label or no label: every broker descends,
/// move by move, on the forecast mean response of all tasks that it knows of, its peers' included, and
/// carries out its own part. What a fault does to the tasks stands in the forecast, so no detector is
/// asked. docs/dragon-x.md.
#pragma once

#include <lair/policy.hpp>

#include <cstdint>
#include <vector>

namespace lair {

class ForecastDescent : public Remediator {
public:
  explicit ForecastDescent(PolicyContext& context);
  void decide(const Observation& seen, Actions placement, const DetectionView* own,
              Decision& out) override;

private:
  /// A task that may be moved or placed, and where it is to be so far.
  struct Movable {
    const TaskView* task;
    std::uint32_t host;  ///< LAIR_NONE: it waits
    std::uint32_t first; ///< where it is, or where the scheduler puts it
    double threads;
  };
  /// A host that takes tasks, with what runs on it under the plan so far.
  struct Target {
    const Host* host;
    double threads; ///< runnable, those of attacks among them
    double ram;     ///< bytes that its residents want
  };

  std::vector<Movable> movable_tasks(const Observation&, Actions placement) const;
  std::vector<Target> targets_of(const Observation&, const std::vector<Movable>&) const;
  /// Rows of `targets` that promise this task the most CPU, the best first; at most targets_.
  void rank(const std::vector<Target>& targets, const Movable& task, std::uint32_t lei);

  double gain_;           ///< seconds of all tasks' response together that a migration must save
  double placement_gain_; ///< and another place for a new task
  std::uint32_t rounds_;  ///< passes over all tasks
  std::uint32_t targets_; ///< hosts tried for each task
  bool own_only_;         ///< targets in the own LEI only
  bool queued_;           ///< new tasks too
  std::vector<std::pair<double, std::uint32_t>> ranked_;
  double flops_ = 0;
};

} // namespace lair
