// The twin against closed forms and against a slow simulation in small steps.
#include "twin_builder.hpp"

#include "model/contention.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace twin_test;
using lair::Twin;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

lair_action place(std::uint64_t task, std::uint32_t host) { return {LAIR_PLACE, host, task}; }
lair_action migrate(std::uint64_t task, std::uint32_t host) { return {LAIR_MIGRATE, host, task}; }

double state(const lair::Forecast& f, std::uint32_t row, lair_metric metric) {
  return f.states[std::size_t(row) * LAIR_METRICS + metric];
}

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9); }

} // namespace

TEST_CASE("n equal tasks on one host end together") {
  for (const int n : {1, 2, 3, 4, 7}) {
    Builder b;
    b.host();
    for (int i = 0; i < n; ++i) b.running(0, 100);
    Twin twin = b.twin();
    const auto& f = twin.forecast({});
    const double rate = std::min(2.0, 4.0 / n); // Gflop/s each
    CHECK(f.finished == unsigned(n));
    for (int i = 0; i < n; ++i) CHECK(twin.task(i).end == near(100 / rate));
    CHECK(f.response == near(100 / rate));
    CHECK(state(f, 0, LAIR_CPU) == near(n * 100 / (4.0 * 300)));
    CHECK(state(f, 0, LAIR_CPU_PRESSURE) == near(2 * n * 100 / rate / 4 / 300));
  }
}

TEST_CASE("a task that ends leaves its share to the others") {
  Builder b;
  b.host();
  b.running(0, 80).age = 10;
  b.running(0, 200).age = 20;
  b.running(0, 800);
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  CHECK(twin.task(0).end == near(60)); // 4/3 Gflop/s each
  CHECK(twin.task(1).end == near(120));
  CHECK(twin.task(2).end == near(420)); // beyond the interval, at its last rate
  CHECK(f.finished == 2);
  CHECK(!twin.task(2).finished);
  CHECK(f.response == near((70 + 140) / 2.0));
  // 120 s at full power, then one task on two of four cores.
  CHECK(f.energy == near(120 * 4.75 + 180 * 3.66));
  CHECK(state(f, 0, LAIR_RAM) ==
        near((650e6 + 400e6 * (60 + 120 + 300) / 300) / 4e9));
}

TEST_CASE("energy of a constant load is the curve's") {
  for (const double threads : {0.0, 0.4, 1.0, 2.2, 4.0, 9.0}) {
    Builder b;
    b.host().unexplained.threads = threads;
    Twin twin = b.twin();
    const double load = std::min(1.0, threads / 4);
    CHECK(twin.forecast({}).energy == near(300 * curve_4gb().at(load).value));
    CHECK(state(twin.forecast({}), 0, LAIR_CPU) == near(load));
  }
}

TEST_CASE("unexplained threads compete by their number") {
  Builder b;
  b.host().unexplained.threads = 8;
  b.running(0, 80);
  Twin twin = b.twin();
  twin.forecast({});
  CHECK(twin.task(0).end == near(100)); // 2 of 10 threads on 4 Gflop/s
}

TEST_CASE("a migration stands still for write, send, write and read") {
  Builder b;
  b.host();
  b.host();
  b.running(0, 100);
  Twin twin = b.twin();
  const double pause = 400e6 / 20e6 + 400e6 / 125e6 + 400e6 / 20e6 + 400e6 / 40e6;
  const lair_action actions[] = {migrate(b.id(0), 1)};
  const auto& f = twin.forecast(actions);
  CHECK(f.migration_time == near(pause));
  CHECK(twin.task(0).migration == near(pause));
  CHECK(twin.task(0).end == near(pause + 50));
  CHECK(twin.task(0).host == 1);
  CHECK(state(f, 0, LAIR_CPU) == 0);
  CHECK(state(f, 1, LAIR_CPU) == near(100 / (4.0 * 300)));
  // The target reserves from the start, the source keeps its copy until the task has resumed.
  CHECK(state(f, 0, LAIR_RAM) == near((650e6 + 400e6 * pause / 300) / 4e9));
  CHECK(state(f, 1, LAIR_RAM) == near((650e6 + 400e6 * (pause + 50) / 300) / 4e9));
  CHECK(state(f, 0, LAIR_DISK_WRITE) == near(400e6 / 300));
  CHECK(state(f, 0, LAIR_NET_OUT) == near(400e6 / 300));
  CHECK(state(f, 1, LAIR_NET_IN) == near(400e6 / 300));
  CHECK(state(f, 1, LAIR_DISK_READ) == near(400e6 / 300));
}

