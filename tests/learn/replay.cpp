// A detector replayed on a trace says what it said in the run that was recorded: the same path, the same
// randomness, the same learning. Models' thresholds begin with scores made this way.
#include "detectors/gon.hpp"
#include "detectors/pot.hpp"
#include "policy/policy_factory.hpp"
#include "scenario/reader.hpp"
#include "trace/recorder.hpp"
#include "trace/replay.hpp"
#include "world/sim/simulation.hpp"

#include "core/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

using namespace lair;

namespace {

struct Run : trace::Recorder {
  using Recorder::Recorder;
  std::map<std::pair<std::uint32_t, std::uint32_t>, HostInterval> rows;
  void on(const HostInterval& row) override {
    rows[{row.interval, row.host.value}] = row;
    Recorder::on(row);
  }
};

template <class T> std::unique_ptr<Detector> make(PolicyContext& context) {
  return std::make_unique<T>(context);
}

} // namespace

TEST_CASE("a replayed detector says what it said in the run") {
  const Scenario scenario = read_scenario("scenarios/training/config2-faulty.toml",
                                          {"intervals=25", "faults.rate=3", "seed=9"});
  trace::Origin origin;
  origin.intervals = scenario.intervals;
  origin.window = scenario.window;
  origin.interval_length = scenario.interval.value;
  for (const auto& host : scenario.federation.hosts) origin.hosts.push_back(host.name);
  for (const auto& application : scenario.workload.applications)
    origin.applications.push_back(application.name);
  Run run(origin, scenario.seed);
  world::sim::SimulationOptions options;
  options.watch_broker = [&]() -> SenseObserver {
    return [&run, stream = run.new_stream()](const lair_observation& raw, Actions placement,
                                             const ForecastService& twin) {
      lair_forecast forecast{};
      forecast.size = sizeof forecast;
      REQUIRE(twin(raw, placement, forecast));
      run.sensed(stream, Observation(raw), placement, forecast.states);
    };
  };
  const PolicyFactory policy({"none", "", "gon", "", {{"model", "untrained"}, {"first", "20"}}});
  REQUIRE(world::sim::simulate(scenario, policy, run, options).completed);

  const TemporaryFolder folder("replay");
  const std::string path = folder.path + "/t.trace";
  std::ofstream(path, std::ios::binary) << trace::to_bytes(run.origin(), run.columns());
  const trace::Trace trace = trace::Trace::read(path);
  const auto judged = trace::replay(
      trace, make<GonDetector>, {.options = {{"model", "untrained"}, {"first", "20"}}});
  CHECK(judged.size() > 300);
  std::size_t alarms = 0, faulty = 0;
  for (const auto& host : judged) {
    const HostInterval& live = run.rows.at({host.interval, host.host});
    INFO("interval ", host.interval, ", host ", host.host);
    REQUIRE(host.score == live.score);
    REQUIRE(host.threshold == live.threshold);
    REQUIRE(host.label == (live.label == 1));
    CHECK(host.faulty == (live.fault_share > 0));
    alarms += host.label;
    faulty += host.faulty;
  }
  CHECK(alarms > 0);
  CHECK(faulty > 30);

  // Learning counts; so do intervals that are left out, and other detectors can be replayed.
  const auto frozen = trace::replay(
      trace, make<GonDetector>, {.options = {{"model", "untrained"}, {"fine_tune", "no"}}});
  CHECK(frozen.back().score != judged.back().score);
  const auto late = trace::replay(trace, make<PotDetector>, {.options = {}, .first = 20});
  REQUIRE(late.size() > 50);
  for (const auto& host : late) CHECK(host.interval >= 20);
  CHECK_THROWS_AS(trace::replay(trace, make<PotDetector>, {.options = {{"colour", "red"}}}),
                  OptionError);
}
