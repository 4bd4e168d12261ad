/// How much a metric depends on each axis of a sweep. Three ways, by the design that was run: main
/// effects (any grid, or bins of a random design), Sobol indices (saltelli_design) and elementary
/// effects (morris_design). NaN stands for a run without a value, and is left out. Sources and when
/// to trust what: docs/statistics.md.
#pragma once

#include "core/bootstrap.hpp"
#include "core/designs.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lair {

// Below these a figure misleads (measured: docs/statistics.md).
inline constexpr std::size_t least_seeds_of_shares = 10;   ///< for showing the interval of a share
inline constexpr std::size_t least_sobol_groups = 100;     ///< first-order indices to about +-0.18
inline constexpr std::size_t least_morris_trajectories = 10;

/// What one axis does by itself, the others averaged over.
struct MainEffect {
  std::vector<std::size_t> runs;    ///< per level, with a value
  std::vector<double> means;        ///< per level
  std::vector<Interval> intervals;  ///< per level: bootstrap 95 % over the seeds' means
  double range = 0;                 ///< largest mean - smallest
  double share = 0;                 ///< first-order eta^2: sum of squares between levels / total
  Interval share_interval;          ///< 95 %, over seeds; NaN with one seed
  double chance = 0; ///< mean share of an axis without any effect: (levels - 1) / (runs - 1)
};

struct MainEffects {
  std::vector<MainEffect> axes;
  double seed_share = 0; ///< eta^2 of the seed, as if it were an axis
  std::size_t runs = 0;  ///< with a value
};

/// `levels[axis][run]` is the index of the run's value on that axis. The intervals resample whole
/// seeds: runs of one seed share a world. Shares of a full grid add up to at most 1, the rest being
/// interactions and noise; with unequal numbers of runs per level one axis may take another's part.
MainEffects main_effects(const std::vector<std::vector<std::size_t>>& levels,
                         std::span<const std::uint64_t> seeds, std::span<const double> values);

/// Levels for an axis without repeated values: `bins` of equal numbers of runs, as far as equal
/// values stay together, from small values to large ones. Bins that would be empty are left out.
std::vector<std::size_t> equal_bins(std::span<const double> axis_values, std::size_t bins);

/// Shares of the variance over the unit cube that go back to one axis: `first` alone, `total` with
/// all of its interactions. Estimates of small indices may be below 0.
struct SobolIndex {
  double first = 0, total = 0;
  Interval first_interval, total_interval; ///< percentile bootstrap 95 % over the groups
};
/// Half the width to expect of the interval of a first-order index.
double expected_sobol_half_width(std::size_t groups);
/// `values` in the order of saltelli_design(n, dimensions). A group with a NaN is left out whole.
/// First order: Saltelli et al. (2010), Table 2 (b); total: Jansen (1999), Table 2 (f) there. NaN
/// for all axes if the values are equal or fewer than two groups are complete.
std::vector<SobolIndex> sobol_indices(std::span<const double> values, std::size_t dimensions);

/// Elementary effects of one axis: changes of the metric per whole width of the axis.
struct MorrisEffect {
  std::size_t effects = 0;   ///< that have a value
  double mean_absolute = 0;  ///< mu* (Campolongo, Cariboni and Saltelli 2007): how much it matters
  double mean = 0;           ///< mu: in which direction, if in one
  double deviation = 0;      ///< sigma: large beside mu* if it depends on the other axes, or bends
  Interval mean_absolute_interval; ///< bootstrap 95 % over the trajectories
};
/// `points` as morris_design(_, dimensions, ...) made them, with one value each.
std::vector<MorrisEffect> morris_effects(const Design& points, std::span<const double> values,
                                         std::size_t dimensions);

} // namespace lair
