#include "detectors/threshold.hpp"

#include <algorithm>

namespace lair {

namespace {
constexpr double smallest = 1e-6, largest = 1e9; ///< limits are divided by
}

ThresholdDetector::ThresholdDetector(PolicyContext& context)
    : Detector(context), pressure_(context.number("pressure", 1.25, smallest, largest)),
      ram_(context.number("ram", 0.95, smallest, largest)),
      swap_(context.number("swap", 0.01, smallest, largest)),
      io_wait_(context.number("io_wait", 2, smallest, largest)),
      net_(context.number("net", 0.2, smallest, largest)) {}

void ThresholdDetector::detect(const Observation& observation, Actions, Detection& out) {
  for (const Host& host : observation.own_hosts()) {
    const double net = host.nic > 0 ? observation.metric(host, LAIR_NET_IN) / host.nic : 0;
    const double score = std::max({observation.metric(host, LAIR_CPU_PRESSURE) / pressure_,
                                   observation.metric(host, LAIR_RAM) / ram_,
                                   observation.metric(host, LAIR_SWAP) / swap_,
                                   observation.metric(host, LAIR_IO_WAIT) / io_wait_, net / net_});
    out.add(host.id, score, 1, score >= 1);
  }
  context().charge_flops(12.0 * observation.own_hosts().size()); // 6 divisions, 6 comparisons each
}

} // namespace lair
