// Gradients held to differences of the loss.
#pragma once

#include "core/random.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace lair::learn {

struct Slope {
  double by_gradient, by_difference;
};

/// How the loss rises along a random direction in `values` alone, which no other tensor shares: by its gradient there, and
/// by the central difference over `step` / sqrt(values) to either side. `loss` is asked with `values` changed.
template <class Loss>
Slope slope(std::vector<float>& values, const std::vector<float>& gradient, double step, RandomStream& random,
            Loss loss) {
  const std::vector<float> kept = values;
  std::vector<double> direction;
  double along = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    direction.push_back(random.normal());
    along += direction[i] * gradient[i];
  }
  const double h = step / std::sqrt(static_cast<double>(values.size()));
  const auto loss_at = [&](double by) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(kept[i] + by * direction[i]);
    return loss();
  };
  const double difference = (loss_at(h) - loss_at(-h)) / (2 * h);
  values = kept;
  return {along, difference};
}

} // namespace lair::learn
