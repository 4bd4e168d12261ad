// What the public code of DRAGON and CAROL searches, and how little of it is used.
#include "remediators/reference_search.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

using namespace lair;

namespace {

/// Boards of 4 GB; the CPU's share and its pressure are alike.
void busy(SmallWorld& world, std::uint32_t host, double share) {
  world.metric(host, LAIR_CPU, share);
  world.metric(host, LAIR_CPU_PRESSURE, share);
}

/// Host 0 half busy, 1 and 2 with two tasks each (half a board a task), 3 nearly idle.
SmallWorld federation() {
  SmallWorld world;
  for (const std::uint32_t h : {0u, 1u, 2u, 3u}) world.host(h);
  for (const auto& [host, share] : {std::pair(0u, 0.5), {1u, 1.0}, {2u, 1.0}, {3u, 0.2}}) busy(world, host, share);
  world.running(40, 0);
  for (const std::uint32_t h : {1u, 2u}) {
    world.running(10 * h, h).resident = 500e6;
    world.running(10 * h + 1, h);
  }
  return world;
}

struct Answer {
  Pairs moves;
  double flops;
};

Answer answer(SmallWorld& world, std::set<std::uint32_t> labels, std::vector<lair_option> options,
              Actions placement = {}) {
  std::vector<double> draws;
  for (int i = 1; i < 20'000; ++i) draws.push_back(std::fmod(0.6180339887 * i, 1));
  Recorder recorder(draws);
  Built<ReferenceSearch> remediator(recorder, std::move(options));
  Detection own;
  for (const Host& host : world.view().own_hosts())
    own.add(host.id, labels.contains(host.id), 1, labels.contains(host.id));
  const lair_detection raw = own.raw();
  Decision out;
  remediator->decide(world.view(), placement, &raw, out);
  return {pairs(out, LAIR_MIGRATE), recorder.flops};
}

const std::vector<lair_option> greedy{{"search", "greedy"}}, tabu{{"search", "tabu"}},
    greedy_all{{"search", "greedy"}, {"apply", "all"}}, tabu_all{{"search", "tabu"}, {"apply", "all"}};

} // namespace

TEST_CASE("the code's simulation: watts of what tasks use now, moves that do not add up") {
  SmallWorld world = federation();
  const Observation seen = world.view();
  ReferenceSimulation simulation(seen);
  const auto task = [&](std::uint64_t id) {
    for (const TaskView& one : seen.tasks())
      if (one.id == id) return &one;
    std::abort();
  };
  // Watts at 20, 50, 70 and 100 % CPU.
  const double w20 = 2.90, w50 = 3.66, w70 = 3.71, w100 = 4.75, base = w50 + w100 + w100 + w20;
  const auto watts = [&](std::vector<ReferenceSimulation::Move> moves) { return 4 * w100 * simulation.score(moves); };
  CHECK(watts({}) == doctest::Approx(base));
  CHECK(watts({{task(11), 3}}) == doctest::Approx(base - w100 + w50 - w20 + w70));
  CHECK(watts({{task(11), 1}}) == doctest::Approx(base)); // it is there
  CHECK(watts({{task(11), 2}}) == doctest::Approx(base)); // no CPU is left there
  // Each has room alone, so both have: all of the CPU and a fifth more, which is full.
  CHECK(watts({{task(11), 3}, {task(21), 3}}) == doctest::Approx(base - 2 * (w100 - w50) - w20 + w100));
  world.find(3).ram_need = 3.9e9;
  ReferenceSimulation crammed(world.view());
  const ReferenceSimulation::Move move{task(11), 3};
  CHECK(4 * w100 * crammed.score({&move, 1}) == doctest::Approx(base));
}

TEST_CASE("greedy: every task of the last labelled host to the least power, the first host of equals") {
  SmallWorld world = federation();
  CHECK(answer(world, {0, 1}, greedy_all).moves == Pairs{{10, 3}, {11, 3}}); // host 0's stays
  CHECK(answer(world, {1, 2}, greedy_all).moves == Pairs{{20, 3}, {21, 3}});
  CHECK(answer(world, {}, greedy_all).moves.empty());
  busy(world, 3, 0.6); // nowhere is room: all hosts are equal, so it is the first, room or not
  busy(world, 0, 0.6);
  CHECK(answer(world, {1}, greedy_all).moves == Pairs{{10, 0}, {11, 0}});
}

TEST_CASE("greedy, as released: only of a task that the scheduler has just placed") {
  SmallWorld world = federation();
  CHECK(answer(world, {0, 1}, greedy).moves.empty());
  CHECK(answer(world, {0, 1}, greedy).flops == answer(world, {0, 1}, greedy_all).flops); // for nothing
  const lair_action placement[] = {{LAIR_PLACE, 0, 11}, {LAIR_PLACE, 2, 40}};
  CHECK(answer(world, {0, 1}, greedy, placement).moves == Pairs{{11, 3}});
}

TEST_CASE("tabu: the smallest task of each labelled host, all together, and none of it is used") {
  SmallWorld world = federation();
  const Answer found = answer(world, {0, 1, 2}, tabu_all);
  std::map<std::uint64_t, std::size_t> to{{40, 0}, {11, 1}, {21, 2}}; // no task of 500 MB
  for (const auto& [task, host] : found.moves) {
    REQUIRE(to.contains(task));
    to[task] = host;
  }
  // As good as the best of all 64 answers.
  const Observation seen = world.view();
  ReferenceSimulation simulation(seen);
  std::vector<ReferenceSimulation::Move> moves;
  for (const TaskView& task : seen.tasks())
    if (to.contains(task.id)) moves.push_back({&task, to[task.id]});
  REQUIRE(moves.size() == 3);
  const double score = simulation.score(moves);
  double least = 1e9;
  for (std::size_t i = 0; i < 64; ++i) {
    moves[0].to = i % 4;
    moves[1].to = i / 4 % 4;
    moves[2].to = i / 16;
    least = std::min(least, simulation.score(moves));
  }
  CHECK(score == doctest::Approx(least).epsilon(1e-12));

  const lair_action placement[] = {{LAIR_PLACE, 0, 11}};
  const Answer released = answer(world, {0, 1, 2}, tabu, placement);
  CHECK(released.moves.empty());
  CHECK(released.flops == found.flops);
  // At least a hundred iterations of five, three moves each.
  CHECK(released.flops > 500 * 3 * 50);
  CHECK(answer(world, {}, tabu_all).moves.empty());
}
