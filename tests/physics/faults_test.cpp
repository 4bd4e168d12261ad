// Every kind of fault moves a task's end by its closed form, and does nothing when it is not injected.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {

/// One host, one task of 400 s alone from t = 0 (2 threads of 4 cores of 1 Gflop/s).
Scenario one_task(double card_bytes_per_image = 0) {
  Scenario s = make_scenario({1});
  Application a = make_application(800, 1e9, 2);
  a.bytes_per_image = Bytes(card_bytes_per_image);
  s.workload.applications = {a};
  add_task(s, 0);
  return s;
}

/// The task's response with and without the fault.
std::pair<double, double> with_and_without(const Scenario& s) {
  Scenario off = s;
  off.faults.script.clear();
  const Recording with = simulate_forked(s), without = simulate_forked(off);
  CHECK(with.signal == 0);
  CHECK(with.failure == "");
  CHECK(without.of(EventKind::fault_started).empty());
  return {with.response(0), without.response(0)};
}

} // namespace

TEST_CASE("cpu_overload: 8 threads leave a 2-thread task 2/10 of the CPU") {
  Scenario s = one_task();
  add_fault(s, FaultKind::cpu_overload, 100, 250, 0);
  const auto [with, without] = with_and_without(s);
  CHECK(without == Approx(400).epsilon(1e-9));
  // 0.8 Gflop/s instead of 2 for 250 s: 100 s of progress, so 150 s later.
  CHECK(with == Approx(550).epsilon(1e-6));
  const Recording r = simulate_forked(s);
  const Event end = r.only(EventKind::fault_ended);
  CHECK(end.value == Approx(8.0 / 10 * 4 * 250).epsilon(1e-6)); // core-seconds it obtained
  CHECK(end.extra == Approx(end.value).epsilon(1e-6));
}

TEST_CASE("ddos: 4 handler threads leave a 2-thread task 2/6 of the CPU, and the flows its link") {
  Scenario s = one_task();
  add_fault(s, FaultKind::ddos, 100, 250, 0);
  const auto [with, without] = with_and_without(s);
  // 4/3 Gflop/s instead of 2: a third is lost.
  CHECK(with - without == Approx(250.0 / 3).epsilon(1e-6));

  Scenario net = one_task();
  net.workload.applications[0].input = Bytes(125e6); // 1 s alone
  net.workload.trace[0].time = Seconds(120);
  add_fault(net, FaultKind::ddos, 100, 250, 0);
  const Recording r = simulate_forked(net);
  REQUIRE(r.of(EventKind::task_started).size() == 1);
  // It shares the link with 50 flows: 51 s. It is placed at 300 s, when 50 s of the attack are left:
  // 50 / 51 of the bytes, then the rest alone.
  const double start = r.only(EventKind::task_started).time - 300;
  CHECK(start == Approx(50 + 1.0 / 51).epsilon(1e-6));
  double in = 0;
  for (const HostInterval& h : r.hosts) in += h.state[LAIR_NET_IN] * 300;
  CHECK(in == Approx(250 * 125e6 + 125e6 / 51).epsilon(1e-3)); // the link is full while it lasts
}

TEST_CASE("a flood goes on when a link that was cut is back") {
  for (const FaultKind cut : {FaultKind::link_loss, FaultKind::partition}) {
    Scenario s = one_task();
    s.faults.effects.link_loss_share = 1;
    add_fault(s, FaultKind::ddos, 100, 250, 0);
    add_fault(s, cut, 150, 20, 0);
    add_fault(s, cut, 200, 10, 0);
    if (cut == FaultKind::partition)
      for (Fault& f : s.faults.script)
        if (f.kind == cut) f.host = HostId{}, f.lei = LeiId(0);
    double in = 0;
    for (const HostInterval& h : simulate_forked(s).hosts) in += h.state[LAIR_NET_IN] * 300;
    CHECK(in == Approx(220 * 125e6).epsilon(1e-3));
  }
}

TEST_CASE("a flood that ends at the instant at which its host goes down") {
  Scenario s = one_task();
  add_fault(s, FaultKind::ddos, 100, 250, 0);
  add_fault(s, FaultKind::crash, 350, 100, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.signal == 0); // SimGrid 3.32 would abort if the attack had waited with acquire_timeout()
  CHECK(r.of(EventKind::fault_ended).size() == 2);
}

