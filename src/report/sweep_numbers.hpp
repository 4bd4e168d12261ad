/// Numbers of a sweep: groups of its points, with intervals over seeds.
#pragma once

#include "report/chart.hpp"
#include "report/load_sweep.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lair::report {

/// Indices of points that are done.
using Group = std::vector<std::size_t>;

Group all_done(const LoadedSweep&);
Group of_policy(const LoadedSweep&, const Group&, const std::string& policy);
Group of_level(const LoadedSweep&, const Group&, std::size_t axis, std::size_t level);

/// The mean of the seeds' means, with a bootstrap 95 % interval over seeds: runs of one seed share a
/// world, so a seed is what is drawn. NaN without a value.
Estimate estimate_over_seeds(const LoadedSweep&, const Group&, record::Metric);

double mean_of(const LoadedSweep&, const Group&, record::Metric); ///< the mean alone

/// One policy against another on what both ran: points with the same seed and the same levels of the
/// axes that both have, a policy's own axes averaged. Difference and base are means over those, per seed,
/// then over seeds: of the same pairs with the same weights, whatever is missing.
struct PolicyDifference {
  std::size_t pairs = 0, seeds = 0;
  std::size_t planned = 0; ///< pairs, if both had a value everywhere
  double base = 0;         ///< the other's mean
  Estimate difference;
};
PolicyDifference difference(const LoadedSweep&, const std::string& policy, const std::string& base,
                            record::Metric);

/// Share of a metric's variance that goes with an axis; without an interval (NaN) if there are fewer than
/// least_seeds_of_shares seeds.
struct AxisShare {
  std::string name;
  Estimate share;
  double chance = 0; ///< what an axis without any effect would have on average
};
/// The policy, the axes and the seed over those of the points that have a value; an axis that some of
/// them lack, or that has one level, is left out.
std::vector<AxisShare> axis_shares(const LoadedSweep&, const Group&, record::Metric);

/// Groups of a policy's Sobol design, or trajectories of its Morris one ("sobol", "morris"); 0 if its axes
/// were not drawn so, or the design is not whole.
std::size_t design_size(const LoadedSweep&, const std::string& policy, const std::string& method);

/// Sobol indices of a policy's axes, where they alone were drawn by that design and it is whole: first
/// order and total, by axis. Empty otherwise. Values are means over seeds.
struct SobolRow {
  std::string name;
  Estimate first, total;
};
std::vector<SobolRow> sobol_rows(const LoadedSweep&, const std::string& policy, record::Metric);

/// Elementary effects, where the axes were drawn by Morris's design: per whole range of the axis.
struct MorrisRow {
  std::string name;
  Estimate mean_absolute; ///< mu*
  double mean = 0, deviation = 0;
};
std::vector<MorrisRow> morris_rows(const LoadedSweep&, const std::string& policy, record::Metric);

} // namespace lair::report
