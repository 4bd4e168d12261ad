// The exact twin against the run it was forked from, and the analytic twin against the exact one.
#include "broker/forecaster.hpp"
#include "fixture.hpp"
#include "policy/synthetic_observation.hpp"
#include "random_scenario.hpp"
#include "world/sim/simulation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;
using world::sim::OracleInterval;

namespace {

/// Row of a comparison; -1 where something has no value.
struct Row {
  static constexpr double host = 0, task = 1, migration = 2, same = 3; ///< kinds
  double interval = 0, kind = 0, id = 0;
  double forecast = -1, exact = -1;             ///< CPU; response; duration; equal bits
  double forecast_ram = -1, exact_ram = -1;     ///< hosts
  double forecast_energy = -1, exact_energy = -1;
  double new_fault = 0, fault_active = 0;
};
constexpr std::size_t row_size = sizeof(Row) / sizeof(double);

template <class T> bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Padding is not compared.
bool same_hosts(const std::vector<world::sim::HostPassage>& a,
                const std::vector<world::sim::HostPassage>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].host != b[i].host || a[i].from != b[i].from || a[i].energy != b[i].energy ||
        std::memcmp(a[i].state, b[i].state, sizeof a[i].state) != 0)
      return false;
  return true;
}

void collect(const OracleInterval& interval, std::vector<double>& out) {
  const auto add = [&](const Row& row) {
    const auto* first = reinterpret_cast<const double*>(&row);
    out.insert(out.end(), first, first + row_size);
  };
  bool new_fault = false;
  for (std::size_t i = 0; i < interval.forecast.hosts.size(); ++i) {
    const auto& f = interval.forecast.hosts[i];
    const auto& x = interval.exact.hosts[i];
    Row row{double(interval.interval), Row::host, double(f.host)};
    row.forecast = f.state[LAIR_CPU];
    row.exact = x.state[LAIR_CPU];
    row.forecast_ram = f.state[LAIR_RAM];
    row.exact_ram = x.state[LAIR_RAM];
    row.forecast_energy = f.energy;
    row.exact_energy = x.energy;
    row.fault_active = x.fault_active;
    for (const auto& p : interval.actual.hosts) new_fault |= p.new_fault;
    row.new_fault = new_fault;
    add(row);
  }
  for (const auto& t : interval.forecast.tasks) {
    Row row{double(interval.interval), Row::task, double(t.task)};
    if (t.finished) row.forecast = t.response;
    for (const auto& x : interval.exact.tasks)
      if (x.task == t.task) row.exact = x.response;
    add(row);
    if (t.state == LAIR_TASK_MIGRATING) continue;
    row = Row{double(interval.interval), Row::migration, double(t.task)};
    if (t.migration > 0) row.forecast = t.migration;
    for (const auto& x : interval.exact.migrations)
      if (x.task == t.task) row.exact = x.duration;
    if (row.forecast >= 0 || row.exact >= 0) add(row);
  }
  Row row{double(interval.interval), Row::same};
  row.exact = same_hosts(interval.exact.hosts, interval.actual.hosts) &&
              same_bits(interval.exact.tasks, interval.actual.tasks) &&
              interval.exact.migrations.size() == interval.actual.migrations.size();
  row.new_fault = new_fault;
  add(row);
}

std::vector<Row> compare(const Scenario& scenario) {
  const std::vector<double> flat = in_child([&] {
    struct NoSink : EventSink {
      void on(const Event&) override {}
    } sink;
    std::vector<double> out;
    world::sim::SimulationOptions options;
    options.oracle = [&](const OracleInterval& interval) { collect(interval, out); };
    const PolicyFactory policy({scenario.policy.name, scenario.policy.scheduler,
                                scenario.policy.detector, scenario.policy.remediator,
                                scenario.policy.options});
    world::sim::simulate(scenario, policy, sink, options);
    return out;
  });
  std::vector<Row> rows(flat.size() / row_size);
  if (!rows.empty()) std::memcpy(static_cast<void*>(rows.data()), flat.data(), rows.size() * sizeof(Row));
  return rows;
}