TEST_CASE("disk_attack: 64 streams leave a task's reads 1/129 of the card") {
  Scenario s = one_task(160e3);
  s.workload.applications[0].images = 400;
  s.workload.applications[0].macs_per_image = 1e9; // 1 s an image on 2 cores
  add_fault(s, FaultKind::disk_attack, 100, 200, 0);
  const auto [with, without] = with_and_without(s);
  const double alone = 1 + 160e3 / 40e6, hit = 1 + 129 * 160e3 / 40e6;
  CHECK(without == Approx(400 * alone).epsilon(1e-6));
  CHECK(with == Approx(100 + 200 + (400 - 100 / alone - 200 / hit) * alone).epsilon(1e-6));
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::fault_ended).value == Approx(40e6 * 200).epsilon(1e-6));
}

TEST_CASE("ram_contention: 90 % of memory pushes the task into swap") {
  Scenario s = one_task();
  Application& a = s.workload.applications[0];
  a.resident = Bytes(1.4e9); // need 3.6 + 1.4 = 5 GB of 4: s = 0.2
  a.weights = Bytes(8e6);
  a.activations = Bytes(4e6);
  add_fault(s, FaultKind::ram_contention, 100, 200, 0);
  const auto [with, without] = with_and_without(s);
  CHECK(without == Approx(400).epsilon(1e-9));
  // 0.5 s of computing an image, and 0.2 * (12/8 + 4/4) = 0.5 s of the card, doubled by the request
  // that the attack's thread always has out: 1.5 s an image, so a third of the speed.
  CHECK(with == Approx(400 + 200 * (1 - 0.5 / 1.5)).epsilon(1e-6));
}

TEST_CASE("crash: the host is off for its time, work is lost and done again") {
  Scenario s = one_task();
  add_fault(s, FaultKind::crash, 100, 120, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::host_down).time == Approx(100));
  CHECK(r.only(EventKind::host_up).time == Approx(220));
  CHECK(r.only(EventKind::task_requeued).value == Approx(200)); // 100 s on 2 cores
  // Placed again at the next interval's start, 300 s, and computed from the beginning.
  CHECK(r.response(0) == Approx(700).epsilon(1e-6));
  CHECK(r.hosts[0].state[LAIR_ALIVE] == Approx(180.0 / 300));
  CHECK(r.energy(0) == Approx(100 * 4 + 80 * 2 + 400 * 4 + 10 * 300 * 2 - 700 * 2).epsilon(1e-6));
}

TEST_CASE("a task fails after its last restart") {
  Scenario s = one_task();
  s.workload.applications[0].images = 1e6;
  for (int i = 0; i < 4; ++i) add_fault(s, FaultKind::crash, 300 * i + 100, 60, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::task_requeued).size() == 3);
  CHECK(r.only(EventKind::task_failed).reason == Reason::restarts_exhausted);
}

TEST_CASE("link_loss: nine tenths of a LAN link's bandwidth are lost") {
  Scenario s = one_task();
  s.workload.applications[0].input = Bytes(1250e6); // 10 s alone
  add_fault(s, FaultKind::link_loss, 5, 50, 0);
  const auto [with, without] = with_and_without(s);
  CHECK(without == Approx(410).epsilon(1e-6));
  CHECK(with == Approx(5 + 50 + 0 + 400).epsilon(1e-3)); // 5 s full + 50 s at 1/10 = all sent
}

TEST_CASE("link_loss that cuts the link: the transfer starts again when it is back") {
  Scenario s = one_task();
  s.workload.applications[0].input = Bytes(1250e6);
  s.faults.effects.link_loss_share = 1;
  add_fault(s, FaultKind::link_loss, 5, 32, 0);
  const Recording r = simulate_forked(s);
  // Lost at 5 s; tried again every 10 s: at 15, 25, 35 (still cut), 45 (works).
  CHECK(r.only(EventKind::task_started).time == Approx(55).epsilon(1e-6));
}

namespace {

/// Task 0 moves at 300 s from host 1 in LEI 0 to `target`: written in 300 to 320 s, 32 s over WAN
/// links of 12.5 MB/s, 30 s more. LEI 2 has no part in it. For 20 s from 325 s on `lei`'s WAN link
/// loses its share.
Recording move_under_wan_loss(std::uint32_t target, std::uint32_t lei, double strength = 1,
                              double lost_share = 0.9) {
  Scenario s = make_scenario({3, 1, 1});
  for (auto& l : s.federation.leis) l.wan_bandwidth = BytesPerSecond(12.5e6);
  s.workload.applications = {make_application(1000, 1e9, 2)};
  s.workload.applications[0].resident = Bytes(400e6);
  s.faults.effects.link_loss_share = lost_share;
  add_task(s, 0);
  use_script(s, {{"t0", "1"}, {"m0", "1:" + std::to_string(target)}});
  add_fault(s, FaultKind::link_loss, 325, 20, 0, strength);
  s.faults.script[0].host = HostId{};
  s.faults.script[0].lei = LeiId(lei);
  return simulate_forked(s);
}

} // namespace

