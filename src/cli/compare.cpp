#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/policy_spec.hpp"
#include "cli/process_pool.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/result_guard.hpp"
#include "cli/run.hpp"
#include "cli/width_goal.hpp"
#include "core/error.hpp"
#include "policy/plugin_info.hpp"
#include "policy/plugin_library.hpp"
#include "policy/policy_factory.hpp"
#include "record/comparison.hpp"
#include "record/folder_lock.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>

namespace lair::cli {

namespace {

using State = FolderContent::State;

/// One policy with one seed.
struct PlannedRun {
  RunOptions options;
  bool needed = true; ///< not already there
};

RunOptions run_options(const CompareOptions& options, const std::string& policy) {
  RunOptions run;
  run.scenario = options.scenario;
  run.policy = policy;
  run.sets = options.sets;
  return run;
}

/// The name a policy has in results, its options included. What is wrong with it is found here,
/// before anything has run; a library is only read, and loaded by the runs.
std::string policy_name(const CompareOptions& options, const std::string& text) {
  const PolicySpec spec = parse_policy(text, "--policies");
  const RunOptions run = run_options(options, text);
  const Scenario scenario = read_run_scenario(run);
  PolicyDescription description;
  blame_policy(run, "--policies", [&] {
    if (names_a_library(spec.name)) {
      description.name = read_plugin_info(spec.name).name;
    } else {
      description = PolicyFactory(policy_choice(scenario.policy, scenario.federation)).description();
    }
    (void)world::sim::policy_memory(scenario.overhead, description);
  });
  return description.name + spec.suffix();
}

/// Options are of one policy, and here there are several.
void refuse_options_for_all(const std::vector<std::string>& sets) {
  std::vector<Diagnostic> wrong;
  for (const auto& set : sets)
    if (set.starts_with("policy.options") || set.starts_with("policy="))
      wrong.push_back({"--set", 0, 0, set.substr(0, set.find('=')),
                       "would go to every policy of the comparison",
                       "an option or role behind the policy that it is for: --policies NAME:option=value:detector=NAME"});
  if (!wrong.empty()) throw InputError(std::move(wrong));
}

std::vector<std::string> arguments(const RunOptions& run) {
  std::vector<std::string> all{"run",      run.scenario, "--seed",  fmt::format("{}", *run.seed),
                               "--policy", run.policy,   "--force", "--out",
                               run.out};
  for (const auto& set : run.sets) {
    all.emplace_back("--set");
    all.push_back(set);
  }
  return all;
}

FolderContent found_there(const RunOptions& run) {
  if (!std::filesystem::exists(run.out)) return {}; // without reading the scenario for it
  const Scenario scenario = read_run_scenario(run);
  return look_into(IntendedRun{run.out, scenario.resolved, scenario.hash,
                               used_libraries(scenario.policy, run),
                               policy_notes(scenario.policy, scenario.federation)});
}

/// What of the folder's content would be lost without a word; --resume keeps what fits, and --force
/// replaces what does not.
std::vector<Diagnostic> in_the_way(const FolderContent& there, const CompareOptions& options) {
  if (options.force) return {};
  if (there.state == State::other)
    return {{"--out", 0, 0, "", there.what,
             options.resume ? "another folder; with --force too, it is replaced"
                            : "another folder, or --force to replace it"}};
  if (there.state == State::complete && !options.resume)
    return {{"--out", 0, 0, "", there.what,
             "--resume to use it, --force to replace it, or another folder"}};
  return {};
}

/// A screen full of them, and how many there are.
[[noreturn]] void refuse(std::vector<Diagnostic> all) {
  constexpr std::size_t most = 20;
  if (all.size() > most) {
    const std::size_t more = all.size() - most;
    all.resize(most);
    all.push_back({"--out", 0, 0, "",
                   fmt::format("and {} more folder{}", more, more == 1 ? "" : "s"),
                   all.back().remedy});
  }
  throw InputError(std::move(all));
}

std::vector<PlannedRun> plan(const CompareOptions& options, const std::string& out,
                             const std::vector<std::string>& names,
                             const std::vector<std::uint64_t>& seeds,
                             const std::string& scenario_hash) {
  std::vector<PlannedRun> runs;
  std::vector<Diagnostic> refused;
  if (const auto what = comparison_in_the_way(out, scenario_hash); !what.empty() && !options.force)
    refused.push_back({"--out", 0, 0, "", what, "another folder, or --force to replace it"});
  // Seed by seed, so that the policies of one seed are done together if the comparison is cut
  // short.
  for (const auto seed : seeds)
    for (std::size_t i = 0; i < names.size(); ++i) {
      PlannedRun run;
      run.options = run_options(options, options.policies[i]);
      run.options.seed = seed;
      run.options.out = out + "/" + record::run_folder_name(names[i], seed);
      protect_scenario(run.options.scenario, run.options.out);
      const FolderContent there = found_there(run.options);
      run.needed = !(options.resume && there.state == State::complete);
      for (auto& one : in_the_way(there, options)) refused.push_back(std::move(one));
      runs.push_back(std::move(run));
    }
  if (!refused.empty()) refuse(std::move(refused));
  return runs;
}

/// Warnings of many runs are mostly the same: each line is said once.
void say_messages(const std::vector<PlannedRun>& needed, const PoolResult& pool) {
  std::vector<std::string> said;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const auto& job = pool.jobs[i];
    if (job.started && job.exit_code != exit_ok && job.exit_code != exit_interrupted)
      std::fprintf(stderr, "lair: run %s failed with exit code %d\n", needed[i].options.out.c_str(),
                   job.exit_code);
    for (std::size_t at = 0; at < job.messages.size();) {
      const auto end = std::min(job.messages.find('\n', at), job.messages.size());
      std::string line = job.messages.substr(at, end - at);
      at = end + 1;
      if (line.empty() || std::find(said.begin(), said.end(), line) != said.end()) continue;
      std::fprintf(stderr, "%s\n", line.c_str());
      said.push_back(std::move(line));
    }
  }
}

/// What has failed, for --json: the messages are said by then.
std::vector<Diagnostic> failures(const std::vector<PlannedRun>& needed, const PoolResult& pool) {
  std::vector<Diagnostic> all;
  if (pool.interrupted) all.push_back({"", 0, 0, "", "interrupted", "go on with --resume"});
  for (std::size_t i = 0; i < needed.size(); ++i)
    if (const auto& job = pool.jobs[i];
        job.started && job.exit_code != exit_ok && job.exit_code != exit_interrupted)
      all.push_back({needed[i].options.out, 0, 0, "",
                     fmt::format("failed with exit code {}: {}", job.exit_code, job.messages), ""});
  return all;
}

int exit_code_of(const PoolResult& pool) {
  if (pool.interrupted) return exit_interrupted;
  for (const auto& job : pool.jobs) {
    if (job.exit_code == exit_ok) continue;
    // A crash (128 + signal) is a failed run; the other codes mean the same as here.
    return job.exit_code > 0 && job.exit_code < 128 ? job.exit_code : exit_failed_run;
  }
  return exit_ok;
}

int execute(std::span<const PlannedRun> runs, const CompareOptions& options,
            const std::string& title) {
  std::vector<PlannedRun> needed;
  std::vector<Job> jobs;
  for (const auto& run : runs)
    if (run.needed) {
      needed.push_back(run);
      jobs.push_back({arguments(run.options)});
    }
  const unsigned parallel = options.jobs > 0 ? options.jobs : core_count();
  Progress progress(title, jobs.size());
  progress.show(0);
  const PoolResult pool = run_jobs(jobs, parallel, [&](std::size_t done) { progress.show(done); });
  progress.clear();
  say_messages(needed, pool);
  const int code = exit_code_of(pool);
  if (code != exit_ok && options.json) print_json_error(code, failures(needed, pool));
  return code;
}

/// The summaries of complete runs, seed by seed, behind those of earlier seeds.
void read_runs(std::span<const PlannedRun> runs, std::vector<record::ComparedPolicy>& policies) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto summary = record::read_summary(runs[i].options.out);
    if (!summary || !summary->completed)
      throw RunError(fmt::format("run '{}' left no complete summary", runs[i].options.out));
    policies[i % policies.size()].runs.push_back(summary->metrics);
  }
}

} // namespace

