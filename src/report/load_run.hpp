/// What a report needs of a run's folder.
#pragma once

#include "record/summary.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lair::report {

/// The tasks of one application.
struct ApplicationTasks {
  std::vector<double> responses; ///< seconds, of those that finished
  std::vector<double> late;      ///< 0 or 1, of those with a deadline whose fate is known
};

struct LoadedRun {
  std::string folder;
  record::Summary summary;
  record::Origin origin;
  std::map<std::string, ApplicationTasks> applications; ///< by name; empty without tasks.csv
  std::vector<std::string> problems; ///< what is damaged, missing or unfinished, in words
};

/// Empty, with the reason in `problem`, if there is nothing to show: no summary, or none that can be
/// read.
std::optional<LoadedRun> load_run(const std::string& folder, std::string& problem);

/// Columns of intervals.csv by name, one value per interval; empty if it cannot be read.
std::map<std::string, std::vector<double>> load_intervals(const std::string& folder,
                                                          const std::vector<std::string>& columns,
                                                          std::string& problem);

} // namespace lair::report
