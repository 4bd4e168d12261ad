#include "cli/run.hpp"

#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "core/error.hpp"
#include "faults/fault_plan.hpp"
#include "policy/policy_factory.hpp"
#include "record/result_folder.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace lair::cli {

namespace {

record::RunIdentity identity(const Scenario& scenario, const PolicyDescription& policy) {
  record::RunIdentity run;
  run.scenario_name = scenario.name;
  run.scenario_hash = scenario.hash;
  run.resolved_scenario = scenario.resolved;
  run.seed = scenario.seed;
  run.policy = policy.name;
  run.scheduler = policy.scheduler;
  run.detector = policy.detector;
  run.remediator = policy.remediator;
  run.policy_memory =
      scenario.overhead.memory.value >= 0 ? scenario.overhead.memory.value : policy.memory;
  if (scenario.overhead.mode == OverheadMode::none) run.policy_memory = 0;
  run.interval = scenario.interval.value;
  run.sampling = scenario.sampling.value;
  run.intervals = scenario.intervals;
  for (const auto& host : scenario.federation.hosts) {
    run.hosts.push_back(host.name);
    run.host_ram.push_back(host.spec.ram.value);
  }
  for (const auto& lei : scenario.federation.leis) run.leis.push_back(lei.name);
  for (const auto& application : scenario.workload.applications) {
    run.applications.push_back(application.name);
    run.deadlines.push_back(application.deadline.value);
  }
  for (std::size_t kind = 0; kind < fault_kind_count; ++kind)
    run.fault_kinds.emplace_back(to_string(static_cast<FaultKind>(kind)));
  run.faults_planned = draw_fault_plan(scenario.faults, scenario.federation, scenario.interval,
                                       scenario.intervals, scenario.seed)
                           .size();
  run.write_tasks = scenario.record.level >= RecordLevel::tasks;
  run.write_events = scenario.record.level >= RecordLevel::events;
  run.write_samples = scenario.record.samples;
  return run;
}

void log_line(int level, const std::string& message) {
  if (level < 1) return;
  std::fprintf(stderr, "lair: %s%s\n", level >= 2 ? "warning: " : "", message.c_str());
}

std::string shown(double x, const char* unit) {
  return std::isnan(x) ? "-" : fmt::format("{:.4g}{}{}", x, *unit != '\0' ? " " : "", unit);
}

void print_summary(const record::Summary& s, const std::string& folder) {
  using record::Metric;
  const auto& m = s.metrics;
  std::string out = fmt::format(
      "{} under {}, seed {}: {} intervals{}\n"
      "  tasks     {} arrived = {} finished + {} failed + {} active + {} queued\n"
      "  faults    {} planned = {} applied + {} masked\n"
      "  response  mean {}, p95 {}, p99 {}\n"
      "  deadlines {} of tasks late\n"
      "  energy    {}, {} per finished task\n"
      "  CPU       {} mean\n"
      "  migration {} finished, mean {}, {} aborted; {} actions refused\n",
      s.scenario_name, s.policy, s.seed, s.intervals, s.completed ? "" : " (not completed)",
      s.tasks.arrived, s.tasks.finished, s.tasks.failed, s.tasks.active, s.tasks.queued,
      s.faults_planned, s.faults_applied, s.faults_masked, shown(m[Metric::response_mean_s], "s"),
      shown(m[Metric::response_p95_s], "s"), shown(m[Metric::response_p99_s], "s"),
      shown(100 * m[Metric::slo_violation_rate], "%"), shown(m[Metric::energy_kwh], "kWh"),
      shown(m[Metric::energy_per_task_kj], "kJ"), shown(100 * m[Metric::cpu_mean], "%"),
      shown(m[Metric::migrations], ""), shown(m[Metric::migration_mean_s], "s"),
      shown(m[Metric::migrations_aborted], ""), shown(m[Metric::actions_refused], ""));
  if (!std::isnan(m[Metric::detection_accuracy]))
    out += fmt::format("  detection precision {}, recall {}, F1 {}\n",
                       shown(m[Metric::detection_precision], ""),
                       shown(m[Metric::detection_recall], ""), shown(m[Metric::detection_f1], ""));
  out += fmt::format("  results   {}\n", folder);
  std::fputs(out.c_str(), stdout);
}

} // namespace

std::string policy_override(const std::string& policy) {
  return "policy.name=" + record::json_quoted(policy); // a JSON string is a TOML string
}

std::string folder_name(const std::string& policy, std::uint64_t seed) {
  std::string safe;
  for (const char c : policy)
    safe += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-'
                ? c
                : '-';
  return fmt::format("{}-seed{}", safe, seed);
}

Scenario read_run_scenario(const RunOptions& options) {
  std::vector<std::string> overrides = options.sets;
  if (options.seed) overrides.push_back(fmt::format("seed={}", *options.seed));
  if (!options.policy.empty()) overrides.push_back(policy_override(options.policy));
  return read_scenario(options.scenario, overrides, default_search());
}

RunOutcome execute_run(const RunOptions& options) {
  const double started = monotonic_seconds();
  const Scenario scenario = read_run_scenario(options);
  const PolicyFactory policy(PolicyFactory::Choice{
      scenario.policy.name, scenario.policy.scheduler, scenario.policy.detector,
      scenario.policy.remediator, scenario.policy.options});
  const auto& description = policy.description();
  if (description.silent)
    log_line(
        2, fmt::format("policy '{}' does not state its memory; it counts as 0", description.name));
  RunOutcome outcome;
  outcome.folder = !options.out.empty() ? options.out
                                        : fmt::format("results/{}/{}", scenario.name,
                                                      folder_name(description.name, scenario.seed));
  if (!options.force)
    if (const auto earlier = record::read_summary(outcome.folder); earlier && earlier->completed)
      throw InputError("--out", "", fmt::format("'{}' holds a complete result", outcome.folder),
                       "another folder, or --force to replace it");

  set_assertion_context(fmt::format("scenario {}, seed {}", scenario.name, scenario.seed));
  record::ResultFolder results(outcome.folder, identity(scenario, description));
  Progress progress(fmt::format("{} {} seed {}", scenario.name, description.name, scenario.seed),
                    scenario.intervals);
  world::sim::SimulationOptions simulation;
  simulation.progress = [&](std::uint32_t done) {
    set_assertion_context(
        fmt::format("scenario {}, seed {}, interval {}", scenario.name, scenario.seed, done));
    progress.show(done);
    return results.writable() && !interrupted();
  };
  simulation.log = [&](int level, const std::string& message) {
    progress.clear();
    log_line(level, message);
  };
  try {
    CatchInterrupts sink(results);
    const auto result = world::sim::simulate(scenario, policy, sink, simulation);
    progress.clear();
    results.finish(result.completed);
    if (!result.completed) outcome.exit_code = exit_interrupted;
  } catch (const PluginError&) {
    progress.clear();
    results.finish(false); // what ran before is kept
    record::write_cost(outcome.folder, measure_cost(started));
    throw;
  } catch (const RunError&) {
    progress.clear();
    if (results.writable()) results.finish(false);
    throw;
  }
  record::write_cost(outcome.folder, measure_cost(started));
  return outcome;
}

int run_command(const RunOptions& options) {
  const RunOutcome outcome = execute_run(options);
  if (options.json) {
    std::ifstream file(outcome.folder + "/summary.json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    print_summary(*record::read_summary(outcome.folder), outcome.folder);
  }
  if (outcome.exit_code == exit_interrupted)
    std::fprintf(stderr, "lair: interrupted; what ran before is in %s\n", outcome.folder.c_str());
  return outcome.exit_code;
}

} // namespace lair::cli
