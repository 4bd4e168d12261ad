#include "core/error.hpp"
#include "core/random.hpp"
#include "core/sensitivity.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lair {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t share_resamples = 2000;

struct Sum {
  double count = 0, total = 0;
  void add(double x) { count += 1, total += x; }
  Sum& operator+=(const Sum& other) {
    count += other.count;
    total += other.total;
    return *this;
  }
};

/// What one seed adds: the sums of each level, all axes behind each other, and of squares.
struct SeedSums {
  std::vector<Sum> levels;
  double squares = 0;
};

double between(std::span<const Sum> groups, double grand_mean) {
  double squares = 0;
  for (const auto& group : groups) {
    if (group.count == 0) continue;
    const double off = group.total / group.count - grand_mean;
    squares += group.count * off * off;
  }
  return squares;
}

/// Which of the seeds' sums belong to which axis.
struct Layout {
  std::vector<std::size_t> first; ///< per axis, and the end
  std::size_t levels_of(std::size_t axis) const { return first[axis + 1] - first[axis]; }
};

/// eta^2 of every axis, of the seeds drawn.
std::vector<double> shares(const std::vector<SeedSums>& seeds, std::span<const std::size_t> drawn,
                           const Layout& layout) {
  std::vector<Sum> levels(layout.first.back());
  double squares = 0;
  for (const auto seed : drawn) {
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] += seeds[seed].levels[i];
    squares += seeds[seed].squares;
  }
  std::vector<double> out;
  for (std::size_t axis = 0; axis + 1 < layout.first.size(); ++axis) {
    const auto groups = std::span(levels).subspan(layout.first[axis], layout.levels_of(axis));
    Sum all;
    for (const auto& group : groups) all += group;
    const double grand_mean = all.total / all.count;
    const double total = squares - all.count * grand_mean * grand_mean;
    out.push_back(total > 0 ? between(groups, grand_mean) / total : nan);
  }
  return out;
}

/// Intervals of the shares, by resampling whole seeds.
std::vector<Interval> share_intervals(const std::vector<SeedSums>& seeds, const Layout& layout,
                                      std::span<const double> observed) {
  const auto count = static_cast<std::uint32_t>(seeds.size());
  std::vector<Interval> intervals(observed.size(), {nan, nan});
  if (count < 2) return intervals;
  std::vector<std::vector<double>> resampled(observed.size()), left_out(observed.size());
  const auto keep = [&](const std::vector<double>& one, std::vector<std::vector<double>>& in) {
    for (std::size_t axis = 0; axis < one.size(); ++axis)
      if (!std::isnan(one[axis])) in[axis].push_back(one[axis]);
  };
  RandomStream random(count, "main effects");
  std::vector<std::size_t> drawn(count);
  for (std::uint32_t i = 0; i < share_resamples; ++i) {
    for (auto& seed : drawn) seed = random.below(count);
    keep(shares(seeds, drawn, layout), resampled);
  }
  for (std::size_t out = 0; out < count; ++out) {
    std::vector<std::size_t> rest;
    for (std::size_t seed = 0; seed < count; ++seed)
      if (seed != out) rest.push_back(seed);
    keep(shares(seeds, rest, layout), left_out);
  }
  for (std::size_t axis = 0; axis < observed.size(); ++axis)
    intervals[axis] = bca_interval(std::move(resampled[axis]), observed[axis], left_out[axis]);
  return intervals;
}

/// Means of the levels and their intervals: one value per seed, the mean of its runs at that level.
void describe_levels(MainEffect& effect, const std::vector<SeedSums>& seeds, std::size_t first,
                     std::size_t levels, double centre) {
  for (std::size_t level = 0; level < levels; ++level) {
    Sum all;
    std::vector<double> means;
    for (const auto& seed : seeds) {
      const Sum& sum = seed.levels[first + level];
      all += sum;
      if (sum.count > 0) means.push_back(centre + sum.total / sum.count);
    }
    effect.runs.push_back(static_cast<std::size_t>(all.count));
    effect.means.push_back(all.count > 0 ? centre + all.total / all.count : nan);
    effect.intervals.push_back(means.size() > 1 ? bootstrap_mean_interval(means)
                                                : Interval{nan, nan});
  }
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double m : effect.means)
    if (!std::isnan(m)) low = std::min(low, m), high = std::max(high, m);
  effect.range = high >= low ? high - low : nan;
}

} // namespace

