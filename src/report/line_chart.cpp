#include "report/line_chart.hpp"

#include "report/escape.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair::report {

namespace {

constexpr double plot_height = 230;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void add(double x) {
    if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
  }
  bool empty() const { return low > high; }
};

Scale y_scale(const LineChart& chart) {
  Range range;
  for (const auto& line : chart.lines)
    for (const auto& point : line.points)
      for (const double y : {point.y.value, point.y.low, point.y.high}) range.add(y);
  if (range.empty()) return Scale(0, 1, 5);
  // A shortened axis where the values are close together, else one from zero.
  const bool close = range.low > 0 && range.high < 2 * range.low;
  if (chart.from_zero || (range.low > 0 && !close)) range.low = 0;
  return Scale(range.low, range.high, 5);
}

/// Ticks only where there is data; a little room at both ends.
Scale x_scale(const LineChart& chart) {
  if (!chart.x_names.empty())
    return Scale(0, std::max(1.0, static_cast<double>(chart.x_names.size() - 1)), chart.x_names.size());
  Range range;
  for (const auto& line : chart.lines)
    for (const auto& point : line.points) range.add(point.x);
  if (range.empty()) return Scale(0, 1, 5);
  return Scale(range.low, range.high, 6, chart.x_spacing);
}

void draw_x_axis(Svg& svg, const LineChart& chart, const Scale& x, double top, double bottom,
                 double left, double right) {
  const std::size_t names = chart.x_names.size();
  if (names == 0) {
    double last = -1e9;
    for (const auto& tick : x.ticks()) {
      const double at = x(tick.value), half = text_width(tick.label, 11) / 2;
      svg.line({at, top}, {at, bottom}, "grid");
      if (at - half < last + 6) continue;
      svg.text({at, bottom + 16}, tick.label, Anchor::middle, 11, "muted");
      last = at + half;
    }
    return;
  }
  const double slot = (right - left) / static_cast<double>(names);
  const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil(34 / slot)));
  for (std::size_t i = 0; i < names; i += every) {
    const double at = x(static_cast<double>(i));
    svg.line({at, top}, {at, bottom}, "grid");
    svg.begin(chart.x_names[i]);
    svg.text({at, bottom + 16}, fitted_text(chart.x_names[i], slot * static_cast<double>(every) - 4, 11),
             Anchor::middle, 11, "muted");
    svg.end();
  }
}

/// The stretches of a line between its gaps.
std::vector<std::vector<LinePoint>> stretches(const Line& line) {
  std::vector<std::vector<LinePoint>> out(1);
  for (const auto& point : line.points)
    if (std::isfinite(point.y.value)) out.back().push_back(point);
    else if (!out.back().empty()) out.emplace_back();
  return out;
}

void draw_bands(Svg& svg, const Line& line, std::size_t series, const Scale& x, const Scale& y) {
  for (const auto& stretch : stretches(line)) {
    std::vector<Point> outline;
    for (const auto& point : stretch)
      outline.push_back({x(point.x), y(std::isfinite(point.y.high) ? point.y.high : point.y.value)});
    for (auto it = stretch.rbegin(); it != stretch.rend(); ++it)
      outline.push_back({x(it->x), y(std::isfinite(it->y.low) ? it->y.low : it->y.value)});
    const bool wide = std::any_of(stretch.begin(), stretch.end(),
                                  [](const LinePoint& p) { return p.y.low < p.y.high; });
    if (wide && stretch.size() > 1) svg.band(outline, series);
    if (wide && stretch.size() == 1) svg.line(outline[0], outline[1], "line", 1.5);
  }
}

void draw_line(Svg& svg, const LineChart& chart, const Line& line, std::size_t series, const Scale& x,
               const Scale& y) {
  for (const auto& stretch : stretches(line)) {
    std::vector<Point> points;
    for (const auto& point : stretch) points.push_back({x(point.x), y(point.y.value)});
    if (points.size() > 1) svg.path(points, series);
    if (!chart.markers && points.size() != 1) continue;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto& p = stretch[i];
      const std::string at = chart.x_names.empty() ? shown(p.x) : chart.x_names[static_cast<std::size_t>(p.x)];
      svg.begin(fmt::format("{}{}{}: {}", line.name, line.name.empty() ? "" : ", ", at,
                            shown(p.y.value, p.y.low, p.y.high)));
      svg.marker(points[i], series);
      svg.end();
    }
  }
}

