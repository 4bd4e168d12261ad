/// Which task goes to which host: every task to one at most, no host beyond what it holds, the sum of costs
/// smallest. Exactly, or by deferred acceptance where that would take too long.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace lair::ilp {

struct AssignmentProblem {
  static constexpr std::uint32_t impossible = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t tasks = 0, hosts = 0, resources = 0;
  /// tasks x hosts, whole numbers, so that equal means equal; at most 10,000, or `impossible`.
  std::vector<std::uint32_t> cost;
  std::uint32_t penalty = 0; ///< of a task that goes nowhere; at most 10,000
  std::vector<double> need;  ///< tasks x resources
  std::vector<double> room;  ///< hosts x resources

  std::uint32_t at(std::uint32_t task, std::uint32_t host) const { return cost[task * hosts + host]; }
};

struct Assignment {
  static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> host; ///< index for each task, or nowhere
  std::uint64_t cost = 0;          ///< with penalties
  bool proven = false;             ///< nothing is cheaper
  std::uint32_t nodes = 0;         ///< of branch and bound; 0 if none was needed
};

/// The cheapest, by CBC. Among equally cheap ones those with earlier hosts, and small numbers that stand for
/// the pairs' places: so that there is one answer, which other roundings find as well.
/// Within `nodes` nodes; else the best found. Where everybody's first choice fits, that is it, and CBC is not asked.
Assignment cheapest(const AssignmentProblem&, std::uint32_t nodes);

/// Deferred acceptance. Both sides rank by the pair's cost (ties: task, then host), so a host that was asked
/// in that order never has to send a task away again. The outcome is stable whatever the tasks' sizes: no
/// task and host would rather have one another, the host giving up tasks that it ranks lower. A task does
/// not go where it costs more than the penalty.
Assignment accepted(const AssignmentProblem&);

} // namespace lair::ilp