TEST_CASE("migrations share cards and links") {
  SUBCASE("out of one host") {
    Builder b;
    for (int i = 0; i < 3; ++i) b.host();
    b.running(0, 100);
    b.running(0, 100);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 1), migrate(b.id(1), 2)};
    CHECK(twin.forecast(actions).migration_time == near(2 * (40 + 6.4 + 20 + 10)));
  }
  SUBCASE("into one host") {
    Builder b;
    for (int i = 0; i < 3; ++i) b.host();
    b.running(0, 100);
    b.running(1, 100);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 2), migrate(b.id(1), 2)};
    CHECK(twin.forecast(actions).migration_time == near(2 * (20 + 6.4 + 40 + 20)));
  }
  SUBCASE("one behind the other on a card") {
    // The smaller is written after 2 x 10 s; the larger then has the card alone.
    Builder b;
    for (int i = 0; i < 3; ++i) b.host();
    b.running(0, 100).resident = 200e6;
    b.running(0, 100);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 1), migrate(b.id(1), 2)};
    twin.forecast(actions);
    CHECK(twin.task(0).migration == near(20 + 1.6 + 10 + 5));
    CHECK(twin.task(1).migration == near(30 + 3.2 + 20 + 10));
  }
  SUBCASE("over a thin WAN, by two from different hosts") {
    Builder b;
    b.lei(1, 12.5e6, 0.01);
    b.host();
    b.host();
    b.host(false, 1);
    b.host(false, 1);
    b.running(0, 100);
    b.running(1, 100);
    Twin twin = b.twin();
    const lair_action one[] = {migrate(b.id(0), 2)};
    CHECK(twin.forecast(one).migration_time == near(20 + 32 + 0.01 + 20 + 10));
    const lair_action two[] = {migrate(b.id(0), 2), migrate(b.id(1), 3)};
    // Latency counts as bytes on the thin link, so it is shared, too.
    CHECK(twin.forecast(two).migration_time == near(2 * (20 + 2 * 32.01 + 20 + 10)));
  }
  SUBCASE("beside an attack on the card") {
    Builder b;
    b.host().unexplained.streams = 3;
    b.host();
    b.running(0, 100);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 1)};
    CHECK(twin.forecast(actions).migration_time == near(4 * 20 + 3.2 + 20 + 10));
  }
}

TEST_CASE("a placed task fetches image and input") {
  Builder b;
  for (int i = 0; i < 4; ++i) b.host();
  b.buffer.hosts[2].image_cached = b.buffer.hosts[3].image_cached = 0;
  b.queued(100);
  b.queued(100);
  Twin twin = b.twin();
  const auto start = [&](std::uint32_t task) { return twin.task(task).end - 50; };
  SUBCASE("input only where the image is") {
    const lair_action actions[] = {place(b.id(0), 1)};
    const auto& f = twin.forecast(actions);
    CHECK(start(0) == near(0.2));
    CHECK(f.finished == 1);
    CHECK(twin.task(1).end == inf);
    CHECK(twin.task(1).host == LAIR_NONE);
  }
  SUBCASE("two inputs share the way") {
    const lair_action actions[] = {place(b.id(0), 1), place(b.id(1), 1)};
    twin.forecast(actions);
    CHECK(start(0) == near(0.4));
    CHECK(start(1) == near(0.4));
  }
  SUBCASE("a cold host fetches once") {
    const lair_action actions[] = {place(b.id(0), 2), place(b.id(1), 2)};
    const auto& f = twin.forecast(actions);
    CHECK(start(0) == near(1.6 + 25 + 0.4));
    CHECK(start(1) == near(1.6 + 25 + 0.4));
    CHECK(state(f, 2, LAIR_DISK_WRITE) == near(500e6 / 300));
    CHECK(state(f, 2, LAIR_NET_IN) == near(250e6 / 300));
    CHECK(state(f, 0, LAIR_NET_OUT) == near(200e6 / 300));
  }
  SUBCASE("two cold hosts share the broker's link") {
    const lair_action actions[] = {place(b.id(0), 2), place(b.id(1), 3)};
    twin.forecast(actions);
    CHECK(start(0) == near(3.2 + 25 + 0.2));
    CHECK(start(1) == near(3.2 + 25 + 0.2));
  }
}

