// Sensitivity of sweeps whose points were drawn for it.
#include "core/sensitivity.hpp"
#include "report/sweep_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lair::report {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A policy's cells in their order, each once, with its mean over seeds.
struct Drawn {
  std::vector<std::size_t> axes;
  Design points; ///< values of those axes
  std::vector<double> values;
};

/// Empty if another axis is varied beside those of the method, or a seed lacks a point.
Drawn drawn(const LoadedSweep& sweep, const std::string& policy, const std::string& method, record::Metric metric) {
  std::map<std::uint64_t, std::vector<const SweptPoint*>> by_seed;
  for (const auto& point : sweep.points)
    if (point.policy == policy) by_seed[point.seed].push_back(&point);
  if (by_seed.empty()) return {};
  const auto& first = by_seed.begin()->second;
  Drawn out;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const bool its = first.front()->level[a] != absent;
    if (its && sweep.axes[a].method == method && sweep.axes[a].numeric) out.axes.push_back(a);
    else if (its && sweep.axes[a].levels.size() > 1) return {};
  }
  for (const auto& [seed, points] : by_seed)
    if (points.size() != first.size()) return {};
  for (std::size_t i = 0; i < first.size(); ++i) {
    out.points.emplace_back();
    for (const auto a : out.axes) out.points.back().push_back(first[i]->value[a]);
    double sum = 0;
    std::size_t count = 0;
    for (const auto& [seed, points] : by_seed)
      if (const double value = points[i]->metrics[metric]; points[i]->done && !std::isnan(value)) sum += value, ++count;
    // Of fewer seeds, the worlds that are missing would count as an effect of the axes.
    out.values.push_back(count == by_seed.size() ? sum / static_cast<double>(count) : nan);
  }
  return out;
}

/// Each group: A, A with one axis of B after another, B. A constraint may have dropped points.
bool is_saltelli(const Drawn& it) {
  const std::size_t d = it.axes.size();
  if (d == 0 || it.points.empty() || it.points.size() % (d + 2) != 0) return false;
  for (std::size_t g = 0; g < it.points.size(); g += d + 2)
    for (std::size_t row = 0; row < d; ++row)
      for (std::size_t a = 0; a < d; ++a)
        if (it.points[g + 1 + row][a] != it.points[a == row ? g + d + 1 : g][a]) return false;
  return true;
}

/// Each step of a trajectory changes one axis, each axis at most once.
bool is_morris(const Drawn& it) {
  const std::size_t d = it.axes.size();
  if (d == 0 || it.points.empty() || it.points.size() % (d + 1) != 0) return false;
  for (std::size_t g = 0; g < it.points.size(); g += d + 1) {
    std::vector<std::size_t> changes(d, 0);
    for (std::size_t step = 1; step <= d; ++step) {
      std::size_t changed = 0;
      for (std::size_t a = 0; a < d; ++a)
        if (it.points[g + step][a] != it.points[g + step - 1][a]) ++changed, ++changes[a];
      if (changed > 1) return false;
    }
    if (*std::max_element(changes.begin(), changes.end()) > 1) return false;
  }
  return true;
}

/// Values as shares of what the axis spans, by their logarithm where it is logarithmic.
void to_unit(const LoadedSweep& sweep, Drawn& it) {
  for (std::size_t i = 0; i < it.axes.size(); ++i) {
    const bool log = sweep.axes[it.axes[i]].logarithmic;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (auto& point : it.points) {
      if (log) point[i] = std::log(point[i]);
      low = std::min(low, point[i]), high = std::max(high, point[i]);
    }
    for (auto& point : it.points) point[i] = high > low ? (point[i] - low) / (high - low) : 0;
  }
}

} // namespace

std::size_t design_size(const LoadedSweep& sweep, const std::string& policy, const std::string& method) {
  const Drawn it = drawn(sweep, policy, method, record::Metric::energy_kwh);
  if (method == "sobol") return is_saltelli(it) ? it.points.size() / (it.axes.size() + 2) : 0;
  return is_morris(it) ? it.points.size() / (it.axes.size() + 1) : 0;
}

std::vector<SobolRow> sobol_rows(const LoadedSweep& sweep, const std::string& policy, record::Metric metric) {
  const Drawn it = drawn(sweep, policy, "sobol", metric);
  if (!is_saltelli(it)) return {};
  const auto indices = sobol_indices(it.values, it.axes.size());
  std::vector<SobolRow> out;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto& one = indices[i];
    out.push_back({sweep.axes[it.axes[i]].name,
                   {one.first, one.first_interval.low, one.first_interval.high},
                   {one.total, one.total_interval.low, one.total_interval.high}});
  }
  return out;
}

std::vector<MorrisRow> morris_rows(const LoadedSweep& sweep, const std::string& policy, record::Metric metric) {
  Drawn it = drawn(sweep, policy, "morris", metric);
  if (!is_morris(it)) return {};
  to_unit(sweep, it);
  const auto effects = morris_effects(it.points, it.values, it.axes.size());
  std::vector<MorrisRow> out;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const auto& one = effects[i];
    out.push_back({sweep.axes[it.axes[i]].name,
                   {one.mean_absolute, one.mean_absolute_interval.low, one.mean_absolute_interval.high},
                   one.mean,
                   one.deviation});
  }
  return out;
}

} // namespace lair::report
