// One changed move at a time equals the whole forecast, bit for bit, and nothing allocates.
#include "twin_builder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>

using namespace twin_test;
using lair::Outcome;
using lair::Twin;

namespace {
bool counting = false;
long allocations = 0;
} // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* p = std::malloc(size > 0 ? size : 1)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

/// A decision as the test sees it: at most one action for each task.
using Decision = std::map<std::uint64_t, lair_action>;

std::vector<lair_action> list(const Decision& decision) {
  std::vector<lair_action> actions;
  for (const auto& [task, action] : decision) actions.push_back(action);
  return actions;
}

bool same(const Outcome& a, const Outcome& b) {
  return a.finished == b.finished && a.violations == b.violations && a.energy == b.energy &&
         a.response == b.response && a.migration_time == b.migration_time && a.outlook == b.outlook;
}

void check_same_base(const Twin& a, const lair::Forecast& fa, const Twin& b,
                     const lair::Forecast& fb) {
  REQUIRE(std::equal(fa.states.begin(), fa.states.end(), fb.states.begin(), fb.states.end()));
  for (std::uint32_t i = 0; i < a.task_count(); ++i) {
    REQUIRE(a.task(i).end == b.task(i).end);
    REQUIRE(a.task(i).finished == b.task(i).finished);
    REQUIRE(a.task(i).host == b.task(i).host);
    REQUIRE(a.task(i).migration == b.task(i).migration);
  }
}

void walk(lair::RandomStream& random, const Shape& shape, int steps, int& changes) {
  Builder b = random_federation(random, shape);
  Twin twin = b.twin(), fresh = b.twin();
  Decision decision;
  for (const lair_task& t : b.buffer.tasks)
    if (t.state == LAIR_TASK_QUEUED && random.below(4) > 0)
      decision[t.id] = {LAIR_PLACE, random.below(shape.hosts), t.id};
  Outcome base = twin.forecast(list(decision));
  const std::vector<lair_task> tasks = b.all_tasks();
  for (int step = 0; step < steps; ++step) {
    const lair_task& t = tasks[random.below(static_cast<std::uint32_t>(tasks.size()))];
    const std::uint32_t host = random.below(5) == 0 ? LAIR_NONE : random.below(shape.hosts);
    Decision changed = decision;
    if (host == LAIR_NONE || host == t.host)
      changed.erase(t.id);
    else
      changed[t.id] = {std::uint32_t(t.state == LAIR_TASK_QUEUED ? LAIR_PLACE : LAIR_MIGRATE), host,
                       t.id};
    const Outcome incremental = twin.evaluate_change(t.id, host);
    const lair::Forecast& whole = fresh.forecast(list(changed));
    REQUIRE(same(incremental, whole));
    double outlook = 0; // by its definition
    for (std::uint32_t i = 0; i < fresh.task_count(); ++i) {
      outlook += std::min(fresh.task(i).end, 10 * b.buffer.raw.interval_length);
      for (const lair_task& one : tasks)
        if (one.id == fresh.task(i).id) outlook += one.age;
    }
    REQUIRE(whole.outlook == doctest::Approx(outlook / fresh.task_count()).epsilon(1e-5)); // reports have an age
    changes += !same(incremental, base);
    // The hosts it did not name as touched are as in the base, the others as in the whole forecast.
    for (std::uint32_t k = 0; k < twin.touched().size(); ++k) {
      const auto after = twin.touched_state(k);
      REQUIRE(std::equal(after.begin(), after.end(),
                         whole.states.begin() + twin.touched()[k] * LAIR_METRICS));
    }
    if (random.below(3) == 0) {
      REQUIRE(same(twin.try_move(t.id, host), incremental));
      twin.accept();
      decision = changed;
      base = incremental;
      // Where everything else is: the accepted base against the fresh forecast.
      for (std::uint32_t i = 0; i < twin.task_count(); ++i) {
        REQUIRE(twin.task(i).end == fresh.task(i).end);
        REQUIRE(twin.task(i).host == fresh.task(i).host);
        REQUIRE(twin.task(i).migration == fresh.task(i).migration);
      }
      REQUIRE(same(twin.evaluate_change(t.id, host), whole)); // no change at all
    } else {
      REQUIRE(same(twin.try_move(t.id, host), incremental));
      twin.undo();
    }
  }
  const lair::Forecast& again = twin.forecast(list(decision));
  REQUIRE(same(again, base));
  check_same_base(twin, again, fresh, fresh.forecast(list(decision)));
}

} // namespace

