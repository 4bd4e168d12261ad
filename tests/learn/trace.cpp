// Traces: what a broker observes in a run, recorded and read again, gives the samples that a detector
// makes of it live; files have one form; whatever is wrong with one is said.
#include "learn/trace_samples.hpp"
#include "policy/policy_factory.hpp"
#include "scenario/reader.hpp"
#include "trace/recorder.hpp"
#include "trace/trace.hpp"
#include "world/sim/simulation.hpp"

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

using namespace lair;
using namespace lair::learn;
using trace::Trace;

namespace {

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// One detector's memory, and what it makes of what it sees.
struct Live {
  Sample sample;
  std::vector<double> newest, forecast;
  std::vector<std::uint32_t> hosts;
  std::uint32_t interval = 0;
};

/// The truth as the run's own record has it.
struct Truth : trace::Recorder {
  using Recorder::Recorder;
  std::map<std::pair<std::uint32_t, std::uint32_t>, HostInterval> rows;
  void on(const HostInterval& row) override {
    rows[{row.interval, row.host.value}] = row;
    Recorder::on(row);
  }
};

/// A run with faults, promotions and migrations, watched. A process can hold one only.
struct WatchedRun {
  Scenario scenario;
  NetworkOptions network;
  Normalisation ranges;
  std::vector<Live> live;
  std::unique_ptr<Truth> recorder;

