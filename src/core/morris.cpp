#include "core/error.hpp"
#include "core/sensitivity.hpp"
#include "core/statistics.hpp"

#include <cmath>
#include <limits>

namespace lair {

std::vector<MorrisEffect> morris_effects(const Design& points, std::span<const double> values,
                                         std::size_t dimensions) {
  LAIR_ASSERT(points.size() == values.size(), "every point has a value");
  LAIR_ASSERT(points.size() % (dimensions + 1) == 0, "the points are those of a Morris design");
  std::vector<std::vector<double>> effects(dimensions), sizes(dimensions);
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (i % (dimensions + 1) == 0) continue; // the next trajectory
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      const double moved = points[i][axis] - points[i - 1][axis];
      const double effect = (values[i] - values[i - 1]) / moved;
      if (moved == 0 || std::isnan(effect)) continue;
      effects[axis].push_back(effect);
      sizes[axis].push_back(std::abs(effect));
    }
  }
  std::vector<MorrisEffect> out(dimensions);
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    out[axis].effects = effects[axis].size();
    out[axis].mean_absolute = mean(sizes[axis]);
    out[axis].mean = mean(effects[axis]);
    out[axis].deviation = sample_deviation(effects[axis]);
    out[axis].mean_absolute_interval = bootstrap_mean_interval(sizes[axis]);
  }
  return out;
}

} // namespace lair
