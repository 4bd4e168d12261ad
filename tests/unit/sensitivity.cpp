// Sensitivity: functions whose indices are known in closed form, and what is missing.
#include "core/sensitivity.hpp"

#include "core/random.hpp"
#include "core/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace lair;
using doctest::Approx;
using Values = std::vector<double>;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = std::numbers::pi;

/// Ishigami and Homma (1990) with a = 7, b = 0.1 on [-pi, pi]^3: strong, bent, without an
/// interaction of its own (axis 1), and one axis (2) that works through another only.
double ishigami(const Values& u) {
  const auto x = [&](std::size_t axis) { return -pi + 2 * pi * u[axis]; };
  const double s = std::sin(x(1));
  return std::sin(x(0)) + 7 * s * s + 0.1 * std::pow(x(2), 4) * std::sin(x(0));
}

Values evaluate(const Design& design, double (*function)(const Values&)) {
  Values out;
  for (const auto& point : design) out.push_back(function(point));
  return out;
}

bool holds(Interval interval, double value) {
  return interval.low <= value && value <= interval.high;
}

} // namespace

TEST_CASE("Sobol indices of the Ishigami function") {
  const double a = 7, b = 0.1;
  const double v1 = 0.5 * std::pow(1 + b * std::pow(pi, 4) / 5, 2), v2 = a * a / 8,
               v13 = b * b * std::pow(pi, 8) * (1.0 / 18 - 1.0 / 50), v = v1 + v2 + v13;
  const double first[] = {v1 / v, v2 / v, 0}, total[] = {(v1 + v13) / v, v2 / v, v13 / v};
  CHECK(first[0] == Approx(0.3139).epsilon(1e-3)); // as printed everywhere
  CHECK(total[2] == Approx(0.2437).epsilon(1e-3));
  const auto found = sobol_indices(evaluate(saltelli_design(4096, 3, 1), ishigami), 3);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    CAPTURE(axis);
    // The estimators' standard deviation at n = 4096 is 0.01 to 0.02.
    CHECK(std::abs(found[axis].first - first[axis]) < 0.05);
    CHECK(std::abs(found[axis].total - total[axis]) < 0.05);
    CHECK(found[axis].first_interval.high - found[axis].first_interval.low < 0.12);
  }
  // The width that docs/statistics.md speaks of.
  const auto thousand = sobol_indices(evaluate(saltelli_design(1000, 3, 1), ishigami), 3);
  double half_widths = 0;
  for (const auto& axis : thousand)
    half_widths += (axis.first_interval.high - axis.first_interval.low) / 2;
  CHECK(half_widths / 3 == Approx(0.057).epsilon(0.15));
  // Over repeated small designs the intervals hold the truth about as often as they say.
  int held = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto one = sobol_indices(evaluate(saltelli_design(128, 3, seed), ishigami), 3);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      held += holds(one[axis].first_interval, first[axis]);
      held += holds(one[axis].total_interval, total[axis]);
      asked += 2;
    }
  }
  CHECK(held > 0.90 * asked);
  CHECK(held < asked);
}

TEST_CASE("Sobol indices do not see the mean, and leave groups with a hole out") {
  const Design design = saltelli_design(200, 3, 4);
  Values values = evaluate(design, ishigami), shifted = values;
  for (auto& x : shifted) x += 1e6;
  const auto before = sobol_indices(values, 3), after = sobol_indices(shifted, 3);
  for (std::size_t axis = 0; axis < 3; ++axis)
    CHECK(after[axis].first == Approx(before[axis].first).epsilon(1e-6));
  Values without(values.begin() + 5, values.end());
  values[3] = missing; // in the first group of five
  const auto holed = sobol_indices(values, 3), fewer = sobol_indices(without, 3);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    CHECK(holed[axis].first == fewer[axis].first);
    CHECK(holed[axis].total_interval.high == fewer[axis].total_interval.high);
  }
  CHECK(std::isnan(sobol_indices(Values(20, 3.0), 2)[0].first)); // nothing varies
  CHECK(std::isnan(sobol_indices(Values{1, 2, 3, 4}, 2)[0].first)); // one group
}

TEST_CASE("Morris's effects of a function with known ones") {
  // y = 3 x0 - 5 x1 + 4 x0 x2: effect of x0 is 3 + 4 x2, of x1 -5, of x2 4 x0, of x3 none.
  const auto function = [](const Values& x) { return 3 * x[0] - 5 * x[1] + 4 * x[0] * x[2]; };
  const Design design = morris_design(4000, 4, 4, 9);
  const auto found = morris_effects(design, evaluate(design, function), 4);
  // Levels 0, 1/3, 2/3, 1 are equally likely: mean 1/2, variance 5/36.
  const double spread = 4 * std::sqrt(5.0 / 36);
  const double error = 4 * spread / std::sqrt(4000.0); // four standard errors
  CHECK(std::abs(found[0].mean - 5) < error);
  CHECK(found[0].mean_absolute == found[0].mean); // never negative
  CHECK(found[0].deviation == Approx(spread).epsilon(0.03));
  CHECK(found[1].mean == Approx(-5));
  CHECK(found[1].mean_absolute == Approx(5));
  CHECK(found[1].deviation < 1e-12); // linear: the same wherever it is taken
  CHECK(std::abs(found[2].mean - 2) < error);
  CHECK(found[2].deviation == Approx(spread).epsilon(0.03));
  CHECK(found[3].mean_absolute == 0);
  CHECK(found[0].mean_absolute_interval.low < found[0].mean_absolute);
  CHECK(found[0].mean_absolute_interval.high > found[0].mean_absolute);
  for (const auto& axis : found) CHECK(axis.effects == 4000);
}

