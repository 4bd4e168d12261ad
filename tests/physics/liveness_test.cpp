// Hosts stop answering because of what runs on them; brokers are watched, rebooted and replaced.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {

/// Does a host with this attack (and `tasks` 2-thread tasks) miss a probe within 250 s?
bool misses_probes(FaultKind kind, double strength, unsigned tasks, double resident = 100e6) {
  Scenario s = make_scenario({2});
  s.workload.applications = {make_application(1e6, 1e9, 2)};
  s.workload.applications[0].resident = Bytes(resident);
  for (unsigned i = 0; i < tasks; ++i) add_task(s, 0);
  std::vector<std::pair<std::string, std::string>> script;
  for (unsigned i = 0; i < tasks; ++i) script.push_back({"t" + std::to_string(i), "1"});
  use_script(s, script);
  s.intervals = 1;
  add_fault(s, kind, 5, 250, 1, strength);
  const Recording r = simulate_forked(s);
  CHECK(r.signal == 0);
  return !r.of(EventKind::host_unresponsive).empty();
}

} // namespace

TEST_CASE("which strength of each attack makes a host miss its probes") {
  // Reply: 50 ms of CPU beside n runnable threads on 4 cores = 0.05 (n + 1) / 4 s; 10 s at n = 799.
  CHECK_FALSE(misses_probes(FaultKind::cpu_overload, 1, 0));
  CHECK_FALSE(misses_probes(FaultKind::cpu_overload, 99, 0));
  CHECK(misses_probes(FaultKind::cpu_overload, 101, 0));
  // DDoS: 512 requests of 10 ms wait before it: (0.05 + 5.12) (4 + 1 + 2 tasks) / 4 s.
  CHECK_FALSE(misses_probes(FaultKind::ddos, 1, 0)); // 6.5 s
  CHECK_FALSE(misses_probes(FaultKind::ddos, 1, 1)); // 9.05 s
  CHECK(misses_probes(FaultKind::ddos, 1, 2));       // 11.6 s
  CHECK(misses_probes(FaultKind::ddos, 1.3, 0));     // 10.4 s
  // RAM alone only delays the reply by the swapped part of its 30 MB.
  CHECK_FALSE(misses_probes(FaultKind::ram_contention, 1, 1, 1.4e9));
  // The disk alone does not touch a daemon that is in memory.
  CHECK_FALSE(misses_probes(FaultKind::disk_attack, 4, 1));
  CHECK(misses_probes(FaultKind::crash, 1, 0));
}

TEST_CASE("a disk attack on a swapping host makes it miss its probes") {
  Scenario s = make_scenario({2});
  s.intervals = 1;
  s.workload.applications = {make_application(1e6, 1e9, 2)};
  s.workload.applications[0].resident = Bytes(1e9);
  add_task(s, 0);
  use_script(s, {{"t0", "1"}});
  add_fault(s, FaultKind::ram_contention, 5, 250, 1);
  add_fault(s, FaultKind::disk_attack, 5, 250, 1);
  // s = 0.6 / 4.6; 0.13 * 30 MB / 8 MB/s * 130 requests = 64 s.
  CHECK(simulate_forked(s).of(EventKind::host_unresponsive).size() == 1);
}

TEST_CASE("a worker that does not answer five probes is rebooted, and its tasks are requeued") {
  Scenario s = make_scenario({2});
  s.workload.applications = {make_application(1000, 1e9, 2)};
  add_task(s, 0);
  use_script(s, {{"t0", "1"}});
  add_fault(s, FaultKind::ddos, 5, 1000, 1, 2); // (0.05 + 10.24) (8 + 1) / 4 s
  const Recording r = simulate_forked(s);
  // Probes at 30, 60, ..., 150 s are missed; the last one's deadline passes at 160 s.
  REQUIRE(r.of(EventKind::host_failed).size() == 1);
  CHECK(r.only(EventKind::host_failed).time == Approx(160));
  CHECK(r.only(EventKind::host_down).reason == Reason::reboot);
  const double off = r.only(EventKind::host_up).time - 160;
  CHECK(off >= 60);
  CHECK(off <= 300);
  CHECK(r.only(EventKind::task_requeued).reason == Reason::reboot);
  CHECK(r.of(EventKind::task_finished).size() == 1);
  CHECK(r.of(EventKind::broker_promoted).empty());
}

TEST_CASE("a dead broker is replaced by the least-utilised worker and returns as a worker") {
  Scenario s = make_scenario({3, 1});
  s.workload.applications = {make_application(3000, 1e9, 2)};
  add_task(s, 0);
  use_script(s, {{"t0", "1"}});
  add_fault(s, FaultKind::crash, 310, 290, 0);
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  const Event failed = r.only(EventKind::host_failed), promoted = r.only(EventKind::broker_promoted);
  CHECK(failed.time == Approx(460)); // probes at 330, ..., 450
  CHECK(promoted.time == Approx(460));
  CHECK(promoted.host == HostId(2)); // host 1 computes
  CHECK(r.only(EventKind::host_rejoined).time == Approx(600));
  CHECK(r.hosts.back().host == HostId(3));
  bool worker = false;
  for (const HostInterval& h : r.hosts)
    if (h.interval == 9 && h.host == HostId(0)) worker = !h.broker;
  CHECK(worker);
  // Intervals 0 and 1 are decided by host 0, the next ones by host 2.
  for (const Event& d : r.of(EventKind::decision_made))
    if (d.lei == LeiId(0)) CHECK(d.host == HostId(d.time < 310 ? 0 : 2));
}

TEST_CASE("the only host of a LEI comes back as its broker; its new tasks wait") {
  Scenario s = make_scenario({1, 1});
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 300, 0);
  add_fault(s, FaultKind::crash, 290, 290, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::broker_promoted).empty());
  CHECK(r.response(0) == Approx(350).epsilon(1e-6)); // placed at 600 s
}

