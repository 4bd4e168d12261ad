// The twin's second stage against closed forms: what computes on one host shares its CPU, its memory and
// its card.
#include "twin_checks.hpp"

#include "model/contention.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace twin_test;
using lair::Twin;

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
