// The statistics held against NumPy's and SciPy's values (statistics_reference.py wrote them).
#include "statistics_reference.hpp"

#include "core/precision.hpp"
#include "core/sensitivity.hpp"
#include "core/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace lair;
using Values = std::vector<double>;

namespace {

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-11); }

struct Sample {
  const char* name;
  const Values &values, &summary, &quantiles, &mean_interval, &median_interval, &needed;
};
#define SAMPLE(name)                                                                              \
  Sample {                                                                                        \
    #name, reference::name, reference::name##_summary, reference::name##_quantiles,               \
        reference::name##_mean_interval, reference::name##_median_interval,                       \
        reference::name##_needed                                                                  \
  }
const Sample samples[] = {SAMPLE(skewed), SAMPLE(symmetric), SAMPLE(tied), SAMPLE(many)};
#undef SAMPLE

/// Both draw at random. SciPy's 200,000 resamples have next to no error; ours has that of a
/// bootstrap of our size, whose standard deviation the script has measured: five of them, so that
/// one wrong in its method is told apart, and luck is not.
void check_interval(Interval ours, const Values& low_high_deviations) {
  CHECK(std::abs(ours.low - low_high_deviations[0]) <= 5 * low_high_deviations[2] + 1e-9);
  CHECK(std::abs(ours.high - low_high_deviations[1]) <= 5 * low_high_deviations[3] + 1e-9);
}

struct Table {
  std::vector<std::vector<std::size_t>> levels{4}; ///< the fourth axis is the seed
  std::vector<std::uint64_t> seeds;
  Values values;
  explicit Table(const Values& rows) {
    for (std::size_t at = 0; at < rows.size(); at += 5) {
      for (std::size_t axis = 0; axis < 4; ++axis)
        levels[axis].push_back(static_cast<std::size_t>(rows[at + axis]));
      seeds.push_back(static_cast<std::uint64_t>(rows[at + 3]));
      values.push_back(rows[at + 4]);
    }
  }
};

} // namespace

TEST_CASE("SciPy: summaries") {
  for (const auto& sample : samples) {
    CAPTURE(sample.name);
    CHECK(mean(sample.values) == near(sample.summary[0]));
    CHECK(sample_deviation(sample.values) == near(sample.summary[1]));
    CHECK(median(sample.values) == near(sample.summary[2]));
    CHECK(jain_index(sample.values) == near(sample.summary[3]));
    for (std::size_t i = 0; i < reference::shares.size(); ++i)
      CHECK(percentile(sample.values, reference::shares[i]) == near(sample.quantiles[i]));
  }
}

TEST_CASE("SciPy: BCa intervals of mean and median") {
  for (const auto& sample : samples) {
    CAPTURE(sample.name);
    check_interval(bootstrap_mean_interval(sample.values), sample.mean_interval);
    check_interval(bootstrap_median_interval(sample.values), sample.median_interval);
  }
}

TEST_CASE("SciPy: Wilcoxon, Holm, A12") {
  using namespace reference;
  CHECK(wilcoxon_signed_rank(wilcoxon_exact) == near(wilcoxon_exact_p));
  CHECK(wilcoxon_signed_rank(wilcoxon_exact25) == near(wilcoxon_exact25_p));
  CHECK(wilcoxon_signed_rank(wilcoxon_ties) == near(wilcoxon_ties_p));
  CHECK(wilcoxon_signed_rank(wilcoxon_rough) == near(wilcoxon_rough_p));
  const auto adjusted = holm_adjust(holm_given);
  for (std::size_t i = 0; i < adjusted.size(); ++i) CHECK(adjusted[i] == near(holm_adjusted[i]));
  CHECK(vargha_delaney_a12(skewed, tied) == near(a12_skewed_tied));
  CHECK(vargha_delaney_a12(tied, symmetric) == near(a12_tied_symmetric));
  CHECK(vargha_delaney_a12(many, tied) == near(a12_many_tied));
  CHECK(vargha_delaney_a12(tied, skewed) == near(a12_tied_skewed));
}

TEST_CASE("SciPy: quantiles and needed runs") {
  using namespace reference;
  for (std::size_t i = 0; i < t_quantiles.size(); i += 3)
    CHECK(student_t_quantile(t_quantiles[i], t_quantiles[i + 1]) ==
          doctest::Approx(t_quantiles[i + 2]).epsilon(1e-9)); // SciPy's own are off by 1e-10
  CHECK(student_t_quantile(0.975, 1) == near(std::tan(std::numbers::pi * 0.475))); // Cauchy's
  for (std::size_t i = 0; i < normal_quantiles.size(); i += 2)
    CHECK(normal_quantile(normal_quantiles[i]) ==
          doctest::Approx(normal_quantiles[i + 1]).epsilon(1e-9));
  for (const auto& sample : samples) {
    CAPTURE(sample.name);
    for (std::size_t i = 0; i < sample.needed.size(); i += 2)
      CHECK(static_cast<double>(needed_runs(sample.values, sample.needed[i], 100'000)) ==
            sample.needed[i + 1]);
  }
}

TEST_CASE("SciPy: main effects of a grid, and of one with holes") {
  for (const bool holes : {false, true}) {
    CAPTURE(holes);
    const Table table(holes ? reference::holes : reference::grid);
    const auto effects = main_effects(table.levels, table.seeds, table.values);
    const auto& eta = holes ? reference::holes_eta : reference::grid_eta;
    REQUIRE(effects.axes.size() == 4);
    for (std::size_t axis = 0; axis < 4; ++axis)
      CHECK(effects.axes[axis].share == doctest::Approx(eta[axis]).epsilon(1e-8));
    CHECK(effects.seed_share == doctest::Approx(eta[3]).epsilon(1e-8)); // the seed as an axis
    CHECK(effects.runs == table.values.size());
  }
  const Table table(reference::grid);
  const auto effects = main_effects(table.levels, table.seeds, table.values);
  for (std::size_t level = 0; level < 3; ++level)
    CHECK(effects.axes[0].means[level] == near(reference::grid_axis0_means[level]));
  CHECK(effects.axes[0].range ==
        doctest::Approx(reference::grid_axis0_means[2] - reference::grid_axis0_means[0]));
  check_interval(effects.axes[0].share_interval, reference::grid_eta0_interval);
  check_interval(effects.axes[1].share_interval, reference::grid_eta1_interval);
  check_interval(effects.axes[2].share_interval, reference::grid_eta2_interval);
}

TEST_CASE("NumPy: Sobol estimators") {
  const auto indices = sobol_indices(reference::sobol_outputs, 3);
  REQUIRE(indices.size() == 3);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    CHECK(indices[axis].first == near(reference::sobol_first[axis]));
    CHECK(indices[axis].total == near(reference::sobol_total[axis]));
    CHECK(indices[axis].first_interval.low < indices[axis].first);
    CHECK(indices[axis].first_interval.high > indices[axis].first);
  }
}
