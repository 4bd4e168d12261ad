// Assignments of tasks to hosts: CBC against exhaustive search, deferred acceptance against its definition.
#include "core/random.hpp"
#include "ilp/assignment.hpp"
#include "ilp/binary_program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace lair;
using ilp::Assignment;
using ilp::AssignmentProblem;

namespace {

AssignmentProblem random_problem(RandomStream& random, std::uint32_t tasks, std::uint32_t hosts) {
  const auto below = [&](double n) { return static_cast<std::uint32_t>(random.uniform() * n); };
  AssignmentProblem p;
  p.tasks = tasks;
  p.hosts = hosts;
  p.resources = 2;
  // Few different costs in every other problem: ties.
  const double range = random.uniform() < 0.5 ? 4 : 1001;
  for (std::uint32_t i = 0; i < tasks * hosts; ++i)
    p.cost.push_back(random.uniform() < 0.1 ? AssignmentProblem::impossible : below(range));
  p.penalty = random.uniform() < 0.3 ? below(range) : 2000;
  for (std::uint32_t i = 0; i < tasks * 2; ++i) p.need.push_back(below(6));
  for (std::uint32_t i = 0; i < hosts * 2; ++i) p.room.push_back(below(12));
  return p;
}

bool legal(const AssignmentProblem& p, const std::vector<std::uint32_t>& host) {
  std::vector<double> left = p.room;
  for (std::uint32_t t = 0; t < p.tasks; ++t) {
    if (host[t] == Assignment::nowhere) continue;
    if (p.at(t, host[t]) == AssignmentProblem::impossible) return false;
    for (std::uint32_t r = 0; r < p.resources; ++r)
      if ((left[host[t] * p.resources + r] -= p.need[t * p.resources + r]) < 0) return false;
  }
  return true;
}

std::uint64_t cost(const AssignmentProblem& p, const std::vector<std::uint32_t>& host) {
  std::uint64_t sum = 0;
  for (std::uint32_t t = 0; t < p.tasks; ++t)
    sum += host[t] == Assignment::nowhere ? p.penalty : p.at(t, host[t]);
  return sum;
}

/// Every assignment there is.
std::uint64_t exhaustive(const AssignmentProblem& p) {
  std::vector<std::uint32_t> host(p.tasks, 0);
  std::uint64_t best = std::numeric_limits<std::uint64_t>::max();
  for (;;) {
    std::vector<std::uint32_t> chosen = host;
    for (std::uint32_t& h : chosen)
      if (h == p.hosts) h = Assignment::nowhere;
    if (legal(p, chosen)) best = std::min(best, cost(p, chosen));
    std::uint32_t t = 0;
    while (t < p.tasks && host[t] == p.hosts) host[t++] = 0;
    if (t == p.tasks) return best;
    ++host[t];
  }
}

} // namespace

TEST_CASE("the integer program finds what exhaustive search finds") {
  RandomStream random(1, "assignment");
  std::uint32_t better_than_greedy = 0, somewhere = 0;
  for (int i = 0; i < 300; ++i) {
    const auto tasks = 1 + static_cast<std::uint32_t>(random.uniform() * 6);
    const auto hosts = 1 + static_cast<std::uint32_t>(random.uniform() * 4);
    const AssignmentProblem p = random_problem(random, tasks, hosts);
    const Assignment found = ilp::cheapest(p, 1000);
    INFO("problem ", i, ", ", tasks, " tasks, ", hosts, " hosts");
    CHECK(legal(p, found.host));
    CHECK(found.cost == cost(p, found.host));
    CHECK(found.proven);
    CHECK(found.cost == exhaustive(p));
    const Assignment again = ilp::cheapest(p, 1000);
    CHECK(again.host == found.host);
    const Assignment greedy = ilp::accepted(p);
    CHECK(greedy.cost >= found.cost);
    better_than_greedy += greedy.cost > found.cost;
    somewhere += std::any_of(found.host.begin(), found.host.end(),
                             [](std::uint32_t h) { return h != Assignment::nowhere; });
  }
  CHECK(somewhere > 200);         // else nothing was assigned
  CHECK(better_than_greedy > 20); // else the program was not needed
}

