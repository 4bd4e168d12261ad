#include "detectors/reference_series.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lair::reference_series {

double generated_shift() {
  constexpr int steps = 12, period = 10;
  constexpr double rate = 0.01;
  double shift = 0, now = rate;
  for (int step = 0; step < steps; ++step) {
    shift += now;
    // The form that torch's CosineAnnealingLR has for a rate that goes on from the last one.
    const double next = std::cos(std::numbers::pi * (step + 1) / period);
    const double last = std::cos(std::numbers::pi * step / period);
    now = step % (2 * period) == period ? rate * (1 - std::cos(std::numbers::pi / period)) / 2
                                        : now * (1 + next) / (1 + last);
  }
  return shift;
}

double excess(const TwoClusters::Point& state, const TwoClusters::Point& shift) {
  double most = 0;
  for (std::size_t m = 0; m < TwoClusters::metrics; ++m)
    most = std::max(most, std::clamp(state[m] / (largest[m] + 1e-8) + shift[m], 0.0, 1.0) / limit[m]);
  return most;
}

} // namespace lair::reference_series
