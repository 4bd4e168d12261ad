#include "cli/run.hpp"

#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/policy_spec.hpp"
#include "cli/progress.hpp"
#include "cli/result_guard.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "faults/fault_plan.hpp"
#include "policy/plugin_library.hpp"
#include "policy/policy_factory.hpp"
#include "record/overhead_table.hpp"
#include "record/result_folder.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

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
  run.write_overhead = scenario.overhead.mode == OverheadMode::measured;
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
      "  deadlines {} late, of tasks whose fate is known\n"
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

namespace {

/// Where a library lies that the scenario gives this name.
std::string path_of_library(const std::string& name, const RunOptions& options) {
  const auto moved = std::find_if(options.libraries.begin(), options.libraries.end(),
                                  [&](const auto& one) { return one.first == name; });
  return moved == options.libraries.end() ? name : moved->second;
}

/// With libraries from where they lie.
PolicyConfig with_libraries(PolicyConfig config, const RunOptions& options) {
  for (auto* name : {&config.name, &config.scheduler, &config.detector, &config.remediator})
    if (names_a_library(*name)) *name = path_of_library(*name, options);
  return config;
}

void refuse_to_replace(const IntendedRun& run) {
  using State = FolderContent::State;
  const FolderContent there = look_into(run);
  if (there.state == State::complete || there.state == State::other)
    throw InputError("--out", "", there.what, "another folder, or --force to replace it");
}

std::string default_folder(const RunOptions& options, const Scenario& scenario,
                           const std::string& policy) {
  const std::string suffix =
      options.policy.empty() ? "" : parse_policy(options.policy, "--policy").suffix();
  return fmt::format("results/{}/{}", scenario.name, record::run_folder_name(policy + suffix, scenario.seed));
}

} // namespace

std::vector<record::Cost::Library> used_libraries(const PolicyConfig& config,
                                                  const RunOptions& options) {
  std::vector<record::Cost::Library> used;
  for (const auto& name : {config.name, config.scheduler, config.detector, config.remediator}) {
    if (!names_a_library(name) ||
        std::any_of(used.begin(), used.end(), [&](const auto& one) { return one.name == name; }))
      continue;
    const std::string path = path_of_library(name, options);
    used.push_back({name, std::filesystem::absolute(path).lexically_normal().string(),
                    hash128_hex(content(path))});
  }
  return used;
}

