/// Remediator `threshold-replication`, of TBAFT (Rawat et al. 2021): what a host is going to be decides what
/// becomes of its tasks. From the detector's threshold (theta_hi) on they migrate, the smallest first, until it
/// is below; from `lo` times that (theta_lo) on, the most important one gets a replica. Both go to the
/// least loaded host. A replica that runs when its primary is lost is promoted, by the world.
/// docs/baselines.md has what the paper leaves open.
///
///   option  meaning                                              default
///   lo      theta_lo, as a share of the detector's threshold      7/9
/// It needs a detector, and works with any: score / threshold is all it looks at.
#pragma once

#include "remediators/load_board.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <vector>

namespace lair {

class ThresholdReplication : public Remediator {
public:
  explicit ThresholdReplication(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  void relieve(const Observation&, LoadBoard&, LoadBoard::Place& from, double level, Decision&);
  void replicate(const Observation&, LoadBoard&, const LoadBoard::Place& from, Decision&);
  bool touched(std::uint64_t task) const;

  double lo_;
  std::vector<std::uint64_t> touched_; ///< by this decision
};

} // namespace lair
