// Random scenarios: nothing they do may crash the world, hang it or break a law.
// LAIR_SWARM=first-last chooses the seeds; one that fails is printed with the command that runs it alone.
#include "fixture.hpp"
#include "random_scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>

using namespace lair;
using namespace lair::physics;

namespace {
/// What happened last, for whoever looks at one seed.
void print_end(const Recording& r) {
  const std::size_t n = r.events.size();
  for (std::size_t i = n > 40 ? n - 40 : 0; i < n; ++i) {
    const Event& e = r.events[i];
    const auto id = [](const char* name, auto x) {
      return x.valid() ? fmt::format(" {} {}", name, x.value) : std::string();
    };
    const std::string fault =
        e.fault.valid() ? fmt::format(" {}", to_string(static_cast<FaultKind>(e.fault_kind))) : "";
    std::fprintf(stderr, "%s\n",
                 fmt::format("{:.9f} {}{}{}{}{}{}{} ({}) {} {}", e.time, to_string(e.kind), fault,
                             id("fault", e.fault), id("task", e.task), id("lei", e.lei),
                             id("host", e.host), id("->", e.target), to_string(e.reason), e.value,
                             e.extra)
                     .c_str());
  }
}
} // namespace

TEST_CASE("a swarm of random scenarios obeys the laws") {
  unsigned long first = 1, last = 150;
  if (const char* range = std::getenv("LAIR_SWARM")) {
    REQUIRE(std::sscanf(range, "%lu-%lu", &first, &last) == 2);
    REQUIRE(first <= last);
  }
  std::map<EventKind, std::size_t> met;
  for (unsigned long seed = first; seed <= last; ++seed) {
    Forked how;
    how.cpu_seconds = 60;
    const Recording r = simulate_forked(random_scenario(seed), how);
    for (const Event& e : r.events) ++met[e.kind];
    if (first == last) print_end(r);
    const std::string again = fmt::format(
        "seed {}: signal {} ({}); again: LAIR_SWARM={}-{} test_physics_swarm", seed, r.signal,
        r.signal == 0 ? r.failure : r.signal == 24 || r.signal == 14 ? "too long" : "crash", seed,
        seed);
    INFO(again);
    CHECK(r.signal == 0);
    CHECK(r.failure == "");
    CHECK(r.totals.size() == 20);
  }
  if (last - first < 100) return;
  // A swarm that does not meet a kind of event does not test it.
  for (std::size_t kind = 0; kind < event_kind_count; ++kind) {
    INFO(to_string(static_cast<EventKind>(kind)));
    CHECK(met[static_cast<EventKind>(kind)] > 0);
  }
}