TEST_CASE("a decision's flops run on one thread of the broker and delay its actions") {
  Scenario s = make_scenario({1});
  s.overhead.mode = OverheadMode::modelled;
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 0);
  use_script(s, {{"flops", "30e9"}}); // 30 s on one core
  const Recording r = simulate_forked(s);
  CHECK(r.response(0) == Approx(80).epsilon(1e-6));
  CHECK(r.of(EventKind::decision_made)[0].value == Approx(30).epsilon(1e-6));
}

TEST_CASE("a decision that passes the next boundary skips that interval") {
  Scenario s = make_scenario({1});
  s.intervals = 4;
  s.overhead.mode = OverheadMode::modelled;
  s.workload.applications = {make_application(1, 1e9, 2)};
  use_script(s, {{"flops", "400e9"}});
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::decision_skipped).size() == 2); // begun at 0 and 600
}

TEST_CASE("learning runs with the next decision, on the same thread, and is told apart from it") {
  Scenario s = make_scenario({1});
  s.intervals = 3;
  s.overhead.mode = OverheadMode::modelled;
  s.workload.applications = {make_application(1, 1e9, 2)};
  use_script(s, {{"flops", "30e9"}, {"learn_flops", "10e9"}});
  const Recording r = simulate_forked(s);
  const auto decided = r.of(EventKind::decision_made), learned = r.of(EventKind::policy_learned);
  REQUIRE(decided.size() == 3);
  CHECK(decided[0].value == Approx(30).epsilon(1e-6)); // nothing to learn from yet
  CHECK(decided[1].value == Approx(40).epsilon(1e-6));
  REQUIRE(learned.size() == 2);
  for (const Event& e : learned) CHECK(e.value == Approx(10).epsilon(1e-6));
  s.overhead.mode = OverheadMode::none;
  CHECK(simulate_forked(s).of(EventKind::policy_learned).empty());
}

TEST_CASE("a decision of absurd cost never ends, rather than costing nothing") {
  Scenario s = make_scenario({1});
  s.intervals = 3;
  s.overhead.mode = OverheadMode::modelled;
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 0);
  use_script(s, {{"flops", "1e30"}});
  const Recording r = simulate_forked(s);
  CHECK(r.signal == 0);
  CHECK(r.of(EventKind::decision_made).empty());
  CHECK(r.of(EventKind::decision_skipped).size() == 2);
}

TEST_CASE("probes put their bytes on both hosts, each way, as long as a way is there") {
  // 2 LEIs of 2 hosts. A broker and its worker watch one another, and so do the two brokers: 4 probes a
  // round for a broker, 2 for a worker. Rounds are counted when their deadline has passed: those of 30,
  // 60, ..., 270 s within the first interval, 10 in each later one.
  Scenario s = make_scenario({2, 2});
  s.intervals = 3;
  s.liveness.probe_bytes = Bytes(1000);
  s.exchange.header = Bytes(0); // reports are counted too: let them be of next to nothing
  s.exchange.bytes_per_number = 1e-6;
  const auto bytes = [](const Recording& r, std::uint32_t interval, std::uint32_t host, int metric) {
    for (const HostInterval& h : r.hosts)
      if (h.interval == interval && h.host.value == host) return h.state[metric] * 300;
    return -1.0;
  };
  const Recording plain = simulate_forked(s);
  for (const int way : {LAIR_NET_IN, LAIR_NET_OUT})
    for (const std::uint32_t host : {0u, 1u, 2u, 3u}) {
      const double each = host % 2 == 0 ? 4 * 500 : 2 * 500;
      CHECK(bytes(plain, 0, host, way) == Approx(9 * each).epsilon(1e-3));
      CHECK(bytes(plain, 1, host, way) == Approx(10 * each).epsilon(1e-3));
    }

  SUBCASE("half as often") {
    s.liveness.probe_period = Seconds(60);
    const Recording r = simulate_forked(s);
    CHECK(bytes(r, 1, 0, LAIR_NET_OUT) == Approx(5 * 4 * 500).epsilon(1e-3));
  }
  SUBCASE("a worker that is off sends nothing, and requests to it get no reply") {
    s.liveness.probes = 1000; // nobody draws a conclusion
    add_fault(s, FaultKind::crash, 300, 290, 1);
    const Recording r = simulate_forked(s);
    CHECK(bytes(r, 1, 1, LAIR_NET_IN) == Approx(0));
    CHECK(bytes(r, 1, 1, LAIR_NET_OUT) == Approx(0));
    CHECK(bytes(r, 1, 0, LAIR_NET_OUT) == Approx(10 * 3 * 500).epsilon(1e-3)); // 3 requests or replies
    CHECK(bytes(r, 1, 0, LAIR_NET_IN) == Approx(10 * 2 * 500).epsilon(1e-3));
  }
  SUBCASE("a partition: the brokers' requests leave and arrive nowhere") {
    s.liveness.probes = 1000;
    Fault f;
    f.kind = FaultKind::partition;
    f.start = Seconds(300);
    f.length = Seconds(300);
    f.lei = LeiId(0);
    s.faults.script.push_back(f);
    const Recording r = simulate_forked(s);
    for (const std::uint32_t broker : {0u, 2u}) {
      CHECK(bytes(r, 1, broker, LAIR_NET_OUT) == Approx(10 * 3 * 500).epsilon(1e-3));
      CHECK(bytes(r, 1, broker, LAIR_NET_IN) == Approx(10 * 2 * 500).epsilon(1e-3));
      CHECK(bytes(r, 1, broker + 1, LAIR_NET_IN) == Approx(10 * 2 * 500).epsilon(1e-3));
    }
  }
}