std::vector<std::string> policy_notes(const PolicyConfig& config, const Federation& federation) {
  for (const auto& name : {config.name, config.scheduler, config.detector, config.remediator})
    if (names_a_library(name)) return {};
  return PolicyFactory(policy_choice(config, federation)).description().notes;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

namespace {

/// What is wrong with built-in names and their options. A library is opened only when all else is
/// right.
std::vector<Diagnostic> policy_problems(const PolicyConfig& config) {
  for (const auto* name : {&config.name, &config.scheduler, &config.detector, &config.remediator})
    if (names_a_library(*name)) return {};
  try {
    // No platform yet: it is read with all else, and may be what is wrong.
    (void)PolicyFactory(policy_choice(config, {}));
  } catch (const InputError& error) {
    return error.diagnostics();
  } catch (const PluginError&) { // said when the run makes it
  }
  return {};
}

} // namespace

Scenario read_run_scenario(const RunOptions& options) {
  Search search = default_search();
  search.sweep = options.of_sweep;
  std::vector<std::string> overrides = options.sets;
  if (options.seed) overrides.push_back(fmt::format("seed={}", *options.seed));
  if (!options.policy.empty()) {
    const PolicySpec policy = parse_policy(options.policy, "--policy");
    const Scenario written = read_scenario(options.scenario, {}, search, policy_problems);
    if (written.policy.name != policy.name) overrides.insert(overrides.begin(), "policy={}");
    // A JSON string is a TOML string.
    overrides.push_back("policy.name=" + record::json_quoted(policy.name));
    for (const auto& [key, value] : policy.options)
      if (key == "scheduler" || key == "detector" || key == "remediator") // another role instead of the policy's own
        overrides.push_back("policy." + key + "=" + record::json_quoted(value));
      else
        overrides.push_back("policy.options." + key + "=" + value);
  }
  return read_scenario(options.scenario, overrides, search, policy_problems);
}

PolicyFactory::Choice policy_choice(const PolicyConfig& config, const Federation& federation,
                                    CallMark* mark) {
  return {config.name,    config.scheduler, config.detector, config.remediator,
          config.options, mark,             federation.name};
}

void blame_policy(const RunOptions& options, const std::string& option,
                  const std::function<void()>& body) {
  const auto set_here = [&](const std::string& key) {
    return std::any_of(options.sets.begin(), options.sets.end(),
                       [&](const std::string& set) { return set.starts_with(key); });
  };
  try {
    body();
  } catch (const InputError& error) {
    auto wrong = error.diagnostics();
    for (auto& one : wrong) {
      if (!one.file.empty() || one.key.empty()) continue;
      const bool its_own = one.key == "policy.name" || one.key.starts_with("policy.options");
      one.file = set_here(one.key)                        ? "--set"
                 : its_own && !options.policy.empty() ? option
                                                          : options.scenario;
    }
    throw InputError(std::move(wrong));
  }
}

RunOutcome execute_run(const RunOptions& options, const Scenario& scenario, CallMark* mark) {
  const double started = monotonic_seconds();
  std::optional<PolicyFactory> made;
  blame_policy(options, "--policy", [&] {
    made.emplace(policy_choice(with_libraries(scenario.policy, options), scenario.federation, mark));
    (void)world::sim::policy_memory(scenario.overhead, made->description());
  });
  const PolicyFactory& policy = *made;
  const auto& description = policy.description();
  if (description.silent)
    log_line(
        2, fmt::format("policy '{}' does not state its memory; it counts as 0", description.name));
  (void)world::sim::policy_memory(scenario.overhead,
                                  description); // refused before anything is made
  RunOutcome outcome;
  outcome.folder = !options.out.empty() ? options.out
                                        : default_folder(options, scenario, description.name);
  const auto libraries = used_libraries(scenario.policy, options);
  protect_scenario(options.scenario, outcome.folder);
  if (!options.force)
    refuse_to_replace({outcome.folder, scenario.resolved, scenario.hash, libraries, description.notes});

  const record::RunIdentity run = identity(scenario, description);
  std::vector<PolicyCharge> recorded;
  if (run.write_overhead && !options.recorded_costs.empty())
    recorded = record::read_overhead(options.recorded_costs, run);

  set_assertion_context(fmt::format("scenario {}, seed {}", scenario.name, scenario.seed));
  const auto others = mark != nullptr ? open_descriptors() : std::vector<int>();
  record::ResultFolder results(outcome.folder, run);
  if (mark != nullptr) need_descriptors(*mark, open_descriptors(), others);
  Progress progress(fmt::format("{} {} seed {}", scenario.name, description.name, scenario.seed),
                    scenario.intervals);
  world::sim::SimulationOptions simulation;
  if (run.write_overhead && !options.recorded_costs.empty()) simulation.recorded_costs = &recorded;
  simulation.progress = [&](std::uint32_t done) {
    set_assertion_context(
        fmt::format("scenario {}, seed {}, interval {}", scenario.name, scenario.seed, done));
    progress.show(done);
    return results.writable() && !interrupted();
  };
  std::set<std::string> said; // each broker that takes over makes its policy anew, which says it again
  simulation.log = [&](int level, const std::string& message) {
    if (!said.insert(message).second) return;
    progress.clear();
    log_line(level, message);
  };
  record::Cost cost;
  const auto write_cost = [&] {
    measure_cost(started, cost);
    cost.libraries = libraries;
    cost.policy_notes = description.notes;
    record::write_cost(outcome.folder, cost);
  };
  try {
    CatchInterrupts sink(results);
    const auto result = world::sim::simulate(scenario, policy, sink, simulation);
    const auto& spent = result.policy_cost;
    cost.policy = {spent.decisions, spent.decision_wall_s, spent.decision_cpu_s,
                   spent.fine_tuning_wall_s, spent.fine_tuning_cpu_s};
    progress.clear();
    if (results.writable()) write_cost(); // before the summary, which makes the result complete
    results.finish(result.completed);
    if (!result.completed) outcome.exit_code = exit_interrupted;
  } catch (const PluginError&) {
    progress.clear();
    write_cost();
    results.finish(false); // what ran before is kept
    throw;
  } catch (const RunError&) {
    progress.clear();
    if (results.writable()) results.finish(false);
    throw;
  }
  return outcome;
}

namespace {

int run_here(const RunOptions& options, const Scenario& scenario, CallMark* mark) {
  const RunOutcome outcome = execute_run(options, scenario, mark);
  if (mark != nullptr) show_output(*mark);
  if (options.json) {
    const std::string text = content(outcome.folder + "/summary.json");
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    print_summary(*record::read_summary(outcome.folder), outcome.folder);
  }
  if (outcome.exit_code == exit_interrupted)
    std::fprintf(stderr, "lair: interrupted; what ran before is in %s\n", outcome.folder.c_str());
  return outcome.exit_code;
}

} // namespace

int run_command(const RunOptions& options) {
  const Scenario scenario = read_run_scenario(options);
  return watched(scenario.policy, options.json,
                 [&](CallMark* mark) { return run_here(options, scenario, mark); });
}

} // namespace lair::cli
