// IoTEF: where logs are kept, what is made again after a loss, where a lost task runs again.
#include "every_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "remediators/log_rerun.hpp"
#include "remediators/surplus_negotiation.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace lair;

namespace {

/// Own hosts 0 to 3, a peer's 10.
SmallWorld five_hosts() {
  SmallWorld world;
  for (const std::uint32_t id : {0u, 1u, 2u, 3u}) world.host(id);
  world.host(10, false);
  return world;
}

template <class Policy = LogRerun>
Decision decided(SmallWorld& world, std::vector<lair_option> options = {}) {
  Recorder recorder;
  Built<Policy> remediator(recorder, std::move(options));
  Decision out;
  remediator->decide(world.view(), {}, nullptr, out);
  CHECK(recorder.flops > 0);
  return out;
}

void store(lair_task& task, std::vector<std::uint32_t> hosts) {
  task.store_count = static_cast<std::uint32_t>(hosts.size());
  std::copy(hosts.begin(), hosts.end(), task.stores);
}

void die(SmallWorld& world, std::uint32_t id) {
  world.find(id).flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
}

} // namespace

TEST_CASE("a new task's log is kept on three hosts of its LEI, others than its own, every 5 s") {
  SmallWorld world = five_hosts();
  world.running(50, 1);
  const Decision out = decided(world);
  CHECK(pairs(out, LAIR_CHECKPOINT) == Pairs{{50, 0}, {50, 2}, {50, 3}});
  CHECK(out.actions().size() == 3);
  for (const double value : out.values()) CHECK(value == 5);
  CHECK(decided(world, {{"commit", "60"}}).values()[0] == 60);
  CHECK(pairs(decided(world, {{"replicas", "1"}}), LAIR_CHECKPOINT) == Pairs{{50, 0}});
  CHECK(pairs(decided<SurplusNegotiation>(world), LAIR_CHECKPOINT).empty()); // another policy
}

TEST_CASE("logs are spread, and kept as they are once they are there") {
  SmallWorld world = five_hosts();
  store(world.running(50, 1), {0, 2, 3});
  CHECK(decided(world).actions().empty());
  world.queued(51);
  world.queued(52);
  // One each on 0, 2, 3 so far: those with the fewest first.
  CHECK(pairs(decided(world), LAIR_CHECKPOINT) ==
        Pairs{{51, 1}, {51, 0}, {51, 2}, {52, 1}, {52, 3}, {52, 0}});
}

TEST_CASE("with fewer than three hosts there are two logs; with one, one") {
  SmallWorld two;
  two.host(0);
  two.host(1);
  two.running(50, 1);
  CHECK(pairs(decided(two), LAIR_CHECKPOINT) == Pairs{{50, 0}, {50, 1}});
  SmallWorld one;
  one.host(0);
  one.running(50, 0);
  CHECK(pairs(decided(one), LAIR_CHECKPOINT) == Pairs{{50, 0}});
  SmallWorld apart; // LEIs of one host: the peers' count too
  apart.host(0);
  for (const std::uint32_t id : {10u, 11u, 12u}) apart.host(id, false);
  apart.running(50, 0);
  CHECK(pairs(decided(apart), LAIR_CHECKPOINT) == Pairs{{50, 10}, {50, 11}, {50, 12}});
}

TEST_CASE("a log that is lost with its host is made again elsewhere, as far as a task can have logs") {
  SmallWorld world = five_hosts();
  store(world.running(50, 1), {0, 2, 3});
  die(world, 2);
  CHECK(pairs(decided(world), LAIR_CHECKPOINT) == Pairs{{50, 10}}); // 1 is where it runs
  die(world, 10);
  CHECK(pairs(decided(world), LAIR_CHECKPOINT) == Pairs{{50, 1}});
  SmallWorld full = five_hosts();
  store(full.running(50, 1), {0, 2, 3, 10});
  die(full, 2);
  CHECK(decided(full).actions().empty()); // three are left
  die(full, 3);
  CHECK(decided(full).actions().empty()); // a fifth one cannot be had
}

TEST_CASE("a lost task runs again on the least loaded own host with room, else in another LEI; a new one is the scheduler's") {
  SmallWorld world = five_hosts();
  store(world.queued(50), {0, 1, 2});
  CHECK(decided(world).actions().empty());
  SmallWorld again = five_hosts();
  lair_task& lost = again.queued(50);
  store(lost, {0, 1, 2});
  lost.restarts = 1;
  for (const std::uint32_t host : {0u, 1u, 2u}) store(again.running(60 + host, host), {0, 1, 2});
  CHECK(pairs(decided(again), LAIR_PLACE) == Pairs{{50, 3}});
  again.find(3).ram_need = 3.9e9;
  CHECK(pairs(decided(again), LAIR_PLACE) == Pairs{{50, 0}});
  for (const std::uint32_t host : {0u, 1u, 2u}) again.find(host).unexplained.threads = 3; // no core left
  CHECK(pairs(decided(again), LAIR_PLACE) == Pairs{{50, 10}});
  again.metric(10, LAIR_CPU_PRESSURE, 1);
  CHECK(pairs(decided(again), LAIR_PLACE).empty());
  CHECK(pairs(decided(again, {{"fill", "1.5"}}), LAIR_PLACE) == Pairs{{50, 10}});
}

TEST_CASE("only the entry LEI cares for a task, once for all its copies, and not for one that has computed") {
  SmallWorld world = five_hosts();
  world.running(50, 1).entry_lei = 1;
  world.running(51, 1).state = LAIR_TASK_RETURNING;
  lair_task& copy = world.running(52, 2);
  copy.copy = 1;
  CHECK(decided(world).actions().empty());
}

TEST_CASE("iotef: federations of 1, 16, 100 and 1,000 hosts, and LEIs of one host, decide and repeat themselves") {
  for (SyntheticSpec spec : every_federation(12)) {
    const std::uint32_t hosts = spec.own_hosts + spec.other_hosts;
    const SyntheticObservation seen(spec);
    std::vector<Pairs> answers;
    for (int i = 0; i < 2; ++i) {
      Recorder recorder;
      Built<LogRerun> remediator(recorder, {}, hosts);
      Decision out;
      remediator->decide(Observation(seen.raw()), {}, nullptr, out);
      answers.push_back(pairs(out, LAIR_CHECKPOINT));
    }
    CHECK(answers[0] == answers[1]);
    CHECK_FALSE(answers[0].empty());
    CHECK(std::set(answers[0].begin(), answers[0].end()).size() == answers[0].size());
  }
}