TEST_CASE("link_loss of a WAN link: what crosses it takes longer by the bandwidth lost") {
  const auto time = [](auto... how) {
    const Recording r = move_under_wan_loss(how...);
    CHECK(r.only(EventKind::fault_ended).value == Approx(20));
    return r.only(EventKind::migration_finished).value;
  };
  const double alone = 20 + 32 + 20 + 10;
  for (const std::uint32_t lei : {0u, 1u}) { // at the sender's and at the receiver's end
    INFO("LEI ", lei);
    CHECK(time(3u, lei) == Approx(alone + 0.9 * 20).epsilon(1e-6));
    CHECK(time(3u, lei, 0.5) == Approx(alone + 0.45 * 20).epsilon(1e-6));
    CHECK(time(3u, lei, 1.0, 0.6) == Approx(alone + 0.6 * 20).epsilon(1e-6));
  }
  CHECK(time(3u, 2u) == Approx(alone).epsilon(1e-6));                // another LEI's link
  CHECK(time(2u, 0u) == Approx(20 + 3.2 + 20 + 10).epsilon(1e-6)); // over the LAN alone
}

TEST_CASE("link_loss that cuts a WAN link: what crosses it is lost, the LAN behind it works") {
  for (const std::uint32_t lei : {0u, 1u}) {
    const Recording r = move_under_wan_loss(3, lei, 1, 1);
    const Event aborted = r.only(EventKind::migration_aborted);
    CHECK(aborted.time == Approx(325).epsilon(1e-9));
    CHECK(aborted.reason == Reason::link_lost);
    CHECK(r.response(0) == Approx(525).epsilon(1e-6)); // it stood still for 25 s
  }
  CHECK(move_under_wan_loss(3, 2, 1, 1).of(EventKind::migration_finished).size() == 1);
  CHECK(move_under_wan_loss(2, 0, 1, 1).of(EventKind::migration_finished).size() == 1);
}

TEST_CASE("partition: a LEI cut from the WAN keeps its own tasks and loses its reports") {
  Scenario s = make_scenario({2, 2});
  s.workload.applications = {make_application(800, 1e9, 2)};
  add_task(s, 0, 1);
  use_script(s, {{"t0", "2"}});
  Fault f;
  f.kind = FaultKind::partition;
  f.start = Seconds(250);
  f.length = Seconds(100);
  f.strength = 1;
  f.lei = LeiId(1);
  s.faults.script.push_back(f);
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  CHECK(r.response(0) == Approx(400).epsilon(1e-6));
  CHECK(r.of(EventKind::report_lost).size() == 2); // one interval, both ways
  CHECK(r.of(EventKind::host_failed).empty());     // its own workers still see the broker
  CHECK(r.only(EventKind::fault_ended).value == Approx(100));
}

TEST_CASE("link_loss of a WAN link: reports over it are slower too") {
  Scenario s = make_scenario({2, 2});
  s.window = 1;
  s.intervals = 4;
  s.federation.leis[1].wan_bandwidth = BytesPerSecond(800); // a report is some 400 bytes
  Fault f;
  f.kind = FaultKind::link_loss;
  f.start = Seconds(250);
  f.length = Seconds(400);
  f.strength = 1;
  f.lei = LeiId(1);
  s.faults.script.push_back(f);
  s.workload.applications = {make_application(100, 1e9, 2)};
  add_task(s, 300, 0);
  // A task is placed when the reports are there, or the deadline has passed.
  const auto waited = [&](double lost) {
    s.faults.effects.link_loss_share = lost;
    const Recording r = simulate_forked(s);
    REQUIRE(r.signal == 0);
    return r.only(EventKind::task_placed).time - 300;
  };
  const double latency = (s.federation.leis[0].wan_latency + s.federation.leis[1].wan_latency).value;
  const double usual = waited(0) - latency;
  CHECK(usual > 0.3);
  CHECK(waited(0.8) - latency == Approx(5 * usual).epsilon(1e-3));
  CHECK(waited(0.99) == Approx(s.exchange.deadline.value).epsilon(1e-3));
}