TEST_CASE("a task computes on until its target has the image") {
  Builder b;
  b.host();
  b.host().image_cached = 0;
  SUBCASE("then it is frozen") {
    b.running(0, 200);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 1)};
    const auto& f = twin.forecast(actions);
    CHECK(f.migration_time == near(53.2));
    CHECK(twin.task(0).end == near(26.6 + 53.2 + (200 - 2 * 26.6) / 2));
    CHECK(state(f, 0, LAIR_CPU) == near(2 * 26.6 / (4 * 300)));
    CHECK(state(f, 1, LAIR_CPU) == near((200 - 2 * 26.6) / (4 * 300)));
  }
  SUBCASE("or it ends before") {
    b.running(0, 20);
    Twin twin = b.twin();
    const lair_action actions[] = {migrate(b.id(0), 1)};
    const auto& f = twin.forecast(actions);
    CHECK(f.migration_time == 0);
    CHECK(f.finished == 1);
    CHECK(twin.task(0).end == near(10));
    CHECK(twin.task(0).host == 0);
    CHECK(state(f, 1, LAIR_CPU) == 0);
    CHECK(state(f, 1, LAIR_RAM) == near((650e6 + 400e6 * 10 / 300) / 4e9));
  }
}

TEST_CASE("results go back over the gateway") {
  Builder b;
  b.lan_latency = 0.5;
  b.buffer.applications[0].result = 125e6;
  b.host();
  b.running(0, 100);
  Twin twin = b.twin();
  CHECK(twin.forecast({}).finished == 1);
  CHECK(twin.task(0).end == near(50 + 1 + 0.5));
}

TEST_CASE("swap and card attacks slow tasks by the closed form of the model") {
  for (const double extra : {0.0, 3e9, 4e9})
    for (const double streams : {0.0, 2.0, 128.0}) {
      Builder b(6000);
      aiotbench(b);
      auto& h = b.host();
      h.core_flops = 3.2e9;
      h.unexplained = {1, 0, streams};
      h.ram_need += extra;
      const double images = 10;
      for (const std::uint32_t app : {0u, 3u, 5u}) b.running(0, 0, app).images_left = images;
      Twin twin = b.twin();
      twin.forecast({});

      lair::HostConditions host{4, 3.2e9, 40e6, 8e6, 4e6, 4e9, 2e9, b.buffer.hosts[0].ram_need, 1,
                                streams};
      std::vector<lair::ComputeDemand> demands;
      for (const std::uint32_t app : {0u, 3u, 5u}) {
        const auto& a = b.buffer.applications[app];
        demands.push_back(
            {2, a.flops_per_image, a.bytes_per_image, a.weights, a.activations});
      }
      double bounds[4], waits[4], rates[4];
      lair::compute_bounds(demands, host, {bounds, 3}, {waits, 3});
      bounds[3] = 3.2e9;
      const double weights[4] = {2, 2, 2, 1};
      lair::share_cpu(host.capacity(), weights, bounds, rates);
      // The first to end tells the rates before anything changed.
      double end = inf;
      std::uint32_t who = 0;
      for (std::uint32_t i = 0; i < 3; ++i)
        if (const double t = images * demands[i].flops_per_image / rates[i]; t < end) {
          end = t;
          who = i;
        }
      CAPTURE(extra);
      CAPTURE(streams);
      REQUIRE(end < 5990);
      CHECK(twin.task(who).end == near(end + 1e6 / 125e6));
    }
}

TEST_CASE("swapping hurts and a card attack hurts") {
  const auto end_with = [](double ram, double streams) {
    Builder b;
    aiotbench(b);
    auto& h = b.host();
    h.core_flops = 3.2e9;
    h.ram_need += ram;
    h.unexplained.streams = streams;
    b.running(0, 0, 3).images_left = 500;
    Twin twin = b.twin();
    twin.forecast({});
    return twin.task(0).end;
  };
  const double alone = end_with(0, 0);
  CHECK(end_with(3.6e9, 0) > 1.3 * alone);
  CHECK(end_with(0, 128) > 1.5 * alone);
}

