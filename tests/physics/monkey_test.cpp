// Every host and every link of a small federation is taken away at every moment at which something
// happens in its fault-free run. No task may be lost, and the world must stay in order.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace lair;
using namespace lair::physics;

namespace {

Scenario small() {
  Scenario s = make_scenario({2, 1, 2});
  s.intervals = 14;
  s.workload.image_transfer = Bytes(300e6);
  s.workload.image_size = Bytes(200e6);
  s.faults.effects.link_loss_share = 1; // a cut
  for (const double images : {500.0, 800.0}) {
    Application a = make_application(images, 2e9, 2);
    a.input = Bytes(50e6);
    a.result = Bytes(10e6);
    a.resident = Bytes(300e6);
    s.workload.applications.push_back(a);
  }
  for (std::uint32_t i = 0; i < 7; ++i) add_task(s, 45.0 * i, i % 3, i % 2);
  use_script(s, {{"t0", "1"}, {"t1", "2"}, {"t2", "4"}, {"t3", "0"}, {"t4", "2"}, {"t5", "3"},
                 {"t6", "1"}, {"m0", "1:0"}, {"m3", "2:1"}, {"m5", "2:2"}, {"m1", "2:3"}});
  return s;
}

std::vector<double> moments(const Recording& r) {
  std::vector<double> times;
  for (const Event& e : r.events) times.push_back(e.time);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

/// Runs with a crash, or a cut, of each kind at this moment.
void strike(const Scenario& s, double when, std::uint64_t tasks = 7) {
  std::vector<Fault> faults;
  for (std::uint32_t h = 0; h < s.federation.hosts.size(); ++h)
    for (const FaultKind kind : {FaultKind::crash, FaultKind::link_loss}) {
      faults.emplace_back().kind = kind;
      faults.back().host = HostId(h);
    }
  for (std::uint32_t l = 0; l < s.federation.leis.size(); ++l)
    for (const FaultKind kind : {FaultKind::partition, FaultKind::link_loss}) {
      faults.emplace_back().kind = kind;
      faults.back().lei = LeiId(l);
    }
  for (Fault& f : faults) {
    f.start = Seconds(when);
    f.length = Seconds(97);
    Scenario hit = s;
    hit.faults.script = {f};
    Forked how;
    how.cpu_seconds = 30;
    const Recording r = simulate_forked(hit, how);
    INFO(to_string(f.kind), " of host ", f.host.value, " or LEI ", f.lei.value, " at ", when);
    CHECK(r.signal == 0);
    CHECK(r.failure == "");
    REQUIRE(r.totals.size() == s.intervals);
    CHECK(r.totals.back().finished == tasks); // later, but all of them
  }
}

} // namespace

TEST_CASE("every host and link is taken away at every moment") {
  const Scenario s = small();
  const Recording quiet = simulate_forked(s);
  REQUIRE(quiet.totals.back().finished == 7);
  REQUIRE(quiet.of(EventKind::migration_finished).size() == 4);
  const auto times = moments(quiet);
  REQUIRE(times.size() > 30);
  for (const double when : times)
    if (when < s.horizon().value / 2) {
      strike(s, when);
      strike(s, when + 1e-3);
    }
}

TEST_CASE("every host and link is taken away around copies and checkpoints") {
  Scenario s = small();
  s.workload.trace.clear();
  for (std::uint32_t i = 0; i < 4; ++i) add_task(s, 30.0 * i, i % 3, 1); // 800 images: two intervals and more
  // Copies at home and in other LEIs, logs on several hosts, a copy taken back, a copy that takes the log along.
  use_actions(s, {"1:3:0:0:0", "1:5:0:4:20", "1:3:1:3:0", "1:5:2:0:0", "1:5:2:2:30", "2:3:2:1:0", "2:4:0:0:0",
                  "2:3:3:2:0"},
              {{"t0", "1"}, {"t1", "2"}, {"t2", "4"}, {"t3", "0"}});
  const Recording quiet = simulate_forked(s);
  REQUIRE(quiet.failure == "");
  REQUIRE(quiet.totals.back().finished == 4);
  REQUIRE(quiet.of(EventKind::copy_placed).size() >= 3);
  REQUIRE(quiet.of(EventKind::checkpoint_stored).size() >= 2);
  const auto times = moments(quiet);
  REQUIRE(times.size() > 30);
  for (const double when : times)
    if (when > 300 && when < s.horizon().value / 2) strike(s, when + 1e-3, 4);
}
