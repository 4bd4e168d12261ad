/// The share of values that are at most x, one line per series.
#pragma once

#include "report/figure.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lair::report {

struct CdfChart {
  std::string id, title, description;
  std::string axis;                               ///< "response time, s"
  std::string value_title = "value", series_title = "series"; ///< columns of the data
  std::vector<std::pair<std::string, std::vector<double>>> series = {}; ///< name and values in any order
};

/// Drawn through every order statistic, or through 200 quantiles where there are more. Logarithmic
/// where the largest value is more than 30 times the median.
Figure draw(const CdfChart&);

} // namespace lair::report