TEST_CASE("deadlines missed by the end of the interval") {
  Builder b;
  b.host();
  b.host().flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  b.metric(1, LAIR_ALIVE) = 0.5;
  const auto with = [](lair_task& t, double age, double deadline) {
    t.age = age;
    t.deadline = deadline;
  };
  with(b.running(0, 60), 100, 161); // ends at 60: in time (of the three, two cores each at the end)
  with(b.running(0, 60), 100, 120); // ends late
  with(b.running(1, 60), 0, 299);   // its host is off: late
  with(b.running(1, 60), 0, 301);   // not yet
  with(b.queued(60), 0, 299);       // late
  with(b.queued(60), 0, 301);
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  CHECK(f.finished == 2);
  CHECK(f.violations == 3);
  CHECK(f.energy == near(30 * 4.75 + 270 * 2.45)); // nothing for the host that is off
  CHECK(state(f, 1, LAIR_ALIVE) == 0);
  const lair_action actions[] = {place(b.id(4), 0)};
  CHECK(twin.forecast(actions).violations == 2);
}

TEST_CASE("what is under way when the interval begins") {
  Builder b;
  b.host();
  b.host();
  b.task(LAIR_TASK_STARTING, 0, 100);
  b.task(LAIR_TASK_RETURNING, 0, 0);
  b.task(LAIR_TASK_MIGRATING, 0, 100).target = 1;
  b.buffer.applications[0].result = 125e6;
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  CHECK(f.finished == 3);
  CHECK(twin.task(0).end == near(0.1 + 50 + 1)); // half of its input
  CHECK(twin.task(1).end == near(0.5));          // half of its result
  CHECK(twin.task(2).end == near(53.2 / 2 + 50 + 1)); // half of its migration
  CHECK(state(f, 0, LAIR_DISK_WRITE) == 0);
  CHECK(state(f, 1, LAIR_DISK_WRITE) == near(16.6 * 20e6 / 300));
  CHECK(state(f, 1, LAIR_DISK_READ) == near(400e6 / 300));
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(!twin.movable(i));
}

TEST_CASE("probes are part of the forecast of the observer's own hosts") {
  Builder b;
  b.lei(1);
  b.lei(2);
  b.buffer.leis.back().alive = 0;
  for (int i = 0; i < 3; ++i) b.host();
  b.host(false, 1);
  b.buffer.hosts[2].flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  b.metric(3, LAIR_NET_IN) = 77;
  lair::TwinPlatform platform = b.platform();
  platform.probe_rate = 10; // bytes/s of a pair, on each of the two, each way
  Twin twin(platform);
  twin.load(b.seal());
  const auto& f = twin.forecast({});
  // The broker and its one live worker watch one another; so do the broker and its one live peer.
  for (const lair_metric way : {LAIR_NET_IN, LAIR_NET_OUT}) {
    CHECK(state(f, 0, way) == near(40));
    CHECK(state(f, 1, way) == near(20));
    CHECK(state(f, 2, way) == 0);
  }
  CHECK(state(f, 3, LAIR_NET_IN) == 77); // its probes are in what it reported
  CHECK(f.energy > 0);
}

TEST_CASE("hosts of other LEIs go on as last reported") {
  Builder b;
  b.lei(1);
  b.host();
  b.host(false, 1);
  b.metric(1, LAIR_CPU) = 0.5;
  b.metric(1, LAIR_CPU_PRESSURE) = 0.5;
  b.metric(1, LAIR_NET_IN) = 77;
  b.running(0, 1000);
  Twin twin = b.twin();
  CHECK(twin.forecast({}).energy == near(300 * (3.66 + 3.66)));
  CHECK(state(twin.forecast({}), 1, LAIR_NET_IN) == 77);
  const lair_action actions[] = {migrate(b.id(0), 1)};
  CHECK(twin.forecast(actions).energy == near(300 * 2.45 + 53.2 * 3.66 + (300 - 53.2) * 4.75));
  b.metric(1, LAIR_CPU) = 1; // 6 threads: the task gets 2 of 8 on 4 Gflop/s
  b.metric(1, LAIR_CPU_PRESSURE) = 1.5;
  Twin crowded = b.twin();
  crowded.forecast(actions);
  CHECK(crowded.task(0).end == near(53.2 + 1000 / 1.0));
}

