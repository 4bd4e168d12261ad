/// Detector `pot`: extreme values without a learned model. A host's score is how far its newest state is
/// above the mean of the states before it, || ReLU(x_t - mean) || over the metrics of DRAGON's eq. 13 as
/// shares of what the hardware carries; the threshold is SPOT's. It is what `gon` would be if the
/// generated window were the host's own past.
#pragma once

#include "detectors/host_thresholds.hpp"

#include <lair/policy.hpp>

namespace lair {

class PotDetector : public Detector {
public:
  explicit PotDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  HostThresholds thresholds_;
};

} // namespace lair
