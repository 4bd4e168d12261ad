/// [ours] Moves tasks wherever the twin foresees that it pays, label or no label: every broker descends,
/// move by move, on the forecast mean response of all tasks that it knows of, its peers' included, and
/// carries out its own part. What a fault does to the tasks stands in the forecast, so no detector is
/// asked. Energy counts a little, and a checkpoint elsewhere saves what a crash would take. docs/dragon-x.md.
#pragma once

#include "remediators/log_keeper.hpp"

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
    std::uint32_t host;  ///< id
    std::uint32_t first; ///< where it is, or where the scheduler puts it
    double threads;
    std::uint64_t tried = 0; ///< change before which it was looked at
    bool asked = false;      ///< it was looked at in this decision
  };
  /// A host that takes tasks, with what runs on it under the plan so far.
  struct Target {
    const Host* host;
    double threads; ///< runnable, those of attacks among them
    double ram;     ///< bytes that its residents want
    std::uint32_t arrivals = 0; ///< tasks that the plan sends there
    std::uint64_t changed = 0;  ///< the last change of the plan that concerned it
    std::uint64_t freed = 0;    ///< the last one that took a task from it
    bool crowded() const;       ///< does somebody there get less than he could use?
  };

  void plan(const Observation&, Actions placement, Decision& out);
  void keep_logs(const Observation&, Actions placement, Decision& out);
  /// Is another host with as much CPU looked at too, for the sake of energy?
  bool packs(const Movable& task) const { return joule_ > 0 && task.task->state == LAIR_TASK_QUEUED; }
  std::vector<Movable> movable_tasks(const Observation&, const std::vector<const TaskView*>& known,
                                     Actions placement) const;
  std::vector<Target> targets_of(const Observation&, const std::vector<Movable>&);
  /// What looking at a task again could not change is left out, and more tasks than `most`: those that
  /// have it worst where they are stay. In the order of their ids.
  void choose(const std::vector<Target>& targets, const std::vector<Movable>& tasks, double most);
  /// Rows of `targets` that promise this task more CPU than it has, the best first; at most targets_, and
  /// of hosts between which the twin would see no difference the first.
  void rank(const std::vector<Target>& targets, const Movable& task);
  double promised_here(const std::vector<Target>& targets, const Movable& task) const;
  std::uint32_t row_of(std::uint32_t host) const { return host < rows_.size() ? rows_[host] : LAIR_NONE; }

  double gain_;           ///< seconds of all tasks' response together that a migration must save
  double placement_gain_; ///< and another place for a new task
  std::uint32_t rounds_;  ///< passes over all tasks
  std::uint32_t targets_; ///< hosts tried for each task
  double trials_;         ///< of one decision; fewer if many transfers begin at once
  double joule_;          ///< seconds of response that one is worth
  LogKeeper logs_;
  bool own_only_;         ///< targets in the own LEI only
  bool queued_;           ///< new tasks too
  std::vector<std::uint32_t> rows_; ///< of targets, by host id
  std::vector<std::pair<double, std::uint32_t>> ranked_, chosen_;
  double fastest_ = 0; ///< flop/s of one core, of all targets
  double flops_ = 0;
};

} // namespace lair