/// 0.1 points of CPU and RAM, 0.1 % of energy, response and migration time; and the same tasks end.
[[maybe_unused]] void check_near(const Scenario& scenario, std::size_t tasks_that_end,
                                 std::size_t migrations = 0) {
  std::size_t ended = 0, moved = 0;
  double busy = 0;
  for (const Row& r : compare(scenario)) {
    INFO("interval ", r.interval, ", kind ", r.kind, ", id ", r.id);
    if (r.kind == Row::host) {
      CHECK(std::abs(r.forecast - r.exact) <= 0.001);
      CHECK(std::abs(r.forecast_ram - r.exact_ram) <= 0.001);
      CHECK(std::abs(r.forecast_energy - r.exact_energy) <= 0.001 * r.exact_energy);
      busy += r.exact;
    } else if (r.kind == Row::task || r.kind == Row::migration) {
      CHECK((r.forecast >= 0) == (r.exact >= 0));
      if (r.exact >= 0) CHECK(std::abs(r.forecast - r.exact) <= 0.001 * r.exact);
      (r.kind == Row::task ? ended : moved) += r.exact >= 0;
    }
  }
  CHECK(busy > 0.2); // hosts times intervals
  CHECK(ended == tasks_that_end);
  CHECK(moved == migrations);
}

/// As the shipped ones: reads each image, has weights.
[[maybe_unused]] Application reader(double images) {
  Application a = make_application(images, 1e9, 2);
  a.bytes_per_image = Bytes(160e3);
  a.weights = Bytes(50e6);
  a.activations = Bytes(20e6);
  a.resident = Bytes(400e6);
  a.input = Bytes(20e6);
  a.result = Bytes(1e6);
  return a;
}

} // namespace

#ifndef LAIR_SANITIZED // the exact twin forks, which needs all actors in one thread

TEST_CASE("an oracle leaves every bit of a run as it is") {
  std::size_t events = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Scenario s = random_scenario(seed);
    s.record.samples = true;
    Forked with;
    with.oracle = true;
    const Recording plain = simulate_forked(s), watched = simulate_forked(s, with);
    INFO("seed ", seed);
    CHECK(difference(plain, watched) == "");
    CHECK(plain.failure == "");
    events += plain.events.size();
  }
  CHECK(events > 1000);
}

TEST_CASE("without a new fault the exact twin is the run's own continuation, bit for bit") {
  std::size_t equal = 0, different = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::set<double> touched; // intervals in which something new began, by script or by dice
    const Scenario s = random_scenario(seed);
    for (const Event& e : simulate_forked(s).of(EventKind::fault_started))
      touched.insert(std::floor(e.time / s.interval.value));
    for (const Row& r : compare(s)) {
      if (r.kind != Row::same) continue;
      if (touched.contains(r.interval)) {
        different += r.exact == 0;
        continue;
      }
      INFO("seed ", seed, ", interval ", r.interval);
      CHECK(r.exact == 1);
      ++equal;
    }
  }
  CHECK(equal > 20);
  CHECK(different > 20); // so that the comparison can see a difference
}

TEST_CASE("the analytic twin is exact where the broker knows everything: tasks of one LEI") {
  Scenario s = make_scenario({3});
  s.intervals = 6;
  s.workload.applications = {reader(500), reader(300), make_application(200, 2e9, 1),
                             make_application(700, 1e9, 3)};
  for (std::uint32_t i = 0; i < 8; ++i) add_task(s, i < 4 ? 0 : 300, 0, i % 4);
  use_script(s, {{"t0", "0"}, {"t1", "1"}, {"t2", "1"}, {"t3", "2"},
                 {"t4", "0"}, {"t5", "2"}, {"t6", "1"}, {"t7", "0"}});
  check_near(s, 8);
}

