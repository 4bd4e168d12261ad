// What preference-assignment moves where: by its own objective, not by another policy's rule.
#include "every_federation.hpp"
#include "played_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "remediators/annealed_migration.hpp"
#include "remediators/overload_migration.hpp"
#include "remediators/preference_assignment.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>

using namespace lair;

namespace {

/// Host 0 is labelled and runs a small and a large task. Own host 1 has room for two threads more; hosts 10
/// and 11 are empty, behind a WAN of a tenth of the LAN's bandwidth.
class Labelled {
public:
  SmallWorld world;
  std::set<std::uint32_t> labels{0};

  Labelled() {
    world.host(0).unexplained.threads = 8;
    world.host(1).unexplained.threads = 2;
    world.host(10, false);
    world.host(11, false);
    for (const std::uint32_t id : {0u, 1u, 10u, 11u}) {
      world.find(id).image_cached = 1;
      if (id >= 10) world.find(id).nic = 12.5e6;
    }
    world.running(50, 0).resident = 100e6;
    world.running(51, 0).resident = 400e6;
  }
  template <class Remediating>
  Pairs moves(std::vector<lair_option> options = {}, Actions placement = {}) {
    // Unless it is what a test is about, whatever can leave leaves.
    if (std::is_same_v<Remediating, PreferenceAssignment> &&
        std::none_of(options.begin(), options.end(),
                     [](const auto& o) { return std::string(o.name) == "penalty"; }))
      options.push_back({"penalty", "2"});
    Recorder recorder;
    Built<Remediating> remediator(recorder, std::move(options));
    SmallWorld world = this->world; // reports point to what ends here
    Detection own, peers;
    for (const Host& host : world.view().hosts())
      (is_own(host) ? own : peers)
          .add(host.id, labels.contains(host.id) ? 2 : 0, 1, labels.contains(host.id));
    const lair_detection raw = own.raw(), others = peers.raw();
    world.report(others);
    Decision out;
    remediator->decide(world.view(), placement, &raw, out);
    CHECK(recorder.flops > 0);
    return pairs(out, LAIR_MIGRATE);
  }
};

using Ours = PreferenceAssignment;

} // namespace

TEST_CASE("the sum of costs decides who gets the near place, which no rule of one task at a time finds") {
  Labelled world;
  // The large task over the WAN takes 32 s, the small one 8 s; in the LAN 3.2 and 0.8 s. There is one near
  // place. Together: 8 + 3.2 s or 0.8 + 32 s.
  CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 10}, {51, 1}});
  // By single preferences the small task, which is cheapest near, comes first: deferred acceptance.
  CHECK(world.moves<Ours>({{"w", "0"}, {"exact", "0"}}) == Pairs{{50, 1}, {51, 10}});
  // Another policy's decision is another one: it begins with the small task, at the emptiest host.
  CHECK(world.moves<OverloadMigration>() != world.moves<Ours>({{"w", "0"}}));
  CHECK(world.moves<OverloadMigration>() != world.moves<Ours>({{"w", "0"}, {"exact", "0"}}));
}

TEST_CASE("hosts hold no more than their memory and their threads") {
  Labelled world;
  for (const std::uint32_t id : {1u, 11u}) world.world.find(id).flags |= LAIR_HOST_NO_TASKS;
  world.world.find(10).ram_need = 3.55e9; // 450 MB are left: one of the two
  CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 10}}); // the cheaper one
  CHECK(world.moves<Ours>({{"w", "0"}, {"memory", "1.2"}}).size() == 2);
  world.world.find(10).ram_need = 0;
  CHECK(world.moves<Ours>({{"w", "0"}}).size() == 2); // four threads on four cores
  CHECK(world.moves<Ours>({{"w", "0"}, {"fill", "0.5"}}).size() == 1);
  CHECK(world.moves<Ours>({{"w", "0"}, {"fill", "0.25"}}).empty());
}

TEST_CASE("what the scheduler has just placed fills hosts too") {
  Labelled world;
  world.world.queued(60);
  Decision placement;
  placement.place(60, 1);
  CHECK(world.moves<Ours>({{"w", "0"}}, placement.actions()) == Pairs{{50, 10}, {51, 10}});
}

