// Migrations that meet trouble: nothing is lost, nothing is doubled.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {
Scenario moving(std::vector<unsigned> leis = {3}) {
  Scenario s = make_scenario(std::move(leis));
  Application a = make_application(1000, 1e9, 2);
  a.resident = Bytes(400e6); // 20 write + 3.2 send + 20 write + 10 read
  s.workload.applications = {a};
  add_task(s, 0);
  use_script(s, {{"t0", "1"}, {"m0", "1:2"}});
  return s;
}
} // namespace

TEST_CASE("the target dies: the task resumes at its source") {
  for (const double when : {305.0, 321.0, 330.0, 345.0}) {
    Scenario s = moving();
    add_fault(s, FaultKind::crash, when, 100, 2);
    const Recording r = simulate_forked(s);
    REQUIRE(r.signal == 0);
    CHECK(r.only(EventKind::migration_aborted).reason == Reason::target_lost);
    CHECK(r.only(EventKind::task_finished).host == HostId(1));
    // It stood still from 300 s until the crash; a write to its own card is finished first.
    const double stood = std::max(when - 300, 0.0);
    CHECK(r.response(0) >= 500 + stood - 1e-6);
    CHECK(r.response(0) <= 500 + std::max(stood, 20.0) + 1e-6);
  }
}

TEST_CASE("the source dies: the transfer is lost, the task is not") {
  for (const double when : {310.0, 321.0, 330.0, 350.0}) {
    Scenario s = moving();
    add_fault(s, FaultKind::crash, when, 100, 1);
    const Recording r = simulate_forked(s);
    REQUIRE(r.signal == 0);
    CHECK(r.of(EventKind::migration_finished).empty());
    CHECK(r.of(EventKind::task_requeued).size() == 1);
    CHECK(r.of(EventKind::task_finished).size() == 1);
  }
}

TEST_CASE("the target reserves memory from the start and refuses what does not fit") {
  Scenario s = moving();
  s.workload.applications[0].resident = Bytes(4e9);
  add_task(s, 0);
  use_script(s, {{"t0", "1"}, {"t1", "2"}, {"m0", "1:2"}});
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::migration_started).empty());
  CHECK(r.only(EventKind::action_refused).reason == Reason::not_enough_memory);
}

TEST_CASE("a placement and a migration fit as long as RAM and swap hold them") {
  // 4 GB and 2 GB. Tasks 0 and 1 on one host, then task 0 to where task 1 is.
  for (const double other : {1e9, 2.1e9, 3.9e9, 4e9, 4e9 + 2}) {
    INFO("2 GB and ", other);
    const bool fits = other <= 4e9;
    Scenario s = moving();
    s.liveness.probe_deadline = Seconds(1e9);
    s.workload.applications[0].resident = Bytes(2e9);
    s.workload.applications.push_back(s.workload.applications[0]);
    s.workload.applications[1].resident = Bytes(other);
    add_task(s, 0, 0, 1);
    use_script(s, {{"t0", "1"}, {"t1", "1"}});
    const Recording placed = simulate_forked(s);
    REQUIRE(placed.signal == 0);
    std::size_t at_once = 0;
    for (const Event& e : placed.of(EventKind::task_placed)) at_once += e.time == 0;
    CHECK(at_once == (fits ? 2 : 1));
    CHECK(placed.of(EventKind::action_refused).empty() == fits);
    CHECK(placed.of(EventKind::task_killed).empty());

    use_script(s, {{"t0", "1"}, {"t1", "2"}, {"m0", "1:2"}});
    const Recording moved = simulate_forked(s);
    REQUIRE(moved.signal == 0);
    CHECK(moved.of(EventKind::migration_finished).size() == fits);
    CHECK(moved.of(EventKind::task_killed).empty());
    CHECK(moved.of(EventKind::action_refused).size() == !fits);
    if (!fits)
      CHECK(moved.only(EventKind::action_refused).reason == Reason::not_enough_memory);
  }
}

TEST_CASE("of two brokers that fill the same host the second is refused") {
  // Each sees room for 3.5 GB in 6 GB; what the other does at that instant it cannot know.
  Scenario s = moving({2, 3});
  s.workload.applications[0].resident = Bytes(3.5e9);
  s.liveness.probe_deadline = Seconds(1e9);
  add_task(s, 0, 1);
  use_script(s, {{"t0", "1"}, {"t1", "3"}, {"m0", "1:4"}, {"m1", "1:4"}});
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  CHECK(r.of(EventKind::migration_started).size() == 1);
  CHECK(r.only(EventKind::action_refused).reason == Reason::not_enough_memory);
}

