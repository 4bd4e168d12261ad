#include "broker/forecaster.hpp"
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/sweep_setup.hpp"
#include "cli/run.hpp"
#include "core/error.hpp"
#include "policy/plugin_check.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace lair::cli {

namespace {

using record::json_quoted;

int print_fine(const CheckOptions& options, const char* kind, const std::string& what) {
  if (options.json)
    fmt::print("{{\"file\": {}, \"kind\": \"{}\", \"ok\": true, \"is\": {}}}\n",
               json_quoted(options.file), kind, json_quoted(what));
  else
    fmt::print("{}: {}: {}\n", options.file, kind, what);
  return exit_ok;
}

std::string describe(const Federation& federation) {
  return fmt::format("'{}', {} hosts in {} LEIs", federation.name, federation.hosts.size(),
                     federation.leis.size());
}

std::string describe(const Workload& workload) {
  if (!workload.trace.empty())
    return fmt::format("'{}', {} applications, a trace of {} tasks", workload.name,
                       workload.applications.size(), workload.trace.size());
  return fmt::format("'{}', {} applications, {} tasks per interval", workload.name,
                     workload.applications.size(), workload.rate);
}

int check_scenario(const CheckOptions& options) {
  const Scenario s = read_scenario(options.file, options.sets, default_search());
  RunOptions run;
  run.scenario = options.file;
  run.sets = options.sets;
  std::string policy;
  blame_policy(run, "", [&] {
    const PolicyFactory made(policy_choice(s.policy, s.federation));
    policy = made.description().name;
    (void)world::sim::policy_memory(s.overhead, made.description());
  });
  return print_fine(
      options, "scenario",
      fmt::format("'{}', {} intervals of {} s; platform {}; workload {}; {} faults per "
                  "interval; policy {}; hash {}",
                  s.name, s.intervals, s.interval.value, describe(s.federation),
                  describe(s.workload), s.faults.rate, policy, s.hash));
}

/// A scenario with a [sweep]: the plan, and every value of its axes.
int check_sweep(const CheckOptions& options) {
  SweepSetup setup(options.file, options.sets, "");
  setup.check_values();
  const auto& plan = setup.plan();
  return print_fine(options, "sweep",
                    fmt::format("{} points = {} cells x {} seeds", plan.size(),
                                plan.cells().size(), plan.table().seeds.size()));
}

int check_boards(const CheckOptions& options) {
  std::string kinds;
  for (const auto& kind : read_boards(options.file))
    kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", kind.kind);
  return print_fine(options, "boards", fmt::format("kinds of host for platforms: {}", kinds));
}

int check_deadlines(const CheckOptions& options) {
  const DeadlineTable table = read_deadline_table(options.file);
  std::string source = fmt::format("under {}, seeds {}", table.policy, table.seeds);
  if (!table.scenario.empty()) {
    source += fmt::format(" of {}", table.scenario);
    const auto path = find_calibration(table, options.file, default_search());
    if (path.empty()) {
      source += ", which is not here";
    } else {
      const std::string hash = read_scenario(path, {}, default_search()).hash;
      if (hash != table.scenario_hash)
        throw InputError(options.file, "scenario_hash",
                         fmt::format("{} has changed since: its hash is {}", path, hash),
                         fmt::format("calibrate again: {}", table.command));
      source += fmt::format(" (hash {})", hash);
    }
  }
  return print_fine(options, "deadlines",
                    fmt::format("{} applications, {}; made by: {}", table.deadlines.size(), source,
                                table.command));
}

std::vector<std::pair<std::string, std::string>> parse_options(const CheckOptions& options) {
  std::vector<std::pair<std::string, std::string>> parsed;
  for (const auto& text : options.options) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw InputError("--option", "", fmt::format("'{}' sets nothing", text), "name=value");
    parsed.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return parsed;
}

int check_library(const CheckOptions& options) {
  const Federation federation = synthetic_federation(16);
  Forecaster twin(federation);
  const PluginReport report = check_plugin(options.file, {}, parse_options(options), &twin);
  if (!options.json) {
    std::fputs(format(report).c_str(), stdout);
  } else {
    fmt::print("{{\"file\": {}, \"kind\": \"policy\", \"ok\": {}, \"name\": {}, \"version\": {}, "
               "\"roles\": {}, \"items\": [",
               json_quoted(options.file), report.passed(), json_quoted(report.info.name),
               json_quoted(report.info.version), json_quoted(role_names(report.info.roles)));
    const char* separator = "";
    for (const auto& item : report.items) {
      fmt::print("{}{{\"name\": {}, \"verdict\": \"{}\", \"detail\": {}}}", separator,
                 json_quoted(item.name), to_string(item.verdict), json_quoted(item.detail));
      separator = ", ";
    }
    fmt::print("]}}\n");
  }
  return report.passed() ? exit_ok : exit_plugin_failure;
}

/// An option that has no effect on this kind of file was meant for another.
void refuse_idle_options(const CheckOptions& options, FileKind kind) {
  if (!options.sets.empty() && kind != FileKind::scenario)
    throw InputError("--set", "", fmt::format("{} is no scenario", options.file),
                     "--set with scenarios only");
  if (!options.options.empty() && kind != FileKind::plugin)
    throw InputError("--option", "", fmt::format("{} is no policy library", options.file),
                     "--option with policy libraries only; --set policy.options.NAME=VALUE");
}

} // namespace

int check_command(const CheckOptions& options) {
  const FileKind kind = detect_kind(options.file);
  refuse_idle_options(options, kind);
  switch (kind) {
  case FileKind::scenario:
    return has_sweep(options.file) ? check_sweep(options) : check_scenario(options);
  case FileKind::platform:
    return print_fine(options, "platform", describe(read_platform(options.file, default_search())));
  case FileKind::workload:
    return print_fine(options, "workload", describe(read_workload(options.file, default_search())));
  case FileKind::plugin: return check_library(options);
  case FileKind::boards: return check_boards(options);
  case FileKind::deadlines: return check_deadlines(options);
  case FileKind::unknown: break;
  }
  throw InputError(options.file, "",
                   "is no scenario, platform, workload, file of deadlines or policy library",
                   "a TOML file with platform, leis or applications, or a .so file");
}

} // namespace lair::cli
