// Seeds added until a mean is known: when to look, when to stop, what is said.
#include "core/random.hpp"
#include "core/statistics.hpp"
#include "record/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

using namespace lair;
using namespace lair::record;
using doctest::Approx;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

MetricValues run(double response, double energy = missing) {
  MetricValues values;
  values.values.fill(missing);
  values[Metric::response_mean_s] = response;
  values[Metric::energy_kwh] = energy;
  return values;
}

/// Two policies whose means vary by 20 % between seeds and whose difference by 0.2 %.
std::vector<ComparedPolicy> policies(std::size_t seeds, double spread = 20) {
  RandomStream random(1, "until");
  std::vector<ComparedPolicy> out{{"slow", {}}, {"fast", {}}};
  for (std::size_t i = 0; i < seeds; ++i) {
    const double world = 100 + spread * random.normal();
    out[0].runs.push_back(run(world));
    out[1].runs.push_back(run(world - 5 + 0.2 * random.normal()));
  }
  return out;
}

WidthGoal goal(double width, std::size_t most = 200, WidthOf of = WidthOf::mean) {
  return {Metric::response_mean_s, of, width, most};
}

} // namespace

TEST_CASE("the widths are those of the comparison's intervals") {
  const auto all = policies(20);
  const auto mean_width = look_at_width(goal(0.05), all, 5);
  const Comparison table = compare(all, std::vector<std::uint64_t>(20));
  REQUIRE(mean_width.widths.size() == 2);
  const auto difference = look_at_width(goal(0.05, 200, WidthOf::difference), all, 5);
  REQUIRE(difference.widths.size() == 1);
  CHECK(difference.widths[0].policy == 1);
  for (const auto& row : table.rows) {
    if (row.metric != Metric::response_mean_s) continue;
    CHECK(mean_width.widths[row.policy].width ==
          Approx((row.interval.high - row.interval.low) / row.mean));
    if (row.policy == 1)
      CHECK(difference.widths[0].width ==
            Approx((row.difference_interval.high - row.difference_interval.low) /
                   table.rows[2 * static_cast<std::size_t>(Metric::response_mean_s)].mean));
  }
  CHECK_FALSE(mean_width.reached);
  CHECK(difference.reached); // the world drops out
}

TEST_CASE("first ten seeds, then half of what is missing, then five at least, to the most") {
  CHECK(next_look(look_at_width(goal(0.5), policies(3), 3)) == 10); // however narrow
  CHECK_FALSE(look_at_width(goal(0.9), policies(9), 3).reached);
  CHECK(look_at_width(goal(0.9), policies(10), 3).reached);
  CHECK(next_look(look_at_width(goal(0.9), policies(10), 3)) == 10);
  const auto wide = look_at_width(goal(0.05), policies(10), 3);
  const std::size_t needed = std::max(wide.widths[0].needed, wide.widths[1].needed);
  CHECK(needed > 100);
  CHECK(next_look(wide) == 10 + (needed - 10 + 1) / 2);
  CHECK(next_look(look_at_width(goal(0.05, 30), policies(10), 3)) == 30);
  CHECK(next_look(look_at_width(goal(0.05, 10), policies(10), 3)) == 10);
  CHECK(next_look(look_at_width(goal(0.05, 7), policies(3), 3)) == 7);
  CHECK(look_at_width(goal(0.9, 7), policies(7), 3).reached); // no more than seven are allowed
  auto close = look_at_width(goal(0.05), policies(30), 3);
  for (auto& one : close.widths) one.needed = 31;
  CHECK(next_look(close) == 35);
}

TEST_CASE("missing values: a policy without any does not count, one value is not enough") {
  auto all = policies(10, 1);
  for (auto& one : all[1].runs) one = run(missing);
  CHECK(look_at_width(goal(0.05), all, 3).reached);
  CHECK_FALSE(look_at_width(goal(0.05, 200, WidthOf::difference), all, 3).reached);
  all[1].runs[4] = run(100);
  const auto one = look_at_width(goal(0.05), all, 3);
  CHECK_FALSE(one.reached);
  CHECK(next_look(one) == 15);
  for (auto& none : all[0].runs) none = run(missing);
  all[1].runs[4] = run(missing);
  const auto nothing = look_at_width(goal(0.05), all, 3);
  CHECK_FALSE(nothing.reached);
  CHECK(next_look(nothing) == 10);
  CHECK(width_text(nothing, {"a", "b"}).find("no run has a value") != std::string::npos);
}

TEST_CASE("what is said, and what a file keeps") {
  const auto all = policies(40);
  for (const bool reached : {false, true}) {
    Comparison table = compare(all, std::vector<std::uint64_t>(40));
    table.until_width = look_at_width(goal(reached ? 0.3 : 0.02, 40), all, 5);
    const std::string said = width_text(*table.until_width, table.policies);
    CAPTURE(said);
    CHECK(table.until_width->reached == reached);
    CHECK((said.find("35 more than given; 30 % was asked for") != std::string::npos) == reached);
    CHECK((said.find("as many as --max-seeds allows; 2 % was asked for, which takes some ") !=
           std::string::npos) == !reached);
    CHECK(comparison_text(table).find(said) != std::string::npos);
    const std::string json = comparison_json(table);
    const auto folder = std::filesystem::temp_directory_path() /
                        ("lair_until_width_" + std::to_string(reached));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "compare.json") << json;
    const auto back = read_comparison(folder.string());
    std::filesystem::remove_all(folder);
    REQUIRE(back);
    CHECK(comparison_json(*back) == json);
  }
}

TEST_CASE("who was given enough seeds has not stopped anywhere") {
  const auto report = look_at_width(goal(0.3), policies(40), 40);
  CHECK(next_look(report) == 40);
  const std::string said = width_text(report, {"slow", "fast"});
  CHECK(said.find("with 40 seeds; 30 % was asked for.") != std::string::npos);
  CHECK(said.find("stopped") == std::string::npos);
}

TEST_CASE("stopped intervals hold the mean nearly as often as they say") {
  // docs/statistics.md: 91.8 % over 600 stops; three standard errors of 150 are 7 %.
  int held = 0;
  constexpr int rounds = 150;
  for (int round = 0; round < rounds; ++round) {
    RandomStream random(static_cast<std::uint64_t>(round), "stop");
    std::vector<ComparedPolicy> one{{"a", {}}};
    WidthReport report;
    for (std::size_t next = 5; one[0].runs.size() < next; next = next_look(report)) {
      while (one[0].runs.size() < next) one[0].runs.push_back(run(100 + 20 * random.normal()));
      report = look_at_width(goal(0.2, 1000), one, 5);
    }
    CHECK(report.reached);
    std::vector<double> values;
    for (const auto& each : one[0].runs) values.push_back(each[Metric::response_mean_s]);
    const Interval interval = bootstrap_mean_interval(values);
    held += interval.low <= 100 && 100 <= interval.high;
  }
  CHECK(held > 0.85 * rounds);
  CHECK(held < 0.985 * rounds);
}
