/// Statistics of results: summaries of one sample, and comparisons of paired ones.
/// Everything is deterministic, resampling included. An empty sample has no mean: NaN.
#pragma once

#include "core/random.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace lair {

double mean(std::span<const double> values);

/// Sample standard deviation (divisor n - 1); NaN below two values.
double sample_deviation(std::span<const double> values);

/// The `share` quantile, share in [0, 1], by linear interpolation between order statistics at
/// position share * (n - 1) (Hyndman and Fan's type 7, the default of R and NumPy). `sorted` must
/// be ascending.
double percentile_of_sorted(std::span<const double> sorted, double share);
double percentile(std::span<const double> values, double share); ///< sorts a copy

/// Jain's fairness index (sum x)^2 / (n sum x^2), in [1/n, 1]; 1 if all are zero.
double jain_index(std::span<const double> values);

struct Interval {
  double low = 0, high = 0;
};

/// Bootstrap interval of the mean, bias-corrected and accelerated (BCa; Efron 1987), with
/// `resamples` draws from a stream of its own. One value or equal values give a point; empty gives
/// NaN.
Interval bootstrap_mean_interval(std::span<const double> values, double confidence = 0.95,
                                 std::uint32_t resamples = 5000);

/// x[i] - y[i]; sizes must be equal.
std::vector<double> paired_differences(std::span<const double> x, std::span<const double> y);

/// Two-sided p of Wilcoxon's signed-rank test that the differences are symmetric about zero. Zeros
/// are dropped, ties get their mean rank. Exact (enumerated over all signs, ties included) for up
/// to 25 non-zero differences, else normal with tie correction and without continuity correction. 1
/// if no difference is left.
double wilcoxon_signed_rank(std::span<const double> differences);

/// Holm's step-down adjustment of p values, in the order given. NaN stays NaN and does not count.
std::vector<double> holm_adjust(std::span<const double> p_values);

/// Vargha and Delaney's A12: probability that a value of x is larger than one of y, ties half.
double vargha_delaney_a12(std::span<const double> x, std::span<const double> y);

double normal_cdf(double z);
double normal_quantile(double p); ///< p in (0, 1)

} // namespace lair
