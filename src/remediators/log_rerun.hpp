/// Remediator `log-rerun`, of IoTEF (Javed et al. 2020): every task's input is kept in a log on `replicas`
/// hosts, its progress is committed to it every `commit` seconds, and a task that lost its host runs again
/// from the last commit, on the least loaded host that has room: of its own LEI, else of another one. Log
/// replicas that went with a host are made again elsewhere. docs/baselines.md has what the paper leaves open.
///
///   option    meaning                                                         default
///   replicas  hosts that hold a task's log; one less if fewer than three are there   3
///   commit    seconds between commits                                            5
///   fill      threads per core of a host that takes a task again, at most        1
/// It needs no detector; with one, labelled hosts get neither logs nor tasks.
#pragma once

#include "remediators/load_board.hpp"
#include "remediators/log_keeper.hpp"

#include <lair/policy.hpp>

#include <cstdint>

namespace lair {

class LogRerun : public Remediator {
public:
  explicit LogRerun(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  void rerun(const Observation&, LoadBoard&, Actions placement, const TaskView&, Decision&);

  LogKeeper logs_;
  double fill_;
};

} // namespace lair