TEST_CASE("actions that cannot take effect are left out") {
  Builder b;
  b.host();
  b.host().flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  b.host().ram_need = 5.7e9;
  b.host().flags |= LAIR_HOST_NO_TASKS;
  b.running(0, 100);
  b.queued(100);
  Twin twin = b.twin();
  const double nothing = twin.forecast({}).energy;
  const lair_action actions[] = {migrate(b.id(0), 1), migrate(b.id(0), 2), migrate(b.id(0), 3),
                                 migrate(b.id(0), 9), migrate(5, 0),       place(b.id(0), 0),
                                 migrate(b.id(1), 0), place(b.id(1), 1)};
  const auto& f = twin.forecast(actions);
  CHECK(f.refused == 8);
  CHECK(f.energy == nothing);
  CHECK(f.migration_time == 0);
}

TEST_CASE("an unanswered probe on a host that was on means overload, not an outage") {
  Builder b;
  b.host().flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  b.running(0, 100);
  Twin twin = b.twin();
  CHECK(twin.forecast({}).finished == 1);
}

TEST_CASE("small and empty observations") {
  SUBCASE("nothing at all") {
    lair_observation empty{};
    empty.size = sizeof empty;
    Twin twin{lair::TwinPlatform{}};
    twin.load(empty);
    const auto& f = twin.forecast({});
    CHECK(f.finished == 0);
    CHECK(f.energy == 0);
    CHECK(f.states.empty());
    CHECK(twin.evaluate_change(1, 2).energy == 0);
  }
  SUBCASE("one host, no task, no window") {
    Builder b;
    b.host();
    b.buffer.window_at[0] = -1;
    b.buffer.raw.window_length = 0;
    Twin twin = b.twin();
    CHECK(twin.forecast({}).energy == near(300 * 2.45));
  }
  SUBCASE("a host without a power curve") {
    Builder b;
    b.host();
    Twin twin{lair::TwinPlatform{}};
    twin.load(b.seal());
    CHECK(twin.forecast({}).energy == 0);
  }
  SUBCASE("an interval of no length") {
    Builder b(0);
    b.host();
    b.running(0, 100).deadline = 1;
    b.queued(100);
    Twin twin = b.twin();
    const lair_action actions[] = {place(b.id(1), 0)};
    const auto& f = twin.forecast(actions);
    CHECK(f.finished == 0);
    CHECK(f.violations == 0);
    CHECK(f.energy == 0);
    for (const double x : f.states) CHECK(std::isfinite(x));
  }
  SUBCASE("a task with nothing left") {
    Builder b;
    b.host();
    b.running(0, 0);
    Twin twin = b.twin();
    CHECK(twin.forecast({}).finished == 1);
    CHECK(twin.task(0).end == 0);
  }
}

TEST_CASE("the C form") {
  Builder b;
  b.host();
  b.running(0, 100);
  Twin twin(b.platform());
  lair_forecast out{};
  out.size = sizeof out;
  CHECK(!twin.forecast_into(nullptr, 0, &out));
  twin.load(b.seal());
  CHECK(twin.forecast_into(nullptr, 0, &out));
  CHECK(out.finished == 1);
  CHECK(out.response == near(50));
  CHECK(out.states[LAIR_CPU] == near(100 / (4.0 * 300)));
  lair_forecast unset{};
  CHECK(!twin.forecast_into(nullptr, 0, &unset));
}

