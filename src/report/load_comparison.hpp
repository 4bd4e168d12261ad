/// What a report needs of a comparison's folder.
#pragma once

#include "record/comparison.hpp"
#include "report/load_run.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lair::report {

struct LoadedComparison {
  record::Comparison comparison;
  std::vector<std::vector<std::optional<LoadedRun>>> runs; ///< by policy, then seed; empty: not there
  std::vector<std::string> problems;                       ///< runs that are missing or unfinished
};

/// InputError if compare.json cannot be read.
LoadedComparison load_comparison(const std::string& folder);

} // namespace lair::report
