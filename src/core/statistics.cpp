#include "core/statistics.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace lair {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Neumaier's compensated sum: long runs add millions of small numbers.
double sum(std::span<const double> values) {
  double total = 0, lost = 0;
  for (const double x : values) {
    const double next = total + x;
    lost += std::abs(total) >= std::abs(x) ? (total - next) + x : (x - next) + total;
    total = next;
  }
  return total + lost;
}

/// Mean ranks, doubled so that they are whole numbers, of values already in ascending order.
std::vector<std::uint32_t> doubled_ranks(std::span<const double> sorted) {
  std::vector<std::uint32_t> ranks(sorted.size());
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t j = i;
    while (j < sorted.size() && sorted[j] == sorted[i]) ++j;
    for (std::size_t k = i; k < j; ++k) ranks[k] = static_cast<std::uint32_t>(i + 1 + j);
    i = j;
  }
  return ranks;
}

/// P by counting the sign assignments of every rank sum: ways[s] of 2^n give the doubled sum s.
double exact_signed_rank(std::span<const std::uint32_t> ranks, std::uint32_t observed) {
  const std::uint32_t most = std::accumulate(ranks.begin(), ranks.end(), 0u);
  std::vector<double> ways(most + 1, 0.0);
  ways[0] = 1;
  for (const auto rank : ranks)
    for (std::uint32_t s = most; s >= rank; --s) ways[s] += ways[s - rank];
  double below = 0, above = 0;
  for (std::uint32_t s = 0; s <= most; ++s) {
    if (s <= observed) below += ways[s];
    if (s >= observed) above += ways[s];
  }
  const double all = std::ldexp(1.0, static_cast<int>(ranks.size()));
  return std::min(1.0, 2 * std::min(below, above) / all);
}

} // namespace

double mean(std::span<const double> values) {
  return values.empty() ? nan : sum(values) / static_cast<double>(values.size());
}

double sample_deviation(std::span<const double> values) {
  if (values.size() < 2) return nan;
  const double m = mean(values);
  double squares = 0;
  for (const double x : values) squares += (x - m) * (x - m);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double percentile_of_sorted(std::span<const double> sorted, double share) {
  if (sorted.empty()) return nan;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(at);
  if (i + 1 >= sorted.size()) return sorted.back();
  return sorted[i] + (at - static_cast<double>(i)) * (sorted[i + 1] - sorted[i]);
}

double percentile(std::span<const double> values, double share) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return percentile_of_sorted(sorted, share);
}

double median(std::span<const double> values) { return percentile(values, 0.5); }

double jain_index(std::span<const double> values) {
  if (values.empty()) return nan;
  double total = 0, squares = 0;
  for (const double x : values) {
    total += x;
    squares += x * x;
  }
  return squares > 0 ? total * total / (static_cast<double>(values.size()) * squares) : 1;
}

std::vector<double> paired_differences(std::span<const double> x, std::span<const double> y) {
  LAIR_ASSERT(x.size() == y.size(), "paired samples have the same size");
  std::vector<double> differences(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) differences[i] = x[i] - y[i];
  return differences;
}

double wilcoxon_signed_rank(std::span<const double> differences) {
  std::vector<double> sorted;
  for (const double d : differences)
    if (d != 0) sorted.push_back(d);
  if (sorted.empty()) return 1;
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) {
    return std::abs(a) != std::abs(b) ? std::abs(a) < std::abs(b) : a < b;
  });
  std::vector<double> sizes(sorted.size());
  std::transform(sorted.begin(), sorted.end(), sizes.begin(), [](double d) { return std::abs(d); });
  const auto ranks = doubled_ranks(sizes);
  std::uint64_t positive = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] > 0) positive += ranks[i];
  if (sorted.size() <= 25) return exact_signed_rank(ranks, static_cast<std::uint32_t>(positive));
  const auto n = static_cast<double>(sorted.size());
  double variance = n * (n + 1) * (2 * n + 1) / 24;
  for (std::size_t i = 0; i < sizes.size();) {
    std::size_t j = i;
    while (j < sizes.size() && sizes[j] == sizes[i]) ++j;
    const auto t = static_cast<double>(j - i);
    variance -= (t * t * t - t) / 48;
    i = j;
  }
  const double z = (0.5 * static_cast<double>(positive) - n * (n + 1) / 4) / std::sqrt(variance);
  return std::min(1.0, std::erfc(std::abs(z) / std::numbers::sqrt2));
}

std::vector<double> holm_adjust(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!std::isnan(p_values[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size(), nan);
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, static_cast<double>(order.size() - k) * p_values[order[k]]);
    adjusted[order[k]] = std::min(1.0, largest);
  }
  return adjusted;
}

PairedComparison compare_pairs(std::span<const double> x, std::span<const double> y,
                               double rounding) {
  LAIR_ASSERT(x.size() == y.size(), "paired samples have the same size");
  std::vector<double> left, right;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    const double larger = std::max(std::abs(x[i]), std::abs(y[i]));
    left.push_back(std::abs(x[i] - y[i]) <= rounding * larger ? y[i] : x[i]);
    right.push_back(y[i]);
  }
  const auto differences = paired_differences(left, right);
  PairedComparison out;
  out.pairs = differences.size();
  out.mean_x = mean(left);
  out.mean_y = mean(right);
  out.difference = mean(differences);
  out.interval = bootstrap_mean_interval(differences);
  out.a12 = vargha_delaney_a12(left, right);
  const bool differ =
      std::any_of(differences.begin(), differences.end(), [](double d) { return d != 0; });
  out.p = differ ? wilcoxon_signed_rank(differences) : nan;
  return out;
}

double vargha_delaney_a12(std::span<const double> x, std::span<const double> y) {
  if (x.empty() || y.empty()) return nan;
  std::vector<double> sorted(y.begin(), y.end());
  std::sort(sorted.begin(), sorted.end());
  double wins = 0;
  for (const double value : x) {
    const auto low = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    const auto high = std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    wins += 0.5 * static_cast<double>(low + high);
  }
  return wins / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  // Acklam's rational approximation (2003, relative error 1.2e-9), then one step of Halley's
  // method.
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  if (!(p > 0 && p < 1))
    return p == 0   ? -std::numeric_limits<double>::infinity()
           : p == 1 ? std::numeric_limits<double>::infinity()
                    : nan;
  double x;
  const auto tail = [&](double q) {
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  };
  if (p < 0.02425) {
    x = tail(std::sqrt(-2 * std::log(p)));
  } else if (p > 1 - 0.02425) {
    x = -tail(std::sqrt(-2 * std::log1p(-p)));
  } else {
    const double q = p - 0.5, r = q * q;
    x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
        (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
  }
  const double error = normal_cdf(x) - p;
  const double step = error * std::sqrt(2 * std::numbers::pi) * std::exp(x * x / 2);
  return x - step / (1 + x * step / 2);
}

} // namespace lair