  WatchedRun() {
    scenario = read_scenario("scenarios/training/config3-faulty.toml",
                             {"intervals=40", "faults.rate=4", "seed=3",
                              "policy.name=\"overload-migration\""});
    network.window = 4;
    network.metrics.push_back(LAIR_IO_WAIT);
    ranges.low.assign(7, 0.0);
    ranges.high = {0.9, 1, 40e6, 20e6, 125e6, 125e6, 10};
    const SampleBuilder builder(network, ranges, GraphFeatures::all);
    trace::Origin origin;
    origin.intervals = scenario.intervals;
    origin.window = scenario.window;
    origin.interval_length = scenario.interval.value;
    for (const auto& host : scenario.federation.hosts) origin.hosts.push_back(host.name);
    for (const auto& application : scenario.workload.applications)
      origin.applications.push_back(application.name);
    recorder = std::make_unique<Truth>(origin, scenario.seed);
    world::sim::SimulationOptions options;
    options.watch_broker = [&]() -> SenseObserver {
      const std::uint32_t stream = recorder->new_stream();
      return [&, stream, history = TaskHistory()](const lair_observation& raw, Actions placement,
                                                  const ForecastService& twin) mutable {
        const Observation seen(raw);
        lair_forecast forecast{};
        forecast.size = sizeof forecast;
        REQUIRE(twin(raw, placement, forecast));
        recorder->sensed(stream, seen, placement, forecast.states);
        history.update(seen, network.window);
        Live one;
        one.sample = builder.build(seen, placement, history);
        one.interval = seen.interval();
        one.forecast.assign(forecast.states, forecast.states + raw.own_count * LAIR_METRICS);
        for (const Host& host : seen.own_hosts()) {
          one.hosts.push_back(host.id);
          const double* state = host.window + (raw.window_length - 1) * LAIR_METRICS;
          one.newest.insert(one.newest.end(), state, state + LAIR_METRICS);
        }
        live.push_back(std::move(one));
      };
    };
    const PolicyFactory policy({scenario.policy.name, "", "", "", {}});
    REQUIRE(world::sim::simulate(scenario, policy, *recorder, options).completed);
  }
};

const WatchedRun& watched_run() {
  static const auto* run = new WatchedRun; // it outlives the world, which is never deleted
  return *run;
}

std::string good_bytes() {
  return trace::to_bytes(watched_run().recorder->origin(), watched_run().recorder->columns());
}

bool same(const Sample& a, const Sample& b) {
  return a.groups == b.groups && a.hosts == b.hosts && a.tasks == b.tasks && a.nodes == b.nodes &&
         a.window == b.window && a.present == b.present && a.keys == b.keys &&
         a.row_group == b.row_group && a.host_of_task == b.host_of_task &&
         a.node_inputs == b.node_inputs && a.hub == b.hub && a.node_group == b.node_group &&
         a.node_of_host == b.node_of_host;
}

struct File {
  TemporaryFolder folder{"trace-test"};
  std::string path = folder.path + "/t.trace";
  explicit File(const std::string& bytes) { write(path, bytes); }
};

std::string refusal(const std::string& bytes) {
  const File file(bytes);
  try {
    Trace::read(file.path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

/// The good trace with something changed in it.
template <class Change> std::string changed(Change&& change) {
  trace::Origin origin = watched_run().recorder->origin();
  trace::Columns columns = watched_run().recorder->columns();
  change(origin, columns);
  return trace::to_bytes(origin, columns);
}

} // namespace

TEST_CASE("the trace's samples are those that a detector makes of the live observations") {
  const WatchedRun& run = watched_run();
  const File file(good_bytes());
  const Trace trace = Trace::read(file.path);
  REQUIRE(trace.size() == run.live.size());
  CHECK(trace.size() > 100);
  const auto samples = samples_of(trace, run.network, run.ranges);
  std::size_t tasks = 0, faulty = 0, was_faulty = 0, streams = 0, strangers = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    INFO("observation ", i);
    REQUIRE(same(samples[i].sample, run.live[i].sample));
    CHECK(samples[i].newest == run.live[i].newest);
    CHECK(samples[i].forecast == run.live[i].forecast);
    CHECK(samples[i].hosts == run.live[i].hosts);
    CHECK(samples[i].interval == run.live[i].interval);
    for (std::size_t h = 0; h < samples[i].hosts.size(); ++h) {
      const auto& now = run.recorder->rows.at({samples[i].interval, samples[i].hosts[h]});
      REQUIRE(bool(samples[i].faulty[h]) == (now.fault_share > 0));
      CHECK(trace.fault_kinds(0, samples[i].interval, samples[i].hosts[h]) == now.fault_kinds);
      faulty += samples[i].faulty[h];
      was_faulty += samples[i].was_faulty[h];
      if (samples[i].interval > 0)
        CHECK(bool(samples[i].was_faulty[h]) ==
              (run.recorder->rows.at({samples[i].interval - 1, samples[i].hosts[h]}).fault_share > 0));
    }
    tasks += samples[i].sample.tasks;
    strangers += samples[i].sample.nodes - samples[i].sample.hosts;
    streams = std::max<std::size_t>(streams, samples[i].stream + 1);
  }
  // Else nothing of it was there to be recorded.
  CHECK(tasks > 1000);
  CHECK(faulty > 50);
  CHECK(was_faulty > 50);
  CHECK(strangers > 1000);
  CHECK(streams > run.scenario.federation.leis.size()); // a broker was replaced
}

TEST_CASE("normalisation: least and largest state of each metric, never an empty range") {
  const File file(good_bytes());
  const Trace trace = Trace::read(file.path);
  const Trace* traces[] = {&trace, &trace};
  const std::vector<std::uint32_t> metrics = {LAIR_CPU, LAIR_NET_IN};
  const Normalisation ranges = ranges_of(traces, metrics);
  double low = 1e300, high = -1e300;
  for (const auto& [at, row] : watched_run().recorder->rows) {
    if (at.first + 1 == trace.origin().intervals) continue; // nobody has seen the last one
    low = std::min(low, row.state[LAIR_CPU]);
    high = std::max(high, row.state[LAIR_CPU]);
  }
  CHECK(ranges.high[0] == high);
  CHECK(ranges.low[0] <= low); // windows begin empty
  CHECK(high > 0.9);
  const File constant(changed([](trace::Origin&, trace::Columns& c) {
    for (std::size_t i = 0; i < c.states.size(); ++i) c.states[i] = i % LAIR_METRICS == 0 ? 5 : 0;
  }));
  const Trace flat = Trace::read(constant.path);
  const Trace* just_one[] = {&flat};
  const Normalisation wide = ranges_of(just_one, metrics);
  CHECK(wide.low == std::vector<double>{5, 0});
  CHECK(wide.high == std::vector<double>{10, 1});
}

TEST_CASE("joined runs are the runs") {
  const WatchedRun& run = watched_run();
  trace::Columns both;
  trace::append(both, run.recorder->columns(), run.scenario.window);
  trace::append(both, run.recorder->columns(), run.scenario.window);
  const File file(trace::to_bytes(run.recorder->origin(), both));
  const Trace trace = Trace::read(file.path);
  REQUIRE(trace.size() == 2 * run.live.size());
  CHECK(trace.seeds().size() == 2);
  const auto samples = samples_of(trace, run.network, run.ranges);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    INFO("observation ", i);
    const std::size_t of_one = i % run.live.size();
    REQUIRE(same(samples[i].sample, run.live[of_one].sample));
    CHECK(samples[i].run == i / run.live.size());
    CHECK(samples[i].forecast == run.live[of_one].forecast);
    CHECK(samples[i].faulty == samples[of_one].faulty);
  }
  trace::Columns other = run.recorder->columns();
  other.host_constants[0] += 1;
  CHECK_THROWS_AS(trace::append(both, other, run.scenario.window), RunError);
}

TEST_CASE("what is wrong with a trace is said") {
  const std::string good = good_bytes();
  REQUIRE(refusal(good) == "");
  CHECK(says(refusal(""), "too short"));
  CHECK(says(refusal(good.substr(0, good.size() - 1)), "cut off"));
  CHECK(says(refusal(good.substr(0, 200)), "cut off"));
  CHECK(says(refusal(good + "x"), "no tensor"));
  std::string damaged = good;
  damaged[good.size() / 2] = static_cast<char>(damaged[good.size() / 2] ^ 1);
  CHECK(says(refusal(damaged), "damaged"));
  CHECK(says(refusal("intervals = 3\nsome = \"scenario\""), "no safetensors file"));
  CHECK_THROWS_AS(Trace::read("no-such.trace"), InputError);
  // Written whole, but not by a run.
  using trace::Columns;
  using trace::Origin;
  const auto wrong = [](auto&& change) { return refusal(changed(change)); };
  CHECK(says(wrong([](Origin&, Columns& c) { c.windows.at(3) = 1u << 30; }), "states that are not there"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.hosts.at(4) = 1u << 30; }), "window that is not there"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.hosts.at(0) = 16; }), "no host of the federation"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.hosts.at(3) = 0; }), "own hosts first"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.observations.at(0) = 1; }), "run or interval"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.observations.at(5) = 99; }), "more own hosts"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.ends.at(3) = 0; }), "do not rise"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.ends.back() += 1; }), "behind the last row"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.task_places.at(0) = 77; }), "application"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.forecasts.at(7) = 0.0 / 0.0; }), "no number"));
  CHECK(says(wrong([](Origin&, Columns& c) { c.times.pop_back(); }), "as many rows"));
  CHECK(says(wrong([](Origin& o, Columns&) { o.hosts.pop_back(); }), "one row for each host"));
  CHECK(says(wrong([](Origin& o, Columns&) { o.intervals = 2; }), "each run, interval and host"));
}

TEST_CASE("any cut or changed byte of a trace is refused") {
  const std::string good = good_bytes();
  for (std::size_t step = 1; step < 60; ++step) {
    const std::size_t at = step * 7919 * 13 % good.size();
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (step % 8)));
    INFO("byte ", at);
    CHECK(refusal(bytes) != "");
    CHECK(refusal(good.substr(0, at)) != "");
  }
}
