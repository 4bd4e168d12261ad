#include "report/load_sweep.hpp"

#include "core/error.hpp"
#include "core/sensitivity.hpp"
#include "report/table.hpp"
#include "sweep/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>

namespace lair::report {

namespace {

using sweep::Database;
using sweep::quoted_name;
using sweep::Statement;

/// An axis with more numbers than these is drawn in bins of equal numbers of points.
constexpr std::size_t most_levels = 12, bins = 8;

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::set<std::string> columns_of(Database& database, const std::string& table) {
  std::set<std::string> names;
  Statement select(database, "SELECT name FROM pragma_table_info(?)");
  select.bind(table);
  while (select.step()) names.insert(select.text(0));
  return names;
}

void read_axes(Database& database, LoadedSweep& out) {
  const bool has_scale = columns_of(database, "axes").count("scale") == 1;
  Statement select(database, fmt::format("SELECT name, unit, kind, {} FROM axes ORDER BY position",
                                         has_scale ? "scale" : "NULL"));
  while (select.step())
    out.axes.push_back({select.text(0), select.text(1), select.text(2), false, select.text(3) == "log", false, {}});
}

/// Cells of the axes' columns as text, by point, then axis; no value where the axis is not the policy's.
using Cells = std::vector<std::vector<std::optional<std::string>>>;

Cells read_points(Database& database, LoadedSweep& out) {
  const auto there = columns_of(database, "metrics");
  std::string columns;
  for (const auto& axis : out.axes) columns += ", p." + quoted_name(axis.name);
  std::vector<record::Metric> metrics;
  for (const auto& metric : record::metric_table()) {
    std::string name(metric.name);
    std::replace(name.begin(), name.end(), '.', '_');
    if (there.count(name) == 0) continue; // a store of an older lair
    columns += ", m." + quoted_name(name);
    metrics.push_back(metric.metric);
  }
  Statement select(database, "SELECT p.policy, p.seed, p.run, r.status, r.exit_code, r.message" + columns +
                                 " FROM points p LEFT JOIN runs r USING (run) LEFT JOIN metrics m USING (run)"
                                 " ORDER BY p.point");
  Cells cells;
  while (select.step()) {
    SweptPoint point;
    point.policy = select.text(0);
    point.seed = static_cast<std::uint64_t>(select.integer(1));
    point.run = select.text(2);
    const std::string status = select.is_null(3) ? "pending" : select.text(3);
    point.done = status == "done";
    point.metrics.values.fill(std::numeric_limits<double>::quiet_NaN());
    int column = 6;
    std::string where = fmt::format("{}, seed {}", point.policy, point.seed);
    cells.emplace_back();
    for (const auto& axis : out.axes) {
      const bool null = select.is_null(column);
      point.value.push_back(null ? std::numeric_limits<double>::quiet_NaN()
                                 : number_in(select.text(column)).value_or(std::numeric_limits<double>::quiet_NaN()));
      cells.back().push_back(null ? std::nullopt : std::optional(select.text(column)));
      if (!null) where += fmt::format(", {} {}", axis.name, select.text(column));
      ++column;
    }
    for (const auto metric : metrics) {
      if (!select.is_null(column)) point.metrics[metric] = select.number(column);
      ++column;
    }
    out.done += point.done;
    out.pending += status == "pending";
    if (!point.done && status != "pending")
      out.failures.push_back(fmt::format("{}: {}{}{}", where, status == "timeout" ? "took too long" : "failed",
                                         select.integer(4) != 0 ? fmt::format(" with exit code {}", select.integer(4)) : "",
                                         select.is_null(5) ? "" : ": " + select.text(5)));
    if (std::find(out.policies.begin(), out.policies.end(), point.policy) == out.policies.end())
      out.policies.push_back(point.policy);
    out.points.push_back(std::move(point));
  }
  return cells;
}

/// Names in the order in which they come; numbers in theirs.
void find_levels(SweptAxis& axis, std::size_t a, const Cells& cells, std::vector<SweptPoint>& points) {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> index;
  axis.numeric = true;
  for (const auto& row : cells) {
    if (!row[a] || !index.emplace(*row[a], names.size()).second) continue;
    names.push_back(*row[a]);
    axis.numeric = axis.numeric && number_in(*row[a]).has_value();
  }
  axis.numeric = axis.numeric && !names.empty();
  if (axis.numeric && names.size() > most_levels) {
    std::vector<double> values;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (cells[i][a]) values.push_back(*number_in(*cells[i][a])), owners.push_back(i);
    const auto bin_of = equal_bins(values, bins);
    struct Bin {
      double low, high, sum;
      std::size_t count;
    };
    std::vector<Bin> all(1 + *std::max_element(bin_of.begin(), bin_of.end()), {1e308, -1e308, 0, 0});
    for (std::size_t i = 0; i < values.size(); ++i) {
      Bin& bin = all[bin_of[i]];
      bin = {std::min(bin.low, values[i]), std::max(bin.high, values[i]), bin.sum + values[i], bin.count + 1};
      points[owners[i]].level[a] = bin_of[i];
    }
    axis.binned = true;
    for (const Bin& bin : all)
      axis.levels.push_back({bin.low == bin.high ? shown(bin.low) : shown(bin.low) + " to " + shown(bin.high),
                             bin.sum / static_cast<double>(bin.count)});
    return;
  }
  if (axis.numeric) {
    std::sort(names.begin(), names.end(),
              [](const auto& x, const auto& y) { return *number_in(x) < *number_in(y); });
    for (std::size_t i = 0; i < names.size(); ++i) index[names[i]] = i;
  }
  for (const auto& name : names)
    axis.levels.push_back({axis.numeric ? fmt::format("{:.6g}", *number_in(name)) : name, axis.numeric ? *number_in(name) : 0});
  for (std::size_t i = 0; i < points.size(); ++i)
    if (cells[i][a]) points[i].level[a] = index.at(*cells[i][a]);
}

/// A curve over 0.00001, 0.001, 0.1 wants a logarithmic axis, whatever the file said.
void choose_spacing(SweptAxis& axis) {
  if (!axis.numeric || axis.levels.empty()) return;
  const double low = axis.levels.front().value, high = axis.levels.back().value;
  axis.logarithmic = low > 0 && (axis.logarithmic || high >= 50 * low);
}

} // namespace

LoadedSweep load_sweep(const std::string& folder) {
  const std::string path = folder + "/sweep.db";
  if (!std::filesystem::exists(path)) throw InputError(folder, "", "has no sweep.db", "the folder of a sweep");
  LoadedSweep out;
  try {
    Database database(path); // to write as well: what a killed sweep left half done is undone
    Statement facts(database, "SELECT key, value FROM sweep");
    while (facts.step()) out.facts[facts.text(0)] = facts.text(1);
    read_axes(database, out);
    const Cells cells = read_points(database, out);
    for (auto& point : out.points) point.level.assign(out.axes.size(), absent);
    for (std::size_t a = 0; a < out.axes.size(); ++a) {
      find_levels(out.axes[a], a, cells, out.points);
      choose_spacing(out.axes[a]);
    }
  } catch (const RunError& error) {
    throw InputError(path, "", fmt::format("is no store of a sweep that can be read ({})", error.what()),
                     "move it away: `lair sweep FILE --resume` makes it anew from the runs beside it");
  }
  std::set<std::uint64_t> seeds;
  for (const auto& point : out.points) seeds.insert(point.seed);
  out.seeds.assign(seeds.begin(), seeds.end());
  return out;
}

} // namespace lair::report
