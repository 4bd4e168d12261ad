// The threshold detector on what ordinary load and each attack of the model leave in the metrics.
#include "detectors/threshold.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>

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

TEST_CASE("sent limits judge any state as the detector itself does") {
  const double states[][2] = {{1.24, 1.9}, {1.25, 0}, {1.2499, 1.9999}, {0, 2}, {3, 64}, {0, 0}};
  Recorder recorder;
  for (const auto& [pressure, io_wait] : states) {
    SmallWorld world;
    world.host(0);
    world.host(1).nic = 0;
    for (const std::uint32_t host : {0u, 1u}) {
      world.metric(host, LAIR_CPU_PRESSURE, pressure);
      world.metric(host, LAIR_IO_WAIT, io_wait);
    }
    Built<ThresholdDetector> silent(recorder), telling(recorder, {{"limits", "sent"}});
    Detection said, told;
    silent->detect(world.view(), {}, said);
    telling->detect(world.view(), {}, told);
    CHECK(said.raw().scale == nullptr);
    const lair_detection raw = told.raw();
    for (std::uint32_t i = 0; i < 2; ++i) {
      const Host& host = world.view().own_hosts()[i];
      double squares = 0;
      for (int m = 0; m < LAIR_METRICS; ++m) {
        const double above = (host.window[m] - raw.expected[i * LAIR_METRICS + m]) *
                             raw.scale[i * LAIR_METRICS + m];
        if (above > 0) squares += above * above;
      }
      CHECK((std::sqrt(squares) >= raw.thresholds[i]) == (raw.labels[i] == 1));
      CHECK(raw.labels[i] == said.raw().labels[i]);
    }
  }
}
