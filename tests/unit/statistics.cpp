// Constants are NumPy's and SciPy's (1.10.1) unless a closed form stands beside them; the
// expression is given with each.
#include "core/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace lair;
using doctest::Approx;
using Values = std::vector<double>;

namespace {
const Values x{3.1, 1.2, 5.5, 2.0, 9.7, 4.4, 8.8}; // NOLINT
Approx near(double value) { return Approx(value).epsilon(1e-12); }
} // namespace

TEST_CASE("mean and sample deviation") {
  CHECK(mean(x) == near(4.957142857142857));              // np.mean(x)
  CHECK(sample_deviation(x) == near(3.2705030922153973)); // np.std(x, ddof=1)
  CHECK(std::isnan(mean({})));
  CHECK(std::isnan(sample_deviation(Values{1})));
  CHECK(mean(Values{1e16, 1, -1e16, 1}) == 0.5); // a plain sum would lose the first 1
}

TEST_CASE("percentile interpolates between order statistics") { // np.quantile(x, q)
  CHECK(percentile(x, 0) == 1.2);
  CHECK(percentile(x, 0.25) == near(2.55));
  CHECK(percentile(x, 0.5) == near(4.4));
  CHECK(percentile(x, 0.9) == near(9.16));
  CHECK(percentile(x, 0.95) == near(9.43));
  CHECK(percentile(x, 1) == 9.7);
  CHECK(percentile(Values{7}, 0.99) == 7);
  CHECK(std::isnan(percentile({}, 0.5)));
}

TEST_CASE("Jain's index") {
  CHECK(jain_index(Values{5, 5, 5}) == 1);
  CHECK(jain_index(Values{1, 0, 0, 0}) == 0.25); // one of n has everything: 1/n
  CHECK(jain_index(Values{1, 2, 3}) == near(36.0 / 42));
  CHECK(jain_index(Values{0, 0}) == 1);
}

TEST_CASE("bootstrap interval of the mean") {
  // stats.bootstrap((z,), np.mean, n_resamples=200000, method='BCa', random_state=1): 11.66, 20.04;
  // the percentile method gives 11.25, 17.95, which the tolerance must tell apart.
  const Values z{12.1, 9.8, 15.3, 11.1, 30.2, 10.4, 13.7, 9.9, 12.5, 14.2};
  const Interval interval = bootstrap_mean_interval(z);
  CHECK(interval.low == Approx(11.66).epsilon(0.01));
  CHECK(interval.high == Approx(20.04).epsilon(0.03));
  CHECK(bootstrap_mean_interval(z).low == interval.low);
  CHECK(bootstrap_mean_interval(z).high == interval.high);
  const Interval narrow = bootstrap_mean_interval(z, 0.5);
  CHECK(narrow.low > interval.low);
  CHECK(narrow.high < interval.high);
  const Interval point = bootstrap_mean_interval(Values{4, 4, 4});
  CHECK(point.low == 4);
  CHECK(point.high == 4);
  CHECK(std::isnan(bootstrap_mean_interval({}).low));
}

TEST_CASE("bootstrap interval covers the mean about as often as it claims") {
  RandomStream random(7, "coverage");
  int covered = 0;
  constexpr int rounds = 400;
  for (int round = 0; round < rounds; ++round) {
    Values sample(20);
    for (auto& value : sample) value = random.normal();
    const Interval interval = bootstrap_mean_interval(sample, 0.95, 500);
    covered += interval.low <= 0 && 0 <= interval.high;
  }
  CHECK(covered > 0.90 * rounds);
  CHECK(covered < 0.98 * rounds);
}

TEST_CASE("Wilcoxon signed-rank") {
  // stats.wilcoxon(d, mode='exact').pvalue
  CHECK(wilcoxon_signed_rank(Values{1.5, -0.5, 2.25, 3.0, -1.0, 4.0, 0.75, 5.0}) ==
        near(0.0546875));
  Values d25(25);
  for (int i = 0; i < 25; ++i) d25[i] = i * 7919 % 1000 / 100.0 - 3.0 + i * 0.001;
  CHECK(wilcoxon_signed_rank(d25) == near(0.013554692268371582));
  // stats.wilcoxon(d, mode='approx', zero_method='wilcox', correction=False).pvalue; ties and a
  // zero
  Values d40(40);
  for (int i = 0; i < 40; ++i) d40[i] = i * 37 % 23 - 8.0;
  CHECK(wilcoxon_signed_rank(d40) == near(0.017584274072678253));
  // ties, exactly: min(1, 2 min(P(W <= w), P(W >= w))) over itertools.product([0, 1], repeat=8)
  CHECK(wilcoxon_signed_rank(Values{1, 1, -1, 2, 3, 3, -2, 4}) == near(0.140625));
  // n equal signs: 2 / 2^n; five seeds can never reach 0.05
  CHECK(wilcoxon_signed_rank(Values{1, 2, 3, 4, 5}) == near(0.0625));
  CHECK(wilcoxon_signed_rank(Values{-1, -2, -3, -4, -5}) == near(0.0625));
  CHECK(wilcoxon_signed_rank(Values{0, 0}) == 1);
  CHECK(wilcoxon_signed_rank({}) == 1);
}

TEST_CASE("Holm's adjustment") {
  // By hand: ascending .01 .02 .03 .04 times 4 3 2 1, then never decreasing.
  const auto adjusted = holm_adjust(Values{0.04, 0.01, 0.03, 0.02});
  CHECK(adjusted[1] == near(0.04));
  CHECK(adjusted[3] == near(0.06));
  CHECK(adjusted[2] == near(0.06));
  CHECK(adjusted[0] == near(0.06));
  CHECK(holm_adjust(Values{0.9, 0.8})[0] == 1);
  const auto with_nan = holm_adjust(Values{0.02, NAN});
  CHECK(with_nan[0] == near(0.02));
  CHECK(std::isnan(with_nan[1]));
}

TEST_CASE("Vargha and Delaney's A12") {
  // stats.mannwhitneyu(x, y).statistic / (len(x) * len(y))
  CHECK(vargha_delaney_a12(Values{1, 2, 3, 4, 5}, Values{2, 2.5, 3, 1}) == near(0.675));
  CHECK(vargha_delaney_a12(Values{1, 1}, Values{1}) == 0.5);
  CHECK(vargha_delaney_a12(Values{2}, Values{1}) == 1);
  CHECK(vargha_delaney_a12(Values{1}, Values{2}) == 0);
}

TEST_CASE("quantiles of the normal distribution") { // stats.norm.ppf(p)
  CHECK(normal_quantile(1e-10) == near(-6.361340902404056));
  CHECK(normal_quantile(0.001) == near(-3.090232306167813));
  CHECK(normal_quantile(0.3) == near(-0.5244005127080409));
  CHECK(std::abs(normal_quantile(0.5)) < 1e-15);
  CHECK(normal_quantile(0.975) == near(1.959963984540054));
  CHECK(normal_cdf(normal_quantile(0.123)) == near(0.123));
}
