/// Detector `pot`: extreme values without a learned model. A host's score is how far its newest state is
/// above the mean of the states before it, || ReLU(x_t - mean) || over the metrics of DRAGON's eq. 13 as
/// shares of what the hardware carries; the threshold is SPOT's. It is what `gon` would be if the
/// generated window were the host's own past.
#pragma once

#include "core/extremes.hpp"

#include <lair/policy.hpp>

#include <map>
#include <vector>

namespace lair {

class PotDetector : public Detector {
public:
  explicit PotDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  PeakOptions peaks_;
  std::size_t first_;           ///< scores, over all own hosts, that set the first threshold
  std::vector<double> waiting_; ///< until there are that many
  PeakThreshold first_threshold_;
  std::map<std::uint32_t, PeakThreshold> thresholds_; ///< by host
};

} // namespace lair