// An independent, slow simulation: every host in steps of 10 ms, straight from contention.hpp.
TEST_CASE("agrees with a simulation in small steps") {
  lair::RandomStream random(3, "twin");
  int ended = 0;
  for (int round = 0; round < 12; ++round) {
    Builder b = random_federation(random, {8, 30, 1, 0, 0.4, 0});
    b.lan_latency = 0;
    for (auto& a : b.buffer.applications) a.result = 0;
    Twin twin = b.twin();
    const auto& f = twin.forecast({});
    constexpr double step = 0.01;
    double energy = 0;
    for (std::uint32_t h = 0; h < 8; ++h) {
      const lair_host& host = b.buffer.hosts[h];
      std::vector<std::uint32_t> who;
      std::vector<double> left;
      for (std::uint32_t i = 0; i < b.buffer.tasks.size(); ++i)
        if (const auto& t = b.buffer.tasks[i]; t.host == h) {
          who.push_back(i);
          left.push_back(t.images_left * b.buffer.applications[t.application].flops_per_image);
        }
      double need = host.ram_need, cpu = 0;
      bool changed = true;
      std::vector<double> weights, bounds, waits, rates;
      std::vector<lair::ComputeDemand> demands;
      double load = 0;
      for (double t = 0; t < 300 - step / 2; t += step) {
        if (changed) {
          const lair::HostConditions c{double(host.cores), host.core_flops, host.disk_read,
                                       host.disk_random_read, host.disk_random_write, host.ram,
                                       host.swap, need, host.unexplained.threads,
                                       host.unexplained.streams};
          demands.clear();
          weights.clear();
          for (const auto i : who) {
            const auto& a = b.buffer.applications[b.buffer.tasks[i].application];
            demands.push_back({double(a.threads), a.flops_per_image, a.bytes_per_image, a.weights,
                               a.activations});
            weights.push_back(a.threads);
          }
          const std::size_t n = who.size();
          bounds.resize(n + 1);
          waits.resize(n + 1);
          rates.resize(n + 1);
          lair::compute_bounds(demands, c, {bounds.data(), n}, {waits.data(), n});
          weights.push_back(host.unexplained.threads);
          bounds[n] = std::min(host.unexplained.threads, 4.0) * host.core_flops;
          lair::share_cpu(c.capacity(), weights, bounds, rates);
          load = 0;
          for (const double r : rates) load += r / c.capacity();
          changed = false;
        }
        energy += curve_4gb().at(load).value * step;
        cpu += load * step / 300;
        for (std::size_t k = 0; k < who.size();) {
          left[k] -= rates[k] * step;
          if (left[k] > 0) {
            ++k;
            continue;
          }
          CHECK(std::abs(twin.task(who[k]).end - (t + step)) < 0.15);
          ++ended;
          need -= b.buffer.tasks[who[k]].resident;
          who.erase(who.begin() + std::ptrdiff_t(k));
          left.erase(left.begin() + std::ptrdiff_t(k));
          rates.erase(rates.begin() + std::ptrdiff_t(k));
          changed = true;
        }
      }
      CHECK(std::abs(state(f, h, LAIR_CPU) - cpu) < 5e-4);
      for (const auto i : who)
        if (twin.task(i).finished) CHECK(twin.task(i).end > 299.8);
    }
    CHECK(f.energy == doctest::Approx(energy).epsilon(5e-4));
  }
  CHECK(ended > 50);
}

TEST_CASE("state of a host that swaps under a card attack") {
  Builder b;
  aiotbench(b);
  auto& h = b.host();
  h.core_flops = 3.2e9;
  h.ram_need += 3.6e9;
  h.unexplained = {1, 0, 4};
  b.running(0, 0, 0).images_left = 1e6; // never ends: the state is steady
  b.running(0, 0, 4).images_left = 1e6;
  Twin twin = b.twin();
  const auto& f = twin.forecast({});

  const double need = b.buffer.hosts[0].ram_need;
  const lair::HostConditions host{4, 3.2e9, 40e6, 8e6, 4e6, 4e9, 2e9, need, 1, 4};
  std::vector<lair::ComputeDemand> demands;
  for (const std::uint32_t app : {0u, 4u}) {
    const auto& a = b.buffer.applications[app];
    demands.push_back({2, a.flops_per_image, a.bytes_per_image, a.weights, a.activations});
  }
  double bounds[3], waits[3], rates[3];
  lair::compute_bounds(demands, host, {bounds, 2}, {waits, 2});
  bounds[2] = 3.2e9;
  const double weights[3] = {2, 2, 1};
  lair::share_cpu(host.capacity(), weights, bounds, rates);
  const double swapped = (need - 4e9) / need;
  double read = 40e6 / 2, write = 20e6 / 2; // the attack has the card's time, half and half
  for (int i = 0; i < 2; ++i) {
    const double images = rates[i] / demands[i].flops_per_image;
    read += images * (160e3 + swapped * (demands[i].weights + 20e6));
    write += images * swapped * 20e6;
  }
  CHECK(state(f, 0, LAIR_CPU) == near((rates[0] + rates[1] + rates[2]) / host.capacity()));
  CHECK(state(f, 0, LAIR_CPU_PRESSURE) == near((5 - 2 * waits[0] - 2 * waits[1]) / 4));
  CHECK(state(f, 0, LAIR_RAM) == near(1));
  CHECK(state(f, 0, LAIR_SWAP) == near((need - 4e9) / 2e9));
  CHECK(state(f, 0, LAIR_DISK_READ) == near(read));
  CHECK(state(f, 0, LAIR_DISK_WRITE) == near(write));
  CHECK(state(f, 0, LAIR_IO_WAIT) == near(2 * waits[0] + 2 * waits[1] + 4));
  CHECK(f.energy == near(300 * curve_4gb().at(state(f, 0, LAIR_CPU)).value));
}

