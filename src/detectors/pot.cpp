#include "detectors/pot.hpp"

#include <array>
#include <cmath>
#include <vector>

namespace lair {
namespace {

struct Column {
  lair_metric metric;
  double most; ///< what the hardware carries
};

std::array<Column, 6> columns_of(const Host& host) {
  return {{{LAIR_CPU, 1},
           {LAIR_RAM, 1},
           {LAIR_DISK_READ, host.disk_read},
           {LAIR_DISK_WRITE, host.disk_write},
           {LAIR_NET_IN, host.nic},
           {LAIR_NET_OUT, host.nic}}};
}

} // namespace

PotDetector::PotDetector(PolicyContext& context)
    : Detector(context),
      thresholds_({.risk = context.number("risk", 1e-4, 1e-12, 0.5),
                   .level = context.number("level", 0.93, 0.5, 0.9999)},
                  static_cast<std::size_t>(context.whole("first", 50, 10, 100000))) {}

void PotDetector::detect(const Observation& seen, Actions, Detection& out) {
  const std::uint32_t states = seen.window_length();
  for (const Host& host : seen.own_hosts()) {
    double squares = 0;
    std::vector<double> expected(LAIR_METRICS, 0.0), scale(LAIR_METRICS, 0.0);
    for (const auto& [metric, most] : columns_of(host)) scale[metric] = most > 0 ? 1 / most : 0;
    if (host.window != nullptr && states > 0) {
      const double* newest = host.window + std::size_t(states - 1) * LAIR_METRICS;
      std::copy_n(newest, LAIR_METRICS, expected.begin());
      for (const auto& [metric, most] : columns_of(host)) {
        double mean = 0;
        for (std::uint32_t s = 0; s + 1 < states; ++s)
          mean += host.window[std::size_t(s) * LAIR_METRICS + metric];
        if (states > 1) mean /= states - 1;
        else mean = newest[metric];
        expected[metric] = mean;
        const double above = most > 0 ? (newest[metric] - mean) / most : 0;
        if (above > 0) squares += above * above;
      }
    }
    const double score = std::sqrt(squares);
    const auto [threshold, alarm] = thresholds_.judge(host.id, score);
    out.add(host.id, score, threshold, alarm, expected, scale);
  }
  thresholds_.end_interval();
  context().charge_flops(6.0 * (states + 4) * seen.own_hosts().size());
}

} // namespace lair
