// What recording costs: 4,096 hosts, 100 intervals, 410,000 tasks with 6 events each. The whole run has
// a budget of 45 CPU-s and 300 MiB; its record may take 4 CPU-s, and almost nothing at level summary.
#include "core/temporary_folder.hpp"
#include "record/result_folder.hpp"
#include "record_streams.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <sys/resource.h>

using namespace lair;
using namespace lair::record;

namespace {

/// CPU-seconds of recording at this level, the making of the events included.
double cost(bool tasks, bool events) {
  const TemporaryFolder scratch("record");
  RunIdentity run = identity(4096, 100);
  run.write_tasks = tasks;
  run.write_events = events;
  const std::clock_t started = std::clock();
  {
    ResultFolder folder(scratch.path, run);
    play_random(folder, 4096, 100, 4100, 1);
    folder.finish(true);
  }
  return static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
}

} // namespace

TEST_CASE("recording a large run") {
  const double summary = cost(false, false), everything = cost(true, true);
  MESSAGE("CPU-s at level summary: " << summary << ", events: " << everything);
  CHECK(summary < 0.8);
  CHECK(everything < 4);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  MESSAGE("peak RSS in MiB: " << used.ru_maxrss / 1024);
  CHECK(used.ru_maxrss / 1024 < 60);
}
