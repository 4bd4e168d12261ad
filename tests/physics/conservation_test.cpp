// Nothing is made of nothing: work, bytes and energy add up, whatever happens.
#include "fixture.hpp"
#include "random_scenario.hpp"

#include "world/sim/sg_compat.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <simgrid/plugins/energy.h>

#include <map>
#include <utility>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;
namespace sgc = lair::world::sim::sgc;

namespace {

/// Mean of a metric times time, over all hosts and the whole run.
double total(const Scenario& s, const Recording& r, lair_metric metric) {
  double sum = 0;
  for (const HostInterval& h : r.hosts) sum += h.state[metric] * s.interval.value;
  return sum;
}

double total_of(const Scenario& s, const Recording& r, std::uint32_t host, lair_metric metric) {
  double sum = 0;
  for (const HostInterval& h : r.hosts)
    if (h.host == HostId(host)) sum += h.state[metric] * s.interval.value;
  return sum;
}

} // namespace

TEST_CASE("the CPUs did the work of finished tasks, of lost ones and of attacks, and no other") {
  // The left side integrates the rates that Lair computes itself (share_cpu); the right side is
  // made of executions that ended and of remainders that SimGrid tells at the moment of a crash.
  double all = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Scenario s = random_scenario(seed);
    s.overhead.mode = OverheadMode::none;
    s.faults.effects.ram_threads = 0; // the only load of which no event tells
    // Every host crashes shortly before the end, so that no work is left in progress.
    const double end = s.horizon().value - 2 * s.sampling.value;
    for (Fault& f : s.faults.script)
      if (f.start.value > end) f.start = Seconds(end / 2);
    for (std::uint32_t h = 0; h < s.federation.hosts.size(); ++h)
      add_fault(s, FaultKind::crash, end, 10 * s.interval.value, h);
    const Recording r = simulate_forked(s);
    INFO("seed ", seed);
    REQUIRE(r.signal == 0);
    REQUIRE(r.failure == "");
    double done = 0, ended = 0;
    for (const HostInterval& h : r.hosts)
      done += h.state[LAIR_CPU] * s.interval.value * s.federation.host(h.host).spec.speed().value;
    std::map<std::pair<TaskId, HostId>, double> restored; // flops that an attempt did not do again
    std::map<TaskId, double> per_image;
    bool late = false; // a reboot or a crash's end shortly before the end of the run
    for (const Event& e : r.events) {
      late |= (e.kind == EventKind::task_placed || e.kind == EventKind::copy_placed) && e.time > end;
      const auto core = [&] { return s.federation.host(e.host).spec.core_speed.value; };
      if (e.kind == EventKind::task_finished)
        ended += s.workload.applications[e.application.index()].flops().value -
                 restored[{e.task, e.host}];
      if (e.kind == EventKind::task_requeued || e.kind == EventKind::task_failed ||
          e.kind == EventKind::copy_ended)
        ended += (e.value + e.extra) * core();
      if (e.kind == EventKind::task_reopened) ended += e.extra * core();
      if (e.kind == EventKind::task_placed || e.kind == EventKind::copy_placed)
        restored[{e.task, e.host}] = 0;
      if (e.kind == EventKind::task_restored)
        restored[{e.task, e.host}] = e.value * per_image[e.task];
      if (e.kind == EventKind::task_arrived)
        per_image[e.task] =
            s.workload.applications[e.application.index()].flops_per_image().value;
      if (e.kind == EventKind::migration_finished)
        restored[{e.task, e.target}] = restored[{e.task, e.host}];
      const auto kind = static_cast<FaultKind>(e.fault_kind);
      const bool attack = e.kind == EventKind::fault_ended || e.kind == EventKind::fault_masked;
      if (attack && (kind == FaultKind::cpu_overload ||
                     (kind == FaultKind::ddos && s.faults.effects.ddos_threads > 0)))
        ended += e.value * core();
    }
    if (late) continue;
    CHECK(done == Approx(ended).epsilon(1e-7));
    all += done;
  }
  CHECK(all > 0);
}

