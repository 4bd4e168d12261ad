// What the twin makes of an observation and of actions, impossible ones included.
#include "twin_checks.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace twin_test;
using lair::Twin;

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

TEST_CASE("a copy is load on its host and no task of its own") {
  Builder b;
  b.host();
  b.host();
  b.running(0, 1000); // 500 s
  b.running(1, 200);  // 100 s
  Twin alone = b.twin();
  const lair::Forecast without = alone.forecast({});
  b.running(1, 400); // of the first one; it would end here after 200 s
  b.buffer.tasks.back().id = b.id(0);
  b.buffer.tasks.back().copy = 1;
  for (const std::size_t i : {0, 2}) b.buffer.tasks[i].copies = 2;
  Twin twin = b.twin();
  const lair::Forecast with = twin.forecast({});
  CHECK(with.finished == without.finished);
  CHECK(with.response == near(without.response));
  CHECK(with.outlook == near(without.outlook));
  CHECK(with.energy > without.energy);
  CHECK(state(with, 1, LAIR_CPU) == near((100 * 1.0 + 100 * 0.5) / 300));
  // What the twin cannot foresee is no migration.
  const lair_action actions[] = {{LAIR_REPLICATE, 1, b.id(1)}, {LAIR_CANCEL, 0, b.id(0)}};
  CHECK(twin.forecast(actions).energy == near(with.energy));
  CHECK(twin.forecast(actions).refused == 0);
}
