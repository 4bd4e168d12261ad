/// Bootstrap intervals, bias-corrected and accelerated (BCa; Efron 1987). Each resamples from a
/// stream of its own that depends on the sample's size only: the same sample has the same interval.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lair {

struct Interval {
  double low = 0, high = 0;
};

/// Interval of the mean. One value or equal values give a point; empty gives NaN.
Interval bootstrap_mean_interval(std::span<const double> values, double confidence = 0.95,
                                 std::uint32_t resamples = 5000);

/// Interval of the median (type 7), likewise. Medians of resamples take few values: below some ten
/// values the interval is coarse and rather too wide.
Interval bootstrap_median_interval(std::span<const double> values, double confidence = 0.95,
                                   std::uint32_t resamples = 5000);

/// The interval from its parts, for statistics of other data: the resampled ones (sorted here), the
/// observed one, and those with one unit left out, for the acceleration.
Interval bca_interval(std::vector<double> resampled, double observed,
                      std::span<const double> left_out, double confidence = 0.95);

} // namespace lair