TEST_CASE("a large assignment is legal, no dearer than deferred acceptance, and ends within its nodes") {
  RandomStream random(2, "assignment");
  AssignmentProblem p = random_problem(random, 60, 16);
  for (double& room : p.room) room = 8; // about a third of the tasks fit
  p.penalty = 2000;
  const Assignment found = ilp::cheapest(p, 200);
  CHECK(legal(p, found.host));
  CHECK(found.cost <= ilp::accepted(p).cost);
  CHECK(found.nodes <= 200 + 10);
  CHECK(ilp::cheapest(p, 200).host == found.host);
}

TEST_CASE("deferred acceptance has no blocking pair") {
  RandomStream random(3, "assignment");
  std::uint32_t put_off = 0;
  for (int i = 0; i < 300; ++i) {
    const AssignmentProblem p = random_problem(random, 12, 4);
    const Assignment found = ilp::accepted(p);
    REQUIRE(legal(p, found.host));
    for (std::uint32_t t = 0; t < p.tasks; ++t) {
      const std::uint32_t now = found.host[t];
      for (std::uint32_t h = 0; h < p.hosts; ++h) {
        if (h == now || p.at(t, h) == AssignmentProblem::impossible) continue;
        const std::uint32_t here = now == Assignment::nowhere ? p.penalty : p.at(t, now);
        if (now == Assignment::nowhere ? p.at(t, h) > here : p.at(t, h) >= here) continue;
        // The task would rather be there. Would the host, if it gave up all that it ranks lower?
        ++put_off;
        bool fits = true;
        for (std::uint32_t r = 0; r < p.resources; ++r) {
          double left = p.room[h * p.resources + r] - p.need[t * p.resources + r];
          for (std::uint32_t other = 0; other < p.tasks; ++other)
            if (found.host[other] == h &&
                (p.at(other, h) < p.at(t, h) || (p.at(other, h) == p.at(t, h) && other < t)))
              left -= p.need[other * p.resources + r];
          fits = fits && left >= 0;
        }
        CHECK_FALSE(fits);
      }
    }
  }
  CHECK(put_off > 300); // else everybody had the first choice
}

TEST_CASE("a task stays where going costs more than staying, and equal costs have one answer") {
  AssignmentProblem p;
  p.tasks = 1;
  p.hosts = 2;
  p.resources = 1;
  p.cost = {30, 40};
  p.need = {1};
  p.room = {1, 1};
  p.penalty = 20;
  CHECK(ilp::cheapest(p, 10).host[0] == Assignment::nowhere);
  CHECK(ilp::accepted(p).host[0] == Assignment::nowhere);
  p.penalty = 35;
  CHECK(ilp::cheapest(p, 10).host[0] == 0);
  p.room[0] = 0.5; // the second is too dear
  CHECK(ilp::cheapest(p, 10).host[0] == Assignment::nowhere);
  p.penalty = 50;
  CHECK(ilp::cheapest(p, 10).host[0] == 1);
  CHECK(ilp::accepted(p).host[0] == 1);
}

TEST_CASE("nothing to assign, and nowhere to go") {
  AssignmentProblem none;
  CHECK(ilp::cheapest(none, 10).host.empty());
  none.tasks = 2;
  none.penalty = 7;
  CHECK(ilp::cheapest(none, 10).cost == 14);
  CHECK(ilp::accepted(none).cost == 14);
}

TEST_CASE("the solver says so when nothing is better than what is known") {
  ilp::BinaryProgram p; // at least one of two
  p.objective = {3, 4};
  p.entries = {{0, 0, 1}, {0, 1, 1}};
  p.low = {1};
  p.high = {std::numeric_limits<double>::infinity()};
  p.known = std::numeric_limits<double>::infinity();
  auto s = ilp::solve(p);
  CHECK(s.found);
  CHECK(s.proven);
  CHECK(s.x == std::vector<std::uint8_t>{1, 0});
  p.known = 3;
  CHECK(ilp::solve(p).found);
  p.known = 2;
  s = ilp::solve(p);
  CHECK_FALSE(s.found);
  CHECK(s.proven);
}
