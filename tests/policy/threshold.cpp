// The threshold detector on what ordinary load and each attack of the model leave in the metrics.
#include "detectors/threshold.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

using namespace lair;

namespace {

bool labelled(std::vector<std::pair<lair_metric, double>> metrics,
              std::vector<lair_option> options = {}) {
  SmallWorld world;
  world.host(0);
  world.host(1);
  for (const auto& [metric, value] : metrics) world.metric(1, metric, value);
  Recorder recorder;
  Built<ThresholdDetector> detector(recorder, std::move(options));
  Detection out;
  detector->detect(world.view(), {}, out);
  const lair_detection rows = out.raw();
  REQUIRE(rows.count == 2);
  CHECK(rows.hosts[0] == 0);
  CHECK(rows.hosts[1] == 1);
  CHECK(rows.labels[0] == 0);
  CHECK((rows.scores[1] >= rows.thresholds[1]) == (rows.labels[1] == 1));
  CHECK(recorder.flops > 0);
  return rows.labels[1] == 1;
}

} // namespace

TEST_CASE("ordinary load is not labelled") {
  CHECK_FALSE(labelled({}));
  // Two tasks, their reads, an image and an input arriving, one migration's writing.
  CHECK_FALSE(labelled({{LAIR_CPU, 1},
                        {LAIR_CPU_PRESSURE, 1},
                        {LAIR_RAM, 0.5},
                        {LAIR_NET_IN, 220e6 / 300},
                        {LAIR_IO_WAIT, 0.4}}));
}

TEST_CASE("each attack is labelled when it lasts for most of the interval") {
  const double share = 0.8;
  CHECK(labelled({{LAIR_CPU_PRESSURE, 0.5 + share * 2}}));                           // 8 threads
  CHECK(labelled({{LAIR_RAM, 0.5}, {LAIR_SWAP, share * 0.12}}));                     // 90 % of RAM
  CHECK(labelled({{LAIR_IO_WAIT, share * 64}}));                                     // 64 streams
  CHECK(labelled({{LAIR_CPU_PRESSURE, share}, {LAIR_NET_IN, share * 0.9 * 125e6}})); // DDoS
}

TEST_CASE("three tasks for a whole interval are an overload, and limits are options") {
  CHECK(labelled({{LAIR_CPU_PRESSURE, 1.5}}));
  CHECK_FALSE(labelled({{LAIR_CPU_PRESSURE, 1.5}}, {{"pressure", "2"}}));
  CHECK(labelled({{LAIR_IO_WAIT, 0.5}}, {{"io_wait", "0.4"}}));
  CHECK_THROWS_AS(labelled({}, {{"swap", "0"}}), OptionError);
}

TEST_CASE("liveness is no input") {
  CHECK_FALSE(labelled({{LAIR_ALIVE, 0}}));
  CHECK_FALSE(labelled({{LAIR_ALIVE, 1}}));
}