TEST_CASE("Morris: both directions count for mu*, and a hole costs two effects at most") {
  // Up and down cancel in mu, not in mu*: y = (x0 - 1/2)^2 between levels 1/2 apart.
  const auto bent = [](const Values& x) { return x[1] + (x[0] - 0.4) * (x[0] - 0.4); };
  const Design design = morris_design(300, 2, 6, 2);
  Values values = evaluate(design, bent);
  const auto found = morris_effects(design, values, 2);
  CHECK(found[0].mean_absolute > std::abs(found[0].mean) + 0.05);
  CHECK(found[1].mean == Approx(1));
  values[4] = missing; // the middle of the second trajectory: both of its steps
  const auto holed = morris_effects(design, values, 2);
  CHECK(holed[0].effects + holed[1].effects == 598);
  CHECK(holed[1].mean == Approx(1));
  CHECK(std::isnan(morris_effects({}, {}, 2)[0].mean_absolute));
}

TEST_CASE("main effects: shares add up, seeds are told from axes, holes are left out") {
  // No noise: y = level of axis 0 + 10 * seed; axis 1 does nothing.
  std::vector<std::vector<std::size_t>> levels(2);
  std::vector<std::uint64_t> seeds;
  Values values;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 2; ++b)
      for (std::uint64_t seed = 5; seed < 9; ++seed) {
        levels[0].push_back(a);
        levels[1].push_back(b);
        seeds.push_back(seed);
        values.push_back(static_cast<double>(a) + 10.0 * static_cast<double>(seed));
      }
  const auto all = main_effects(levels, seeds, values);
  const double axis = 2.0 / 3, seed = 125; // variances of 0,1,2 and of 50,60,70,80
  CHECK(all.axes[0].share == Approx(axis / (axis + seed)));
  CHECK(all.axes[1].share == Approx(0));
  CHECK(all.seed_share == Approx(seed / (axis + seed)));
  CHECK(all.axes[0].range == Approx(2));
  CHECK(all.axes[0].runs == std::vector<std::size_t>{8, 8, 8});
  CHECK(all.axes[0].means[1] == Approx(66));
  // Over seeds: 51, 61, 71, 81 each with weight one.
  CHECK(all.axes[0].intervals[1].low > 51);
  CHECK(all.axes[0].intervals[1].high < 81);
  CHECK(all.axes[0].chance == Approx(2.0 / 23));
  CHECK(holds(all.axes[0].share_interval, all.axes[0].share));

  values[0] = missing;
  const auto holed = main_effects(levels, seeds, values);
  CHECK(holed.runs == 23);
  CHECK(holed.axes[0].runs[0] == 7);
  CHECK(holed.axes[0].means[1] == Approx(66));
  CHECK(holed.axes[0].means[0] == Approx((8 * 65 - 50) / 7.0));

  const std::vector<std::uint64_t> one(values.size(), 1);
  const auto single = main_effects(levels, one, values);
  CHECK(single.axes[0].share >= 0);
  CHECK(std::isnan(single.axes[0].share_interval.low)); // one seed says nothing of others
  const auto nothing = main_effects({{}}, {}, {});
  CHECK(nothing.runs == 0);
  CHECK(std::isnan(nothing.axes[0].share));
  const auto equal = main_effects({{0, 1}}, std::vector<std::uint64_t>{1, 2}, Values{4, 4});
  CHECK(std::isnan(equal.axes[0].share)); // nothing varies, so there is nothing to share
}

TEST_CASE("an axis without any effect has the share that chance gives it") {
  RandomStream random(3, "chance");
  double total = 0;
  double chance = 0;
  constexpr int rounds = 300;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<std::size_t>> levels(1);
    std::vector<std::uint64_t> seeds;
    Values values;
    for (std::size_t i = 0; i < 40; ++i) {
      levels[0].push_back(i % 4);
      seeds.push_back(1);
      values.push_back(random.normal());
    }
    const auto found = main_effects(levels, seeds, values);
    total += found.axes[0].share;
    chance = found.axes[0].chance;
  }
  CHECK(chance == Approx(3.0 / 39));
  // A share's deviation is 0.06, that of the mean of 300 of them 5 % of it.
  CHECK(total / rounds == Approx(chance).epsilon(0.12));
}

TEST_CASE("the width to expect of Sobol indices is the one that is measured") {
  for (const std::size_t groups : {64, 256}) {
    const Design design = saltelli_design(groups, 3, 1);
    constexpr double pi = 3.14159265358979;
    const Values values = evaluate(design, [](const std::vector<double>& at) { // Ishigami
      const double x = pi * (2 * at[0] - 1), y = pi * (2 * at[1] - 1), z = pi * (2 * at[2] - 1);
      return std::sin(x) + 7 * std::sin(y) * std::sin(y) + 0.1 * z * z * z * z * std::sin(x);
    });
    double half = 0;
    for (const auto& one : sobol_indices(values, 3)) half += (one.first_interval.high - one.first_interval.low) / 6;
    CHECK(half == Approx(expected_sobol_half_width(groups)).epsilon(0.25));
  }
}

TEST_CASE("bins of equal numbers, equal values together") {
  CHECK(equal_bins(Values{0.9, 0.1, 0.5, 0.3, 0.7, 0.2}, 3) ==
        std::vector<std::size_t>{2, 0, 1, 1, 2, 0});
  CHECK(equal_bins(Values{1, 1, 1, 1, 2, 3}, 3) == std::vector<std::size_t>{0, 0, 0, 0, 1, 1});
  CHECK(equal_bins(Values{5, 5, 5}, 4) == std::vector<std::size_t>{0, 0, 0});
  CHECK(equal_bins(Values{2, 1}, 5) == std::vector<std::size_t>{1, 0});
  CHECK(equal_bins({}, 3).empty());
}
