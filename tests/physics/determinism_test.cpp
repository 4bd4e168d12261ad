// The same scenario gives the same run, bit by bit, whatever surrounds the process.
#include "fixture.hpp"
#include "random_scenario.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace lair;
using namespace lair::physics;

namespace {

void moved_heap() { // leaks on purpose: what comes after lies elsewhere
  for (int i = 1; i < 200; ++i) static_cast<void>(!std::malloc(static_cast<std::size_t>(37 * i)));
}

void other_surroundings() {
  const std::string value(20000, 'x');
  for (const char* name : {"NOISE_1", "NOISE_2", "NOISE_3"}) setenv(name, value.c_str(), 1);
  setenv("TZ", "Asia/Kathmandu", 1);
  tzset();
  for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) // with a decimal comma
    if (setlocale(LC_ALL, locale) != nullptr) break;
}

} // namespace

TEST_CASE("a run does not depend on what surrounds it") {
  std::size_t events = 0;
  for (const std::uint64_t seed : {3, 11, 29, 58, 71, 104, 137, 190}) {
    const Scenario s = random_scenario(seed);
    const Recording once = simulate_forked(s);
    INFO("seed ", seed);
    REQUIRE(once.signal == 0);
    events += once.events.size();
    Forked how;
    CHECK(difference(once, simulate_forked(s)) == "");
    how.before = moved_heap;
    CHECK(difference(once, simulate_forked(s, how)) == "");
    how.before = other_surroundings;
    CHECK(difference(once, simulate_forked(s, how)) == "");
  }
  CHECK(events > 1000);
}

TEST_CASE("a run does not depend on how actors are switched") {
  for (const std::uint64_t seed : {3, 29, 104, 190}) {
    const Scenario s = random_scenario(seed);
    Forked threads;
    threads.thread_contexts = true;
    INFO("seed ", seed);
    CHECK(difference(simulate_forked(s), simulate_forked(s, threads)) == "");
  }
}

TEST_CASE("another seed is another run") {
  Scenario s = random_scenario(29);
  const Recording once = simulate_forked(s);
  s.seed = 30;
  CHECK(difference(once, simulate_forked(s)) != "");
}
