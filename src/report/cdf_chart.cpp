#include "report/cdf_chart.hpp"

#include "core/statistics.hpp"
#include "report/line_chart.hpp"

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

constexpr std::size_t most_points = 200;

/// A step at each value; the share rises at the value itself.
std::vector<LinePoint> steps(const std::vector<double>& sorted) {
  std::vector<LinePoint> out;
  const std::size_t n = sorted.size(), points = std::min(n, most_points);
  const auto add = [&](double x, double share) { out.push_back({x, {share, share, share}}); };
  double before = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t rank = n <= most_points ? i : (i * (n - 1)) / (points - 1);
    // Of equal values the last one counts.
    if (i + 1 < points && n <= most_points && sorted[rank + 1] == sorted[rank]) continue;
    const double share = static_cast<double>(rank + 1) / static_cast<double>(n);
    if (n <= most_points) add(sorted[rank], before);
    add(sorted[rank], share);
    before = share;
  }
  return out;
}

} // namespace

Figure draw(const CdfChart& chart) {
  LineChart lines{chart.id, chart.title, chart.description, chart.axis, "share of tasks"};
  lines.x_title = chart.value_title;
  lines.y_title = "share";
  lines.line_title = chart.series_title;
  lines.markers = false;
  lines.from_zero = true;
  std::vector<double> all;
  for (const auto& [name, values] : chart.series) {
    std::vector<double> sorted;
    for (const double v : values)
      if (std::isfinite(v)) sorted.push_back(v);
    std::sort(sorted.begin(), sorted.end());
    all.insert(all.end(), sorted.begin(), sorted.end());
    lines.lines.push_back({name, steps(sorted)});
  }
  std::sort(all.begin(), all.end());
  if (!all.empty() && all.front() > 0 && all.back() > 30 * percentile_of_sorted(all, 0.5))
    lines.x_spacing = Spacing::logarithmic;
  return draw(lines);
}

} // namespace lair::report
