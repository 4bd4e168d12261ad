/// What the public Python code of DRAGON and CAROL calls a simulation (`runSimpleSimulation`), from a description
/// of it: the mean over hosts of watts against those at full CPU, if some tasks stood elsewhere. No time passes,
/// no response is told, and
///   * a task takes along the flop/s that it has now, whatever it meets there;
///   * a move is left out if the host has not the CPU or RAM for it *now*: moves do not add up.
#pragma once

#include <lair/policy.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace lair {

class ReferenceSimulation {
public:
  struct Move {
    const TaskView* task;
    std::size_t to; ///< index into hosts()
  };

  explicit ReferenceSimulation(const Observation&);

  /// Of all that is known, the hosts that run tasks, by id. (There, hosts do not fail.)
  const std::vector<const Host*>& hosts() const { return hosts_; }
  double score(std::span<const Move>);
  double flops() const { return flops_; }

private:
  struct Load {
    double capacity, used, wanted; ///< flop/s
  };
  std::size_t index(std::uint32_t host) const; ///< hosts().size() if it is none of them
  double share(std::size_t host) const;        ///< of its watts at full CPU

  Observation seen_;
  std::vector<const Host*> hosts_;
  std::vector<Load> loads_;
  double sum_ = 0; ///< of the shares, where all tasks stand now
  std::vector<std::pair<std::size_t, double>> before_; ///< what a score changed: host, flop/s
  double flops_ = 0;
};

} // namespace lair
