// What must not change, or change in a known way, when a scenario is changed in a known way.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {

/// Two LEIs of unequal hosts, six tasks, a migration within and one across LEIs, an image to fetch,
/// and one fault of every kind that does not stop the script.
Scenario rich() {
  Scenario s = make_scenario({4, 2});
  s.intervals = 12;
  for (std::size_t i = 0; i < s.federation.hosts.size(); ++i) {
    HostSpec& spec = s.federation.hosts[i].spec;
    spec.core_speed = FlopsPerSecond(1e9 * (1 + 0.25 * static_cast<double>(i)));
    spec.ram = Bytes(1.2e9 + 0.1e9 * static_cast<double>(i));
  }
  for (auto& lei : s.federation.leis) lei.wan_latency = Seconds(0.01);
  s.workload.image_transfer = Bytes(100e6);
  s.workload.image_size = Bytes(150e6);
  for (const double images : {600.0, 900.0, 1200.0}) {
    Application a = make_application(images, 2e9, 2);
    a.resident = Bytes(400e6);
    a.weights = Bytes(20e6);
    a.activations = Bytes(5e6);
    a.bytes_per_image = Bytes(200e3);
    a.input = Bytes(20e6);
    a.result = Bytes(1e6);
    s.workload.applications.push_back(a);
  }
  for (std::uint32_t i = 0; i < 6; ++i) add_task(s, 60.0 * i, i % 2, i % 3);
  // Ids go by time of arrival; those of LEI 1 are placed there.
  use_script(s, {{"t0", "1"}, {"t1", "4"}, {"t2", "2"}, {"t3", "5"}, {"t4", "3"}, {"t5", "5"},
                 {"m0", "1:2"}, {"m3", "2:4"}, {"m4", "2:4"}});
  add_fault(s, FaultKind::cpu_overload, 310, 400, 2);
  add_fault(s, FaultKind::disk_attack, 400, 300, 4);
  add_fault(s, FaultKind::ram_contention, 620, 200, 5);
  add_fault(s, FaultKind::ddos, 700, 100, 3, 0.5);
  add_fault(s, FaultKind::link_loss, 300, 200, 1);
  add_fault(s, FaultKind::crash, 950, 200, 5);
  return s;
}

constexpr std::size_t tasks = 6;

Recording run(const Scenario& s) {
  Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  REQUIRE(r.failure == "");
  REQUIRE(r.of(EventKind::task_finished).size() == tasks);
  REQUIRE(r.of(EventKind::migration_finished).size() >= 2);
  return r;
}

void same_times(const Recording& a, const Recording& b, double epsilon = 1e-9) {
  for (std::size_t i = 0; i < tasks; ++i) {
    INFO("task ", i);
    CHECK(a.response(i) == Approx(b.response(i)).epsilon(epsilon));
  }
}

} // namespace

TEST_CASE("hosts of a LEI in another order: results in that order") {
  const Scenario s = rich();
  const std::array<std::uint32_t, 6> to{2, 0, 3, 1, 5, 4}; // new id of each host
  Scenario p = s;
  for (std::size_t i = 0; i < to.size(); ++i)
    p.federation.hosts[to[i]].spec = s.federation.hosts[i].spec;
  for (auto& lei : p.federation.leis) lei.broker = HostId(to[lei.broker.index()]);
  for (Fault& f : p.faults.script) f.host = HostId(to[f.host.index()]);
  for (auto& [name, value] : p.policy.options) {
    const auto colon = value.find(':');
    const std::size_t at = colon == std::string::npos ? 0 : colon + 1;
    value = value.substr(0, at) + std::to_string(to[std::stoul(value.substr(at))]);
  }
  const Recording a = run(s), b = run(p);
  same_times(a, b);
  for (std::uint32_t h = 0; h < to.size(); ++h)
    CHECK(a.energy(h) == Approx(b.energy(to[h])).epsilon(1e-9));
}

TEST_CASE("all speeds and all amounts doubled: the same times") {
  const Scenario s = rich();
  Scenario d = s;
  for (auto& host : d.federation.hosts) {
    HostSpec& x = host.spec;
    x.core_speed = x.core_speed * 2;
    x.ram = x.ram * 2;
    x.swap = x.swap * 2;
    x.disk = {x.disk.read * 2, x.disk.write * 2, x.disk.random_read * 2, x.disk.random_write * 2};
    x.nic = x.nic * 2;
  }
  for (auto& lei : d.federation.leis) lei.wan_bandwidth = lei.wan_bandwidth * 2;
  for (Application& a : d.workload.applications) {
    a.macs_per_image *= 2;
    for (Bytes* b :
         {&a.bytes_per_image, &a.weights, &a.activations, &a.resident, &a.input, &a.result})
      *b = *b * 2;
  }
  d.workload.image_size = d.workload.image_size * 2;
  d.workload.image_transfer = d.workload.image_transfer * 2;
  d.exchange.header = d.exchange.header * 2;
  d.exchange.bytes_per_number *= 2;
  d.liveness.probe_memory = d.liveness.probe_memory * 2;
  const Recording a = run(s), b = run(d);
  same_times(a, b);
  CHECK(a.totals.back().energy == Approx(b.totals.back().energy).epsilon(1e-9));
}