TEST_CASE("the analytic twin is exact for migrations inside an LEI") {
  Scenario s = make_scenario({4});
  s.intervals = 5;
  s.workload.applications = {reader(1500)};
  for (int i = 0; i < 4; ++i) add_task(s, 0);
  // Two leave one host together, so that they share its card and meet at the target's.
  use_script(s, {{"t0", "1"}, {"t1", "1"}, {"t2", "1"}, {"t3", "2"},
                 {"m0", "1:3"}, {"m1", "1:3"}, {"m3", "2:1"}});
  check_near(s, 4, 3);
}

TEST_CASE("across LEIs source and target both foresee a migration") {
  Scenario s = make_scenario({2, 2, 1});
  s.intervals = 5;
  // LEI 0 hears from its farthest peer before LEI 1 does, and so decides first.
  s.federation.leis[0].wan_latency = Seconds(0.001);
  s.federation.leis[1].wan_latency = Seconds(0.010);
  s.federation.leis[2].wan_latency = Seconds(0.050);
  s.federation.leis[0].wan_bandwidth = BytesPerSecond(12.5e6);
  s.workload.applications = {reader(1000)};
  add_task(s, 0);
  add_task(s, 0);
  use_script(s, {{"t0", "1"}, {"t1", "0"}, {"m0", "1:3"}});
  check_near(s, 2, 1);
}

TEST_CASE("a cold image delays a task and a migration as forecast") {
  Scenario s = make_scenario({3});
  s.intervals = 5;
  s.workload.image_size = Bytes(500e6);
  s.workload.image_transfer = Bytes(200e6);
  s.workload.applications = {reader(1000)};
  add_task(s, 0);
  add_task(s, 0);
  use_script(s, {{"t0", "1"}, {"t1", "0"}, {"m1", "1:2"}});
  check_near(s, 2, 1);
}

TEST_CASE("swapping slows tasks as forecast") {
  Scenario s = make_scenario({2});
  s.intervals = 12;
  Application big = reader(100); // 4.9 GB in 4: each image re-reads a fifth of its weights
  big.resident = Bytes(1.5e9);
  s.workload.applications = {big, reader(150)};
  for (std::uint32_t i = 0; i < 4; ++i) add_task(s, 0, 0, i / 3);
  use_script(s, {{"t0", "1"}, {"t1", "1"}, {"t2", "1"}, {"t3", "1"}});
  check_near(s, 4);
}

TEST_CASE("attacks at work are carried on: disk, CPU and memory") {
  for (const FaultKind kind :
       {FaultKind::disk_attack, FaultKind::cpu_overload, FaultKind::ram_contention}) {
    Scenario s = make_scenario({3});
    s.intervals = 8;
    s.workload.applications = {reader(kind == FaultKind::ram_contention ? 400 : 1000)};
    for (int i = 0; i < 3; ++i) add_task(s, 0);
    // It begins before the tasks and ends at the horizon; weak, so that all of them end.
    add_fault(s, kind, 10, 1e6, 1, kind == FaultKind::ram_contention ? 1 : 0.05);
    for (auto& arrival : s.workload.trace) arrival.time = Seconds(300);
    use_script(s, {{"t0", "1"}, {"t1", "1"}, {"t2", "2"}, {"m0", "2:2"}});
    INFO("fault ", to_string(kind));
    std::size_t faulty = 0;
    for (const Row& r : compare(s)) faulty += r.kind == Row::host && r.fault_active > 0;
    CHECK(faulty == 7);
    check_near(s, 3, 1);
  }
}

#endif