TEST_CASE("silent_corruption: wrong result, right timing") {
  Scenario s = one_task();
  add_fault(s, FaultKind::silent_corruption, 300, 200, 0);
  const auto [with, without] = with_and_without(s);
  CHECK(with == Approx(without).epsilon(1e-12));
  CHECK(simulate_forked(s).only(EventKind::task_corrupted).task == TaskId(0));
}

TEST_CASE("silent_corruption strikes who ends on that host while it lasts, and nobody else") {
  // Task i of host i % 2 computes from 300 (i / 2) s on for 50 s.
  Scenario s = make_scenario({2});
  s.workload.applications = {make_application(100, 1e9, 2)};
  std::vector<std::pair<std::string, std::string>> places;
  for (int i = 0; i < 12; ++i) {
    add_task(s, 300 * (i / 2));
    places.emplace_back("t" + std::to_string(i), std::to_string(i % 2));
  }
  use_script(s, places);
  add_fault(s, FaultKind::silent_corruption, 310, 600, 0); // tasks 2 and 4 end in it, 6 just after
  add_fault(s, FaultKind::silent_corruption, 320, 100, 0); // its end is not the other's
  add_fault(s, FaultKind::silent_corruption, 1205, 40, 1); // over before task 9 ends
  add_fault(s, FaultKind::silent_corruption, 1545, 10, 1); // task 11
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::task_finished).size() == 12);
  CHECK(r.of(EventKind::fault_ended).size() == 4);
  std::vector<std::uint64_t> wrong;
  for (const Event& e : r.of(EventKind::task_corrupted)) wrong.push_back(e.task.value);
  CHECK(wrong == std::vector<std::uint64_t>{2, 4, 11});
}

TEST_CASE("a fault on a host that is off, or at the end of the run, is masked with the reason") {
  Scenario s = one_task();
  s.intervals = 2;
  add_fault(s, FaultKind::crash, 100, 120, 0);
  add_fault(s, FaultKind::cpu_overload, 150, 100, 0);
  add_fault(s, FaultKind::cpu_overload, 599, 100, 0);
  const Recording r = simulate_forked(s);
  const auto masked = r.of(EventKind::fault_masked);
  REQUIRE(masked.size() == 2);
  CHECK(masked[0].reason == Reason::host_off);
  CHECK(masked[1].reason == Reason::past_horizon);
}

TEST_CASE("memory beyond RAM and swap kills the largest task") {
  Scenario s = make_scenario({1});
  s.workload.applications = {make_application(800, 1e9, 2), make_application(800, 1e9, 2)};
  s.workload.applications[0].resident = Bytes(1.5e9);
  s.workload.applications[1].resident = Bytes(1.2e9);
  s.faults.effects.ram_share = 1;
  add_task(s, 0, 0, 0);
  add_task(s, 0, 0, 1);
  add_fault(s, FaultKind::ram_contention, 100, 150, 0); // 4 + 2.7 GB of 6 GB
  const Recording r = simulate_forked(s);
  CHECK(r.only(EventKind::task_killed).task == TaskId(0));
  CHECK(r.only(EventKind::task_requeued).reason == Reason::out_of_memory);
}

TEST_CASE("onset: the strength ramps up in equal steps") {
  Scenario s = one_task();
  s.faults.onset = Seconds(100);
  s.faults.onset_steps = 4;
  add_fault(s, FaultKind::cpu_overload, 0, 200, 0);
  const Recording r = simulate_forked(s);
  // Threads 2, 4, 6, 8 for 25 s each, then 8 for 100 s. The task gets min(2, 4 * 2 / (2 + n)) cores.
  double work = 0;
  for (const double n : {2.0, 4.0, 6.0, 8.0}) work += 25 * std::min(2.0, 8 / (2 + n));
  work += 100 * 0.8;
  CHECK(r.response(0) == Approx(200 + (800 - work) / 2).epsilon(1e-6));
  const Event end = r.only(EventKind::fault_ended);
  CHECK(end.value == Approx(end.extra).epsilon(1e-6));
}

TEST_CASE("ground truth names every sample a fault touched") {
  Scenario s = one_task();
  add_fault(s, FaultKind::cpu_overload, 95, 30, 0); // samples 9 to 12 of 30
  const Recording r = simulate_forked(s);
  CHECK(r.hosts[0].fault_share == Approx(4.0 / 30));
  CHECK(r.hosts[0].fault_kinds == 1u << static_cast<unsigned>(FaultKind::cpu_overload));
  CHECK(r.hosts[1].fault_share == 0);
}
