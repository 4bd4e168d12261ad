// lair trace: what detectors are trained and judged on, recorded from simulated runs.
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/process_pool.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "policy/policy_factory.hpp"
#include "record/text_file.hpp"
#include "trace/recorder.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>
#include <optional>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

trace::Origin origin_of(const Scenario& scenario, const PolicyDescription& policy) {
  trace::Origin origin;
  origin.scenario = scenario.name;
  origin.scenario_hash = scenario.hash;
  origin.platform = scenario.federation.name;
  origin.policy = policy.name;
  origin.scheduler = policy.scheduler;
  origin.lair = version_number();
  for (const auto& host : scenario.federation.hosts) origin.hosts.push_back(host.name);
  for (const auto& application : scenario.workload.applications)
    origin.applications.push_back(application.name);
  origin.intervals = scenario.intervals;
  origin.window = scenario.window;
  origin.interval_length = scenario.interval.value;
  return origin;
}

/// One run in this process, which can hold but one.
int record_here(const RunOptions& options, const Scenario& scenario, bool outcomes, CallMark* mark) {
  std::optional<PolicyFactory> policy;
  blame_policy(options, "--policy", [&] { policy.emplace(policy_choice(scenario.policy, scenario.federation, mark)); });
  trace::Recorder recorder(origin_of(scenario, policy->description()), scenario.seed, outcomes);
  Progress progress(fmt::format("trace {} seed {}", scenario.name, scenario.seed), scenario.intervals);
  world::sim::SimulationOptions simulation;
  simulation.progress = [&](std::uint32_t done) {
    progress.show(done);
    return !interrupted();
  };
  simulation.watch_broker = [&]() -> SenseObserver {
    return [&recorder, stream = recorder.new_stream()](const lair_observation& raw, Actions placement,
                                                       const ForecastService& twin) {
      lair_forecast forecast{};
      forecast.size = sizeof forecast;
      LAIR_ASSERT(twin(raw, placement, forecast) && (forecast.states != nullptr || raw.host_count == 0),
                  "the twin forecasts what a broker sees");
      recorder.sensed(stream, Observation(raw), placement, forecast.states);
    };
  };
  CatchInterrupts sink(recorder);
  const bool completed = world::sim::simulate(scenario, *policy, sink, simulation).completed;
  progress.clear();
  if (!completed) return exit_interrupted;
  record::replace_file(options.out, trace::to_bytes(recorder.origin(), recorder.columns()));
  return exit_ok;
}

std::string part_path(const std::string& folder, std::uint64_t seed) {
  return fmt::format("{}/{}.trace", folder, seed);
}

/// One process for each seed.
int record_parts(const TraceOptions& options, const std::vector<std::uint64_t>& seeds,
                 const std::string& title, const std::string& folder) {
  std::vector<Job> jobs;
  for (const std::uint64_t seed : seeds) {
    std::vector<std::string> arguments{"trace", options.scenario, "--seeds", fmt::format("{}", seed),
                                       "--out", part_path(folder, seed)};
    if (options.outcomes) arguments.push_back("--outcomes");
    if (!options.policy.empty()) arguments.insert(arguments.end(), {"--policy", options.policy});
    for (const auto& set : options.sets) arguments.insert(arguments.end(), {"--set", set});
    jobs.push_back({std::move(arguments)});
  }
  Progress progress(title, jobs.size());
  progress.show(0);
  const PoolResult pool = run_jobs(jobs, options.jobs > 0 ? options.jobs : core_count(),
                                   [&](std::size_t done) { progress.show(done); });
  progress.clear();
  if (pool.interrupted) return exit_interrupted;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const JobResult& job = pool.jobs[i];
    std::fputs(job.messages.c_str(), stderr);
    if (job.exit_code == exit_ok) continue;
    std::fprintf(stderr, "lair: the run with seed %llu failed with exit code %d\n",
                 static_cast<unsigned long long>(seeds[i]), job.exit_code);
    return job.exit_code > 0 && job.exit_code < 128 ? job.exit_code : exit_failed_run;
  }
  return exit_ok;
}

void join_parts(const std::vector<std::uint64_t>& seeds, const std::string& folder,
                const std::string& out) {
  trace::Origin origin;
  trace::Columns all;
  for (const std::uint64_t seed : seeds) {
    const std::string path = part_path(folder, seed);
    trace::Columns part;
    trace::from_bytes(content(path), path, origin, part);
    trace::append(all, part, origin.window);
  }
  record::replace_file(out, trace::to_bytes(origin, all));
}

/// A row is one host in one interval, as its own broker saw it coming.
void say_what_is_there(const TraceOptions& options) {
  const std::string bytes = content(options.out);
  trace::Origin origin;
  trace::Columns columns;
  trace::from_bytes(bytes, options.out, origin, columns);
  std::size_t faulty = 0;
  for (const double share : columns.fault_share) faulty += share > 0;
  if (options.json)
    fmt::print("{{\"trace\": {}, \"scenario\": {}, \"hosts\": {}, \"seeds\": [{}], \"intervals\": {}, "
               "\"observations\": {}, \"host_intervals\": {}, \"faulty\": {}, \"bytes\": {}}}\n",
               record::json_quoted(options.out), record::json_quoted(origin.scenario),
               origin.hosts.size(), fmt::join(columns.seeds, ", "), origin.intervals,
               columns.times.size(), columns.fault_share.size(), faulty, bytes.size());
  else
    fmt::print("{}: {} run{} of {} ({} hosts), {} intervals each, {} observations\n"
               "  {} of {} host-intervals faulty, {:.1f} MB\n",
               options.out, columns.seeds.size(), columns.seeds.size() == 1 ? "" : "s", origin.scenario,
               origin.hosts.size(), origin.intervals, columns.times.size(), faulty,
               columns.fault_share.size(), 1e-6 * static_cast<double>(bytes.size()));
}

} // namespace

int trace_command(const TraceOptions& options) {
  const auto seeds = parse_seeds(options.seeds);
  RunOptions run;
  run.scenario = options.scenario;
  run.policy = options.policy;
  run.sets = options.sets;
  run.out = options.out;
  run.seed = seeds.front();
  const Scenario scenario = read_run_scenario(run);
  std::error_code error;
  if (fs::is_directory(options.out, error))
    throw InputError("--out", "", fmt::format("'{}' is a folder", options.out), "the name of a file");
  if (fs::exists(options.out, error) && !options.force)
    throw InputError("--out", "", fmt::format("'{}' is there already", options.out),
                     "another name, or --force to replace it");
  if (const fs::path folder = fs::path(options.out).parent_path(); !folder.empty()) {
    fs::create_directories(folder, error);
    if (error) throw RunError(fmt::format("cannot create '{}': {}", folder.string(), error.message()));
  }
  int code = exit_ok;
  if (seeds.size() == 1) {
    code = watched(scenario.policy, options.json,
                   [&](CallMark* mark) { return record_here(run, scenario, options.outcomes, mark); });
  } else {
    const TemporaryFolder parts("trace");
    code = record_parts(options, seeds, fmt::format("trace {}", scenario.name), parts.path);
    if (code == exit_ok) join_parts(seeds, parts.path, options.out);
  }
  if (code == exit_ok) {
    say_what_is_there(options);
    return code;
  }
  if (code == exit_interrupted) std::fprintf(stderr, "lair: interrupted; nothing was written\n");
  if (options.json)
    print_json_error(code, {{"", 0, 0, "", code == exit_interrupted ? "interrupted" : "a run failed",
                             "standard error says why"}});
  return code;
}

} // namespace lair::cli