TEST_CASE("a policy's forecast is what then happens") {
  Scenario s = make_scenario({2});
  s.intervals = 4;
  s.workload.applications = {make_application(500, 1e9, 2)};
  add_task(s, 0);
  add_task(s, 0);
  add_task(s, 300);
  use_script(s, {{"t0", "0"}, {"t1", "1"}, {"t2", "0"}});
  s.policy.remediator = "forecasting";
  const std::vector<double> flat = in_child([&] {
    struct Totals : EventSink {
      std::vector<double>* out = nullptr;
      void on(const Event&) override {}
      void on(const HostInterval& h) override {
        if (h.host.value == 0) out->insert(out->end(), {1, h.state[LAIR_CPU]});
        out->insert(out->end(), {2, h.energy});
      }
    } sink;
    std::vector<double> out;
    sink.out = &out;
    world::sim::SimulationOptions options;
    options.log = [&](int, const std::string& message) {
      unsigned interval = 0, finished = 0;
      double energy = 0, response = 0, cpu = 0;
      if (std::sscanf(message.c_str(), "forecast %u %u %lf %lf %lf", &interval, &finished, &energy,
                      &response, &cpu) == 5)
        for (const double x : {double(finished), energy, response, cpu})
          out.insert(out.end(), {0, x});
    };
    const PolicyFactory policy({s.policy.name, s.policy.scheduler, s.policy.detector,
                                s.policy.remediator, s.policy.options});
    world::sim::simulate(s, policy, sink, options);
    return out;
  });
  std::vector<double> forecast, cpu, energy;
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2)
    (flat[i] == 0 ? forecast : flat[i] == 1 ? cpu : energy).push_back(flat[i + 1]);
  REQUIRE(forecast.size() == 4 * 4);
  REQUIRE(cpu.size() == 4);
  REQUIRE(energy.size() == 2 * 4);
  double all = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(forecast[4 * k + 1] == Approx(energy[2 * k] + energy[2 * k + 1]).epsilon(1e-6));
    CHECK(forecast[4 * k + 3] == Approx(cpu[k]).epsilon(1e-6));
    all += forecast[4 * k];
  }
  CHECK(all == 3); // every task's end was foreseen once
  CHECK(forecast[2] == Approx(250).epsilon(1e-6)); // 500 Gflop at 2 Gflop/s
}

TEST_CASE("memory that a policy charges as it runs is on its host, in its metrics and its forecasts") {
  struct Case {
    OverheadMode mode;
    double override, before, after; ///< bytes, before and after the policy charges 1 GB
  };
  for (const Case& c : {Case{OverheadMode::modelled, -1, 0, 1e9}, Case{OverheadMode::none, -1, 0, 0},
                        Case{OverheadMode::modelled, 2e9, 2e9, 2e9},
                        Case{OverheadMode::none, 2e9, 0, 0}}) {
    Scenario s = make_scenario({2});
    s.intervals = 4;
    s.policy.remediator = "forecasting";
    s.policy.options = {{"memory", "1e9"}};
    s.overhead = {c.mode, Bytes(c.override), Flops(0)};
    const std::vector<double> flat = in_child([&] {
      struct Totals : EventSink {
        std::vector<double>* out = nullptr;
        void on(const Event&) override {}
        void on(const HostInterval& h) override {
          out->insert(out->end(), {h.state[LAIR_RAM], h.policy_memory});
        }
      } sink;
      std::vector<double> out;
      sink.out = &out;
      world::sim::SimulationOptions options;
      options.log = [&](int, const std::string& message) {
        double ram = 0;
        if (std::sscanf(message.c_str(), "forecast %*u %*u %*f %*f %*f %lf", &ram) == 1)
          out.insert(out.end(), {-1, ram});
      };
      const PolicyFactory policy({s.policy.name, s.policy.scheduler, s.policy.detector,
                                  s.policy.remediator, s.policy.options});
      world::sim::simulate(s, policy, sink, options);
      return out;
    });
    std::vector<double> forecasts, ram, bytes; // of host 0, the broker
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
      if (flat[i] < 0) {
        forecasts.push_back(flat[i + 1]);
        continue;
      }
      ram.push_back(flat[i]);
      bytes.push_back(flat[i + 1]);
      CHECK(flat[i + 2] == 0); // the worker
      CHECK(flat[i + 3] == 0);
      i += 2;
    }
    REQUIRE(forecasts.size() == 4);
    REQUIRE(ram.size() == 4);
    for (std::size_t k = 0; k < 4; ++k) {
      CHECK(bytes[k] == (k < 1 ? c.before : c.after));
      CHECK(ram[k] == Approx((k < 1 ? c.before : c.after) / 4e9).epsilon(1e-9));
      CHECK(forecasts[k] == Approx((k < 2 ? c.before : c.after) / 4e9).epsilon(1e-9));
    }
  }
}

