#include "core/bootstrap.hpp"

#include "core/random.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// `resampled` ascending.
Interval bca(const std::vector<double>& resampled, double observed, double acceleration,
             double confidence) {
  const auto count = static_cast<double>(resampled.size());
  // Bias: where the observed value stands among the resampled ones, ties half, off the ends.
  const auto first = std::lower_bound(resampled.begin(), resampled.end(), observed);
  const auto last = std::upper_bound(resampled.begin(), resampled.end(), observed);
  const auto places = (first - resampled.begin()) + (last - resampled.begin());
  const double below = std::clamp(0.5 * static_cast<double>(places), 0.5, count - 0.5);
  const double bias = normal_quantile(below / count);
  const auto bound = [&](double share) {
    const double z = bias + normal_quantile(share);
    return percentile_of_sorted(resampled, normal_cdf(bias + z / (1 - acceleration * z)));
  };
  return {bound((1 - confidence) / 2), bound((1 + confidence) / 2)};
}

bool equal_all(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double x) { return x == values[0]; });
}

/// Of the jackknife: sum d^3 / (6 (sum d^2)^1.5). `sign` -1 for values left out, whose statistics
/// move the other way.
double acceleration_of(std::span<const double> values, double centre, double sign) {
  if (values.empty() || equal_all(values)) return 0; // but for the rounding of `centre`
  double cubes = 0, squares = 0;
  for (const double x : values) {
    const double d = x - centre;
    cubes += d * d * d;
    squares += d * d;
  }
  return sign * cubes / (6 * std::pow(squares, 1.5));
}

template <class Statistic>
std::vector<double> resample(std::span<const double> values, std::uint32_t resamples,
                             Statistic statistic) {
  const auto n = static_cast<std::uint32_t>(values.size());
  RandomStream random(n, "bootstrap"); // the same resamples for every metric of equal n
  std::vector<double> drawn(n), all(resamples);
  for (auto& one : all) {
    for (auto& x : drawn) x = values[random.below(n)];
    one = statistic(drawn);
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Reorders the values.
double median_in_place(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*std::max_element(values.begin(), middle) + *middle);
}

} // namespace

Interval bootstrap_mean_interval(std::span<const double> values, double confidence,
                                 std::uint32_t resamples) {
  if (values.empty()) return {nan, nan};
  if (equal_all(values)) return {values[0], values[0]};
  const auto n = static_cast<double>(values.size());
  const auto means = resample(values, resamples, [n](const std::vector<double>& drawn) {
    double total = 0;
    for (const double x : drawn) total += x;
    return total / n;
  });
  // Leaving x out moves a mean by (x - mean) / (n - 1) down, and the factor 1 / (n - 1) cancels.
  const double observed = mean(values);
  return bca(means, observed, acceleration_of(values, observed, 1), confidence);
}

Interval bootstrap_median_interval(std::span<const double> values, double confidence,
                                   std::uint32_t resamples) {
  if (values.empty()) return {nan, nan};
  if (equal_all(values)) return {values[0], values[0]};
  std::vector<double> sorted(values.begin(), values.end()), left_out, rest;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t out = 0; out < sorted.size(); ++out) {
    rest = sorted;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(out));
    left_out.push_back(median_in_place(rest));
  }
  const auto medians = resample(sorted, resamples, median_in_place);
  return bca(medians, median_in_place(sorted), acceleration_of(left_out, mean(left_out), -1),
             confidence);
}

Interval bca_interval(std::vector<double> resampled, double observed,
                      std::span<const double> left_out, double confidence) {
  if (resampled.empty() || std::isnan(observed)) return {nan, nan};
  std::sort(resampled.begin(), resampled.end());
  return bca(resampled, observed, acceleration_of(left_out, mean(left_out), -1), confidence);
}

} // namespace lair
