// The next interval's start as the twin foresees it.
#include "twin/next_observation.hpp"
#include "twin_checks.hpp"

#include <lair/policy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

using namespace twin_test;
using lair::NextObservation;
using lair::Observation;
using lair::Twin;

namespace {

const lair_task* find(const lair_observation& o, std::uint64_t id) {
  const lair_task* found = nullptr;
  const auto look = [&](const lair_task& t) {
    if (t.id == id) found = &t;
  };
  for (const lair_task& t : Observation(o).tasks()) look(t);
  for (const lair_report& r : Observation(o).reports())
    for (const lair_task& t : Observation::tasks_of(r)) look(t);
  return found;
}

} // namespace

TEST_CASE("what ended is gone, what computes is further, what was moved or placed is there") {
  Builder b;
  b.host();
  b.host();
  b.host().image_cached = 0;
  b.running(0, 200).age = 40;
  // 2 Gflop/s, and a third of 4 from the arrival of the moved one, at 53.2 s, to the first one's end.
  b.running(0, 900).images_done = 100;
  b.running(1, 2000);          // is moved away
  b.queued(900);               // is placed on the host without the image
  b.queued(900);               // is not
  b.metric(0, LAIR_NET_IN) = 7;
  b.buffer.raw.interval = 4;
  b.buffer.raw.now = 1200;
  Twin twin = b.twin();
  const lair_action actions[] = {{LAIR_MIGRATE, 0, b.id(2)}, {LAIR_PLACE, 2, b.id(3)}};
  const lair::Forecast f = twin.forecast(actions);
  NextObservation next;
  const lair_observation& o = next.make(b.buffer.raw, twin);

  CHECK(o.interval == 5);
  CHECK(o.now == 1500);
  CHECK(o.event_count == 0);
  REQUIRE(o.task_count == 4);
  CHECK(find(o, b.id(0)) == nullptr);
  const lair_task& on = *find(o, b.id(1));
  CHECK(on.state == LAIR_TASK_RUNNING);
  CHECK(on.images_left == doctest::Approx(900 - 2 * 53.2 - 93.6 - 2 * (300 - 53.2 - 70.2)));
  CHECK(on.images_done + on.images_left == doctest::Approx(1000));
  CHECK(on.age == 300);
  const lair_task& moved = *find(o, b.id(2));
  CHECK(moved.host == 0);
  CHECK(moved.target == LAIR_NONE);
  CHECK(moved.state == LAIR_TASK_RUNNING);
  CHECK(moved.images_left < 2000);
  CHECK(moved.images_left > 1300);
  const lair_task& placed = *find(o, b.id(3));
  CHECK(placed.host == 2);
  CHECK(placed.state == LAIR_TASK_RUNNING);
  CHECK(o.tasks[0].id == b.id(4)); // queued ones first
  CHECK(o.tasks[0].state == LAIR_TASK_QUEUED);
  CHECK(o.tasks[0].age == 300);

  const double system = b.buffer.hosts[0].ram_system;
  CHECK(o.hosts[0].ram_need == doctest::Approx(system + 2 * 400e6));
  CHECK(o.hosts[1].ram_need == doctest::Approx(b.buffer.hosts[1].ram_system));
  CHECK(o.hosts[2].ram_need == doctest::Approx(b.buffer.hosts[2].ram_system + 400e6));
  CHECK(o.hosts[2].image_cached == 1);
  for (std::uint32_t r = 0; r < 3; ++r)
    for (int m = 0; m < LAIR_METRICS; ++m)
      CHECK(o.hosts[r].window[m] == f.states[r * LAIR_METRICS + std::uint32_t(m)]);

  twin.load(o); // and it goes on from there
  CHECK(twin.forecast({}).finished >= 1);
}

TEST_CASE("windows move on by one state") {
  Builder b;
  b.host();
  b.running(0, 900);
  b.buffer.raw.window_length = 3;
  b.buffer.windows = std::vector<double>(3 * LAIR_METRICS);
  for (std::size_t k = 0; k < 3; ++k) b.buffer.windows[k * LAIR_METRICS] = double(k);
  Twin twin = b.twin();
  const lair::Forecast f = twin.forecast({});
  NextObservation next;
  const double* window = next.make(b.buffer.raw, twin).hosts[0].window;
  CHECK(window[0] == 1);
  CHECK(window[LAIR_METRICS] == 2);
  CHECK(window[2 * LAIR_METRICS] == f.states[0]);
}

