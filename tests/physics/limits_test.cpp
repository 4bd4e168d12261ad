// More tasks at once than the system can give stacks to: the run ends and says what to do.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace lair;
using namespace lair::physics;

namespace {
/// `tasks` tasks at once on hosts of 100 tasks each.
Scenario crowd(unsigned tasks) {
  Scenario s = make_scenario({(tasks + 99) / 100});
  s.intervals = 2;
  s.workload.applications = {make_application(1, 1e9, 1)};
  s.workload.applications[0].resident = Bytes(1);
  for (unsigned i = 0; i < tasks; ++i) add_task(s, 0);
  s.policy.scheduler = "shipped-round-robin";
  s.policy.options.clear();
  return s;
}
bool says(const Recording& r, const char* what) {
  return r.failure.find(what) != std::string::npos;
}
} // namespace

TEST_CASE("too many tasks alive is an error that names them, the limit and the remedy") {
  Forked how;
  how.most_actors = 203; // a clock, a broker, a courier and 200 tasks
  const Recording full = simulate_forked(crowd(200), how);
  CHECK(full.signal == 0);
  CHECK(full.failure == "");
  CHECK(full.totals.size() == 2);
  const Recording over = simulate_forked(crowd(201), how);
  CHECK(over.signal == 0);
  INFO(over.failure);
  CHECK(says(over, "200 tasks are alive at 0 s"));
  CHECK(says(over, "203"));
  CHECK(says(over, "workload.rate"));
  CHECK(says(over, "sysctl -w vm.max_map_count="));
}

TEST_CASE("the system's own limit is met before SimGrid meets it") {
#ifdef LAIR_SANITIZED
  return; // threads have stacks of another kind
#endif
  std::size_t limit = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> limit;
  if (limit == 0 || limit > 70000) return; // too many to try
  const Recording r = simulate_forked(crowd(static_cast<unsigned>(limit / 2)));
  CHECK(r.signal == 0);
  CHECK(says(r, "tasks are alive"));
}

TEST_CASE("offered more than fits, hosts that swap are lost; admitted by RAM, tasks wait") {
  // 2 hosts of 4 + 2 GB; 48 tasks of 250 MB fill RAM and swap. Then s = 1/3, every task waits for the
  // card, and a reply takes 1.25 s x (1 + 24).
  Scenario s = make_scenario({2});
  s.intervals = 30;
  s.workload.applications = {make_application(100, 4e9, 2)};
  s.workload.applications[0].resident = Bytes(250e6);
  s.workload.applications[0].weights = Bytes(100e6);
  s.workload.applications[0].activations = Bytes(50e6);
  for (int i = 0; i < 48; ++i) add_task(s, 0);
  s.policy.scheduler = "shipped-first-fit";
  const Recording swapping = simulate_forked(s);
  CHECK(!swapping.of(EventKind::host_failed).empty());
  CHECK(!swapping.of(EventKind::task_requeued).empty());
  s.policy.options = {{"admit", "ram"}};
  const Recording waiting = simulate_forked(s);
  CHECK(waiting.of(EventKind::host_failed).empty());
  CHECK(waiting.of(EventKind::task_requeued).empty());
  CHECK(waiting.of(EventKind::task_finished).size() == 48);
  CHECK(waiting.of(EventKind::task_placed).front().time == 0);
  CHECK(waiting.of(EventKind::task_placed).back().time > 300); // it had to wait for RAM
}