TEST_CASE("links and cards twice as fast for twice the bytes: the same times") {
  const Scenario s = rich();
  Scenario d = s;
  for (auto& host : d.federation.hosts) {
    HostSpec& x = host.spec;
    x.disk.read = x.disk.read * 2; // random speeds serve swapping, whose amounts stay
    x.disk.write = x.disk.write * 2;
    x.nic = x.nic * 2;
  }
  for (auto& lei : d.federation.leis) lei.wan_bandwidth = lei.wan_bandwidth * 2;
  for (Application& a : d.workload.applications)
    for (Bytes* b : {&a.bytes_per_image, &a.input, &a.result}) *b = *b * 2;
  d.workload.image_size = d.workload.image_size * 2;
  d.workload.image_transfer = d.workload.image_transfer * 2;
  d.exchange.header = d.exchange.header * 2;
  d.exchange.bytes_per_number *= 2;
  // A migration moves the resident set, which counts against the RAM too: left out here.
  Scenario still = s;
  for (Scenario* x : {&still, &d})
    std::erase_if(x->policy.options, [](auto& o) { return o.first[0] == 'm'; });
  const Recording a = simulate_forked(still), b = simulate_forked(d);
  REQUIRE(b.of(EventKind::task_finished).size() == tasks);
  same_times(a, b);
}

TEST_CASE("half the sampling step: the same Joules and the same times") {
  const auto compare = [](const Recording& coarse, const Recording& fine, double times) {
    same_times(coarse, fine, times);
    CHECK(coarse.totals.back().energy == Approx(fine.totals.back().energy).epsilon(1e-9));
    REQUIRE(coarse.hosts.size() == fine.hosts.size());
    for (std::size_t i = 0; i < coarse.hosts.size(); ++i) {
      CHECK(coarse.hosts[i].energy == Approx(fine.hosts[i].energy).epsilon(100 * times));
      for (const int m : {LAIR_CPU, LAIR_RAM, LAIR_NET_IN, LAIR_DISK_READ})
        CHECK(coarse.hosts[i].state[m] == Approx(fine.hosts[i].state[m]).epsilon(1e-6));
    }
  };
  Scenario s = rich();
  Scenario cardless = s; // nothing is written to a card or read from it but the tasks' own images
  cardless.workload.image_size = Bytes(0);
  std::erase_if(cardless.policy.options, [](auto& o) { return o.first[0] == 'm'; });
  const Recording coarse = run(s), coarse_cardless = simulate_forked(cardless);
  for (const double step : {5.0, 1.0, 60.0, 300.0}) {
    s.sampling = cardless.sampling = Seconds(step);
    // SimGrid rounds what a card moves to whole bytes at every step of its clock (trap 20).
    compare(coarse, run(s), 1e-8);
    const Recording fine = simulate_forked(cardless);
    REQUIRE(fine.of(EventKind::task_finished).size() == tasks);
    compare(coarse_cardless, fine, 1e-11);
  }
}

TEST_CASE("an idle host added: no task is later") {
  const Scenario s = rich();
  const Recording before = run(s);
  for (const std::uint32_t lei : {0u, 1u}) {
    Scenario more = s;
    const HostId id(static_cast<std::uint32_t>(more.federation.hosts.size()));
    more.federation.hosts.push_back({"idle", s.federation.hosts[0].spec, LeiId(lei)});
    more.federation.leis[lei].hosts.push_back(id);
    const Recording after = run(more);
    for (std::size_t i = 0; i < tasks; ++i)
      CHECK(after.response(i) <= before.response(i) * (1 + 1e-6)); // reports are a little longer
    // It costs what an idle host costs.
    CHECK(after.energy(id.value) == Approx(2 * s.horizon().value).epsilon(1e-9));
  }
}

TEST_CASE("a fault model without faults is no fault model, bit for bit") {
  Scenario s = rich();
  s.faults = FaultModel{};
  Scenario empty = s;
  empty.faults.rate = 0;
  empty.faults.strength = 7;
  empty.faults.onset = Seconds(40);
  empty.faults.shares = {1, 2, 3, 4, 5, 6, 7, 8};
  empty.faults.effects.cpu_threads = 99;
  empty.faults.min_reboot = Seconds(1);
  const Recording a = run(s);
  CHECK(difference(a, run(empty)) == "");
  // And a fault that would begin after the end adds one event and changes nothing else.
  add_fault(empty, FaultKind::crash, s.horizon().value + 5, 100, 0);
  Recording b = run(empty);
  REQUIRE(b.events.back().kind == EventKind::fault_masked);
  b.events.pop_back();
  CHECK(difference(a, b) == "");
}
