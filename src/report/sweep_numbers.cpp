#include "report/sweep_numbers.hpp"

#include "core/sensitivity.hpp"
#include "core/statistics.hpp"
#include "report/task_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace lair::report {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Sum {
  double sum = 0;
  std::size_t count = 0;
  void add(double x) { sum += x, ++count; }
  double mean() const { return sum / static_cast<double>(count); }
};

template <class Key> std::vector<double> means(const std::map<Key, Sum>& sums) {
  std::vector<double> out;
  for (const auto& [key, sum] : sums) out.push_back(sum.mean());
  return out;
}

} // namespace

Group all_done(const LoadedSweep& sweep) {
  Group out;
  for (std::size_t i = 0; i < sweep.points.size(); ++i)
    if (sweep.points[i].done) out.push_back(i);
  return out;
}

Group of_policy(const LoadedSweep& sweep, const Group& group, const std::string& policy) {
  Group out;
  for (const auto i : group)
    if (sweep.points[i].policy == policy) out.push_back(i);
  return out;
}

Group of_level(const LoadedSweep& sweep, const Group& group, std::size_t axis, std::size_t level) {
  Group out;
  for (const auto i : group)
    if (sweep.points[i].level[axis] == level) out.push_back(i);
  return out;
}

namespace {

std::vector<double> seed_means(const LoadedSweep& sweep, const Group& group, record::Metric metric) {
  std::map<std::uint64_t, Sum> by_seed;
  for (const auto i : group)
    if (const double value = sweep.points[i].metrics[metric]; !std::isnan(value))
      by_seed[sweep.points[i].seed].add(value);
  return means(by_seed);
}

} // namespace

Estimate estimate_over_seeds(const LoadedSweep& sweep, const Group& group, record::Metric metric) {
  return estimate(seed_means(sweep, group, metric));
}

double mean_of(const LoadedSweep& sweep, const Group& group, record::Metric metric) {
  const auto values = seed_means(sweep, group, metric);
  return values.empty() ? nan : mean(values);
}

PolicyDifference difference(const LoadedSweep& sweep, const std::string& policy, const std::string& base,
                            record::Metric metric) {
  // Axes that both have; where one lacks an axis, all of the other's levels are averaged.
  std::vector<std::size_t> shared;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a)
    if (std::none_of(sweep.points.begin(), sweep.points.end(), [&](const SweptPoint& point) {
          return (point.policy == policy || point.policy == base) && point.level[a] == absent;
        }))
      shared.push_back(a);
  using Key = std::pair<std::uint64_t, std::vector<std::size_t>>;
  std::map<Key, Sum> its, others;
  std::set<Key> its_planned, others_planned;
  for (const auto& point : sweep.points) {
    if (point.policy != policy && point.policy != base) continue;
    Key key{point.seed, {}};
    for (const auto a : shared) key.second.push_back(point.level[a]);
    (point.policy == policy ? its_planned : others_planned).insert(key);
    const double value = point.metrics[metric];
    if (!point.done || std::isnan(value)) continue;
    (point.policy == policy ? its : others)[key].add(value);
  }
  PolicyDifference out;
  std::map<std::uint64_t, Sum> by_seed, base_by_seed;
  for (const auto& [key, sum] : its) {
    const auto other = others.find(key);
    if (other == others.end()) continue;
    by_seed[key.first].add(sum.mean() - other->second.mean());
    base_by_seed[key.first].add(other->second.mean());
    ++out.pairs;
  }
  out.seeds = by_seed.size();
  for (const auto& key : its_planned) out.planned += others_planned.count(key);
  out.base = out.pairs > 0 ? mean(means(base_by_seed)) : nan;
  out.difference = estimate(means(by_seed));
  return out;
}

std::vector<AxisShare> axis_shares(const LoadedSweep& sweep, const Group& points, record::Metric metric) {
  Group group; // of a policy without a detector there is nothing to say on detection
  for (const auto i : points)
    if (!std::isnan(sweep.points[i].metrics[metric])) group.push_back(i);
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> levels;
  const auto consider = [&](const std::string& name, std::vector<std::size_t> its) {
    if (std::set<std::size_t>(its.begin(), its.end()).size() < 2) return;
    if (std::find(its.begin(), its.end(), absent) != its.end()) return;
    names.push_back(name);
    levels.push_back(std::move(its));
  };
  std::vector<std::size_t> its;
  for (const auto i : group)
    its.push_back(static_cast<std::size_t>(
        std::find(sweep.policies.begin(), sweep.policies.end(), sweep.points[i].policy) - sweep.policies.begin()));
  consider("policy", std::move(its));
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    its.clear();
    for (const auto i : group) its.push_back(sweep.points[i].level[a]);
    consider(sweep.axes[a].name, std::move(its));
  }
  std::vector<std::uint64_t> seeds;
  std::vector<double> values;
  for (const auto i : group) {
    seeds.push_back(sweep.points[i].seed);
    values.push_back(sweep.points[i].metrics[metric]);
  }
  const MainEffects effects = main_effects(levels, seeds, values);
  const std::size_t worlds = std::set<std::uint64_t>(seeds.begin(), seeds.end()).size();
  std::vector<AxisShare> out;
  for (std::size_t a = 0; a < names.size(); ++a) {
    const MainEffect& effect = effects.axes[a];
    const Interval interval = worlds < least_seeds_of_shares ? Interval{nan, nan} : effect.share_interval;
    out.push_back({names[a], {effect.share, interval.low, interval.high}, effect.chance});
  }
  if (worlds > 1)
    out.push_back({"seed", {effects.seed_share, nan, nan}, nan});
  return out;
}

} // namespace lair::report
