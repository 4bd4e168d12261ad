// Costs of policies that are measured on this machine, and played again from a record.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {

/// One LEI of one host of 4 cores of 1 Gflop/s; the remediator learns, and counts flops of its own.
Scenario measured(double machine_speed = 8e9) {
  Scenario s = make_scenario({1});
  s.intervals = 3;
  s.overhead.mode = OverheadMode::measured;
  s.overhead.machine_speed = FlopsPerSecond(machine_speed);
  use_script(s, {{"flops", "1e12"}}); // counted, and no matter here
  return s;
}

PolicyCharge cost(double learn, double sense, double decide) {
  PolicyCharge c;
  c.lei = LeiId(0);
  c.host = HostId(0);
  c.learn = learn;
  c.sense = sense;
  c.decide = decide;
  return c;
}

Recording replay(const Scenario& s, const std::vector<PolicyCharge>& costs) {
  Forked how;
  how.recorded_costs = &costs;
  return simulate_forked(s, how);
}

} // namespace

TEST_CASE("recorded seconds x the machine's speed run on one thread of the broker's host") {
  const std::vector<PolicyCharge> costs{cost(0, 1, 2), cost(0.5, 0.25, 0.25), cost(0, 0, 0)};
  const Recording r = replay(measured(), costs);
  REQUIRE(r.failure == "");
  const auto made = r.of(EventKind::decision_made);
  REQUIRE(made.size() == 3);
  CHECK(made[0].value == Approx(24)); // 3 s x 8 Gflop/s on a core of 1 Gflop/s
  CHECK(made[1].value == Approx(8));
  CHECK(made[2].value == 0);
  const Event learned = r.only(EventKind::policy_learned);
  CHECK(learned.value == Approx(4));
  REQUIRE(r.charges.size() == 3);
  CHECK(r.charges[0].time == 0);
  CHECK(r.charges[1].time == 300);
  CHECK(r.charges[1].learn == 0.5);
  CHECK(r.charges[0].flops == 24e9);
  CHECK(r.charges[1].flops == 8e9);
  // CPU of the host: 24 s of one of four cores in 300 s.
  CHECK(r.hosts[0].state[LAIR_CPU] == Approx(24 / 4.0 / 300));

  const Recording slower = replay(measured(4e9), costs);
  CHECK(slower.of(EventKind::decision_made)[0].value == Approx(12));

  SUBCASE("overhead.decision takes the place of sensing and deciding, not of learning") {
    Scenario s = measured();
    s.overhead.decision = Flops(1e9);
    const auto with = replay(s, costs).of(EventKind::decision_made);
    REQUIRE(with.size() == 3);
    CHECK(with[0].value == Approx(1));
    CHECK(with[1].value == Approx(1 + 4));
  }
}

TEST_CASE("a measured run charges CPU time that was really taken, and its record gives the same run") {
  const Recording first = simulate_forked(measured());
  REQUIRE(first.charges.size() == 3);
  for (const PolicyCharge& c : first.charges) {
    CHECK(c.sense > 0);
    CHECK(c.decide > 0);
    CHECK(c.sense + c.decide < 1); // seconds; a few microseconds
    CHECK(c.flops == Approx(8e9 * (c.learn + c.sense + c.decide)).epsilon(1e-12));
  }
  CHECK(first.charges[1].learn > 0); // the first interval has nothing to learn from
  CHECK(first.charges[0].learn == 0);
  const Recording again = replay(measured(), first.charges);
  CHECK(difference(first, again) == "");
  const Recording other = simulate_forked(measured());
  CHECK(difference(first, other) != ""); // clocks never agree to the nanosecond in all rows
}

TEST_CASE("a record that is another run's gives another result, not an error") {
  std::vector<PolicyCharge> costs{cost(0, 1, 0)};
  costs[0].host = HostId(7);
  const Recording r = replay(measured(), costs);
  CHECK(r.failure == "");
  REQUIRE(r.charges.size() == 3);
  for (const PolicyCharge& c : r.charges) CHECK(c.flops == 0);
  CHECK(replay(measured(), {}).charges.size() == 3); // too short
}