TEST_CASE("one changed move equals the whole forecast") {
  lair::RandomStream random(11, "twin");
  int changes = 0;
  const Shape shapes[] = {{1, 4, 1, 0.3, 0.2, 0},          {2, 8, 1, 0.3, 0.3, 0.3},
                          {5, 12, 1, 0.4, 0.4, 0.6, 0.2},  {8, 30, 3, 0.2, 0.3, 0.4, 0.2, 0.2},
                          {16, 50, 1, 0.1, 0.1, 0.1},      {16, 50, 4, 0.3, 0.2, 0.5, 0.1, 0.1},
                          {40, 160, 6, 0.1, 0.1, 0.2, 0.1}, {8, 10, 3, 0.3, 0.3, 0.4, 0.2, 0.1, 20},
                          {16, 25, 4, 0.3, 0.2, 0.3, 0.1, 0, 40}};
  for (const Shape& shape : shapes)
    for (int round = 0; round < 30; ++round) walk(random, shape, 60, changes);
  CHECK(changes > 2000);
}

TEST_CASE("the order in which actions are given does not matter") {
  lair::RandomStream random(12, "twin");
  for (int round = 0; round < 20; ++round) {
    Builder b = random_federation(random, {12, 40, 3, 0.3, 0.2, 0.4, 0.1});
    std::vector<lair_action> actions;
    for (const lair_task& t : b.buffer.tasks)
      if (random.below(3) == 0)
        actions.push_back({std::uint32_t(t.state == LAIR_TASK_QUEUED ? LAIR_PLACE : LAIR_MIGRATE),
                           random.below(12), t.id});
    Twin one = b.twin(), two = b.twin();
    const lair::Forecast first = one.forecast(actions);
    std::reverse(actions.begin(), actions.end());
    REQUIRE(same(first, two.forecast(actions)));
    two.load(b.seal()); // and nothing of what was loaded before stays behind
    const lair::Forecast& again = two.forecast(actions);
    check_same_base(one, first, two, again);
  }
}

TEST_CASE("a smaller observation after a larger one is as from a new twin") {
  lair::RandomStream random(13, "twin");
  Builder large = random_federation(random, {20, 80, 4, 0.2, 0.2, 0.3, 0.2});
  Twin used = large.twin();
  used.forecast({});
  Builder small = random_federation(random, {6, 15, 2, 0.2, 0.2, 0.3, 0.2});
  Twin fresh = small.twin();
  used.load(small.seal());
  const lair::Forecast& a = used.forecast({});
  const lair::Forecast& b = fresh.forecast({});
  CHECK(same(a, b));
  check_same_base(used, a, fresh, b);
}

TEST_CASE("speeds and work doubled together change no time") {
  lair::RandomStream random(14, "twin");
  Builder b = random_federation(random, {10, 40, 1, 0.1, 0.2, 0.2});
  Twin one = b.twin();
  one.forecast({});
  for (auto& h : b.buffer.hosts) h.core_flops *= 2;
  for (auto& a : b.buffer.applications) a.flops_per_image *= 2;
  Twin two = b.twin();
  two.forecast({});
  for (std::uint32_t i = 0; i < one.task_count(); ++i) CHECK(one.task(i).end == two.task(i).end);
}

TEST_CASE("nothing allocates once there is room") {
  lair::RandomStream random(15, "twin");
  Builder b = random_federation(random, {16, 50, 4, 0.2, 0.2, 0.4, 0.1, 0, 30});
  Builder other = random_federation(random, {12, 40, 2, 0.2, 0.2, 0.4, 0.1, 0, 10});
  Twin twin(b.platform());
  twin.reserve(16, 80, 7, 4);
  b.seal();
  other.seal();
  std::vector<lair_action> actions;
  for (const lair_task& t : b.buffer.tasks)
    actions.push_back({std::uint32_t(t.state == LAIR_TASK_QUEUED ? LAIR_PLACE : LAIR_MIGRATE),
                       random.below(16), t.id});
  const std::vector<lair_task> tasks = b.all_tasks();
  REQUIRE(tasks.size() == 80);
  lair_forecast out{};
  out.size = sizeof out;
  allocations = 0;
  counting = true;
  twin.load(b.buffer.raw);
  twin.load(other.buffer.raw);
  twin.load(b.buffer.raw);
  twin.forecast(actions);
  const bool filled = twin.forecast_into(actions.data(), std::uint32_t(actions.size() / 2), &out);
  double sum = 0;
  for (int i = 0; i < 5000; ++i) {
    sum += twin.try_move(tasks[random.below(80)].id, random.below(16)).energy;
    if (i % 3 == 0)
      twin.accept();
    else
      twin.undo();
    sum += twin.evaluate_change(b.id(random.below(50)), random.below(16)).response;
  }
  counting = false;
  CHECK(filled);
  CHECK(sum > 0);
  CHECK(allocations == 0);
  counting = true; // and the counter counts
  ::operator delete(::operator new(8)); // not a new-expression, which could be optimised away
  counting = false;
  CHECK(allocations == 1);
}
