/// Keeps checkpoints of tasks on other hosts: which ones, and that lost ones are made again.
#pragma once

#include "remediators/load_board.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <map>

namespace lair {

class LogKeeper {
public:
  /// `replicas` hosts for each task, one less if fewer than three hosts are there; its progress goes to them
  /// every `commit` seconds.
  LogKeeper(std::uint32_t replicas, double commit) : replicas_(replicas), commit_(commit) {}
  bool keeps_any() const { return replicas_ > 0; }
  void count(const Observation&); ///< what there is already; a decision begins
  void keep(LoadBoard&, const TaskView&, std::uint32_t runs_on, Decision&);
  double flops() const { return flops_; } ///< since count()

private:
  std::uint32_t replicas_;
  double commit_;
  std::map<std::uint32_t, std::uint32_t> logs_; ///< by host: how many of the tasks seen it holds
  double flops_ = 0;
};

} // namespace lair