int compare_command(const CompareOptions& given) {
  CompareOptions options = given;
  options.policies = split_policies(given.policies);
  refuse_options_for_all(options.sets);
  // All that is wrong, at once.
  const Scenario scenario = read_scenario(options.scenario, options.sets, default_search());
  auto seeds = parse_seeds(options.seeds);
  const std::size_t seeds_given = seeds.size();
  std::vector<std::string> names;
  for (const auto& policy : options.policies) {
    names.push_back(policy_name(options, policy));
    const auto same_folder = std::find_if(names.begin(), names.end() - 1, [&](const auto& one) {
      return one != names.back() &&
             record::run_folder_name(one, 0) == record::run_folder_name(names.back(), 0);
    });
    if (same_folder != names.end() - 1)
      throw InputError("--policies", "",
                       fmt::format("'{}' and '{}' would share a folder", *same_folder, names.back()),
                       "two comparisons with different --out");
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      throw InputError("--policies", "", fmt::format("'{}' stands there twice", names.back()),
                       "each policy once");
  }
  const auto goal = width_goal(options, names.size());
  if (goal) add_seeds(seeds, goal->most_seeds);
  const std::string out = options.out.empty() ? "results/" + scenario.name : options.out;
  const auto runs = plan(options, out, names, seeds, scenario.hash);
  const record::FolderLock lock(out);
  std::vector<record::ComparedPolicy> policies(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) policies[i].name = names[i];
  std::optional<record::WidthReport> width;
  for (std::size_t done = 0, next = seeds_given; done < next;) {
    const std::span<const PlannedRun> block(&runs[done * names.size()],
                                            (next - done) * names.size());
    if (const int code = execute(block, options, "compare " + scenario.name); code != exit_ok) {
      if (code == exit_interrupted)
        std::fprintf(stderr, "lair: interrupted; go on with --resume\n");
      return code;
    }
    read_runs(block, policies);
    done = next;
    if (!goal) continue;
    width = record::look_at_width(*goal, policies, seeds_given);
    next = record::next_look(*width);
    if (next > done)
      fmt::print(stderr, "lair: {} more seeds: {}\n", next - done,
                 record::width_text(*width, names));
  }
  seeds.resize(policies[0].runs.size());
  record::Comparison comparison = record::compare(policies, seeds);
  comparison.scenario_name = scenario.name;
  comparison.scenario_hash = scenario.hash;
  comparison.until_width = width;
  const std::string json = record::comparison_json(comparison);
  record::replace_file(out + "/compare.json", json);
  record::replace_file(out + "/compare.csv", record::comparison_csv(comparison));
  if (options.json)
    std::fputs(json.c_str(), stdout);
  else
    fmt::print("{}, {} seed{}\n\n{}results: {}\n", scenario.name, seeds.size(),
               seeds.size() == 1 ? "" : "s", record::comparison_text(comparison), out);
  return exit_ok;
}

} // namespace lair::cli
