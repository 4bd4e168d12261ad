// Closed forms of contention: derived in the comments, compared with what SimGrid made of them.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

TEST_CASE("one task alone runs at its threads' speed") {
  Scenario s = make_scenario({1});
  s.workload.applications = {make_application(100, 1e9, 2)}; // 100 Gflop on 2 of 4 cores: 50 s
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  REQUIRE(r.failure == "");
  CHECK(r.response(0) == Approx(50).epsilon(1e-9));
}

TEST_CASE("n equal tasks share one host equally") {
  for (const unsigned n : {2u, 3u, 5u, 8u}) {
    Scenario s = make_scenario({1});
    s.workload.applications = {make_application(100, 1e9, 2)};
    for (unsigned i = 0; i < n; ++i) add_task(s, 0);
    const Recording r = simulate_forked(s);
    // n tasks of 2 threads on 4 cores: each gets min(2, 4 / n) cores.
    const double cores = std::min(2.0, 4.0 / n);
    for (unsigned i = 0; i < n; ++i) CHECK(r.response(i) == Approx(100 / cores).epsilon(1e-6));
  }
}

TEST_CASE("a task that ends leaves its cores to the others") {
  Scenario s = make_scenario({1});
  s.workload.applications = {make_application(60, 1e9, 4), make_application(100, 1e9, 4)};
  add_task(s, 0, 0, 0);
  add_task(s, 0, 0, 1);
  const Recording r = simulate_forked(s);
  // Both at 2 cores until 30 s; then 40 Gflop are left on 4 cores: 10 s more.
  CHECK(r.response(0) == Approx(30).epsilon(1e-6));
  CHECK(r.response(1) == Approx(40).epsilon(1e-6));
}

TEST_CASE("energy is the integral of the power curve over the load") {
  Scenario s = make_scenario({1});
  s.intervals = 1;
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  // 50 s at load 1/2 (4 W), 250 s idle (2 W).
  CHECK(r.energy(0) == Approx(50 * 4 + 250 * 2).epsilon(1e-9));
  REQUIRE(r.hosts.size() == 1);
  CHECK(r.hosts[0].state[LAIR_CPU] == Approx(50 * 0.5 / 300).epsilon(1e-9));
}

TEST_CASE("input and result pass the links") {
  Scenario s = make_scenario({1});
  Application a = make_application(100, 1e9, 2);
  a.input = Bytes(250e6);  // 2 s at 125 MB/s
  a.result = Bytes(125e6); // 1 s
  s.workload.applications = {a};
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.response(0) == Approx(53).epsilon(1e-6));
}

TEST_CASE("two flows share one link") {
  Scenario s = make_scenario({1});
  Application a = make_application(100, 1e9, 2);
  a.input = Bytes(250e6);
  s.workload.applications = {a};
  add_task(s, 0);
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  // 500 MB over one LAN link: both arrive after 4 s, then 2 cores each.
  CHECK(r.response(0) == Approx(54).epsilon(1e-6));
  CHECK(r.response(1) == Approx(54).epsilon(1e-6));
}

TEST_CASE("the card's reads add to a task's time") {
  Scenario s = make_scenario({1});
  Application a = make_application(100, 1e9, 2); // 0.5 s an image
  a.bytes_per_image = Bytes(4e6);                // and 0.1 s at 40 MB/s
  s.workload.applications = {a};
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.response(0) == Approx(60).epsilon(1e-6));
}

TEST_CASE("the image is fetched once and cached") {
  Scenario s = make_scenario({2});
  s.workload.image_transfer = Bytes(125e6); // 1 s on the wire
  s.workload.image_size = Bytes(100e6);     // 5 s of writing
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 0);
  add_task(s, 0);
  add_task(s, 300);
  use_script(s, {{"t0", "1"}, {"t1", "1"}, {"t2", "1"}});
  const Recording r = simulate_forked(s);
  CHECK(r.response(0) == Approx(56).epsilon(1e-6));
  CHECK(r.response(1) == Approx(56).epsilon(1e-6));
  CHECK(r.response(2) == Approx(50).epsilon(1e-6));
  CHECK(r.of(EventKind::image_fetched).size() == 1);
}

TEST_CASE("a migration costs write, send, write and read of the resident set") {
  Scenario s = make_scenario({2});
  Application a = make_application(1000, 1e9, 2); // 500 s
  a.resident = Bytes(400e6); // 20 s + 3.2 s + 20 s + 10 s
  s.workload.applications = {a};
  add_task(s, 0);
  for (auto& lei : s.federation.leis) lei.wan_latency = Seconds(0);
  use_script(s, {{"t0", "0"}, {"m0", "1:1"}});
  s.workload.image_size = s.workload.image_transfer = Bytes(0);
  const Recording r = simulate_forked(s);
  REQUIRE(r.of(EventKind::migration_finished).size() == 1);
  CHECK(r.only(EventKind::migration_finished).value == Approx(53.2).epsilon(1e-6));
  CHECK(r.response(0) == Approx(553.2).epsilon(1e-6));
  CHECK(r.only(EventKind::task_finished).host == HostId(1));
}

TEST_CASE("swapping slows a task by the re-read share of its weights and activations") {
  Scenario s = make_scenario({1});
  Application a = make_application(100, 1e9, 2);
  a.resident = Bytes(5e9); // need 5 GB of 4: s = 0.2
  a.weights = Bytes(8e6);
  a.activations = Bytes(4e6);
  s.workload.applications = {a};
  add_task(s, 0);
  const Recording r = simulate_forked(s);
  // Per image 0.5 s + 0.2 * (12 MB / 8 MB/s + 4 MB / 4 MB/s) = 0.5 + 0.5 s.
  CHECK(r.response(0) == Approx(100).epsilon(1e-6));
  CHECK(r.hosts[0].state[LAIR_SWAP] > 0.1);
}