MainEffects main_effects(const std::vector<std::vector<std::size_t>>& levels,
                         std::span<const std::uint64_t> seeds, std::span<const double> values) {
  LAIR_ASSERT(seeds.size() == values.size(), "every run has a seed");
  Layout layout{{0}};
  for (const auto& axis : levels) {
    LAIR_ASSERT(axis.size() == values.size(), "every run has a level on each axis");
    const auto most = std::max_element(axis.begin(), axis.end());
    layout.first.push_back(layout.first.back() + (axis.empty() ? 0 : *most + 1));
  }
  std::vector<double> present;
  std::vector<std::uint64_t> seed_list;
  for (std::size_t run = 0; run < values.size(); ++run)
    if (!std::isnan(values[run])) {
      present.push_back(values[run]);
      seed_list.push_back(seeds[run]);
    }
  std::sort(seed_list.begin(), seed_list.end());
  seed_list.erase(std::unique(seed_list.begin(), seed_list.end()), seed_list.end());

  // About the mean of all: shares do not change, and large values with small differences keep
  // their digits.
  const double centre = mean(present);
  std::vector<SeedSums> sums(seed_list.size());
  for (auto& seed : sums) seed.levels.resize(layout.first.back());
  std::vector<Sum> by_seed(seed_list.size());
  double total = 0;
  for (std::size_t run = 0; run < values.size(); ++run) {
    if (std::isnan(values[run])) continue;
    const auto seed = static_cast<std::size_t>(
        std::lower_bound(seed_list.begin(), seed_list.end(), seeds[run]) - seed_list.begin());
    const double x = values[run] - centre;
    for (std::size_t axis = 0; axis < levels.size(); ++axis)
      sums[seed].levels[layout.first[axis] + levels[axis][run]].add(x);
    sums[seed].squares += x * x;
    by_seed[seed].add(x);
    total += x * x;
  }

  MainEffects out;
  out.runs = present.size();
  out.seed_share = total > 0 ? between(by_seed, 0) / total : nan;
  std::vector<std::size_t> everyone(sums.size());
  std::iota(everyone.begin(), everyone.end(), std::size_t{0});
  const auto observed = shares(sums, everyone, layout);
  const auto intervals = share_intervals(sums, layout, observed);
  for (std::size_t axis = 0; axis < levels.size(); ++axis) {
    MainEffect effect;
    describe_levels(effect, sums, layout.first[axis], layout.levels_of(axis), centre);
    effect.share = observed[axis];
    effect.share_interval = intervals[axis];
    const auto used = std::count_if(effect.runs.begin(), effect.runs.end(),
                                    [](std::size_t runs) { return runs > 0; });
    effect.chance =
        out.runs > 1 ? static_cast<double>(used - 1) / static_cast<double>(out.runs - 1) : nan;
    out.axes.push_back(std::move(effect));
  }
  return out;
}

std::vector<std::size_t> equal_bins(std::span<const double> axis_values, std::size_t bins) {
  LAIR_ASSERT(bins > 0, "a run lies in some bin");
  const std::size_t n = axis_values.size();
  std::vector<std::size_t> order(n), bin(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return axis_values[a] < axis_values[b];
  });
  std::size_t current = 0, wanted_before = 0;
  for (std::size_t rank = 0; rank < n; ++rank) {
    const std::size_t wanted = rank * bins / n;
    const bool tied = rank > 0 && axis_values[order[rank]] == axis_values[order[rank - 1]];
    if (!tied) {
      if (rank > 0 && wanted != wanted_before) ++current;
      wanted_before = wanted;
    }
    bin[order[rank]] = current;
  }
  return bin;
}

} // namespace lair
