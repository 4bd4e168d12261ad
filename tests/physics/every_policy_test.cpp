// Every shipped policy in random scenarios: whatever happens to it, it may not crash, hang or break a law.
// LAIR_SWARM=first-last chooses the seeds, LAIR_POLICIES=a,b the policies.
#include "fixture.hpp"
#include "random_scenario.hpp"

#include "core/error.hpp"
#include "policy/policy_factory.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace lair;
using namespace lair::physics;

namespace {
PolicyFactory::Choice named(const std::string& name) {
  PolicyFactory::Choice choice;
  choice.name = name;
  return choice;
}
/// The policies to try. `opened` is kept, so that children inherit the library of learned roles; a build without
/// that library leaves learned policies out.
std::vector<std::string> shipped(std::unique_ptr<PolicyFactory>& opened) {
  const char* only = std::getenv("LAIR_POLICIES");
  const std::string wanted = only ? fmt::format(",{},", only) : "";
  std::vector<std::string> names;
  for (const ListedName& policy : list_policies()) {
    if (!wanted.empty() && wanted.find("," + policy.name + ",") == std::string::npos) continue;
    try {
      opened = std::make_unique<PolicyFactory>(named(policy.name));
      names.push_back(policy.name);
    } catch (const InputError& problem) {
      REQUIRE(std::string(problem.what()).find("LAIR_NEURAL") != std::string::npos);
      MESSAGE("left out: ", policy.name);
    }
  }
  REQUIRE(!names.empty());
  return names;
}

void choose(Scenario& s, const std::string& policy) {
  s.policy.name = policy;
  s.policy.scheduler.clear();
  s.policy.detector.clear();
  s.policy.remediator.clear();
  s.policy.options.clear();
}

/// What was decided, and in which interval.
std::string decisions_of(const Recording& r, double interval) {
  std::string all;
  for (const Event& e : r.events)
    if (e.kind == EventKind::task_placed || e.kind == EventKind::migration_started ||
        e.kind == EventKind::copy_placed || e.kind == EventKind::checkpoint_stored)
      all += fmt::format("{} {} {} {} {}\n", std::floor(e.time / interval), to_string(e.kind), e.task.value,
                         e.host.value, e.target.value);
  return all;
}
} // namespace

TEST_CASE("every shipped policy obeys the laws in a swarm of random scenarios") {
  unsigned long first = 1, last = 5;
  if (const char* range = std::getenv("LAIR_SWARM")) {
    REQUIRE(std::sscanf(range, "%lu-%lu", &first, &last) == 2);
    REQUIRE(first <= last);
  }
  std::unique_ptr<PolicyFactory> opened;
  for (const std::string& policy : shipped(opened)) {
    std::size_t decisions = 0;
    for (unsigned long seed = first; seed <= last; ++seed) {
      Scenario s = random_scenario(seed);
      choose(s, policy);
      Forked how;
      how.cpu_seconds = 120;
      const Recording r = simulate_forked(s, how);
      const std::string again = fmt::format(
          "{}, seed {}: signal {} ({}); again: LAIR_POLICIES={} LAIR_SWARM={}-{} test_physics_every_policy",
          policy, seed, r.signal,
          r.signal == 0 ? r.failure : r.signal == 24 || r.signal == 14 ? "too long" : "crash", policy, seed,
          seed);
      INFO(again);
      CHECK(r.signal == 0);
      CHECK(r.failure == "");
      CHECK(r.totals.size() == 20);
      for (const EventKind kind : {EventKind::task_placed, EventKind::migration_started, EventKind::copy_placed})
        decisions += r.of(kind).size();
    }
    INFO(policy);
    CHECK(decisions > 0);
  }
}

TEST_CASE("no two shipped policies decide alike over a faulty run, but those whose released code does nothing") {
  Scenario s = make_scenario({1, 2, 5, 4});
  s.intervals = 40;
  s.seed = 5;
  s.workload.applications = {make_application(400, 3e9), make_application(900, 1e9, 4)};
  for (Application& application : s.workload.applications) {
    application.weight = 1;
    application.input = Bytes(20e6);
    application.deadline = Seconds(900);
  }
  s.workload.rate = 6;
  s.faults.rate = 2;
  s.overhead.mode = OverheadMode::none; // they are not to differ by their cost
  std::unique_ptr<PolicyFactory> opened;
  std::map<std::string, std::string> first;
  for (const std::string& policy : shipped(opened)) {
    choose(s, policy);
    const Recording r = simulate_forked(s);
    INFO(policy);
    REQUIRE(r.failure == "");
    if (policy == "dragon@reference" || policy == "carol@reference") { // they search, and use nothing of it
      choose(s, "none");
      s.policy.detector = "reference-rule"; // whose labels make reports longer
      s.policy.options = {{"rule", "generated"}};
      CHECK(decisions_of(r, s.interval.value) == decisions_of(simulate_forked(s), s.interval.value));
      continue;
    }
    const auto entry = first.emplace(decisions_of(r, s.interval.value), policy);
    INFO("decides like ", entry.first->second);
    CHECK(entry.second);
    CHECK(decisions_of(simulate_forked(s), s.interval.value) == entry.first->first);
  }
}
