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
  std::map<Key, std::set<std::size_t>> variants;
  std::set<std::size_t> every;
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

Matched matched_along(const LoadedSweep& sweep, const Group& group, std::size_t axis) {
  Matched out;
  for (const auto& policy : sweep.policies) {
    Group its;
    for (const auto i : of_policy(sweep, group, policy))
      if (sweep.points[i].level[axis] != absent) its.push_back(i);
    std::vector<std::size_t> others;
    bool drawn = false;
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      if (a != axis) others.push_back(a);
      drawn = drawn || (a != axis && sweep.axes[a].binned);
    }
    Matched one = drawn ? Matched{its, its.size(), true}
                        : keep_complete(its, [&](std::size_t i) {
                            const SweptPoint& point = sweep.points[i];
                            Key rest{place(sweep.seeds, point.seed)};
                            for (const auto a : others) rest.push_back(point.level[a]);
                            return std::pair(rest, point.level[axis]);
                          });
    out.all += one.all;
    out.possible = out.possible && one.possible;
    out.points.insert(out.points.end(), one.points.begin(), one.points.end());
  }
  std::sort(out.points.begin(), out.points.end());
  return out;
}

Matched matched_over_policies(const LoadedSweep& sweep, const Group& group) {
  std::vector<std::size_t> shared;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a)
    if (!sweep.axes[a].binned && std::none_of(group.begin(), group.end(), [&](std::size_t i) {
          return sweep.points[i].level[a] == absent;
        }))
      shared.push_back(a);
  return keep_complete(group, [&](std::size_t i) {
    const SweptPoint& point = sweep.points[i];
    Key rest{place(sweep.seeds, point.seed)};
    for (const auto a : shared) rest.push_back(point.level[a]);
    return std::pair(rest, place(sweep.policies, point.policy));
  });
}

std::string matched_text(const Matched& matched, const std::string& every) {
  if (!matched.possible)
    return fmt::format(", although no combination of the rest ran with {}: what differs may be the rest", every);
  if (matched.points.size() == matched.all) return {};
  return fmt::format(", of the {} of {} points whose rest ran with {}", matched.points.size(), matched.all, every);
}

} // namespace lair::report
