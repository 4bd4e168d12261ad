/// Figures from the rows of tasks.csv: per application, and the distribution of response times.
#pragma once

#include "report/figure.hpp"
#include "report/load_run.hpp"
#include "report/chart.hpp"

#include <span>
#include <string>
#include <vector>

namespace lair::report {

/// The mean with its bootstrap 95 % interval (above 1,000 values the normal one); NaN of nothing.
Estimate estimate(std::span<const double> values);

/// The runs of one policy.
struct PolicyRuns {
  std::string policy;
  std::vector<const LoadedRun*> runs;
};

/// Mean response and share of late tasks per application, and the response times' distribution. Of one
/// run: over its tasks; of several per policy: the mean over runs of each run's mean. Nothing without
/// tasks.
std::vector<Figure> task_figures(const std::vector<PolicyRuns>&);

} // namespace lair::report
