// What the public code of the baselines does, its errors included.
#include "detectors/reference_series.hpp"
#include "remediators/reference_migration.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace lair;

namespace {

/// Hosts labelled at last, after an interval for each row of CPU shares (one per host).
std::set<std::uint32_t> labelled(const std::vector<std::vector<double>>& rows, const char* rule,
                                 std::vector<double> draws = {}) {
  Recorder recorder(std::move(draws));
  Built<ReferenceRule> detector(recorder, {{"rule", rule}});
  std::set<std::uint32_t> out;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    SmallWorld world;
    for (std::uint32_t h = 0; h < rows[i].size(); ++h) world.host(h);
    for (std::uint32_t h = 0; h < rows[i].size(); ++h) world.metric(h, LAIR_CPU, rows[i][h]);
    world.interval(i);
    Detection detection;
    detector->detect(world.view(), {}, detection);
    const lair_detection raw = detection.raw();
    REQUIRE(raw.count == rows[i].size());
    out.clear();
    for (std::uint32_t k = 0; k < raw.count; ++k)
      if (raw.labels[k] != 0) out.insert(raw.hosts[k]);
  }
  return out;
}

Pairs moved(SmallWorld& world, std::set<std::uint32_t> labels, const char* target) {
  Recorder recorder;
  Built<ReferenceMigration> remediator(recorder, {{"target", target}});
  Detection own;
  for (const Host& host : world.view().own_hosts())
    own.add(host.id, labels.contains(host.id), 1, labels.contains(host.id));
  const lair_detection raw = own.raw();
  Decision out;
  remediator->decide(world.view(), {}, &raw, out);
  return pairs(out, LAIR_MIGRATE);
}

} // namespace

