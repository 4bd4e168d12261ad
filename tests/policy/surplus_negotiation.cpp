// FDMR's heuristic: what is surplus, who gets it, who comes first, what becomes of what a failure threw back.
#include "every_federation.hpp"
#include "played_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "remediators/surplus_negotiation.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace lair;

namespace {

/// What the broker of `lei` does, with empty detections in the reports of all others.
Pairs decided(const Ground& ground, std::uint32_t lei, std::uint32_t kind = LAIR_MIGRATE,
              const PlayedBroker::Options& options = {}, const char* detector = "none",
              const char* remediator = "surplus-negotiation") {
  PlayedBroker broker(ground, lei, options, detector, 1, remediator);
  broker.sense();
  std::vector<std::pair<std::uint32_t, lair_detection>> reports;
  lair_detection nothing{};
  nothing.size = sizeof nothing;
  for (std::uint32_t other = 0; other < ground.leis; ++other)
    if (other != lei) reports.emplace_back(other, nothing);
  Pairs out;
  for (const auto& action : broker.decide(reports).decision.actions)
    if (action.kind == kind) out.emplace_back(action.task, action.host);
  return out;
}

/// Seconds of work alone on two cores; with 1,200 s to the deadline it needs 1,100 / 1,200 of them.
constexpr double much = 1100;

/// Nine tasks that need 52.8 Gflop/s on the four hosts of LEI 0, which have 51.2; LEI 1 is empty.
Ground crowded(std::uint32_t leis = 2) {
  Ground ground(leis, 4);
  for (std::uint32_t i = 0; i < 9; ++i) ground.task(i % 4, much);
  return ground;
}

} // namespace

TEST_CASE("a LEI that can finish everything in time keeps everything, however busy its hosts are") {
  Ground ground(2, 4);
  for (std::uint32_t i = 0; i < 8; ++i) ground.task(0, much); // all on one host: the LEI's own affair
  CHECK(decided(ground, 0).empty());
  // A policy that looks at hosts would act.
  CHECK_FALSE(decided(ground, 0, LAIR_MIGRATE, {}, "threshold", "overload-migration").empty());
}

TEST_CASE("what is beyond goes: only so much, the least data for its work first") {
  Ground ground = crowded();
  ground.tasks[3].resident = 200e6;
  ground.tasks[5].resident = 300e6;
  CHECK(decided(ground, 0) == Pairs{{103, 4}});
  CHECK(decided(ground, 1).empty()); // it has none to hand on, and leaves the others' to them
  ground.task(0, much);              // need 58.7: two have to go
  CHECK(decided(ground, 0) == Pairs{{103, 4}, {105, 5}});
  ground.tasks[3].images_left /= 2; // then it has as much data for half the work
  CHECK(decided(ground, 0) == Pairs{{105, 4}});
}

TEST_CASE("threads that nobody can explain are not the site's to give") {
  Ground ground(2, 4);
  for (std::uint32_t i = 0; i < 5; ++i) ground.task(i % 3, much); // 29.3 Gflop/s
  CHECK(decided(ground, 0).empty());
  ground.attack(3, 8); // 38.4 are left
  CHECK(decided(ground, 0).empty());
  ground.attack(2, 8); // 25.6
  CHECK(decided(ground, 0).size() == 1);
}

TEST_CASE("a target gets it done in time, has room for the need and for the memory, and answers") {
  Ground ground = crowded();
  SUBCASE("in time: the way takes its time too") {
    for (std::uint32_t h = 4; h < 8; ++h) ground.hosts[h].nic = 1e6; // 357 s for 357 MB
    CHECK(decided(ground, 0).empty());
  }
  SUBCASE("in time: a slower host does not") {
    for (std::uint32_t h = 4; h < 8; ++h) ground.hosts[h].core_flops /= 1.2;
    CHECK(decided(ground, 0).empty());
  }
  SUBCASE("need: the target's own tasks count") {
    for (std::uint32_t i = 0; i < 8; ++i) ground.task(4 + i % 4, much); // 46.9 of 51.2
    CHECK(decided(ground, 0).empty());
  }
  SUBCASE("memory") {
    for (std::uint32_t h = 4; h < 8; ++h) ground.hosts[h].ram_need = 3.8e9;
    ground.hosts[6].ram_need = 3.6e9;
    CHECK(decided(ground, 0) == Pairs{{100, 6}});
    CHECK(decided(ground, 0, LAIR_MIGRATE, {{"memory", "0.9"}}).empty());
  }
  SUBCASE("it answers") {
    for (std::uint32_t h = 4; h < 7; ++h) ground.hosts[h].flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
    CHECK(decided(ground, 0) == Pairs{{100, 7}});
  }
  SUBCASE("nobody can be helped any more") {
    for (lair_task& task : ground.tasks) task.age = 1490;
    CHECK(decided(ground, 0).empty());
  }
}