TEST_CASE("reports tell the peers' tasks and where queued ones go; the twin foresees their hosts") {
  Scenario s = make_scenario({1, 2}); // hosts 0 | 1, 2
  s.intervals = 4;
  s.federation.leis[0].wan_latency = Seconds(0.02);
  s.federation.leis[1].wan_latency = Seconds(0.01);
  s.workload.applications = {make_application(900, 1e9, 2)}; // 450 s alone
  for (const double time : {0.0, 300.0, 600.0}) add_task(s, time, 1);
  use_script(s, {{"t0", "1"}, {"t1", "2"}, {"t2", "0"}}); // the last one on the listener's host
  s.policy.remediator = "listening";
  const std::vector<double> flat = in_child([&] {
    struct Hosts : EventSink {
      std::vector<double>* out = nullptr;
      void on(const Event&) override {}
      void on(const HostInterval& h) override {
        out->insert(out->end(),
                    {0, double(h.interval), double(h.host.value), h.state[LAIR_CPU], 0, 0});
      }
    } sink;
    std::vector<double> out;
    sink.out = &out;
    world::sim::SimulationOptions options;
    options.log = [&](int, const std::string& message) {
      double x[5] = {};
      const char* text = message.c_str();
      if (std::sscanf(text, "report %lf %lf %lf %lf", x, x + 1, x + 2, x + 3) == 4)
        out.push_back(1);
      else if (std::sscanf(text, "told %lf %lf %lf %lf %lf", x, x + 1, x + 2, x + 3, x + 4) == 5)
        out.push_back(2);
      else if (std::sscanf(text, "peer %lf %lf %lf %lf", x, x + 1, x + 2, x + 3) == 4)
        out.push_back(3);
      else
        return;
      out.insert(out.end(), x, x + 5);
    };
    const PolicyFactory policy({s.policy.name, s.policy.scheduler, s.policy.detector,
                                s.policy.remediator, s.policy.options});
    world::sim::simulate(s, policy, sink, options);
    return out;
  });
  using Line = std::vector<double>;
  std::vector<Line> said[4]; // by kind
  for (std::size_t i = 0; i + 5 < flat.size(); i += 6)
    said[static_cast<std::size_t>(flat[i])].push_back({&flat[i + 1], &flat[i + 6]});

  // Nobody waits longer than the report is on its way; it is as long as what it tells.
  REQUIRE(said[1].size() == 4);
  const double tasks[] = {1, 2, 2, 0}; // the last one is the listener's own then
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(said[1][k][3] == tasks[k]);
    const double window = 2.0 * s.window * int(LAIR_METRICS); // the first time
    const double numbers = 2 * 18 + tasks[k] * 10 + (k == 0 ? window : 0);
    CHECK(said[1][k][2] == Approx(0.03 + (64 + 8 * numbers) / 125e6 + 1e-5).epsilon(1e-9));
  }
  const double nowhere = LAIR_NONE;
  const std::vector<Line> told = {{0, 0, LAIR_TASK_QUEUED, nowhere, 1},
                                  {1, 1, LAIR_TASK_QUEUED, nowhere, 2},
                                  {1, 0, LAIR_TASK_RUNNING, 1, nowhere},
                                  {2, 2, LAIR_TASK_QUEUED, nowhere, 0},
                                  {2, 1, LAIR_TASK_RUNNING, 2, nowhere}};
  CHECK(said[2].size() == told.size());
  for (const Line& line : said[2]) {
    INFO("task ", line[1], " in interval ", line[0]);
    CHECK(std::find(told.begin(), told.end(), line) != told.end());
  }
  // Their hosts' CPU as it came, though the listener has no part in it.
  REQUIRE(said[3].size() == 8);
  double busy = 0;
  for (const Line& peer : said[3])
    for (const Line& host : said[0])
      if (host[0] == peer[0] && host[1] == peer[1]) {
        CHECK(peer[2] == Approx(host[2]).epsilon(1e-3).scale(1));
        busy += host[2];
      }
  CHECK(busy > 1);
}