TEST_CASE("a local fit of a line is the line, and weights fall with distance") {
  const std::vector<double> line{1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
  CHECK(loess(line, 0.6, 11) == doctest::Approx(23));
  // Six nearest of 11: 4 to 9; the farthest of them counts nothing, the ones before are not seen.
  std::vector<double> bent = line;
  for (const std::size_t i : {0u, 1u, 2u, 3u, 4u}) bent[i] = 100;
  CHECK(loess(bent, 0.6, 11) == doctest::Approx(23));
  bent[5] = 100;
  CHECK(loess(bent, 0.6, 11) < 22);
  CHECK(loess(std::vector<double>(10, 4.0), 0.6, 11) == doctest::Approx(4));
}

TEST_CASE("two fuzzy clusters are found where two are") {
  std::vector<TwoClusters::Point> points;
  for (int i = 0; i < 5; ++i) points.push_back({0.1 + 0.01 * i, 0.1, 0});
  for (int i = 0; i < 4; ++i) points.push_back({0.9 - 0.01 * i, 0.8, 0});
  const TwoClusters found = fuzzy_clusters(points);
  for (std::size_t i = 0; i < 9; ++i) CHECK(found.member[i] == (i < 5 ? 0 : 1));
  CHECK(found.centre[0][0] == doctest::Approx(0.12).epsilon(0.05));
  CHECK(found.centre[1][0] == doctest::Approx(0.885).epsilon(0.05));
  CHECK(fuzzy_clusters({}).member.empty());
}

TEST_CASE("trend: twice the newest less the one before is all of the CPU") {
  CHECK(labelled({{1, 0.5}}, "trend").empty()); // there is no trend yet
  CHECK(labelled({{0.5, 0.5, 0.9}, {0.75, 0.7, 1}}, "trend") == std::set<std::uint32_t>{0, 2});
  CHECK(labelled({{1}, {0.9}}, "trend").empty());
}

TEST_CASE("loess: a limit until there are ten samples, then the fit two steps ahead") {
  CHECK(labelled({{0.71, 0.7}}, "loess") == std::set<std::uint32_t>{0});
  std::vector<std::vector<double>> rows;
  // Constant 0.8 (1.2 times that is below 1), constant 0.9, and rising to 0.69.
  for (int i = 0; i < 10; ++i) rows.push_back({0.8, 0.9, 0.06 + 0.07 * i});
  CHECK(labelled(rows, "loess") == std::set<std::uint32_t>{1});
  for (int i = 0; i < 2; ++i) rows.push_back({0.8, 0.8, 0.76 + 0.07 * i}); // 0.97 two steps on
  CHECK(labelled(rows, "loess").contains(2));
}

TEST_CASE("clusters: the idle ones of the second interval, for ever, of hosts 0 to 2") {
  const std::vector<double> first{1, 1, 1, 0, 0, 0}, second{0.1, 0.9, 0.1, 0.1, 0.9, 0.9};
  CHECK(labelled({first}, "clusters").empty());
  CHECK(labelled({first, second}, "clusters") == std::set<std::uint32_t>{0, 2}); // 3 is idle too
  CHECK(labelled({first, second, first, first}, "clusters") == std::set<std::uint32_t>{0, 2});
  CHECK(labelled({first, {0.5, 0.5, 0.5, 0.5}}, "clusters").empty());
}

TEST_CASE("static: what was above a limit in the second interval, for ever") {
  const std::vector<double> first{1, 1, 0}, second{0.5, 1, 1};
  CHECK(labelled({first}, "static").empty());
  CHECK(labelled({first, second}, "static") == std::set<std::uint32_t>{1, 2});
  CHECK(labelled({first, second, first, {0, 0, 0}}, "static") == std::set<std::uint32_t>{1, 2});
}

TEST_CASE("generated: a coin per metric, thrown once, moves what the limits then judge") {
  const std::vector<double> coins{0.9, 0.9, 0.9, 0.1, 0.1, 0.1}; // host 0 up, host 1 down
  CHECK(labelled({{0.95, 0.95}}, "generated", coins) == std::set<std::uint32_t>{0});
  CHECK(labelled({{0.94, 1}}, "generated", coins).empty()); // of host 1's CPU nothing is ever too much
  CHECK(labelled({{1, 1}, {0, 0}, {0.95, 0}}, "generated", coins) == std::set<std::uint32_t>{0});
  // 0.01 (1 + cos(pi t / 10)) / 2 in the steps 0 to 9, nothing in the next, and the first step up again.
  double shift = 0.01 * (1 - std::cos(3.14159265358979 / 10)) / 2;
  for (int t = 0; t < 10; ++t) shift += 0.005 * (1 + std::cos(3.14159265358979 * t / 10));
  CHECK(reference_series::generated_shift() == doctest::Approx(shift));
  // RAM: 0.37 of 0.571 is 0.648, the limit 0.696.
  CHECK(reference_series::excess({0, 0.37, 0}, {}) < 1);
  CHECK(reference_series::excess({0, 0.37, 0}, {0, shift, 0}) > 1);
  CHECK(reference_series::excess({0, 0, 1e6}, {0, 0, -shift}) > 1);
  CHECK(reference_series::excess({0.5, 0.2, 5e5}, {shift, shift, shift}) < 1);
}

TEST_CASE("the smallest task of each labelled host moves to the first host, the idlest, or the first that fits") {
  SmallWorld world;
  for (const std::uint32_t h : {0u, 1u, 2u}) world.host(h);
  world.host(10, false);
  world.metric(0, LAIR_CPU, 0.6);
  world.metric(1, LAIR_CPU, 1);
  world.metric(2, LAIR_CPU, 0.2);
  world.metric(10, LAIR_CPU, 0.1);
  world.running(50, 1).resident = 400e6;
  world.running(51, 1).resident = 300e6;
  world.find(0).ram_need = 3.9e9; // has no room
  CHECK(moved(world, {1}, "fastest") == Pairs{{51, 0}}); // room or no room
  CHECK(moved(world, {1}, "least-cpu") == Pairs{{51, 10}});
  CHECK(moved(world, {1}, "first-fit").empty()); // it fits where it is: the first with room
  world.find(1).ram_need = 3.9e9;
  CHECK(moved(world, {1}, "first-fit") == Pairs{{51, 2}});
  CHECK(moved(world, {}, "fastest").empty());
  world.running(60, 0);
  CHECK(moved(world, {0}, "fastest").empty()); // it is there
}
