/// Bars with intervals: one per series, in groups or not.
#pragma once

#include "report/chart.hpp"
#include "report/figure.hpp"

namespace lair::report {

struct BarChart {
  std::string id, title, description;
  std::string axis;                           ///< "energy, kWh"
  std::string group_title = "group", series_title = "series"; ///< columns of the data
  std::vector<std::string> groups = {};            ///< one without a name: bars stand by themselves
  std::vector<std::string> series = {};
  std::vector<std::vector<Estimate>> values = {}; ///< by group, then series
  bool shares = false;                            ///< values are written as shown_share() does
};

Figure draw(const BarChart&);

} // namespace lair::report