TEST_CASE("RAM that a migrated task gives back ends the swapping, once it has resumed") {
  Builder b;
  aiotbench(b);
  b.host().core_flops = 3.2e9;
  b.host();
  b.buffer.hosts[0].ram_need = 4.1e9 - 357e6 - 315e6; // with both tasks 100 MB too many
  b.running(0, 0, 0).images_left = 1e6;
  b.running(0, 0, 3).images_left = 600;
  Twin twin = b.twin();
  const lair_action actions[] = {migrate(b.id(0), 1)};
  const auto& f = twin.forecast(actions);
  const double resumed = twin.task(0).migration;
  CHECK(resumed == near(357e6 * (2 / 20e6 + 1 / 125e6 + 1 / 40e6)));
  const auto& a = b.buffer.applications[3];
  const lair::ComputeDemand demand{2, a.flops_per_image, a.bytes_per_image, a.weights,
                                   a.activations};
  // Alone on the CPU all the time; the card is its own but for the time of the task's writing.
  const auto rate = [&](double need, double streams) {
    const lair::HostConditions host{4, 3.2e9, 40e6, 8e6, 4e6, 4e9, 2e9, need, 0, streams};
    double bound, wait;
    lair::compute_bounds({&demand, 1}, host, {&bound, 1}, {&wait, 1});
    return bound;
  };
  const double written = 357e6 / 20e6;
  const double left = 600 * a.flops_per_image - written * rate(4.1e9, 1) -
                      (resumed - written) * rate(4.1e9, 0);
  const double end = resumed + left / rate(4.1e9 - 357e6, 0);
  REQUIRE(end < 299);
  CHECK(twin.task(1).end == near(end + 1e6 / 125e6));
  CHECK(state(f, 0, LAIR_SWAP) == near(0.1e9 / 2e9 * resumed / 300));
  CHECK(rate(4.1e9, 1) < 0.95 * rate(4.1e9, 0));
  CHECK(rate(4.1e9, 0) < 0.95 * rate(4e9, 0));
}

TEST_CASE("tasks are found whatever their ids are") {
  lair::RandomStream random(5, "ids");
  Builder b;
  b.host();
  b.host();
  b.buffer.hosts[1].ram = 1e12;
  for (int i = 0; i < 100; ++i) b.running(0, 1000).id = random.next();
  Twin twin = b.twin();
  std::vector<lair_action> actions;
  for (const lair_task& t : b.buffer.tasks) actions.push_back(migrate(t.id, 1));
  CHECK(twin.forecast(actions).refused == 0);
  for (std::uint32_t i = 0; i < 100; ++i) {
    CHECK(twin.task(i).id == b.id(i));
    CHECK(twin.task(i).host == 1);
  }
}

TEST_CASE("threads that touch their memory wait for the card while some of it is swapped") {
  Builder b;
  aiotbench(b);
  auto& h = b.host();
  h.core_flops = 3.2e9;
  h.unexplained = {1, 3.6e9, 1}; // as seen while it swaps
  h.ram_need += 3.6e9;
  b.host();
  b.running(0, 0, 3).images_left = 1e6;
  Twin twin = b.twin();
  const auto rate = [&](double streams) {
    const auto& a = b.buffer.applications[3];
    const lair::ComputeDemand demand{2, a.flops_per_image, a.bytes_per_image, a.weights,
                                     a.activations};
    const double need = b.buffer.hosts[0].ram_need;
    const lair::HostConditions host{4, 3.2e9, 40e6, 8e6, 4e6, 4e9, 2e9, need, 1,
                                    streams};
    double bound, wait;
    lair::compute_bounds({&demand, 1}, host, {&bound, 1}, {&wait, 1});
    return bound;
  };
  const auto& f = twin.forecast({});
  CHECK(state(f, 0, LAIR_CPU) == near((rate(1) + 3.2e9) / 12.8e9));
  CHECK(rate(1) < 0.8 * rate(0));
  CHECK(state(f, 0, LAIR_IO_WAIT) < 2); // only the task's own waiting is shown
  // A migration's own transfers do not queue behind page requests.
  const lair_action actions[] = {migrate(b.id(0), 1)};
  CHECK(twin.forecast(actions).migration_time == near(315e6 * (2 / 20e6 + 1 / 125e6 + 1 / 40e6)));
}

