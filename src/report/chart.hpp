/// What the charts share: size, heading, legend.
#pragma once

#include "report/svg.hpp"

#include <string>
#include <vector>

namespace lair::report {

inline constexpr double chart_width = 480; ///< readable on a phone, two beside each other on a laptop
inline constexpr double label_size = 12;

/// A value with its 95 % interval; NaN where there is none.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// Draws the title from the top; gives the y below it.
double draw_title(Svg&, const std::string& title);

enum class LegendForm { bars, lines, marked_lines };
/// A row of keys or several; gives the y below them. Nothing for a single series without a name.
double draw_legend(Svg&, double y, const std::vector<std::string>& series, LegendForm);

} // namespace lair::report