TEST_CASE("looking two intervals ahead sees what the world then does, where nothing new comes") {
  Scenario s = make_scenario({3, 1});
  s.intervals = 8;
  s.workload.image_size = Bytes(100e6);
  s.workload.image_transfer = Bytes(50e6);
  s.workload.applications = {make_application(2000, 1e9, 2), make_application(900, 1e9, 3)};
  for (Application& a : s.workload.applications) a.resident = Bytes(1e9);
  for (const std::uint32_t app : {0u, 0u, 0u, 1u, 1u, 1u, 0u}) add_task(s, 0, 0, app);
  use_script(s, {{"t0", "0"}, {"t1", "0"}, {"t2", "1"}, {"t3", "0"}, {"t4", "1"}, {"t5", "2"},
                 {"t6", "0"}, {"m1", "1:2"}, {"m6", "2:3"}}); // 3 is the other LEI's
  s.policy.remediator = "farsighted";
  const std::vector<double> flat = in_child([&] {
    struct Hosts : EventSink {
      std::vector<double>* out = nullptr;
      void on(const Event&) override {}
      void on(const HostInterval& h) override {
        out->insert(out->end(), {0, double(h.interval), double(h.host.value), h.state[LAIR_CPU],
                                 h.state[LAIR_RAM]});
      }
    } sink;
    std::vector<double> out;
    sink.out = &out;
    world::sim::SimulationOptions options;
    options.log = [&](int, const std::string& message) {
      double x[4] = {};
      const char* kinds[] = {"host %lf %lf %lf %lf", "task %lf %lf %lf %lf", "seen %lf %lf %lf %lf"};
      for (int kind = 0; kind < 3; ++kind)
        if (std::sscanf(message.c_str(), kinds[kind], x, x + 1, x + 2, x + 3) == 4)
          out.insert(out.end(), {kind + 1.0, x[0], x[1], x[2], x[3]});
    };
    PolicyFactory::Choice choice;
    choice.name = s.policy.name;
    choice.scheduler = s.policy.scheduler;
    choice.remediator = s.policy.remediator;
    choice.options = s.policy.options;
    world::sim::simulate(s, PolicyFactory(choice), sink, options);
    return out;
  });
  std::size_t hosts = 0, tasks = 0;
  double busy = 0;
  for (std::size_t i = 0; i + 4 < flat.size(); i += 5)
    for (std::size_t j = 0; j + 4 < flat.size(); j += 5) {
      if (flat[i + 1] != flat[j + 1] || flat[i + 2] != flat[j + 2]) continue;
      INFO("interval ", flat[i + 1], ", host or task ", flat[i + 2]);
      // What another LEI's broker is going to send here in that interval nobody can know.
      if (flat[i] == 1 && flat[i + 1] == 2 && flat[i + 2] == 3) continue;
      if (flat[i] == 1 && flat[j] == 0) { // CPU and RAM in 0..1: within 0.01 points
        CHECK(std::abs(flat[i + 3] - flat[j + 3]) <= 1e-4);
        CHECK(std::abs(flat[i + 4] - flat[j + 4]) <= 1e-4);
        busy += flat[j + 3];
        ++hosts;
      }
      if (flat[i] == 2 && flat[j] == 3) {
        CHECK(flat[i + 3] == flat[j + 3]); // where it is
        CHECK(std::abs(flat[i + 4] - flat[j + 4]) <= 0.01); // of 900 or 2,000 images
        ++tasks;
      }
    }
  CHECK(hosts == 7 * 4 - 1);
  CHECK(tasks > 15);
  CHECK(busy > 5);
}

