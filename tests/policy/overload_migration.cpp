// What overload-migration moves, where to, and what it leaves alone.
#include "remediators/overload_migration.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace lair;

namespace {

/// A world whose host 0 is under a CPU attack and labelled; hosts 1 and 2 are own, 10 is foreign.
class Attacked {
public:
  SmallWorld world;
  std::set<std::uint32_t> labels{0};
  Decision placement;

  Attacked() {
    world.host(0).unexplained.threads = 8;
    world.host(1);
    world.host(2);
    world.host(10, false);
  }
  Decision decide(std::vector<lair_option> options = {}) {
    Recorder recorder;
    Built<OverloadMigration> remediator(recorder, std::move(options));
    return decide(remediator);
  }
  Decision decide(Built<OverloadMigration>& remediator) {
    const Observation seen = world.view();
    Detection own, peers;
    for (const Host& host : seen.hosts())
      (is_own(host) ? own : peers)
          .add(host.id, labels.contains(host.id) ? 2 : 0, 1, labels.contains(host.id));
    const lair_detection raw = own.raw(), others = peers.raw();
    world.report(others);
    Decision out;
    remediator->decide(world.view(), placement.actions(), &raw, out);
    return out;
  }
  Pairs moves(std::vector<lair_option> options = {}) {
    return pairs(decide(std::move(options)), LAIR_MIGRATE);
  }
};

} // namespace

TEST_CASE("the smallest task moves first, each to the least loaded host") {
  Attacked a;
  a.world.running(50, 0).resident = 400e6;
  a.world.running(51, 0).resident = 300e6;
  a.world.running(52, 1);
  CHECK(a.moves() == Pairs{{51, 2}, {50, 10}}); // 2 and 10 are empty: own first; then 10 is
  CHECK(a.moves({{"moves", "1"}}) == Pairs{{51, 2}});
  CHECK(a.moves({{"moves", "0"}}).empty());
}

TEST_CASE("a target's RAM is not filled beyond what the option allows") {
  Attacked a;
  a.world.running(50, 0);
  for (const std::uint32_t host : {1u, 2u, 10u}) a.world.find(host).ram_need = 3.8e9; // of 4 GB
  CHECK(a.moves().empty());
  CHECK(a.moves({{"memory", "1.03"}}).empty());
  CHECK(a.moves({{"memory", "1.04"}}) == Pairs{{50, 1}}); // 3.8 + 0.357 GB
}

TEST_CASE("nothing moves without a label, and nothing without a detector") {
  Attacked a;
  a.world.running(50, 0);
  a.labels.clear();
  CHECK(a.moves().empty());
  Recorder recorder;
  Built<OverloadMigration> remediator(recorder);
  Decision out;
  remediator->decide(a.world.view(), {}, nullptr, out);
  CHECK(out.actions().empty());
}

TEST_CASE("a label that outlived its cause moves nothing") {
  Attacked a;
  a.world.find(0).unexplained.threads = 0;
  a.world.running(50, 0);
  CHECK(a.moves().empty());
}

TEST_CASE("each cause keeps a host unrelieved: threads, memory, disk requests") {
  Attacked a;
  a.world.find(0).unexplained.threads = 0;
  a.world.running(50, 0);
  SUBCASE("too many tasks: one leaves, then the rest fits") {
    a.world.running(51, 0);
    a.world.running(52, 0);
    CHECK(a.moves() == Pairs{{50, 1}});
  }
  SUBCASE("memory") {
    a.world.find(0).ram_need = 4.1e9;
    CHECK(a.moves() == Pairs{{50, 1}});
  }
  SUBCASE("disk") {
    a.world.find(0).unexplained.streams = 4;
    CHECK(a.moves() == Pairs{{50, 1}});
  }
}

TEST_CASE("targets have RAM, are unlabelled, alive, known, allowed tasks, and not overfull with "
          "the task") {
  Attacked a;
  a.world.running(50, 0);
  a.world.find(1).flags |= LAIR_HOST_NO_TASKS;
  SUBCASE("labelled by its own broker") {
    a.labels = {0, 2};
    CHECK(a.moves() == Pairs{{50, 10}});
  }
  SUBCASE("labelled by a peer") {
    a.labels = {0, 2, 10};
    CHECK(a.moves().empty());
  }
  SUBCASE("no RAM: swap does not count") {
    a.world.find(2).ram_need = 3.7e9;
    CHECK(a.moves() == Pairs{{50, 10}});
  }
  SUBCASE("dead") {
    a.world.find(2).flags &= ~static_cast<std::uint32_t>(LAIR_HOST_ALIVE);
    CHECK(a.moves() == Pairs{{50, 10}});
  }
  SUBCASE("overfull with it, unless `fill` allows it") {
    a.world.find(10).flags &= ~static_cast<std::uint32_t>(LAIR_HOST_ALIVE);
    a.world.running(60, 2);
    a.world.running(61, 2);
    CHECK(a.moves().empty());
    CHECK(a.moves({{"fill", "1.5"}}) == Pairs{{50, 2}});
  }
  SUBCASE("a foreign host's load is what it reported") {
    a.world.find(2).flags &= ~static_cast<std::uint32_t>(LAIR_HOST_ALIVE);
    a.world.metric(10, LAIR_CPU_PRESSURE, 0.6);
    CHECK(a.moves().empty());
    a.world.metric(10, LAIR_CPU_PRESSURE, 0.5);
    CHECK(a.moves() == Pairs{{50, 10}});
  }
}