TEST_CASE("a migration that outlasts an interval has had one when the next begins") {
  Builder b;
  b.host().unexplained.streams = 31; // 640 s of writing
  b.host();
  b.task(LAIR_TASK_MIGRATING, 0, 100).target = 1;
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  CHECK(twin.task(0).end == near(340 + 3.2 + 20 + 10 + 50));
  CHECK(state(f, 1, LAIR_CPU) == 0);
  CHECK(state(f, 0, LAIR_DISK_WRITE) == near((300 * 31 / 32.0 * 10e6 + 400e6 * 300 / 640) / 300));
}

TEST_CASE("a migration under way that waits for its image computes on and then moves") {
  Builder b;
  b.host();
  b.host().image_cached = 0;
  b.task(LAIR_TASK_MIGRATING, 0, 100).target = 1;
  b.buffer.hosts[1].ram_need += 400e6; // reserved
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  // Half of the image (1.6 s on the wire, 25 s onto the card) is still to come.
  const double image = 26.6 / 2, computed = 2 * image;
  CHECK(twin.task(0).end == near(image + 53.2 + (100 - computed) / 2));
  CHECK(twin.task(0).migration == near(53.2));
  CHECK(twin.task(0).host == 1);
  CHECK(!twin.movable(0));
  // The reservation is not counted twice.
  CHECK(state(f, 1, LAIR_RAM) < 1050e6 / 4e9);
  CHECK(state(f, 1, LAIR_RAM) > 650e6 / 4e9);
  const lair_action elsewhere[] = {{LAIR_MIGRATE, 0, b.id(0)}};
  CHECK(twin.forecast(elsewhere).refused == 1);
  CHECK(twin.task(0).host == 1);
}

TEST_CASE("what another LEI sends has begun with this interval") {
  Builder b(298);
  b.buffer.raw.interval = 2;
  b.buffer.raw.now = 602; // 2 s into an interval of 300 s
  b.lei(1);
  b.host();
  b.host(false, 1);
  b.task(LAIR_TASK_MIGRATING, 1, 100).target = 0;
  b.buffer.hosts[0].ram_need += 400e6;
  Twin twin = b.twin();
  const auto& f = twin.forecast({});
  CHECK(twin.task(0).end == near(53.2 - 2 + 50));
  CHECK(state(f, 0, LAIR_CPU) == near(0.5 * 50 / 298));
}

TEST_CASE("a flood leaves one part in 51 to a transfer beside it") {
  Builder b;
  b.lei(1);
  b.host();
  b.host().unexplained.threads = 4;
  b.metric(1, LAIR_NET_IN) = 124e6;
  b.queued(100);
  b.queued(100);
  b.queued(100).entry_lei = 1;
  Twin twin = b.twin();
  const lair_action actions[] = {
      {LAIR_PLACE, 1, b.id(0)}, {LAIR_PLACE, 0, b.id(1)}, {LAIR_PLACE, 0, b.id(2)}};
  twin.forecast(actions);
  CHECK(twin.task(0).end == near(0.2 * 51 + 100 / (4.0 * 2 / 6))); // into the flooded NIC
  CHECK(twin.task(1).end == near(0.2 * 51 / 50 + 50)); // inside the LEI; 1/51 goes to the next
  CHECK(twin.task(2).end == near(0.2 * 51 + 50));                  // over the WAN of that LEI

  b.metric(1, LAIR_NET_IN) = 1e6; // what tasks and images make
  Twin quiet = b.twin();
  quiet.forecast(actions);
  CHECK(quiet.task(0).end == near(0.2 + 100 / (4.0 * 2 / 6)));
}
