// The observations out of nothing hang together, and come out the same every time.
#include "policy/synthetic_observation.hpp"

#include <lair/policy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <map>

using namespace lair;

TEST_CASE("the same spec gives the same numbers, another interval others") {
  SyntheticSpec spec;
  const SyntheticObservation a(spec), b(spec);
  CHECK(a.buffer.windows == b.buffer.windows);
  spec.interval = 1;
  const SyntheticObservation later(spec);
  CHECK(a.buffer.windows != later.buffer.windows);
  CHECK(a.buffer.hosts[3].ram == later.buffer.hosts[3].ram); // hosts last
}

TEST_CASE("needs are sums, windows are finite, ids are known, queued tasks come first") {
  SyntheticSpec spec;
  spec.running = 30;
  spec.queued = 5;
  const SyntheticObservation made(spec);
  const SyntheticObservation moved = [&] {
    SyntheticObservation temporary(spec);
    return temporary;
  }();
  CHECK(moved.raw().hosts == moved.buffer.hosts.data()); // pointers follow a move
  const Observation seen(made.raw());
  CHECK(seen.own_hosts().size() == 4);
  CHECK(seen.hosts().size() == 16);
  CHECK(seen.leis().size() == 4);
  CHECK(seen.reports().size() == 3);
  std::map<std::uint32_t, double> need;
  for (const Host& host : seen.hosts()) {
    need[host.id] = host.ram_system + host.unexplained.ram;
    REQUIRE(host.window != nullptr);
    for (std::uint32_t i = 0; i < spec.window * LAIR_METRICS; ++i)
      CHECK(std::isfinite(host.window[i]));
  }
  bool queue_over = false;
  for (const TaskView& task : seen.tasks()) {
    if (task.state == LAIR_TASK_QUEUED) {
      CHECK_FALSE(queue_over);
      CHECK(task.host == LAIR_NONE);
      continue;
    }
    queue_over = true;
    REQUIRE(seen.find_host(task.host) != nullptr);
    need[task.host] += task.resident;
    if (task.state == LAIR_TASK_MIGRATING) need[task.target] += task.resident;
  }
  for (const Host& host : seen.hosts()) CHECK(host.ram_need == doctest::Approx(need[host.id]));
}
