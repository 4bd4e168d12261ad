// What forecast-descent decides, with real twins and brokers that tell one another what they see: the best
// single move by exhaustive search, one plan for all, nothing without a gain, what it leaves alone.
#include "every_federation.hpp"
#include "played_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "twin/twin.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <map>

using namespace lair;

namespace {

using Moves = std::map<std::uint64_t, std::uint32_t>;
using Options = PlayedBroker::Options;

struct Play : PlayedFederation {
  Play(const Ground& ground, const Options& options = {}, const char* detector = "threshold")
      : PlayedFederation(ground, options_for(detector, options), detector, "forecast-descent") {}
  static Options options_for(const char*, Options options) { return options; }
};

Moves applied(const Broker::Decided& decided, std::uint32_t kind = LAIR_MIGRATE) {
  Moves moves;
  for (const lair_action& action : decided.decision.actions)
    if (action.kind == kind) CHECK(moves.emplace(action.task, action.host).second);
  CHECK(decided.decision.refusals.empty());
  return moves;
}
Moves all_of(const std::vector<Broker::Decided>& decided) {
  Moves all;
  for (const auto& one : decided)
    for (const auto& [task, host] : applied(one)) CHECK(all.emplace(task, host).second);
  return all;
}

/// The forecast mean response of all tasks under these moves, by a twin of its own.
double outlook(const Ground& ground, const lair_observation& seen, const Moves& moves) {
  TwinPlatform platform;
  twin::Device device;
  device.power = {{2.45, 2.78, 2.90, 3.03, 3.65, 3.66, 3.69, 3.71, 3.72, 4.14, 4.75}};
  platform.devices.assign(ground.hosts.size(), device);
  Twin twin(platform);
  twin.load(seen);
  std::vector<lair_action> actions;
  for (const auto& [task, host] : moves) {
    lair_action action{};
    action.kind = LAIR_MIGRATE;
    action.host = host;
    action.task = task;
    actions.push_back(action);
  }
  return twin.forecast(actions).outlook;
}

} // namespace

TEST_CASE("one task: the best of all hosts of the federation, and nobody labels anything") {
  for (const double left : {200.0, 500.0, 900.0})
    for (const std::uint32_t busy : {2u, 3u}) {
      Ground ground(2, 3);
      ground.attack(1, 8);
      ground.attack(busy, 2);
      ground.task(1, left);
      Play play(ground, {{"gain", "0"}, {"targets", "6"}, {"joule", "0"}}, "none");
      const auto decided = play.decide();
      const lair_observation& seen = play.brokers[0]->seen();
      double least = outlook(ground, seen, {});
      for (std::uint32_t host = 0; host < 6; ++host)
        if (host != 1) least = std::min(least, outlook(ground, seen, {{100, host}}));
      const Moves moves = applied(decided[0]);
      CHECK(outlook(ground, seen, moves) == doctest::Approx(least).epsilon(1e-9));
      CHECK(moves.size() == 1);
      CHECK(applied(decided[1]).empty());
    }
}

TEST_CASE("no passes over all tasks make the forecast worse, and several are as good as all sets of two") {
  Ground ground(2, 2);
  ground.attack(1, 8);
  ground.task(1, 700);
  ground.task(1, 800);
  Play play(ground, {{"gain", "0"}, {"rounds", "10"}, {"targets", "4"}, {"joule", "0"}});
  const Moves moves = all_of(play.decide());
  const lair_observation& seen = play.brokers[0]->seen();
  double least = outlook(ground, seen, {});
  for (std::uint32_t a = 0; a < 4; ++a)
    for (std::uint32_t b = 0; b < 4; ++b) {
      Moves set;
      if (a != 1) set[100] = a;
      if (b != 1) set[101] = b;
      least = std::min(least, outlook(ground, seen, set));
    }
  CHECK(outlook(ground, seen, moves) == doctest::Approx(least).epsilon(1e-6));
  CHECK(moves.size() == 2);
}

TEST_CASE("a move must save what it is asked to save") {
  Ground ground(2, 3);
  ground.attack(1, 8);
  ground.task(1, 500);
  Play free(ground, {{"gain", "0"}, {"joule", "0"}});
  const Moves moves = all_of(free.decide());
  REQUIRE(moves.size() == 1);
  const lair_observation& seen = free.brokers[0]->seen();
  const double saved = outlook(ground, seen, {}) - outlook(ground, seen, moves);
  REQUIRE(saved > 1);
  CHECK(all_of(Play(ground, {{"joule", "0"}, {"gain", std::to_string(saved * 0.99)}}).decide()) == moves);
  CHECK(all_of(Play(ground, {{"joule", "0"}, {"gain", std::to_string(saved * 1.01)}}).decide()).empty());
}

