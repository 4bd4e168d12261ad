// How well a mean is known, and how many runs that takes.
#include "core/precision.hpp"

#include "core/bootstrap.hpp"
#include "core/random.hpp"
#include "core/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace lair;
using doctest::Approx;
using Values = std::vector<double>;

TEST_CASE("relative width") {
  const Values x{12.1, 9.8, 15.3, 11.1, 30.2, 10.4, 13.7, 9.9, 12.5, 14.2};
  const Interval interval = bootstrap_mean_interval(x);
  CHECK(relative_width(x) == Approx((interval.high - interval.low) / mean(x)));
  CHECK(relative_width(x, -2 * mean(x)) == Approx(relative_width(x) / 2));
  CHECK(std::isnan(relative_width({})));
  CHECK(std::isinf(relative_width(Values{5}))); // one value shows nothing of the width
  CHECK(relative_width(Values{5, 5, 5}) == 0);
  CHECK(relative_width(Values{0, 0}) == 0);
  CHECK(std::isinf(relative_width(Values{-1, 1, -1, 1, 1, -1})));
}

TEST_CASE("needed runs: limits, and what they promise") {
  CHECK(needed_runs(Values{1}, 0.1, 100) == 0);
  CHECK(needed_runs(Values{4, 4}, 0.1, 100) == 2);
  CHECK(needed_runs(Values{1, 100}, 0.01, 100) == 100);
  CHECK(needed_runs(Values{-1, 1}, 0.5, 100) == 100); // a mean of 0 is never known to a share
  // So many runs do have about that width: mean of 40 samples of the size asked for.
  RandomStream random(5, "needed");
  Values pilot(200);
  for (auto& x : pilot) x = 100 + 10 * random.normal();
  const std::size_t n = needed_runs(pilot, 0.06, 10'000);
  double total = 0;
  for (int round = 0; round < 40; ++round) {
    Values sample(n);
    for (auto& x : sample) x = 100 + 10 * random.normal();
    total += relative_width(sample) / 40;
  }
  CHECK(total == Approx(0.06).epsilon(0.1));
}

TEST_CASE("needed runs of a paired difference, of the baseline's mean") {
  const Values slow{100, 120, 90, 130, 110}, fast{95, 116, 84, 126, 104};
  const auto differences = paired_differences(fast, slow);
  // The worlds differ much more than the policies in one world: far fewer seeds.
  const std::size_t of_means = needed_runs(fast, 0.05, 100'000),
                    of_difference = needed_runs(differences, mean(slow), 0.05, 100'000);
  // Deviation 1, allowed 5.5: 2 t / sqrt(n) is 17.97 for 2 and 4.97 for 3.
  CHECK(of_difference == 3);
  CHECK(of_means > 50 * of_difference);
}

TEST_CASE("compare_pairs leaves out what is missing") {
  const double nan = std::nan("");
  const auto found = compare_pairs(Values{1, nan, 3, 5, 8}, Values{2, 2, nan, 5 + 1e-12, 4}, 1e-9);
  CHECK(found.pairs == 3);
  CHECK(found.mean_x == Approx(14.0 / 3));
  CHECK(found.mean_y == Approx(11.0 / 3));
  CHECK(found.difference == Approx(1)); // -1, 0, 4
  CHECK(found.p == 1);                  // two that differ, one of each sign, 2 against 1
  CHECK(found.a12 == Approx(5.5 / 9));
  const auto none = compare_pairs(Values{nan}, Values{1});
  CHECK(none.pairs == 0);
  CHECK(std::isnan(none.difference));
  CHECK(std::isnan(none.p));
}

TEST_CASE("interval of the median") {
  const Values x{3.1, 1.2, 5.5, 2.0, 9.7, 4.4, 8.8};
  const Interval interval = bootstrap_median_interval(x);
  CHECK(interval.low >= 1.2);
  CHECK(interval.low < 4.4);
  CHECK(interval.high > 4.4);
  CHECK(interval.high <= 9.7);
  CHECK(bootstrap_median_interval(Values{2, 2}).high == 2);
  CHECK(std::isnan(bootstrap_median_interval({}).low));
  // An outlier moves the mean's interval and leaves the median's.
  Values wild = x;
  wild[4] = 970;
  CHECK(bootstrap_median_interval(wild).low == Approx(interval.low));
  CHECK(bootstrap_mean_interval(wild).high > 300);
}

TEST_CASE("how often intervals of few values hold the mean, as docs/statistics.md says") {
  struct Case {
    std::uint32_t values;
    double normal, lognormal; // shares of 4,000 samples
  };
  for (const Case& one : {Case{5, 0.845, 0.813}, Case{10, 0.903, 0.882}, Case{20, 0.929, 0.915}})
    for (const bool skewed : {false, true}) {
      CAPTURE(one.values);
      RandomStream random(one.values, "cov");
      int held = 0;
      constexpr int rounds = 1000;
      for (int round = 0; round < rounds; ++round) {
        Values sample(one.values);
        for (auto& x : sample) x = skewed ? std::exp(0.5 * random.normal()) : random.normal();
        const Interval interval = bootstrap_mean_interval(sample, 0.95, 1000);
        const double truth = skewed ? std::exp(0.125) : 0;
        held += interval.low <= truth && truth <= interval.high;
      }
      // Three standard errors of a share of 1,000.
      CHECK(std::abs(held / 1000.0 - (skewed ? one.lognormal : one.normal)) < 0.035);
    }
}