TEST_CASE("nobody's label: nothing; no target that is labelled, off or closed; no detector: nothing") {
  Labelled world;
  SUBCASE("no label") {
    world.labels.clear();
    CHECK(world.moves<Ours>().empty());
  }
  SUBCASE("labelled targets, own and peers'") {
    world.labels = {0, 1, 10};
    CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 11}, {51, 11}});
  }
  SUBCASE("a dead source keeps what it has") {
    world.world.find(0).flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
    CHECK(world.moves<Ours>().empty());
  }
  SUBCASE("dead targets") {
    for (const std::uint32_t id : {1u, 10u}) world.world.find(id).flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
    CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 11}, {51, 11}});
  }
  SUBCASE("no detector") {
    Recorder recorder;
    Built<Ours> remediator(recorder);
    Decision out;
    remediator->decide(world.world.view(), {}, nullptr, out);
    CHECK(out.actions().empty());
  }
}

TEST_CASE("staying has a price") {
  Labelled world;
  // Shares of cost: 0 small near, 1 large far; 0.077 large near, 0.231 small far.
  CHECK(world.moves<Ours>({{"w", "0"}, {"penalty", "0.1"}}).size() == 1);
  CHECK(world.moves<Ours>({{"w", "0"}, {"penalty", "0.07"}}).size() == 1);
  CHECK(world.moves<Ours>({{"w", "0"}, {"penalty", "0.35"}}).size() == 2);
}

TEST_CASE("a cold host costs its image") {
  Labelled world;
  world.world.find(10).image_cached = 0;
  CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 10}, {51, 1}});
  world.world.application().image_transfer = 200e6;
  CHECK(world.moves<Ours>({{"w", "0"}}) == Pairs{{50, 11}, {51, 1}});
}

TEST_CASE("few candidates are the least loaded ones") {
  Labelled world;
  CHECK(world.moves<Ours>({{"w", "0"}, {"targets", "1"}}) == Pairs{{50, 10}, {51, 10}});
}

TEST_CASE("profit is what the twin says of response and deadlines") {
  // Host 1 is labelled with one task on it. In its LEI only host 2 is free, and slow; host 4 of the other LEI
  // is as fast as any.
  Ground ground(2, 4);
  ground.task(1, 500, 900);
  ground.attack(1, 8);
  ground.attack(0, 4);
  ground.attack(3, 4);
  for (const std::uint32_t h : {5u, 6u, 7u}) ground.attack(h, 4);
  ground.hosts[2].core_flops /= 4;
  ground.hosts[4].nic = 12.5e6; // ten times as dear to reach
  const auto decide = [&](const PlayedBroker::Options& options) {
    PlayedBroker broker(ground, 0, options, "threshold", 1, "preference-assignment");
    broker.sense();
    Pairs out;
    for (const auto& action : broker.decide({}).decision.actions)
      out.emplace_back(action.task, action.host);
    return out;
  };
  CHECK(decide({{"w", "1"}}) == Pairs{{100, 4}}); // PAFM
  CHECK(decide({{"w", "0"}}) == Pairs{{100, 2}}); // MCAFM
  CHECK(decide({{"w", "1"}, {"slo", "0"}}) == Pairs{{100, 4}});
}

TEST_CASE("federations of 1, 16, 100 and 1,000 hosts, and LEIs of one host") {
  for (SyntheticSpec spec : every_federation(6)) {
    const std::uint32_t per_lei = spec.own_hosts, hosts = per_lei + spec.other_hosts;
    const SyntheticObservation seen(spec);
    const Observation observation(seen.raw());
    Detection own;
    for (const Host& host : observation.own_hosts()) own.add(host.id, 2, 1, true);
    const lair_detection raw = own.raw();
    std::vector<Pairs> answers;
    for (int i = 0; i < 2; ++i) {
      Recorder recorder;
      Built<Ours> remediator(recorder, {}, hosts);
      Decision out;
      remediator->decide(observation, {}, &raw, out);
      answers.push_back(pairs(out, LAIR_MIGRATE));
    }
    CHECK(answers[0] == answers[1]);
    if (hosts == per_lei) CHECK(answers[0].empty()); // nobody else is there
    for (const auto& [task, host] : answers[0]) CHECK(host >= per_lei);
    if (hosts >= 100) CHECK_FALSE(answers[0].empty());
  }
}