TEST_CASE("a twin is lent for one call, for what lair gave, and wants its changes answered") {
  const Federation federation = synthetic_federation(16);
  Forecaster forecaster(federation);
  TwinDesk desk(&forecaster);
  lair_services services{};
  services.size = sizeof services;
  services.context = &desk;
  services.forecast = [](void* self, const lair_action* actions, std::uint32_t count,
                         lair_forecast* out) {
    return static_cast<TwinDesk*>(self)->forecast(actions, count, out);
  };
  services.twin = [](void* self, const lair_observation* o) {
    return static_cast<TwinDesk*>(self)->open(o);
  };
  TwinDesk::lend(services);
  const lair_setup setup{sizeof setup, 0, nullptr, 0, 16, ""};
  PolicyContext context(services, setup);
  const SyntheticObservation one{SyntheticSpec{}}, other{SyntheticSpec{}};
  const Observation seen(one.raw());
  const std::uint64_t task = one.raw().tasks[0].id; // queued
  CHECK_THROWS(context.twin(seen)); // nobody called
  std::optional<TwinView> kept;
  {
    const TwinDesk::Call call(desk, one.raw());
    CHECK_THROWS(context.twin(Observation(other.raw())));
    TwinView twin = context.twin(seen);
    CHECK_THROWS(twin.try_move(task, 1)); // no base
    CHECK_THROWS(twin.advance());
    CHECK_THROWS(twin.undo());
    const double energy = twin.forecast({}).energy;
    const auto trial = twin.try_move(task, 1);
    CHECK(trial.outcome.states == nullptr);
    CHECK(trial.rows.size() > 0);
    CHECK_THROWS(twin.try_move(task, 2)); // one is open
    CHECK_THROWS(twin.forecast({}));
    CHECK_THROWS(twin.advance());
    const double moved = trial.outcome.energy;
    twin.accept();
    CHECK(twin.try_move(task, 1).outcome.energy == moved);
    twin.undo();
    const lair_action place{LAIR_PLACE, 1, task};
    CHECK(twin.forecast({&place, 1}).energy == moved);
    const Observation next = twin.advance();
    CHECK(next.interval() == seen.interval() + 1);
    CHECK_THROWS(twin.try_move(task, 1)); // the new one has no base yet
    twin.forecast({});
    const Observation further = twin.advance();
    CHECK(further.interval() == seen.interval() + 2);
    CHECK(next.interval() == seen.interval() + 1); // still there
    context.twin(next).forecast({});
    CHECK(context.twin(seen).forecast({}).energy == energy);
    context.forecast({});
    CHECK_THROWS(twin.forecast({})); // there is one twin, and it was taken away
    kept.emplace(context.twin(seen));
    kept->forecast({});
  }
  CHECK_THROWS(kept->forecast({}));
  CHECK_THROWS(context.forecast({}));
}

TEST_CASE("a forecaster makes no twin before the first forecast, and shortens the interval") {
  Scenario s = make_scenario({1});
  Forecaster forecaster(s.federation);
  CHECK_FALSE(forecaster.used());
  lair_observation o{};
  o.size = sizeof o;
  o.interval = 2;
  o.interval_length = 300;
  o.now = 700;
  lair_host h{};
  h.flags = LAIR_HOST_OWN | LAIR_HOST_ALIVE | LAIR_HOST_KNOWN;
  h.cores = 4;
  h.core_flops = 1e9;
  h.ram = 4e9;
  h.nic = 125e6;
  h.disk_read = h.disk_write = h.disk_random_read = h.disk_random_write = 1e7;
  o.hosts = &h;
  o.host_count = o.own_count = 1;
  o.host_stride = sizeof h;
  lair_forecast out{};
  out.size = sizeof out;
  REQUIRE(forecaster.forecast(o, {}, out));
  CHECK(forecaster.used());
  CHECK(out.energy == Approx(200 * 2.0)); // idle, 2 W, to the interval's end at 900 s
}