TEST_CASE("healthy hosts: nothing moves") {
  Ground ground(4, 4);
  for (std::uint32_t h = 0; h < 16; ++h) ground.task(h, 300 + 20 * h);
  CHECK(all_of(Play(ground, {{"gain", "0"}}).decide()).empty());
}

TEST_CASE("one plan: the brokers' parts do not meet on one host") {
  Ground ground(4, 4);
  for (std::uint32_t h = 1; h < 16; h += 4) { // one of each LEI
    ground.attack(h, 8);
    ground.task(h, 900, 100);
  }
  ground.attack(0, 8); // LEI 0 has one good host less than it needs
  ground.attack(2, 8);
  ground.task(2, 850, 100);
  const Moves moves = all_of(Play(ground).decide());
  CHECK(moves.size() == 5);
  std::map<std::uint32_t, int> arriving;
  for (const auto& [task, host] : moves) ++arriving[host];
  for (const auto& [host, count] : arriving) CHECK(count == 1); // there are ten idle hosts
}

TEST_CASE("scope = lei keeps tasks at home") {
  Ground ground(2, 3);
  for (const std::uint32_t h : {0u, 1u, 2u}) {
    ground.attack(h, 8 + h);
    ground.task(h, 900);
  }
  bool left = false;
  for (const auto& [task, host] : all_of(Play(ground, {{"gain", "10"}}).decide())) left = left || host >= 3;
  CHECK(left);
  for (const auto& [task, host] : all_of(Play(ground, {{"gain", "10"}, {"scope", "lei"}}).decide()))
    CHECK(host < 3);
}

TEST_CASE("only running tasks migrate, only to hosts that can take them") {
  Ground ground(2, 3);
  ground.attack(1, 8);
  ground.task(1, 500);
  for (const std::uint32_t state : {LAIR_TASK_STARTING, LAIR_TASK_MIGRATING, LAIR_TASK_RETURNING}) {
    lair_task& task = ground.task(1, 600);
    task.state = state;
    if (state == LAIR_TASK_MIGRATING) task.target = 2;
  }
  ground.hosts[0].flags |= LAIR_HOST_NO_TASKS;
  ground.hosts[2].ram_need = 3.9e9; // of 4 GB: swapping is no target, whatever the rest says
  ground.hosts[3].flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  ground.hosts[4].flags |= LAIR_HOST_NO_TASKS;
  ground.hosts[5].ram_need = 3.9e9;
  CHECK(all_of(Play(ground, {{"gain", "0"}}).decide()).empty());
  ground.hosts[5].ram_need = 1e9;
  const Moves moves = all_of(Play(ground, {{"gain", "0"}}).decide());
  CHECK(moves == Moves{{100, 5}});
}

TEST_CASE("a new task goes where the twin foresees it to end soonest") {
  Ground ground(2, 3);
  for (const std::uint32_t h : {0u, 1u, 2u}) {
    ground.attack(h, 8);
    ground.task(h, 900);
  }
  lair_task& task = ground.task(0, 910, 0); // then queued: no work done
  ground.hosts[0].ram_need -= task.resident;
  task.state = LAIR_TASK_QUEUED;
  task.host = LAIR_NONE;
  ground.refresh(0);
  const auto decided = Play(ground).decide();
  const Moves placed = applied(decided[0], LAIR_PLACE);
  REQUIRE(placed.contains(task.id));
  CHECK(placed.at(task.id) >= 3);
  const Moves kept = applied(Play(ground, {{"queued", "no"}}).decide()[0], LAIR_PLACE);
  REQUIRE(kept.contains(task.id));
  CHECK(kept.at(task.id) < 3); // the scheduler's
}

namespace {
/// Hosts 0 to 2 of an LEI and one task that came in there; host 1 computes one already.
Ground with_a_new_task(std::uint64_t& id) {
  Ground ground(1, 3);
  ground.task(1, 900);
  lair_task& task = ground.task(0, 910, 0);
  ground.hosts[0].ram_need -= task.resident;
  task.state = LAIR_TASK_QUEUED;
  task.host = LAIR_NONE;
  ground.refresh(0);
  id = task.id;
  return ground;
}
} // namespace

TEST_CASE("energy: a new task joins a busy host if a joule is worth something, and fills no host beyond its cores") {
  std::uint64_t id = 0;
  Ground ground = with_a_new_task(id);
  const auto placed = [&](const char* joule) {
    return applied(Play(ground, {{"joule", joule}}).decide()[0], LAIR_PLACE).at(id);
  };
  CHECK(placed("0") != 1); // the scheduler's: an idle one
  CHECK(placed("0.3") == 1); // 1.09 W instead of 1.21 W over 300 s
  ground.attack(1, 2); // then its cores are taken
  CHECK(placed("0.3") != 1);
}

