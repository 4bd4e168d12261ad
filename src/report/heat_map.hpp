/// A metric over two axes, as colours and numbers.
#pragma once

#include "report/figure.hpp"

#include <limits>
#include <string>
#include <vector>

namespace lair::report {

struct HeatMap {
  std::string id, title, description;
  std::string x_axis, y_axis, value_axis; ///< with units
  std::string x_title = "x", y_title = "y"; ///< columns of the data
  std::vector<std::string> xs = {}, ys = {}; ///< names of the columns, and of the rows from below
  std::vector<std::vector<double>> values = {}; ///< by row, then column; NaN where there is none
  /// Ends of the colours' scale, for maps to be compared; NaN: of the values.
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
};

Figure draw(const HeatMap&);

} // namespace lair::report
