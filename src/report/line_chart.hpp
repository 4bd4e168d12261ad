/// Lines with bands over a numeric or named axis.
#pragma once

#include "report/chart.hpp"
#include "report/figure.hpp"
#include "report/scale.hpp"

namespace lair::report {

struct LinePoint {
  double x = 0;
  Estimate y;
};

struct Line {
  std::string name;
  std::vector<LinePoint> points; ///< ascending in x; without a value: the line has a gap
};

struct LineChart {
  std::string id, title, description;
  std::string x_axis, y_axis;                ///< with units
  std::string x_title = "x", y_title = "value", line_title = "series"; ///< columns of the data
  std::vector<std::string> x_names = {};     ///< for a named axis: x is an index of these
  Spacing x_spacing = Spacing::linear;
  bool markers = true;
  bool from_zero = false; ///< else the y axis begins near the least value, if that is far from zero
  std::vector<Line> lines = {};
};

Figure draw(const LineChart&);

} // namespace lair::report
