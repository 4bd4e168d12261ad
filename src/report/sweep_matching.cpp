#include "report/sweep_matching.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace lair::report {

namespace {

using Key = std::vector<std::size_t>; // seed's place, then levels

std::size_t place(const std::vector<std::uint64_t>& seeds, std::uint64_t seed) {
  return static_cast<std::size_t>(std::lower_bound(seeds.begin(), seeds.end(), seed) - seeds.begin());
}

std::size_t place(const std::vector<std::string>& policies, const std::string& policy) {
  return static_cast<std::size_t>(std::find(policies.begin(), policies.end(), policy) - policies.begin());
}

/// Keeps of `group` the points whose rest is there with every variant. `of` gives rest and variant.
template <class Of> Matched keep_complete(const Group& group, const Of& of) {
  Matched out;
  out.all = group.size();
  std::map<Key, std::set<Key>> variants;
  std::set<Key> every;
  for (const auto i : group) {
    const auto [rest, variant] = of(i);
    variants[rest].insert(variant);
    every.insert(variant);
  }
  for (const auto i : group)
    if (variants[of(i).first].size() == every.size()) out.points.push_back(i);
  out.possible = !out.points.empty() || group.empty();
  if (!out.possible) out.points = group;
  return out;
}

} // namespace

namespace {

/// Points are compared by `axis` (absent: by the policy alone): all policies' with all levels of their own
/// axes, at the same seed and the same levels of the axes that all of them have.
Matched match(const LoadedSweep& sweep, const Group& group, std::size_t axis) {
  std::vector<std::size_t> shared, own;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (a == axis) continue;
    const bool lacked = std::any_of(group.begin(), group.end(), [&](std::size_t i) { return sweep.points[i].level[a] == absent; });
    if (!sweep.axes[a].binned) (lacked ? own : shared).push_back(a);
    else if (!lacked) return {group, group.size(), true};
  }
  return keep_complete(group, [&](std::size_t i) {
    const SweptPoint& point = sweep.points[i];
    Key rest{place(sweep.seeds, point.seed)}, variant{place(sweep.policies, point.policy)};
    for (const auto a : shared) rest.push_back(point.level[a]);
    for (const auto a : own) variant.push_back(point.level[a]);
    if (axis != absent) variant.push_back(point.level[axis]);
    return std::pair(rest, variant);
  });
}

} // namespace

Matched matched_along(const LoadedSweep& sweep, const Group& group, std::size_t axis) {
  Group having;
  for (const auto i : group)
    if (sweep.points[i].level[axis] != absent) having.push_back(i);
  Matched all = match(sweep, having, axis);
  if (all.possible) return all;
  // Not all policies together: each by itself.
  Matched out{{}, having.size(), true};
  for (const auto& policy : sweep.policies) {
    const Matched one = match(sweep, of_policy(sweep, having, policy), axis);
    out.possible = out.possible && one.possible;
    out.points.insert(out.points.end(), one.points.begin(), one.points.end());
  }
  std::sort(out.points.begin(), out.points.end());
  return out;
}

Matched matched_over_policies(const LoadedSweep& sweep, const Group& group) { return match(sweep, group, absent); }

std::string matched_text(const Matched& matched, const std::string& every) {
  if (!matched.possible)
    return fmt::format(", although no combination of the rest ran with {}: what differs may be the rest", every);
  if (matched.points.size() == matched.all) return {};
  return fmt::format(", of the {} of {} points whose rest ran with {}", matched.points.size(), matched.all, every);
}

} // namespace lair::report
