#include "core/error.hpp"
#include "core/random.hpp"
#include "core/sensitivity.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t resamples = 1000;

/// Complete groups of the design, about the mean of A and B: the first-order estimator is a sum of
/// products, and a mean far from 0 would drown it.
struct Groups {
  std::size_t size = 0; ///< dimensions + 2
  std::vector<double> values;
  std::size_t count() const { return values.size() / size; }
  const double* group(std::size_t i) const { return &values[i * size]; }
};

Groups complete_groups(std::span<const double> values, std::size_t dimensions) {
  Groups out{dimensions + 2, {}};
  for (std::size_t at = 0; at < values.size(); at += out.size) {
    const auto group = values.subspan(at, out.size);
    if (std::none_of(group.begin(), group.end(), [](double x) { return std::isnan(x); }))
      out.values.insert(out.values.end(), group.begin(), group.end());
  }
  std::vector<double> base;
  for (std::size_t i = 0; i < out.count(); ++i) {
    base.push_back(out.group(i)[0]);
    base.push_back(out.group(i)[dimensions + 1]);
  }
  const double centre = mean(base);
  for (auto& x : out.values) x -= centre;
  return out;
}

struct Pair {
  double first = nan, total = nan;
};

/// Of the groups drawn, every axis.
std::vector<Pair> indices(const Groups& groups, std::span<const std::size_t> drawn) {
  const std::size_t dimensions = groups.size - 2;
  const auto n = static_cast<double>(drawn.size());
  double sum = 0, squares = 0;
  std::vector<Pair> out(dimensions, {0, 0});
  for (const auto i : drawn) {
    const double* f = groups.group(i);
    const double a = f[0], b = f[dimensions + 1];
    sum += a + b;
    squares += a * a + b * b;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      const double ab = f[1 + axis];
      out[axis].first += b * (ab - a);
      out[axis].total += 0.5 * (a - ab) * (a - ab);
    }
  }
  const double variance = squares / (2 * n) - (sum / (2 * n)) * (sum / (2 * n));
  for (auto& axis : out)
    axis = variance > 0 ? Pair{axis.first / n / variance, axis.total / n / variance} : Pair{};
  return out;
}

Interval percentile_interval(std::vector<double> values) {
  if (values.empty()) return {nan, nan};
  std::sort(values.begin(), values.end());
  return {percentile_of_sorted(values, 0.025), percentile_of_sorted(values, 0.975)};
}

} // namespace

double expected_sobol_half_width(std::size_t groups) {
  // Measured for the Ishigami function: 1.7 to 1.8 / sqrt(groups) from 8 to 1,000 groups.
  return 1.8 / std::sqrt(static_cast<double>(groups));
}

std::vector<SobolIndex> sobol_indices(std::span<const double> values, std::size_t dimensions) {
  LAIR_ASSERT(dimensions > 0 && values.size() % (dimensions + 2) == 0,
              "the values are those of a Saltelli design");
  const Groups groups = complete_groups(values, dimensions);
  const auto count = static_cast<std::uint32_t>(groups.count());
  std::vector<SobolIndex> out(dimensions, {nan, nan, {nan, nan}, {nan, nan}});
  if (count < 2) return out;
  std::vector<std::size_t> drawn(count);
  for (std::size_t i = 0; i < count; ++i) drawn[i] = i;
  const auto observed = indices(groups, drawn);

  RandomStream random(count, "sobol");
  std::vector<std::vector<double>> first(dimensions), total(dimensions);
  for (std::uint32_t i = 0; i < resamples; ++i) {
    for (auto& group : drawn) group = random.below(count);
    const auto one = indices(groups, drawn);
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      if (std::isnan(one[axis].first)) continue; // all groups drawn are equal
      first[axis].push_back(one[axis].first);
      total[axis].push_back(one[axis].total);
    }
  }
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    out[axis].first = observed[axis].first;
    out[axis].total = observed[axis].total;
    if (std::isnan(observed[axis].first)) continue;
    out[axis].first_interval = percentile_interval(std::move(first[axis]));
    out[axis].total_interval = percentile_interval(std::move(total[axis]));
  }
  return out;
}

} // namespace lair
