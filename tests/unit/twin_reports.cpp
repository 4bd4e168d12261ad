// What the reports tell of the peers' tasks, and how the twin uses it.
#include "twin_checks.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace twin_test;
using lair::Twin;

namespace {

/// LEI 0 with one host (row 0), LEI 1 with two (rows 1 and 2); their last states say "busy".
Builder two_leis() {
  Builder b;
  b.lei(1);
  b.host();
  b.host(false, 1);
  b.host(false, 1);
  for (std::uint32_t r = 1; r < 3; ++r) {
    b.buffer.hosts[r].broker = 1;
    b.metric(r, LAIR_CPU) = 0.75;
    b.metric(r, LAIR_CPU_PRESSURE) = 0.75;
  }
  return b;
}

} // namespace

TEST_CASE("a peer's tasks are forecast like the own ones, instead of its last state") {
  Builder b = two_leis();
  b.running(1, 200);
  b.tell(1);
  Twin twin = b.twin();
  CHECK(twin.task_count() == 1);
  const lair::Forecast& f = twin.forecast({});
  CHECK(twin.task(0).end == doctest::Approx(100)); // two threads of 1 Gflop/s
  CHECK(f.finished == 1);
  CHECK(state(f, 1, LAIR_CPU) == doctest::Approx(200.0 / (4 * 300)));
  CHECK(state(f, 2, LAIR_CPU) == 0);

  b.buffer.hosts[1].unexplained.threads = 4; // an attack, as its broker sees it
  twin = b.twin();
  CHECK(state(twin.forecast({}), 1, LAIR_CPU) == doctest::Approx(1));
  CHECK(twin.task(0).end > 110);
}

TEST_CASE("an old report, or one that tells no tasks, leaves the peer's last state") {
  for (const bool old : {true, false}) {
    Builder b = two_leis();
    b.running(1, 200);
    b.tell(1);
    if (old) b.told[1].age = 301;
    b.seal();
    if (!old) b.buffer.reports[0].task_stride = 0;
    Twin twin(b.platform());
    twin.load(b.buffer.raw);
    CHECK(twin.task_count() == 0);
    CHECK(state(twin.forecast({}), 1, LAIR_CPU) == doctest::Approx(0.75));
  }
}

TEST_CASE("a report's seconds on the way are made up for") {
  Builder b = two_leis();
  b.running(1, 200).age = 50;
  b.tell(1);
  b.told[1].age = 4;
  Twin twin = b.twin();
  twin.forecast({});
  CHECK(twin.task(0).end == doctest::Approx(96));
  CHECK(twin.task(0).response == doctest::Approx(150));
}

TEST_CASE("a peer's queued task goes where its broker places it, unless an action says otherwise") {
  Builder b = two_leis();
  b.queued(200).entry_lei = 1;
  b.tell(1).target = 0; // on an own host
  const std::uint64_t id = b.told[1].tasks[0].id;
  Twin twin = b.twin();
  const double planned = state(twin.forecast({}), 0, LAIR_CPU);
  CHECK(planned == doctest::Approx(200.0 / (4 * 300)));
  CHECK(twin.task(0).host == 0);

  const lair_action elsewhere{LAIR_PLACE, 2, id};
  const lair::Forecast& f = twin.forecast({&elsewhere, 1});
  CHECK(twin.task(0).host == 2);
  CHECK(state(f, 0, LAIR_CPU) == 0);
  twin.try_move(id, LAIR_NONE); // no action for it: as planned
  CHECK(twin.touched_state(0)[LAIR_CPU] == planned);
  twin.undo();
  CHECK(twin.task(0).host == 2);
  twin.try_move(id, LAIR_NONE);
  twin.accept();
  CHECK(twin.task(0).host == 0);

  b.told[1].tasks[0].target = LAIR_NONE; // nowhere
  twin = b.twin();
  twin.forecast({});
  CHECK(twin.task(0).host == LAIR_NONE);
  b.told[1].tasks[0].target = 2; // which is off
  b.buffer.hosts[2].flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  b.metric(2, LAIR_ALIVE) = 0;
  twin = b.twin();
  twin.forecast({});
  CHECK(twin.task(0).host == LAIR_NONE);
}

TEST_CASE("a peer's running task can be tried elsewhere, across LEIs too") {
  Builder b = two_leis();
  b.running(1, 400);
  b.running(1, 400);
  b.running(1, 400);
  for (int i = 0; i < 3; ++i) b.tell(1);
  Twin twin = b.twin();
  twin.forecast({});
  const double crowded = twin.task(0).end;
  twin.try_move(b.told[1].tasks[2].id, 0);
  twin.accept();
  CHECK(twin.task(2).host == 0);
  CHECK(twin.task(2).migration > 0);
  CHECK(twin.task(0).end < crowded);
}

TEST_CASE("what stands in two lists is one task, and the own list is newer") {
  Builder b = two_leis();
  lair_task& t = b.task(LAIR_TASK_MIGRATING, 1, 400); // on its way here
  t.target = 0;
  b.buffer.hosts[0].ram_need += t.resident;
  for (const std::uint32_t then : {LAIR_TASK_RUNNING, LAIR_TASK_MIGRATING}) {
    b.told[1].tasks = {b.buffer.tasks[0]};
    b.told[1].tasks[0].state = then;
    if (then == LAIR_TASK_RUNNING) b.told[1].tasks[0].target = LAIR_NONE;
    Twin twin = b.twin();
    CHECK(twin.task_count() == 1);
    twin.forecast({});
    CHECK(twin.task(0).host == 0);
    // Begun with the decision just made there, or half through since the one before.
    const double way = 400e6 / 20e6 * 2 + 400e6 / 125e6 + 400e6 / 40e6, work = 200;
    CHECK(twin.task(0).end ==
          doctest::Approx((then == LAIR_TASK_RUNNING ? way : way / 2) + work).epsilon(0.02));
  }
  // A placement that its broker has made already, after it had announced it.
  Builder c = two_leis();
  c.task(LAIR_TASK_STARTING, 0, 200).entry_lei = 1;
  c.buffer.applications[0].input = 1.25e9; // 10 s
  c.told[1].tasks = {c.buffer.tasks[0]};
  Twin half = c.twin();
  half.forecast({});
  CHECK(half.task(0).end == doctest::Approx(105));
  c.told[1].tasks[0].state = LAIR_TASK_QUEUED;
  c.told[1].tasks[0].host = LAIR_NONE;
  c.told[1].tasks[0].target = 0;
  Twin whole = c.twin();
  CHECK(whole.task_count() == 1);
  whole.forecast({});
  CHECK(whole.task(0).end == doctest::Approx(110));
}
