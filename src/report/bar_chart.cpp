#include "report/bar_chart.hpp"

#include "report/escape.hpp"
#include "report/scale.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace lair::report {

namespace {

constexpr double left_edge = 10, label_gap = 8;

struct Row {
  std::string label, hint;
  std::string value; ///< stands behind the bar
  std::size_t series;
  Estimate estimate;
  bool first_of_group;
};

/// The rows from top to bottom. Without groups the bars have labels; with them the groups do, and the
/// legend names the bars.
std::vector<Row> rows_of(const BarChart& chart) {
  const bool grouped = chart.groups.size() > 1 || !chart.groups.at(0).empty();
  std::vector<Row> rows;
  for (std::size_t g = 0; g < chart.groups.size(); ++g)
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const Estimate& e = chart.values[g][s];
      std::string name = grouped ? chart.groups[g] : chart.series[s];
      if (grouped && chart.series.size() > 1) name += ", " + chart.series[s];
      rows.push_back({grouped ? (s == 0 ? chart.groups[g] : "") : chart.series[s],
                      name + ": " + (chart.shares ? share_cell(e.value, e.low, e.high).text : shown(e.value, e.low, e.high)),
                      chart.shares ? shown_share(e.value) : shown(e.value), s, e, s == 0});
    }
  return rows;
}

/// From zero, so that lengths can be compared.
Scale scale_of(const std::vector<Row>& rows) {
  double low = 0, high = 0;
  for (const auto& row : rows)
    for (const double x : {row.estimate.value, row.estimate.low, row.estimate.high})
      if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
  return Scale(low, high, 5);
}

void draw_bar(Svg& svg, const Row& row, const Scale& x, double y, double height) {
  const Estimate& e = row.estimate;
  svg.begin(row.hint);
  if (!std::isfinite(e.value)) {
    svg.text({x(0) + 4, y + height / 2 + 4}, "no value", Anchor::start, 11, "muted");
    svg.end();
    return;
  }
  const double a = x(std::min(0.0, e.value)), b = x(std::max(0.0, e.value)), middle = y + height / 2;
  if (b > a) svg.bar({a, y}, b - a, height, row.series);
  double end = x(std::max({0.0, e.value}));
  if (std::isfinite(e.low) && std::isfinite(e.high) && e.low < e.high) {
    const double low = x(e.low), high = x(e.high), cap = std::min(4.0, height / 3);
    // On the bar it needs a rim to be seen.
    for (const auto& [kind, width] : {std::pair("halo", 4.0), {"line", 1.5}}) {
      const double rim = kind == std::string_view("halo") ? 1.2 : 0;
      svg.line({low - rim, middle}, {high + rim, middle}, kind, width);
      svg.line({low, middle - cap - rim}, {low, middle + cap + rim}, kind, width);
      svg.line({high, middle - cap - rim}, {high, middle + cap + rim}, kind, width);
    }
    end = std::max(end, high);
  }
  svg.value({end + 6, middle + 4}, row.value);
  svg.end();
}

std::string data_of(const BarChart& chart) {
  std::string out = fmt::format("{},{},value,low,high\n", csv_text(chart.group_title),
                                csv_text(chart.series_title));
  for (std::size_t g = 0; g < chart.groups.size(); ++g)
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const Estimate& e = chart.values[g][s];
      out += fmt::format("{},{},{},{},{}\n", csv_text(chart.groups[g]), csv_text(chart.series[s]),
                         exact(e.value), exact(e.low), exact(e.high));
    }
  return out;
}

/// Where each bar's upper edge is, and where the last one ends.
struct Layout {
  double height, gap, group_gap;
  std::vector<double> tops;
  double top, bottom;
};
Layout lay_out(const std::vector<Row>& rows, double top, bool apart) {
  Layout out{apart ? 18.0 : 13.0, apart ? 10.0 : 3.0, apart ? 10.0 : 13.0, {}, top, 0};
  double y = top + 7;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) y += rows[i].first_of_group ? out.group_gap : out.gap;
    out.tops.push_back(y);
    y += out.height;
  }
  out.bottom = y + 7;
  return out;
}

void draw_axis(Svg& svg, const Scale& x, const Layout& layout) {
  double last = -1e9;
  for (const auto& tick : x.ticks()) {
    const double at = x(tick.value), half = text_width(tick.label, 11) / 2;
    svg.line({at, layout.top}, {at, layout.bottom}, "grid");
    if (at - half < last + 6) continue;
    svg.text({at, layout.bottom + 15}, tick.label, Anchor::middle, 11, "muted");
    last = at + half;
  }
}

} // namespace

Figure draw(const BarChart& chart) {
  const auto rows = rows_of(chart);
  const bool grouped = chart.groups.size() > 1 || !chart.groups[0].empty();
  const bool keyed = grouped && chart.series.size() > 1;

  Svg svg(chart.id, chart_width);
  double top = draw_title(svg, chart.title);
  if (keyed) top = draw_legend(svg, top, chart.series, LegendForm::bars);

  double label_width = 0, value_width = 0;
  for (const auto& row : rows) {
    label_width = std::max(label_width, text_width(row.label, label_size));
    value_width = std::max(value_width, text_width(row.value, 11));
  }
  label_width = std::min(label_width, 250.0);
  Scale x = scale_of(rows);
  const double left = left_edge + label_width + label_gap, right = svg.width() - value_width - 14;
  x.place(left, right);

  const Layout layout = lay_out(rows, top + 2, !keyed);
  draw_axis(svg, x, layout);
  // A group's label stands beside the middle of its bars.
  const double label_height =
      keyed ? static_cast<double>(chart.series.size()) * (layout.height + layout.gap) - layout.gap : layout.height;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    draw_bar(svg, rows[i], x, layout.tops[i], layout.height);
    if (rows[i].label.empty()) continue;
    svg.begin(rows[i].label);
    svg.text({left - label_gap, layout.tops[i] + label_height / 2 + 4},
             fitted_text(rows[i].label, label_width + 0.5, label_size), Anchor::end, label_size);
    svg.end();
  }
  svg.line({x(0), layout.top}, {x(0), layout.bottom}, "axis");
  svg.text({(left + right) / 2, layout.bottom + 34}, fitted_text(chart.axis, right - left, label_size),
           Anchor::middle, label_size, "muted");

  std::string words = chart.description;
  for (const auto& row : rows) words += (&row == &rows.front() ? " " : "; ") + row.hint;
  return {chart.id, chart.title, chart.description, svg.finish(layout.bottom + 44, chart.title, words),
          data_of(chart)};
}

} // namespace lair::report
