#include "detectors/threshold.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lair {

namespace {
constexpr double smallest = 1e-6, largest = 1e9; ///< limits are divided by
/// The last part of a limit over which a forecast's score rises from 0 to 1: so thin that it is 1 or more
/// exactly if one metric is at its limit, however near the others are to theirs.
constexpr double edge = 1e-6;
} // namespace

ThresholdDetector::ThresholdDetector(PolicyContext& context)
    : Detector(context), pressure_(context.number("pressure", 1.25, smallest, largest)),
      ram_(context.number("ram", 0.95, smallest, largest)),
      swap_(context.number("swap", 0.01, smallest, largest)),
      io_wait_(context.number("io_wait", 2, smallest, largest)),
      net_(context.number("net", 0.2, smallest, largest)),
      send_limits_(context.choice("limits", "kept", {"kept", "sent"}) == "sent") {}

void ThresholdDetector::detect(const Observation& observation, Actions, Detection& out) {
  for (const Host& host : observation.own_hosts()) {
    const double net = host.nic > 0 ? observation.metric(host, LAIR_NET_IN) / host.nic : 0;
    const double score = std::max({observation.metric(host, LAIR_CPU_PRESSURE) / pressure_,
                                   observation.metric(host, LAIR_RAM) / ram_,
                                   observation.metric(host, LAIR_SWAP) / swap_,
                                   observation.metric(host, LAIR_IO_WAIT) / io_wait_, net / net_});
    if (!send_limits_) {
      out.add(host.id, score, 1, score >= 1);
      continue;
    }
    const std::pair<lair_metric, double> limits[] = {{LAIR_CPU_PRESSURE, pressure_},
                                                     {LAIR_RAM, ram_},
                                                     {LAIR_SWAP, swap_},
                                                     {LAIR_IO_WAIT, io_wait_},
                                                     {LAIR_NET_IN, net_ * host.nic}};
    std::vector<double> expected(LAIR_METRICS), scale(LAIR_METRICS);
    for (int m = 0; m < LAIR_METRICS; ++m)
      expected[m] = observation.metric(host, static_cast<lair_metric>(m));
    for (const auto& [metric, limit] : limits) {
      if (!(limit > 0)) continue; // a host without a network interface
      expected[metric] = (1 - edge) * limit;
      scale[metric] = (1 + edge) / (edge * limit); // rounding must not hide the limit itself
    }
    out.add(host.id, score, 1, score >= 1, expected, scale);
  }
  context().charge_flops(12.0 * observation.own_hosts().size()); // 6 divisions, 6 comparisons each
}

} // namespace lair