TEST_CASE("links and cards moved inputs, results, images and migrations, and nothing else") {
  Scenario s = make_scenario({4});
  s.workload.image_transfer = Bytes(50e6);
  s.workload.image_size = Bytes(80e6);
  Application a = make_application(900, 1e9, 2);
  a.input = Bytes(20e6);
  a.result = Bytes(3e6);
  a.resident = Bytes(200e6);
  a.bytes_per_image = Bytes(1e6);
  s.workload.applications = {a};
  for (int i = 0; i < 6; ++i) add_task(s, 0);
  use_script(s, {{"t0", "0"}, {"t1", "1"}, {"t2", "1"}, {"t3", "2"}, {"t4", "2"}, {"t5", "3"},
                 {"m1", "1:2"}, {"m4", "1:0"}, {"m5", "1:1"}});
  const Recording r = simulate_forked(s);
  REQUIRE(r.of(EventKind::task_finished).size() == 6);
  const double fetched = static_cast<double>(r.of(EventKind::image_fetched).size());
  const double moved = static_cast<double>(r.of(EventKind::migration_finished).size());
  CHECK(fetched == 3);
  CHECK(moved == 3);
  const double between = fetched * 50e6 + moved * 200e6; // from host to host
  CHECK(total(s, r, LAIR_NET_IN) == Approx(6 * 20e6 + between).epsilon(1e-9));
  CHECK(total(s, r, LAIR_NET_OUT) == Approx(6 * 3e6 + between).epsilon(1e-9));
  CHECK(total(s, r, LAIR_DISK_WRITE) == Approx(fetched * 80e6 + moved * 2 * 200e6).epsilon(1e-9));
  CHECK(total(s, r, LAIR_DISK_READ) == Approx(6 * 900 * 1e6 + moved * 200e6).epsilon(1e-6));
}

TEST_CASE("of a transfer that is cut only what had arrived counts") {
  Scenario s = make_scenario({1});
  s.faults.effects.link_loss_share = 1;
  s.workload.applications = {make_application(100, 1e9, 2)};
  s.workload.applications[0].input = Bytes(1250e6); // 10 s
  add_task(s, 0);
  add_fault(s, FaultKind::link_loss, 5, 32, 0);
  const Recording r = simulate_forked(s);
  CHECK(r.of(EventKind::task_finished).size() == 1);
  CHECK(total(s, r, LAIR_NET_IN) == Approx(5 * 125e6 + 1250e6).epsilon(1e-9));
}

TEST_CASE("of a migration that is given up what had been moved counts, at both ends") {
  // 400 MB from host 1 to host 2: written in 300 to 320 s, sent until 323.2, written until 343.2,
  // read until 353.2.
  // No such instant is a sample's, at which all transfers are counted anyway.
  const struct {
    double when;
    std::uint32_t dies;
    double written_there, sent, written_here, read_here;
  } cases[] = {{313, 2, 13 * 20e6, 0, 0, 0},
               {313, 1, 13 * 20e6, 0, 0, 0},
               {321, 2, 400e6, 1 * 125e6, 0, 0},
               {321, 1, 400e6, 1 * 125e6, 0, 0},
               {331, 2, 400e6, 400e6, 7.8 * 20e6, 0},
               {331, 1, 400e6, 400e6, 7.8 * 20e6, 0},
               {345, 2, 400e6, 400e6, 400e6, 1.8 * 40e6}};
  for (const auto& c : cases) {
    INFO("host ", c.dies, " dies at ", c.when);
    Scenario s = make_scenario({3});
    s.workload.applications = {make_application(1000, 1e9, 2)};
    s.workload.applications[0].resident = Bytes(400e6);
    add_task(s, 0);
    use_script(s, {{"t0", "1"}, {"m0", "1:2"}});
    add_fault(s, FaultKind::crash, c.when, 100, c.dies);
    const Recording r = simulate_forked(s);
    REQUIRE(r.of(EventKind::migration_started).size() == 1);
    REQUIRE(r.of(EventKind::migration_finished).empty());
    CHECK(total_of(s, r, 1, LAIR_DISK_WRITE) == Approx(c.written_there).epsilon(1e-9));
    CHECK(total_of(s, r, 1, LAIR_NET_OUT) == Approx(c.sent).epsilon(1e-9));
    CHECK(total_of(s, r, 2, LAIR_NET_IN) == Approx(c.sent).epsilon(1e-9));
    CHECK(total_of(s, r, 2, LAIR_DISK_WRITE) == Approx(c.written_here).epsilon(1e-9));
    CHECK(total_of(s, r, 2, LAIR_DISK_READ) == Approx(c.read_here).epsilon(1e-9));
    CHECK(total(s, r, LAIR_NET_IN) == Approx(c.sent).epsilon(1e-9));
    CHECK(total(s, r, LAIR_NET_OUT) == Approx(c.sent).epsilon(1e-9));
  }
}

