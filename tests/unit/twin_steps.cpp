// The twin against an independent, slow simulation: every host in steps of 10 ms, straight from
// contention.hpp.
#include "twin_checks.hpp"

#include "model/contention.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace twin_test;
using lair::Twin;

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
