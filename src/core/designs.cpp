#include "core/designs.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace lair {

namespace {

/// A random order of 0 .. count - 1 (Fisher and Yates).
std::vector<std::uint32_t> shuffled(std::size_t count, RandomStream& random) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[random.below(static_cast<std::uint32_t>(left))]);
  return order;
}

} // namespace

Design latin_hypercube(std::size_t points, std::size_t dimensions, std::uint64_t seed) {
  Design design(points, std::vector<double>(dimensions));
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    RandomStream random(seed, fmt::format("latin hypercube axis {}", axis));
    const auto slice = shuffled(points, random);
    for (std::size_t i = 0; i < points; ++i) {
      const double at = (slice[i] + random.uniform()) / static_cast<double>(points);
      // Rounding may carry the last place of a slice into the next one.
      const double end = (slice[i] + 1.0) / static_cast<double>(points);
      design[i][axis] = at < end ? at : slice[i] / static_cast<double>(points);
    }
  }
  return design;
}

Design saltelli_design(std::size_t n, std::size_t dimensions, std::uint64_t seed) {
  const Design base = latin_hypercube(n, 2 * dimensions, seed);
  Design design;
  design.reserve(n * (dimensions + 2));
  for (const auto& row : base) {
    const auto middle = row.begin() + static_cast<std::ptrdiff_t>(dimensions);
    const std::vector<double> a(row.begin(), middle), b(middle, row.end());
    design.push_back(a);
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      design.push_back(a);
      design.back()[axis] = b[axis];
    }
    design.push_back(b);
  }
  return design;
}

Design morris_design(std::size_t trajectories, std::size_t dimensions, std::uint32_t levels,
                     std::uint64_t seed) {
  LAIR_ASSERT(levels >= 2, "an elementary effect is between two levels");
  const std::uint32_t step = levels / 2;
  Design design;
  design.reserve(trajectories * (dimensions + 1));
  RandomStream random(seed, "morris");
  std::vector<std::uint32_t> level(dimensions), other(dimensions);
  const auto add = [&] {
    std::vector<double> point(dimensions);
    for (std::size_t axis = 0; axis < dimensions; ++axis)
      point[axis] = level[axis] / static_cast<double>(levels - 1);
    design.push_back(std::move(point));
  };
  for (std::size_t t = 0; t < trajectories; ++t) {
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      level[axis] = random.below(levels - step);
      other[axis] = level[axis] + step;
      if (random.below(2) == 1) std::swap(level[axis], other[axis]);
    }
    add();
    for (const auto axis : shuffled(dimensions, random)) {
      level[axis] = other[axis];
      add();
    }
  }
  return design;
}

} // namespace lair