TEST_CASE("the cheapest site is the one with the fewest joules per flop, the way counted in") {
  Ground ground = crowded(3);
  for (std::uint32_t h = 4; h < 8; ++h) ground.hosts[h].power_max = 5.05;
  CHECK(decided(ground, 0) == Pairs{{100, 8}});
  for (std::uint32_t h = 8; h < 12; ++h) ground.hosts[h].nic = 12.5e6; // 29 s instead of 3
  CHECK(decided(ground, 0) == Pairs{{100, 8}});
  CHECK(decided(ground, 0, LAIR_MIGRATE, {{"lambda", "5"}}) == Pairs{{100, 4}});
}

TEST_CASE("first come, first served, and the first one changes from interval to interval") {
  // LEIs 0 and 1 both have one task too many, LEI 2 has room for one.
  Ground ground(3, 4);
  for (std::uint32_t i = 0; i < 9; ++i) ground.task(i % 4, much);
  for (std::uint32_t i = 0; i < 9; ++i) ground.task(4 + i % 4, much);
  for (std::uint32_t i = 0; i < 7; ++i) ground.task(8 + i % 4, much); // 41.1 of 51.2
  ground.interval = 3;
  CHECK(decided(ground, 0) == Pairs{{100, 11}});
  CHECK(decided(ground, 1).empty());
  ground.interval = 4;
  CHECK(decided(ground, 0).empty());
  CHECK(decided(ground, 1) == Pairs{{109, 11}});
}

TEST_CASE("after a failure what waits again is planned again, over all sites") {
  Ground ground(2, 4);
  for (std::uint32_t h = 0; h < 4; ++h) ground.hosts[h].power_max = 5.05; // LEI 1 is cheaper
  lair_task& task = ground.task(1, 500);
  ground.hosts[1].ram_need -= task.resident;
  task.state = LAIR_TASK_QUEUED;
  task.host = task.target = LAIR_NONE;
  ground.refresh(1);
  const auto where = [&] { return decided(ground, 0, LAIR_PLACE); };
  REQUIRE(where().size() == 1);
  CHECK(where()[0].second < 4); // new: the scheduler's, in its own LEI
  task.restarts = 1;
  CHECK(where() == Pairs{{100, 4}});
  for (std::uint32_t h = 4; h < 8; ++h) ground.attack(h, 8); // nothing to give there
  REQUIRE(where().size() == 1);
  CHECK(where()[0].second < 4);
}

TEST_CASE("with a detector, what runs on a labelled host is planned again, and nothing goes there") {
  Ground ground(2, 4);
  ground.task(1, 500);
  ground.attack(1, 8);
  CHECK(decided(ground, 0).empty()); // without one: the LEI has enough
  const Pairs moved = decided(ground, 0, LAIR_MIGRATE, {}, "threshold");
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].first == 100);
  CHECK(moved[0].second != 1);
}

TEST_CASE("federations of 1, 16, 100 and 1,000 hosts, and LEIs of one host, decide and repeat themselves") {
  for (SyntheticSpec spec : every_federation(12)) {
    const std::uint32_t per_lei = spec.own_hosts, hosts = per_lei + spec.other_hosts;
    const SyntheticObservation seen(spec);
    std::vector<Pairs> answers;
    for (int i = 0; i < 2; ++i) {
      Recorder recorder;
      Built<SurplusNegotiation> remediator(recorder, {}, hosts);
      Decision out;
      remediator->decide(Observation(seen.raw()), {}, nullptr, out);
      answers.push_back(pairs(out, LAIR_MIGRATE));
      CHECK(recorder.flops > 0);
    }
    CHECK(answers[0] == answers[1]);
    for (const auto& [task, host] : answers[0]) CHECK(host >= per_lei);
  }
}
