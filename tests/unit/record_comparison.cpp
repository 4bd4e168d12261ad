// Comparisons of policies: pairing, missing values, tests and what is said of them.
#include "record/comparison.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

using namespace lair;
using namespace lair::record;
using doctest::Approx;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

MetricValues run(double response, double energy, double migration_time) {
  MetricValues values;
  values.values.fill(nan);
  values[Metric::response_mean_s] = response;
  values[Metric::energy_kwh] = energy;
  values[Metric::migration_mean_s] = migration_time;
  values[Metric::throughput_per_hour] = 60;
  return values;
}

ComparisonRow row(const Comparison& all, Metric metric, std::size_t policy) {
  return *std::find_if(all.rows.begin(), all.rows.end(), [&](const ComparisonRow& r) {
    return r.metric == metric && r.policy == policy;
  });
}

/// Eight seeds: `fast` is 10 to 17 s faster on each, uses the energy of `slow` now more, now less.
Comparison example() {
  ComparedPolicy slow{"slow", {}}, fast{"fast", {}};
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < 8; ++i) {
    seeds.push_back(i + 1);
    slow.runs.push_back(run(1000 + 50 * i, 0.5, nan));
    fast.runs.push_back(
        run(1000 + 50 * i - 10 - i, i % 2 == 0 ? 0.51 : 0.49, i < 3 ? 40 : nan));
  }
  return compare({slow, fast}, seeds);
}

} // namespace

TEST_CASE("differences are paired by seed") {
  const Comparison all = example();
  const auto response = row(all, Metric::response_mean_s, 1);
  CHECK(response.runs == 8);
  CHECK(response.pairs == 8);
  CHECK(response.difference == Approx(-13.5));
  // The spread between seeds (50 s apart) is far larger than the difference, and drops out.
  CHECK(response.difference_interval.low > -17);
  CHECK(response.difference_interval.high < -10);
  CHECK(response.interval.high - response.interval.low > 100);
  CHECK(response.p == Approx(2.0 / 256)); // all eight of one sign
  CHECK(response.a12 < 0.5);
  const auto energy = row(all, Metric::energy_kwh, 1);
  CHECK(energy.p == 1);
  CHECK(energy.difference == Approx(0));
  // Two tests: response and energy. Throughput never differs, so it is none.
  CHECK(response.p_holm == Approx(2 * 2.0 / 256));
  CHECK(std::isnan(row(all, Metric::throughput_per_hour, 1).p));
  CHECK(std::isnan(row(all, Metric::throughput_per_hour, 1).p_holm));
  CHECK(std::isnan(row(all, Metric::response_mean_s, 0).difference));
}

TEST_CASE("a metric that only one policy has is shown and not compared") {
  const auto migration = row(example(), Metric::migration_mean_s, 1);
  CHECK(migration.runs == 3);
  CHECK(migration.mean == 40);
  CHECK(migration.pairs == 0);
  CHECK(std::isnan(migration.difference));
  CHECK(std::isnan(migration.p));
}

TEST_CASE("the verdict says what is better, worse and open") {
  const Comparison all = example();
  REQUIRE(all.verdicts.size() == 1);
  const std::string& said = all.verdicts[0];
  CHECK(said.find("fast against slow, 8 seeds: better in response_mean_s (-1.1 %)") == 0);
  CHECK(said.find("worse in nothing") != std::string::npos);
  CHECK(said.find("no clear difference in 1 other ") != std::string::npos);
  CHECK(said.find("at least 6 seeds") == std::string::npos);
  const Comparison few =
      compare({{"a", {run(5, 1, 1), run(6, 1, 1)}}, {"b", {run(7, 1, 1), run(9, 1, 1)}}}, {1, 2});
  CHECK(few.verdicts[0].find("worse in response_mean_s (+45.5 %)") != std::string::npos);
  CHECK(few.verdicts[0].find("p is at least 0.5") != std::string::npos);
  const Comparison one = compare({{"a", {run(5, 1, 1)}}, {"b", {run(7, 1, 1)}}}, {1});
  CHECK(one.verdicts[0].find("one seed shows a difference, never that there is one") !=
        std::string::npos);
}