TEST_CASE("what a migration moves is what its source sent and its target got") {
  // Task 0 goes from host 1 to 2 to 0, task 1 sets out from 1 to 2 and does not arrive.
  Scenario s = moving();
  s.workload.applications[0].images = 2500;
  s.workload.applications.push_back(s.workload.applications[0]);
  s.workload.applications[1].resident = Bytes(300e6);
  add_task(s, 0, 0, 1);
  use_script(s, {{"t0", "1"}, {"t1", "1"}, {"m0", "1:2"}, {"n0", "2:0"}, {"m1", "3:2"}});
  add_fault(s, FaultKind::crash, 905, 100, 2); // task 1 is still being written to its source's card
  const Recording r = simulate_forked(s);
  REQUIRE(r.of(EventKind::migration_finished).size() == 2);
  CHECK(r.only(EventKind::migration_aborted).task == TaskId(1));
  double net_in[3] = {}, net_out[3] = {};
  for (const HostInterval& h : r.hosts) {
    INFO("host ", h.host.value, " in interval ", h.interval);
    const auto is = [&](std::uint32_t interval, std::uint32_t host) {
      return h.interval == interval && h.host == HostId(host);
    };
    CHECK(h.migration_out == (is(1, 1) || is(2, 2) ? 400e6 : 0));
    CHECK(h.migration_in == (is(1, 2) || is(2, 0) ? 400e6 : 0));
    net_in[h.host.index()] += h.state[LAIR_NET_IN] * 300;
    net_out[h.host.index()] += h.state[LAIR_NET_OUT] * 300;
  }
  const double in[] = {400e6, 0, 400e6}, out[] = {0, 400e6, 400e6};
  for (int host = 0; host < 3; ++host) {
    CHECK(net_in[host] == Approx(in[host]).epsilon(1e-9));
    CHECK(net_out[host] == Approx(out[host]).epsilon(1e-9));
  }
}

TEST_CASE("who moves to a host whose memory has filled up meanwhile is killed on arrival") {
  Scenario s = moving();
  s.faults.effects.ram_share = 1.45; // 5.8 GB of 6 GB with swap; the task has 0.4 GB
  s.liveness.probe_deadline = Seconds(1e9);
  add_fault(s, FaultKind::ram_contention, 310, 2000, 2);
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  const Event arrived = r.only(EventKind::migration_finished);
  const Event killed = r.only(EventKind::task_killed);
  CHECK(killed.host == HostId(2));
  CHECK(killed.time == arrived.time);
  CHECK(r.of(EventKind::task_finished).size() == 1);
}

TEST_CASE("a link that is cut aborts the transfer; the task resumes at its source") {
  Scenario s = moving();
  s.faults.effects.link_loss_share = 1;
  add_fault(s, FaultKind::link_loss, 321, 30, 2);
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::migration_aborted).reason == Reason::link_lost);
  CHECK(r.response(0) == Approx(521).epsilon(1e-6));
}

TEST_CASE("across LEIs the WAN's latency and bandwidth count") {
  Scenario s = moving({2, 1});
  s.federation.leis[0].wan_bandwidth = BytesPerSecond(12.5e6);
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::migration_finished).value == Approx(20 + 32 + 20 + 10).epsilon(1e-6));
}

TEST_CASE("a task that ends before its image is there is not moved") {
  Scenario s = moving();
  s.workload.image_transfer = Bytes(125e6 * 250); // 250 s to fetch
  s.workload.image_size = Bytes(1);
  use_script(s, {{"t0", "0"}, {"m0", "1:2"}}); // the broker has the image
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::migration_aborted).reason == Reason::too_late);
  CHECK(r.response(0) == Approx(500).epsilon(1e-6));
}

TEST_CASE("a task keeps running while its image is fetched to the target") {
  Scenario s = moving();
  s.workload.image_transfer = Bytes(125e6 * 100);
  s.workload.image_size = Bytes(1);
  use_script(s, {{"t0", "0"}, {"m0", "1:2"}});
  const Recording r = simulate_forked(s);
  CHECK(r.response(0) == Approx(553.2).epsilon(1e-6));
  CHECK(r.only(EventKind::migration_finished).value == Approx(53.2).epsilon(1e-6));
}