TEST_CASE("what is under way at the interval's end says so") {
  Builder b(10); // s: too short for a move
  b.host();
  b.host();
  b.running(0, 900);
  b.queued(900);
  b.buffer.applications[0].input = 25e9;
  Twin twin = b.twin();
  const lair_action actions[] = {{LAIR_MIGRATE, 1, b.id(0)}, {LAIR_PLACE, 0, b.id(1)}};
  twin.forecast(actions);
  NextObservation next;
  const lair_observation& o = next.make(b.buffer.raw, twin);
  const lair_task& moving = *find(o, b.id(0));
  CHECK(moving.state == LAIR_TASK_MIGRATING);
  CHECK(moving.host == 0);
  CHECK(moving.target == 1);
  CHECK(moving.images_left == doctest::Approx(900)); // frozen at once
  CHECK(find(o, b.id(1))->state == LAIR_TASK_STARTING);
  CHECK(find(o, b.id(1))->host == 0);
  const double system = b.buffer.hosts[0].ram_system;
  CHECK(o.hosts[0].ram_need == doctest::Approx(system + 800e6)); // both copies, and the reservation
  CHECK(o.hosts[1].ram_need == doctest::Approx(system + 400e6));
}

TEST_CASE("peers' tasks go on in their reports, and change lists with their LEI") {
  Builder b;
  b.lei(1);
  b.host();
  b.host(false, 1);
  b.running(1, 900);
  const std::uint64_t comes = b.tell(1).id;
  b.running(1, 1000);
  const std::uint64_t stays = b.tell(1).id;
  b.queued(900).entry_lei = 1;
  b.tell(1).target = 1;
  const std::uint64_t planned = b.told[1].tasks.back().id;
  b.running(0, 900);
  Twin twin = b.twin();
  const lair_action actions[] = {{LAIR_MIGRATE, 0, comes}, {LAIR_MIGRATE, 1, b.id(0)}};
  twin.forecast(actions);
  NextObservation next;
  const lair_observation& o = next.make(b.buffer.raw, twin);
  REQUIRE(o.task_count == 1);
  CHECK(o.tasks[0].id == comes);
  CHECK(o.tasks[0].host == 0);
  REQUIRE(o.report_count == 1);
  CHECK(o.reports[0].lei == 1);
  CHECK(o.reports[0].age == 0);
  CHECK(o.reports[0].detection == nullptr);
  std::set<std::uint64_t> there;
  for (const lair_task& t : Observation::tasks_of(o.reports[0])) {
    CHECK(t.host == 1);
    CHECK(t.state == LAIR_TASK_RUNNING);
    there.insert(t.id);
  }
  CHECK(there == std::set<std::uint64_t>{stays, planned, b.id(0)});
}

TEST_CASE("two intervals one after the other are one of double length") {
  lair::RandomStream random(21, "next");
  int later = 0, gone = 0;
  for (int round = 0; round < 20; ++round) {
    // Nothing under way at the border: what a transfer has behind it an observation does not tell.
    Builder b = random_federation(random, {8, 24, round % 2 == 0 ? 1u : 3u, 0, 0.2, 0, 0, 0, 12});
    for (auto& [lei, told] : b.told) {
      told.age = 0;
      for (lair_task& t : told.tasks) {
        t.state = LAIR_TASK_RUNNING;
        if (t.host == LAIR_NONE) t.host = 7;
        t.target = LAIR_NONE;
      }
    }
    for (auto& a : b.buffer.applications) a.result = 0;
    for (std::uint32_t r = 0; r < 8; ++r) b.metric(r, LAIR_NET_IN) = 0;
    b.lan_latency = 0;
    for (auto& l : b.buffer.leis) l.wan_latency = 0;
    Twin step = b.twin();
    lair::Forecast first = step.forecast({});
    const std::vector<double> kept(first.states.begin(), first.states.end());
    first.states = kept;
    NextObservation next;
    const lair_observation& o = next.make(b.buffer.raw, step);
    step.load(o);
    const lair::Forecast second = step.forecast({});
    std::map<std::uint64_t, double> ends;
    for (std::uint32_t i = 0; i < step.task_count(); ++i)
      ends[step.task(i).id] = 300 + step.task(i).end;

    b.buffer.raw.interval_length = 600;
    Twin whole = b.twin();
    const lair::Forecast both = whole.forecast({});
    CHECK(both.finished == first.finished + second.finished);
    CHECK(first.energy + second.energy == doctest::Approx(both.energy).epsilon(1e-9));
    for (std::uint32_t i = 0; i < whole.task_count(); ++i) {
      const auto task = whole.task(i);
      const auto at = ends.find(task.id);
      CHECK((at == ends.end()) == (task.end <= 300)); // gone if it had ended
      gone += at == ends.end();
      if (at == ends.end() || !task.finished) continue;
      CHECK(at->second == doctest::Approx(task.end).epsilon(1e-9));
      ++later;
    }
    for (std::uint32_t r = 0; r < 8; ++r)
      for (const lair_metric m : {LAIR_CPU, LAIR_RAM, LAIR_IO_WAIT, LAIR_CPU_PRESSURE})
        CHECK((state(first, r, m) + state(second, r, m)) / 2 ==
              doctest::Approx(state(both, r, m)).epsilon(1e-6));
  }
  CHECK(gone > 30);
  CHECK(later > 30);
}
