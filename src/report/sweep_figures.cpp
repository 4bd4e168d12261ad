#include "report/sweep_figures.hpp"

#include "report/bar_chart.hpp"
#include "report/escape.hpp"
#include "report/heat_map.hpp"
#include "report/line_chart.hpp"
#include "report/metric_names.hpp"
#include "report/sweep_matching.hpp"
#include "report/sweep_numbers.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

using record::Metric;

/// A chart of many lines is none.
constexpr std::size_t most_lines = 8;

std::string intervals_note(const LoadedSweep& sweep) {
  return sweep.seeds.size() > 1 ? fmt::format("95 % intervals over {} seeds", sweep.seeds.size())
                                : std::string("one seed, so no interval");
}

std::string better_note(Metric metric) {
  const auto better = description(metric).better;
  return better == record::Better::neither ? "" : fmt::format("; {} is better", to_string(better));
}

/// The policies that have the axis, the first eight of them, and a sentence if there are more.
std::vector<std::string> drawn_policies(const LoadedSweep& sweep, const std::vector<std::size_t>& axes,
                                        std::string& left_out) {
  std::vector<std::string> out;
  for (const auto& policy : sweep.policies)
    if (std::any_of(sweep.points.begin(), sweep.points.end(), [&](const SweptPoint& point) {
          return point.policy == policy &&
                 std::all_of(axes.begin(), axes.end(), [&](std::size_t a) { return point.level[a] != absent; });
        }))
      out.push_back(policy);
  if (out.size() > most_lines) {
    left_out = fmt::format(" Shown are the first {} of {} policies.", most_lines, out.size());
    out.resize(most_lines);
  }
  return out;
}

} // namespace

std::string axis_label(const SweptAxis& axis) {
  return axis.unit.empty() ? axis.name : axis.name + ", " + axis.unit;
}

Figure policy_figure(const LoadedSweep& sweep, Metric metric) {
  const Matched matched = matched_over_policies(sweep, all_done(sweep));
  BarChart chart{"metric-" + id_of(metric), title_of(metric),
                 fmt::format("Mean over all points of a policy{}, {}{}.", matched_text(matched, "every policy"),
                             intervals_note(sweep), better_note(metric)),
                 axis_of(metric)};
  chart.series_title = "policy";
  chart.groups = {""};
  chart.series = sweep.policies;
  chart.values.emplace_back();
  for (const auto& policy : sweep.policies)
    chart.values[0].push_back(estimate_over_seeds(sweep, of_policy(sweep, matched.points, policy), metric));
  return draw(chart);
}

Figure axis_figure(const LoadedSweep& sweep, std::size_t a, Metric metric) {
  const SweptAxis& axis = sweep.axes[a];
  const std::string id = fmt::format("axis{}-{}-{}", a + 1, slug(axis.name), id_of(metric));
  const std::string title = fmt::format("{} against {}", title_of(metric), axis.name);
  std::string left_out;
  const auto policies = drawn_policies(sweep, {a}, left_out);
  const Matched matched = matched_along(sweep, all_done(sweep), a);
  const std::string text =
      fmt::format("Mean over all other axes{}{}, {}{}.{}", axis.binned ? ", in bins of equal numbers of points" : "",
                  matched_text(matched, "every value of " + axis.name), intervals_note(sweep), better_note(metric),
                  left_out);
  const auto value = [&](const std::string& policy, std::size_t level) {
    return estimate_over_seeds(sweep, of_policy(sweep, of_level(sweep, matched.points, a, level), policy), metric);
  };
  if (!axis.numeric) {
    BarChart chart{id, title, text, axis_of(metric)};
    chart.group_title = axis.name;
    chart.series_title = "policy";
    chart.series = policies;
    for (std::size_t level = 0; level < axis.levels.size(); ++level) {
      chart.groups.push_back(axis.levels[level].name);
      chart.values.emplace_back();
      for (const auto& policy : policies) chart.values.back().push_back(value(policy, level));
    }
    return draw(chart);
  }
  LineChart chart{id, title, text, axis_label(axis), axis_of(metric)};
  chart.x_title = axis.name;
  chart.line_title = "policy";
  chart.y_title = std::string(description(metric).name);
  chart.x_spacing = axis.logarithmic ? Spacing::logarithmic : Spacing::linear;
  for (const auto& policy : policies) {
    Line line{policies.size() == 1 ? "" : policy, {}};
    for (std::size_t level = 0; level < axis.levels.size(); ++level)
      line.points.push_back({axis.levels[level].value, value(policy, level)});
    chart.lines.push_back(std::move(line));
  }
  return draw(chart);
}

namespace {

/// Rows of y, columns of x.
std::vector<std::vector<double>> pair_values(const LoadedSweep& sweep, std::size_t x, std::size_t y,
                                             const std::string& policy, Metric metric) {
  std::vector<std::vector<double>> out;
  const Group its = of_policy(sweep, all_done(sweep), policy);
  for (std::size_t row = 0; row < sweep.axes[y].levels.size(); ++row) {
    out.emplace_back();
    const Group here = of_level(sweep, its, y, row);
    for (std::size_t column = 0; column < sweep.axes[x].levels.size(); ++column)
      out.back().push_back(mean_of(sweep, of_level(sweep, here, x, column), metric));
  }
  return out;
}

} // namespace

Figure pair_figure(const LoadedSweep& sweep, std::size_t x, std::size_t y, const std::string& policy,
                   Metric metric) {
  HeatMap map{fmt::format("pair{}-{}-{}-{}", x + 1, y + 1, id_of(metric), slug(policy)),
              fmt::format("{} over {} and {}{}", title_of(metric), sweep.axes[x].name, sweep.axes[y].name,
                          sweep.policies.size() > 1 ? ": " + policy : ""),
              fmt::format("Mean over all other axes and {} seed{}{}. The policies' maps share their colours.",
                          sweep.seeds.size(), sweep.seeds.size() == 1 ? "" : "s", better_note(metric)),
              axis_label(sweep.axes[x]), axis_label(sweep.axes[y]), axis_of(metric)};
  map.x_title = sweep.axes[x].name;
  map.y_title = sweep.axes[y].name;
  for (const auto& level : sweep.axes[x].levels) map.xs.push_back(level.name);
  for (const auto& level : sweep.axes[y].levels) map.ys.push_back(level.name);
  for (const auto& one : sweep.policies) {
    auto values = pair_values(sweep, x, y, one, metric);
    for (const auto& row : values)
      for (const double v : row)
        if (std::isfinite(v)) map.low = std::fmin(map.low, v), map.high = std::fmax(map.high, v);
    if (one == policy) map.values = std::move(values);
  }
  return draw(map);
}

Figure share_figure(const std::vector<AxisShare>& shares, const std::string& policy, Metric metric) {
  const std::string id = "share-" + id_of(metric) + (policy.empty() ? "" : "-" + slug(policy));
  double chance = 0;
  for (const auto& one : shares) chance = std::fmax(chance, one.chance);
  BarChart chart{id, fmt::format("{}: what it depends on{}", title_of(metric), policy.empty() ? "" : ", " + policy),
                 fmt::format("Share of the variance that goes with each axis by itself (first-order eta squared; seed: the "
                             "differences between worlds); the rest is interactions and chance. An axis without any "
                             "effect would have up to about {} by chance.", shown_share(chance)),
                 "share of the variance"};
  chart.shares = true;
  chart.group_title = "axis";
  chart.series = {""};
  for (const auto& one : shares) {
    chart.groups.push_back(one.name);
    chart.values.push_back({one.share});
  }
  return draw(chart);
}

} // namespace lair::report