TEST_CASE("tasks placed in the same interval count on their targets") {
  Attacked a;
  a.world.running(50, 0);
  a.world.queued(70);
  a.world.queued(71);
  a.placement.place(70, 1);
  a.placement.place(71, 1);
  CHECK(a.moves() == Pairs{{50, 2}});
}

TEST_CASE("a task that ends sooner than it would move stays") {
  Attacked a;
  // 357 MB: 17.9 s write + 2.9 s send + 17.9 s write + 8.9 s read = 47.5 s; an image is 0.569 s.
  lair_task& task = a.world.running(50, 0);
  task.images_left = 83; // 47.2 s
  CHECK(a.moves().empty());
  Attacked b;
  b.world.running(50, 0).images_left = 84; // 47.8 s
  CHECK(b.moves() == Pairs{{50, 1}});
}

TEST_CASE(
    "from a disk under attack leaving takes longer: the write shares the card with its streams") {
  Attacked a;
  a.world.running(50, 0); // 1600 images, 910 s
  // 17.85 s x (1 + streams) + 29.63 s: 904.3 s with 48 streams, 922.1 s with 49
  a.world.find(0).unexplained.streams = 48;
  CHECK(a.moves() == Pairs{{50, 1}});
  a.world.find(0).unexplained.streams = 49;
  CHECK(a.moves().empty());
}

TEST_CASE("only running tasks move, and a task rests after a move") {
  Attacked a;
  a.world.running(50, 0).state = LAIR_TASK_STARTING;
  CHECK(a.moves().empty());

  Attacked b;
  b.world.running(50, 0);
  Recorder recorder;
  Built<OverloadMigration> remediator(recorder, {{"cooldown", "2"}});
  CHECK(pairs(b.decide(remediator), LAIR_MIGRATE).size() == 1);
  for (const std::uint32_t interval : {1u, 2u}) { // it is still there: the world refused the move
    b.world.interval(interval);
    CHECK(pairs(b.decide(remediator), LAIR_MIGRATE).empty());
  }
  b.world.interval(3);
  CHECK(pairs(b.decide(remediator), LAIR_MIGRATE).size() == 1);
}

TEST_CASE("brokers of different LEIs turn to different hosts of equal load") {
  const auto chosen = [](std::uint32_t broker) {
    SmallWorld world;
    world.host(broker).unexplained.threads = 8;
    for (std::uint32_t id = 8; id < 12; ++id)
      if (id != broker) world.host(id, false);
    world.running(50, broker);
    world.broker(broker);
    Detection own;
    own.add(broker, 2, 1, true);
    const lair_detection raw = own.raw();
    Recorder recorder;
    Built<OverloadMigration> remediator(recorder);
    Decision out;
    remediator->decide(world.view(), {}, &raw, out);
    return pairs(out, LAIR_MIGRATE).at(0).second;
  };
  CHECK(chosen(0) == 8);
  CHECK(chosen(12) == 8); // there is none after 12: round to the first
  CHECK(chosen(9) == 10);
  CHECK(chosen(10) == 11);
}

TEST_CASE("a new task is steered away from a labelled host, if that does not make things worse") {
  Attacked a;
  a.world.queued(70);
  a.placement.place(70, 0);
  SUBCASE("to the least loaded own host") {
    a.world.running(60, 1);
    CHECK(pairs(a.decide(), LAIR_PLACE) == Pairs{{70, 2}});
    CHECK(a.decide({{"steer", "0"}}).actions().empty());
  }
  SUBCASE("not to a busier one") {
    for (std::uint64_t id = 60; id < 64; ++id) {
      a.world.running(id, 1);
      a.world.running(id + 10, 2);
    }
    for (std::uint64_t id = 80; id < 82; ++id) {
      a.world.running(id, 1);
      a.world.running(id + 10, 2);
    }
    CHECK(pairs(a.decide(), LAIR_PLACE).empty()); // 14 threads there against 10 here
  }
  SUBCASE("unlabelled hosts keep theirs") {
    a.labels.clear();
    CHECK(a.decide().actions().empty());
  }
}
