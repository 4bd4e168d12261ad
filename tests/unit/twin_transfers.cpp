// The twin's first stage against closed forms: images, inputs and migrations share cards and links.
#include "twin_checks.hpp"

#include <doctest/doctest.h>

using namespace twin_test;
using lair::Twin;

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
