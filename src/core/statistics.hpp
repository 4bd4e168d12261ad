/// Statistics of results: summaries of one sample, and comparisons of paired ones.
/// Everything is deterministic, resampling included. An empty sample has no mean: NaN.
#pragma once

#include "core/bootstrap.hpp"
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

double median(std::span<const double> values);

/// Jain's fairness index (sum x)^2 / (n sum x^2), in [1/n, 1]; 1 if all are zero.
double jain_index(std::span<const double> values);

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

/// Paired samples compared: x[i] and y[i] are of the same seed. NaN where there is nothing to say.
struct PairedComparison {
  std::size_t pairs = 0;         ///< in which neither is NaN; the others are left out
  double mean_x = 0, mean_y = 0; ///< over the pairs
  double difference = 0;         ///< mean of x - y
  Interval interval;             ///< bootstrap 95 % of the mean difference
  double p = 0;                  ///< Wilcoxon's, two-sided; NaN if no pair differs
  double a12 = 0;                ///< over the pairs
};
/// Values that differ by at most `rounding` times the larger one count as equal.
PairedComparison compare_pairs(std::span<const double> x, std::span<const double> y,
                               double rounding = 0);

double normal_cdf(double z);
double normal_quantile(double p); ///< p in (0, 1)

} // namespace lair
