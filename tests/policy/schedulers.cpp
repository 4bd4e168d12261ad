// The simple schedulers' exact placements.
#include "schedulers/first_fit.hpp"
#include "schedulers/least_loaded.hpp"
#include "schedulers/random.hpp"
#include "schedulers/round_robin.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

using namespace lair;

namespace {

template <class S>
Pairs placed(SmallWorld& world, Recorder& recorder, std::vector<lair_option> options = {}) {
  Built<S> scheduler(recorder, std::move(options));
  Decision out;
  scheduler->place(world.view(), out);
  CHECK(pairs(out, LAIR_MIGRATE).empty());
  return pairs(out, LAIR_PLACE);
}

/// Three own hosts, given in an order that is not that of their ids, one foreign host, two new
/// tasks.
SmallWorld three_hosts() {
  SmallWorld world;
  world.host(5);
  world.host(2);
  world.host(9);
  world.host(1, false);
  world.queued(100);
  world.queued(101);
  return world;
}

constexpr double room_for_one = 4e9 - 1.5 * SmallWorld::resident;

} // namespace

TEST_CASE("least-loaded counts what it has just placed") {
  SmallWorld world = three_hosts();
  world.running(50, 2);
  Recorder recorder;
  // 2 holds a task; 5 and 9 are empty, the lower id first; then 9 is the only empty one.
  CHECK(placed<LeastLoadedScheduler>(world, recorder) == Pairs{{100, 5}, {101, 9}});
  CHECK(recorder.flops > 0);
}

TEST_CASE("least-loaded spreads a bag over equal hosts and starts over") {
  SmallWorld world = three_hosts();
  world.queued(102);
  world.queued(103);
  Recorder recorder;
  CHECK(placed<LeastLoadedScheduler>(world, recorder) ==
        Pairs{{100, 2}, {101, 5}, {102, 9}, {103, 2}});
}

TEST_CASE("least-loaded sees unexplained threads and tasks that are on their way") {
  SmallWorld world = three_hosts();
  world.find(2).unexplained.threads = 8;
  lair_task& moving = world.running(50, 2);
  moving.state = LAIR_TASK_MIGRATING;
  moving.target = 5;
  Recorder recorder;
  CHECK(placed<LeastLoadedScheduler>(world, recorder) == Pairs{{100, 9}, {101, 5}});
}

TEST_CASE("least-loaded by the CPU of the last interval") {
  SmallWorld world = three_hosts();
  world.running(50, 9); // no matter: its metric says idle
  world.metric(2, LAIR_CPU, 0.6);
  world.metric(5, LAIR_CPU, 0.3);
  Recorder recorder;
  // 9: 0, then 0.5 with the first task; then 5 has 0.3.
  CHECK(placed<LeastLoadedScheduler>(world, recorder, {{"measure", "cpu"}}) ==
        Pairs{{100, 9}, {101, 5}});
}

TEST_CASE("the scope decides whether other LEIs' hosts are candidates") {
  SmallWorld world = three_hosts();
  world.metric(1, LAIR_CPU_PRESSURE, 0.1);
  for (const std::uint32_t id : {2, 5, 9}) world.running(50 + id, id);
  Recorder recorder;
  CHECK(placed<LeastLoadedScheduler>(world, recorder) == Pairs{{100, 2}, {101, 5}});
  // The foreign host takes one, then has 0.6 and is the busiest.
  CHECK(placed<LeastLoadedScheduler>(world, recorder, {{"scope", "federation"}}) ==
        Pairs{{100, 1}, {101, 2}});
}

TEST_CASE("first-fit fills the lowest id as far as its RAM goes, then the next") {
  SmallWorld world = three_hosts();
  world.find(2).ram_need = room_for_one;
  Recorder recorder;
  CHECK(placed<FirstFitScheduler>(world, recorder) == Pairs{{100, 2}, {101, 5}});
}

TEST_CASE("swap is used only when no host has RAM, and beyond swap a task waits") {
  SmallWorld world = three_hosts();
  for (const std::uint32_t id : {2, 5, 9}) world.find(id).ram_need = 4e9;
  world.find(2).ram_need = 6e9; // RAM and swap are full
  Recorder recorder;
  CHECK(placed<FirstFitScheduler>(world, recorder) == Pairs{{100, 5}, {101, 5}});
  world.find(5).ram_need = world.find(9).ram_need = 6e9;
  CHECK(placed<FirstFitScheduler>(world, recorder).empty());
  CHECK(placed<LeastLoadedScheduler>(world, recorder).empty());
  CHECK(placed<RandomScheduler>(world, recorder).empty());
  CHECK(placed<RoundRobinScheduler>(world, recorder).empty());
}

template <class S> void waits_for_ram() {
  SmallWorld world = three_hosts();
  for (const std::uint32_t id : {2, 5, 9}) world.find(id).ram_need = 4e9;
  world.find(5).ram_need = room_for_one;
  Recorder recorder(std::vector<double>(8, 0.0));
  const std::vector<lair_option> ram{{"admit", "ram"}};
  CHECK(placed<S>(world, recorder, ram) == Pairs{{100, 5}}); // 101 waits
  CHECK(placed<S>(world, recorder).size() == 2);             // unless swap will do
  CHECK_THROWS_AS(placed<S>(world, recorder, {{"admit", "all"}}), OptionError);
}

TEST_CASE("admitted by RAM alone, a task waits although swap has room") {
  waits_for_ram<FirstFitScheduler>();
  waits_for_ram<LeastLoadedScheduler>();
  waits_for_ram<RandomScheduler>();
  waits_for_ram<RoundRobinScheduler>();
}

TEST_CASE("dead hosts and brokers that run no tasks are no candidates") {
  SmallWorld world = three_hosts();
  world.find(2).flags &= ~static_cast<std::uint32_t>(LAIR_HOST_ALIVE);
  world.find(5).flags |= LAIR_HOST_NO_TASKS;
  Recorder recorder({0, 0});
  CHECK(placed<FirstFitScheduler>(world, recorder) == Pairs{{100, 9}, {101, 9}});
  CHECK(placed<RandomScheduler>(world, recorder) == Pairs{{100, 9}, {101, 9}});
}

TEST_CASE("round-robin goes on where it stopped, past hosts without room") {
  SmallWorld world = three_hosts();
  world.find(5).ram_need = 7e9;
  Recorder recorder;
  Built<RoundRobinScheduler> scheduler(recorder);
  Decision first, second;
  scheduler->place(world.view(), first);
  CHECK(pairs(first, LAIR_PLACE) == Pairs{{100, 2}, {101, 9}});
  world.find(5).ram_need = 650e6;
  world.queued(102);
  scheduler->place(world.view(), second);
  CHECK(pairs(second, LAIR_PLACE) == Pairs{{100, 2}, {101, 5}, {102, 9}});
}

TEST_CASE("random draws uniformly among the feasible hosts by id") {
  SmallWorld world = three_hosts();
  world.find(9).ram_need = 7e9;
  Recorder recorder({0.49, 0.5});
  CHECK(placed<RandomScheduler>(world, recorder) == Pairs{{100, 2}, {101, 5}});
}

TEST_CASE("tasks that have a host are left alone; unreadable options are refused") {
  SmallWorld world;
  world.host(0);
  world.running(1, 0);
  Recorder recorder;
  CHECK(placed<LeastLoadedScheduler>(world, recorder).empty());
  CHECK_THROWS_AS(placed<LeastLoadedScheduler>(world, recorder, {{"scope", "moon"}}), OptionError);
}
