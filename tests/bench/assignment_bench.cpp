// What one assignment of tasks to hosts costs, as preference-assignment asks for it: CPU milliseconds of one
// thread, median and slowest of many random problems in which hosts are scarce.
//   assignment_bench [problems]
#include "core/random.hpp"
#include "ilp/assignment.hpp"
#include "ilp/binary_program.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace lair;

namespace {

double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
}

/// Hosts of four cores and 3.3 GB that are partly taken, tasks of two threads and 0.1 to 0.9 GB.
ilp::AssignmentProblem problem(RandomStream& random, std::uint32_t tasks, std::uint32_t hosts) {
  ilp::AssignmentProblem p;
  p.tasks = tasks;
  p.hosts = hosts;
  p.resources = 2;
  p.penalty = 2000;
  for (std::uint32_t i = 0; i < tasks * hosts; ++i)
    p.cost.push_back(static_cast<std::uint32_t>(1001 * random.uniform()));
  for (std::uint32_t i = 0; i < tasks; ++i) {
    p.need.push_back(0.1e9 + 0.8e9 * random.uniform());
    p.need.push_back(2);
  }
  for (std::uint32_t i = 0; i < hosts; ++i) {
    p.room.push_back(0.5e9 + 2.8e9 * random.uniform());
    p.room.push_back(random.uniform() < 0.5 ? 2 : 4);
  }
  return p;
}

template <class Solve>
void measure(const char* what, std::uint32_t tasks, std::uint32_t hosts, int problems, Solve solve) {
  RandomStream random(1, "bench");
  std::vector<double> times;
  std::uint32_t nodes = 0, proven = 0;
  for (int i = 0; i < problems; ++i) {
    const ilp::AssignmentProblem p = problem(random, tasks, hosts);
    const double began = now();
    const ilp::Assignment found = solve(p);
    times.push_back(now() - began);
    nodes = std::max(nodes, found.nodes);
    proven += found.proven;
  }
  std::sort(times.begin(), times.end());
  std::printf("| %s | %u | %u | %.3f | %.3f | %u | %.0f %% |\n", what, tasks, hosts,
              times[times.size() / 2], times.back(), nodes, 100.0 * proven / problems);
}

} // namespace

int main(int count, char** arguments) {
  const int problems = count > 1 ? std::max(1, std::atoi(arguments[1])) : 50;
  const double began = now();
  ilp::open_library();
  std::printf("opening CBC: %.2f ms\n\n", now() - began);
  std::puts("| | tasks | hosts | median ms | slowest ms | nodes at most | proven |");
  std::puts("|---|--:|--:|--:|--:|--:|--:|");
  for (const auto& [tasks, hosts] : {std::pair{4u, 12u}, {12u, 12u}, {60u, 15u}, {200u, 32u}}) {
    measure("integer program", tasks, hosts, problems,
            [](const auto& p) { return ilp::cheapest(p, 200); });
    measure("deferred acceptance", tasks, hosts, problems,
            [](const auto& p) { return ilp::accepted(p); });
  }
}