TEST_CASE("what differs by rounding is the same, and so is what matters to nobody") {
  ComparedPolicy base{"base", {}}, other{"other", {}};
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < 20; ++i) {
    seeds.push_back(i + 1);
    const double response = 1000 + 7 * i;
    base.runs.push_back(run(response, 0.5, 60));
    // Response: off by 1e-12 of it, always to the same side. Energy: 0.04 % lower each time.
    // Migration time: equal in all but two seeds.
    other.runs.push_back(run(response * (1 + 1e-12), 0.4998 - 1e-6 * i, i < 18 ? 60 : 63));
  }
  const Comparison all = compare({base, other}, seeds);
  const auto rounded = row(all, Metric::response_mean_s, 1);
  CHECK(rounded.difference == 0);
  CHECK(std::isnan(rounded.p)); // no pair differs, so there is no test
  CHECK(rounded.a12 == 0.5);
  CHECK(rounded.verdict == Verdict::same);
  const auto small = row(all, Metric::energy_kwh, 1);
  CHECK(small.difference_interval.high < 0); // surely lower
  CHECK(small.verdict == Verdict::same);
  CHECK(row(all, Metric::migration_mean_s, 1).verdict == Verdict::unclear);
  CHECK(row(all, Metric::throughput_per_hour, 1).verdict == Verdict::same);
  CHECK(all.verdicts[0].find("better in nothing; worse in nothing; the same (to 0.05 %) in 3; no "
                             "clear difference in 1 other ") != std::string::npos);
  // Just above the floor it is a difference.
  for (auto& one : other.runs) one[Metric::energy_kwh] = 0.4997;
  CHECK(row(compare({base, other}, seeds), Metric::energy_kwh, 1).verdict == Verdict::better);
  // Within the floor with all of its interval, though that holds 0.
  for (std::size_t i = 0; i < 20; ++i) other.runs[i][Metric::energy_kwh] = i % 2 ? 0.50001 : 0.49999;
  CHECK(row(compare({base, other}, seeds), Metric::energy_kwh, 1).verdict == Verdict::same);
  // One pair proves nothing.
  CHECK(row(compare({{"a", {run(5, 1, 1)}}, {"b", {run(7, 1, 1)}}}, {1}), Metric::response_mean_s, 1)
            .verdict == Verdict::unclear);
}

TEST_CASE("the table in its three forms") {
  const Comparison all = example();
  const std::string text = comparison_text(all);
  CHECK(text.find("-13.5 [") != std::string::npos);
  CHECK(text.find("detection") == std::string::npos); // nobody has one
  CHECK(text.find(all.verdicts[0]) != std::string::npos);
  std::istringstream csv(comparison_csv(all));
  std::string line;
  std::size_t lines = 0;
  for (; std::getline(csv, line); ++lines) CHECK(std::count(line.begin(), line.end(), ',') == 15);
  CHECK(lines == 1 + 2 * metric_count);
  const std::string json = comparison_json(all);
  CHECK(json.find("\"baseline\": \"slow\"") != std::string::npos);
  CHECK(json.find("nan") == std::string::npos);
  CHECK(comparison_text(compare({{"only", {run(5, 1, 1)}}}, {1})).find("response_mean_s") !=
        std::string::npos);
}

TEST_CASE("docs/results.md names every column and key of a comparison") {
  std::ifstream file("docs/results.md");
  const std::string docs{std::istreambuf_iterator<char>(file), {}};
  std::istringstream columns{std::string(comparison_header)};
  for (std::string column; std::getline(columns, column, ',');) {
    CAPTURE(column);
    CHECK(docs.find("`" + column + "`") != std::string::npos);
  }
  for (const char* key : {"scenario", "baseline", "policies", "seeds", "rows", "verdicts", "until_width", "seeds_given",
                          "seeds_used", "reached", "widths", "seeds_needed", "max_seeds", "asked"})
    CHECK(docs.find(std::string("`") + key + "`") != std::string::npos);
}

TEST_CASE("a change is a percentage, and a factor where that says nothing any more") {
  CHECK(record::change_text(-0.102) == "-10.2 %");
  CHECK(record::change_text(1.5919) == "+159.2 %");
  CHECK(record::change_text(9.99) == "+999.0 %");
  CHECK(record::change_text(1028494.9) == "1.03e+06 times");
}