TEST_CASE("of an input or an image that is given up what had arrived counts") {
  // 10 s each, given up after 5 s, and sent again from the beginning after the next placement.
  for (const FaultKind kind : {FaultKind::crash, FaultKind::ram_contention}) {
    INFO(to_string(kind));
    Scenario s = make_scenario({2});
    s.faults.effects.ram_share = 1.5; // all RAM and swap: the task is killed
    s.liveness.probe_deadline = Seconds(1e9);
    s.workload.applications = {make_application(100, 1e9, 2)};
    add_task(s, 0);
    add_fault(s, kind, 5, 100, 1);
    use_script(s, {{"t0", "1"}});
    Scenario image = s;
    s.workload.applications[0].input = Bytes(1250e6);
    const Recording r = simulate_forked(s);
    REQUIRE(r.of(EventKind::task_requeued).size() == 1);
    REQUIRE(r.of(EventKind::task_finished).size() == 1);
    CHECK(total_of(s, r, 1, LAIR_NET_IN) == Approx(5 * 125e6 + 1250e6).epsilon(1e-9));
    CHECK(total_of(s, r, 0, LAIR_NET_OUT) == 0); // it comes from the gateway

    image.workload.image_transfer = Bytes(1250e6);
    image.workload.image_size = Bytes(1);
    const Recording fetched = simulate_forked(image);
    REQUIRE(fetched.of(EventKind::task_requeued).size() == 1);
    REQUIRE(fetched.of(EventKind::task_finished).size() == 1);
    for (const auto& [host, metric] : {std::pair{1u, LAIR_NET_IN}, {0u, LAIR_NET_OUT}})
      CHECK(total_of(image, fetched, host, metric) == Approx(5 * 125e6 + 1250e6).epsilon(1e-9));
  }
}

TEST_CASE("a flood stops at a cut link and is no more than the link carries") {
  Scenario s = make_scenario({1});
  s.intervals = 2;
  s.faults.effects.link_loss_share = 1;
  s.workload.applications = {make_application(1, 1e9, 2)};
  add_fault(s, FaultKind::ddos, 100, 300, 0);
  add_fault(s, FaultKind::link_loss, 150, 50, 0);
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  CHECK(total(s, r, LAIR_NET_IN) >= 50 * 125e6 * (1 - 1e-4));
  CHECK(total(s, r, LAIR_NET_IN) <= 250 * 125e6 * (1 + 1e-4));
}

TEST_CASE("the energy meter agrees with SimGrid's energy plugin on a linear curve") {
  // Tasks of 1, 2 and 3 threads that start at 0, 300 and 600 s on the fixture's host.
  const std::vector<double> starts{0, 0, 300, 600, 600}, gflops{400, 90, 250, 500, 10};
  const std::vector<unsigned> threads{2, 1, 3, 2, 2};
  Scenario s = make_scenario({1});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    s.workload.applications.push_back(make_application(gflops[i], 1e9, threads[i]));
    add_task(s, starts[i], 0, static_cast<std::uint32_t>(i));
  }
  const Recording r = simulate_forked(s);
  REQUIRE(r.of(EventKind::task_finished).size() == starts.size());
  const auto plugin = in_child([&] {
    std::string name = "energy", quiet = "--log=root.thres:critical";
    char* arguments[] = {name.data(), quiet.data(), nullptr};
    int count = 2;
    auto* engine = new sgc::s4u::Engine(&count, arguments);
    sg_host_energy_plugin_init();
    auto* zone = sgc::root_star(*engine);
    auto* host = sgc::add_host(zone, "host", 4e9);
    auto* other = sgc::add_host(zone, "other", 1e9);
    host->set_property("wattage_per_state", "2:2:6");
    host->seal();
    other->seal();
    sgc::attach_to_root(zone);
    zone->seal();
    for (std::size_t i = 0; i < starts.size(); ++i)
      sgc::add_actor("task", other, [&, i] {
        sgc::s4u::this_actor::sleep_until(starts[i]);
        auto exec = sgc::make_exec();
        exec->set_flops_amount(gflops[i] * 1e9)->set_host(host);
        exec->set_bound(threads[i] * 1e9);
        exec->set_priority(threads[i]);
        exec->start();
        exec->wait();
      });
    sgc::add_actor("clock", other, [] { sgc::s4u::this_actor::sleep_until(3000); });
    engine->run();
    return std::vector<double>{sg_host_get_consumed_energy(host)};
  });
  REQUIRE(plugin.size() == 1);
  CHECK(r.energy(0) == Approx(plugin[0]).epsilon(1e-9));
  CHECK(r.energy(0) > 3000 * 2 + 100);
}