TEST_CASE("where nobody is crowded, no trials are made, and hosts that are alike are tried once") {
  Ground ground(2, 3);
  for (std::uint32_t h = 0; h < 6; ++h) ground.task(h, 900);
  const Options quiet = {{"joule", "0"}, {"replicas", "0"}};
  const double idle = Play(ground, quiet, "none").decide()[0].flops;
  ground.attack(1, 8);
  const double busy = Play(ground, quiet, "none").decide()[0].flops;
  CHECK(busy - idle > 2 * 8000); // two hosts of its LEI, three of the other one
  CHECK(busy - idle < 3 * 8000);
  CHECK(idle < 8000);
}

TEST_CASE("trials are bounded, and go to the tasks that have it worst") {
  Ground ground(2, 4);
  ground.attack(1, 4);
  ground.attack(2, 12);
  ground.task(1, 900); // 100
  ground.task(2, 900);
  ground.task(2, 900);
  CHECK(all_of(Play(ground, {{"trials", "0"}, {"gain", "0"}}).decide()).empty());
  const Moves moves = all_of(Play(ground, {{"trials", "16"}, {"targets", "8"}, {"rounds", "1"}, {"gain", "0"}}).decide());
  CHECK(moves.size() == 2);
  CHECK(!moves.contains(100));
  CHECK(all_of(Play(ground, {{"rounds", "1"}, {"gain", "0"}}).decide()).contains(100));
}

TEST_CASE("a pass looks again only at what others' moves have made better") {
  Ground ground(1, 3);
  ground.attack(0, 8);
  ground.attack(1, 8);
  ground.task(0, 900);
  ground.task(1, 60); // will be done before moving it pays
  const Options once = {{"rounds", "1"}, {"replicas", "0"}}, often = {{"rounds", "100"}, {"replicas", "0"}};
  const auto a = Play(ground, once, "none").decide(), b = Play(ground, often, "none").decide();
  CHECK(all_of(a) == Moves{{100, 2}});
  CHECK(all_of(b) == all_of(a));
  CHECK(b[0].flops - a[0].flops < 8000); // no trial more
}

TEST_CASE("progress is kept elsewhere, as often as asked, of what came in here") {
  Ground ground(2, 3);
  ground.task(1, 900);
  ground.task(4, 900).entry_lei = 0; // has gone to the other LEI
  const auto kept = [&](const Options& options, std::size_t lei) {
    const Broker::Decided decided = Play(ground, options).decide()[lei];
    Moves stores;
    for (std::size_t i = 0; i < decided.decision.actions.size(); ++i) {
      const lair_action& action = decided.decision.actions[i];
      if (action.kind == LAIR_CHECKPOINT) stores[action.task] = action.host;
    }
    return stores;
  };
  const Moves stores = kept({}, 0);
  REQUIRE(stores.contains(100));
  CHECK(stores.at(100) != 1);
  CHECK(kept({}, 1).empty());
  CHECK(kept({{"replicas", "0"}}, 0).empty());
}

TEST_CASE("thousands of tasks take bounded time") {
  Ground ground(10, 10);
  for (std::uint32_t h = 0; h < 100; ++h) {
    ground.hosts[h].ram = 64e9;
    ground.attack(h, h % 3 == 0 ? 8 : 0);
    for (int i = 0; i < 30; ++i) ground.task(h, 500 + i, 100 + i);
  }
  Play play(ground, {{"targets", "4"}, {"rounds", "1"}, {"trials", "1e6"}});
  const auto began = std::chrono::steady_clock::now();
  play.brokers[0]->sense();
  (void)play.brokers[0]->decide({});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(took.count() < 30); // one broker without reports; a sanitizer build is slow
  MESSAGE("one broker, 300 tasks of its own: ", took.count(), " s");
}

TEST_CASE("whatever it sees: odd observations") {
  Federation federation;
  federation.hosts.resize(16);
  federation.leis.resize(4);
  PolicyFactory::Choice choice;
  choice.name = "none";
  choice.remediator = "forecast-descent";
  choice.options = {{"gain", "0"}, {"placement_gain", "0"}};
  const PolicyFactory factory(choice);
  Forecaster forecaster(federation);
  Broker broker(LeiId(0), factory, 16, 1, [](int, const std::string&) {}, &forecaster);
  for (SyntheticSpec spec : odd_observations(5))
    for (std::uint32_t i = 0; i < 10; ++i) {
      spec.interval = i;
      const SyntheticObservation seen(spec);
      broker.sense(seen.raw());
      const Broker::Decided decided = broker.decide(seen.raw());
      const Observation view(seen.raw());
      for (const lair_action& action : decided.decision.actions) {
        const Host* to = view.find_host(action.host);
        REQUIRE(to != nullptr);
        CHECK(takes_tasks(*to));
      }
      CHECK(std::isfinite(decided.flops));
    }
}