std::string data_of(const LineChart& chart) {
  // Without bands there is nothing to say of intervals.
  const bool bands = std::any_of(chart.lines.begin(), chart.lines.end(), [](const Line& line) {
    return std::any_of(line.points.begin(), line.points.end(),
                       [](const LinePoint& p) { return p.y.low < p.y.high; });
  });
  std::string out = fmt::format("{},{},{}\n", csv_text(chart.line_title), csv_text(chart.x_title),
                                bands ? "value,low,high" : csv_text(chart.y_title));
  for (const auto& line : chart.lines)
    for (const auto& p : line.points) {
      const std::string x = chart.x_names.empty() ? exact(p.x) : csv_text(chart.x_names[static_cast<std::size_t>(p.x)]);
      out += fmt::format("{},{},{}", csv_text(line.name), x, exact(p.y.value));
      out += bands ? fmt::format(",{},{}\n", exact(p.y.low), exact(p.y.high)) : "\n";
    }
  return out;
}

std::string in_words(const LineChart& chart) {
  std::string out = chart.description;
  for (const auto& line : chart.lines) {
    if (line.points.empty()) continue;
    const auto where = [&](const LinePoint& p) {
      return chart.x_names.empty() ? shown(p.x) : chart.x_names[static_cast<std::size_t>(p.x)];
    };
    out += fmt::format("{} {}: {} at {}, {} at {}.", out.empty() ? "" : " ", line.name.empty() ? "Line" : line.name,
                       shown(line.points.front().y.value), where(line.points.front()),
                       shown(line.points.back().y.value), where(line.points.back()));
  }
  return out;
}

} // namespace

Figure draw(const LineChart& chart) {
  Svg svg(chart.id, chart_width);
  double top = draw_title(svg, chart.title);
  std::vector<std::string> names;
  for (const auto& line : chart.lines) names.push_back(line.name);
  top = draw_legend(svg, top, names, chart.markers ? LegendForm::marked_lines : LegendForm::lines);
  svg.text({10, top + 12}, fitted_text(chart.y_axis, svg.width() - 20, label_size), Anchor::start, label_size,
           "muted");
  top += 22;

  Scale x = x_scale(chart), y = y_scale(chart);
  double left = 0;
  for (const auto& tick : y.ticks()) left = std::max(left, text_width(tick.label, 11));
  left += 18;
  const double right = svg.width() - 18, bottom = top + plot_height;
  if (chart.x_names.empty()) {
    x.place(left + 6, right - 6);
  } else { // each name in the middle of its slot
    const double half = (right - left) / static_cast<double>(chart.x_names.size()) / 2;
    x.place(left + half, chart.x_names.size() == 1 ? right + half : right - half);
  }
  y.place(bottom, top);
  for (const auto& tick : y.ticks()) {
    svg.line({left, y(tick.value)}, {right, y(tick.value)}, "grid");
    svg.text({left - 6, y(tick.value) + 4}, tick.label, Anchor::end, 11, "muted");
  }
  draw_x_axis(svg, chart, x, top, bottom, left, right);
  svg.line({left, top}, {left, bottom}, "axis");
  svg.line({left, bottom}, {right, bottom}, "axis");
  for (std::size_t i = 0; i < chart.lines.size(); ++i) draw_bands(svg, chart.lines[i], i, x, y);
  for (std::size_t i = 0; i < chart.lines.size(); ++i) draw_line(svg, chart, chart.lines[i], i, x, y);
  svg.text({(left + right) / 2, bottom + 36}, fitted_text(chart.x_axis, right - left, label_size), Anchor::middle,
           label_size, "muted");
  return {chart.id, chart.title, chart.description, svg.finish(bottom + 46, chart.title, in_words(chart)),
          data_of(chart)};
}

} // namespace lair::report
