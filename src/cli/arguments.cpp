#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "core/error.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdio>

namespace lair::cli {

namespace {

void add_sets(CLI::App& verb, std::vector<std::string>& sets) {
  verb.add_option("--set", sets, "Set a key of the scenario, such as faults.rate=2 (repeatable)")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
}
void add_json(CLI::App& verb, bool& json) {
  verb.add_flag("--json", json, "Print the result as JSON");
}

CLI::App* run_verb(CLI::App& app, RunOptions& o) {
  auto* verb = app.add_subcommand("run", "Run a scenario once");
  verb->add_option("scenario", o.scenario, "Scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--seed", o.seed, "Master seed instead of the scenario's")->type_name("N");
  verb->add_option("--policy", o.policy,
                   "Policy instead of the scenario's: a name or a library, and its options")
      ->type_name("NAME|FILE.so[:OPTION=VALUE...]");
  add_sets(*verb, o.sets);
  verb->add_option("--out", o.out, "Result folder [results/<scenario>/<policy>-seed<N>]")
      ->type_name("DIR");
  verb->add_flag("--force", o.force, "Replace what is already there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* compare_verb(CLI::App& app, CompareOptions& o) {
  auto* verb = app.add_subcommand("compare", "Run policies on the same worlds and compare them");
  verb->add_option("scenario", o.scenario, "Scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--policies", o.policies,
                   "Names or libraries, each with its options (a:option=value:...); the first is "
                   "the baseline")
      ->required()
      ->delimiter(',')
      ->type_name("A,B,...")
      ->allow_extra_args(false);
  verb->add_option("--seeds", o.seeds, "Seeds, such as 1..5 or 1,4,7..9")
      ->capture_default_str()
      ->type_name("SEEDS");
  verb->add_option("-j,--jobs", o.jobs, "Runs at a time [number of cores]")->type_name("N");
  add_sets(*verb, o.sets);
  verb->add_option("--out", o.out, "Folder of the comparison [results/<scenario>]")
      ->type_name("DIR");
  verb->add_flag("--resume", o.resume, "Use the runs of this comparison that are complete there");
  verb->add_flag("--force", o.force, "Replace what is there; with --resume, what it cannot use");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* check_verb(CLI::App& app, CheckOptions& o) {
  auto* verb =
      app.add_subcommand("check", "Check a scenario, platform, workload or policy library");
  verb->add_option("file", o.file, "TOML file or shared library")->required()->type_name("FILE");
  add_sets(*verb, o.sets);
  verb->add_option("--option", o.options, "Option of the policy under check (repeatable)")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  add_json(*verb, o.json);
  return verb;
}

CLI::App* list_verb(CLI::App& app, ListOptions& o) {
  auto* verb = app.add_subcommand("list", "List what can be named in a scenario");
  verb->add_option("what", o.what,
                   "policies, schedulers, detectors, remediators, applications or faults")
      ->required()
      ->check(CLI::IsMember(
          {"policies", "schedulers", "detectors", "remediators", "applications", "faults"}))
      ->type_name("WHAT");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* platform_verb(CLI::App& app, PlatformOptions& o) {
  auto* verb = app.add_subcommand("platform", "Generate a platform of any size");
  verb->add_option("--leis", o.leis, "Number of LEIs")->required()->type_name("N");
  verb->add_option("--hosts-per-lei", o.hosts_per_lei, "Hosts in each, its broker included")
      ->required()
      ->type_name("M");
  verb->add_option("--kind", o.kind, "pi4b-4gb, pi4b-8gb or mixed")->capture_default_str();
  verb->add_option("--seed", o.seed, "Seed of the WAN latencies")->capture_default_str();
  verb->add_option("--out", o.out, "File to write [standard output]")->type_name("FILE");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* verify_verb(CLI::App& app, VerifyOptions& o) {
  auto* verb = app.add_subcommand("verify", "Run a result's scenario again and compare every byte");
  verb->add_option("folder", o.folder, "Result folder")->required()->type_name("RESULT_DIR");
  add_json(*verb, o.json);
  return verb;
}

#ifdef LAIR_HAS_TWIN_VERB
CLI::App* twin_verb(CLI::App& app, TwinOptions& o) {
  auto* verb = app.add_subcommand("twin", "Measure the analytic twin against the simulated world");
  verb->add_option("scenario", o.scenarios, "Scenario files")->required()->type_name("SCENARIO");
  verb->add_option("--intervals", o.intervals, "Intervals of each run instead of the scenario's")
      ->type_name("N");
  verb->add_option("--seeds", o.seeds, "Seeds instead of the scenario's, such as 1..5: a run each")
      ->type_name("SEEDS");
  verb->add_option("--policy", o.policy, "Policy instead of the scenario's: a name or a library")
      ->type_name("NAME|FILE.so");
  verb->add_option("-j,--jobs", o.jobs, "Runs at a time [number of cores]")->type_name("N");
  verb->add_option("--out", o.out, "CSV file for every forecast beside the truth")
      ->type_name("FILE");
  add_sets(*verb, o.sets);
  add_json(*verb, o.json);
  return verb;
}
#endif

std::uint64_t parse_seed(const std::string& all, std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    throw InputError("--seeds", "", "'" + all + "' is no list of seeds",
                     "whole numbers and ranges, such as 1..5 or 1,4,7..9");
  return seed;
}

} // namespace

std::vector<std::uint64_t> parse_seeds(const std::string& text) {
  constexpr std::uint64_t most = 1'000'000;
  std::vector<std::uint64_t> seeds;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const auto dots = part.find("..");
    const std::uint64_t first = parse_seed(text, part.substr(0, dots));
    const std::uint64_t last =
        dots == std::string_view::npos ? first : parse_seed(text, part.substr(dots + 2));
    if (last < first || last - first >= most)
      throw InputError("--seeds", "", "'" + std::string(part) + "' is no range",
                       "from the smaller to the larger seed, at most a million");
    for (std::uint64_t seed = first;; ++seed) {
      seeds.push_back(seed);
      if (seed == last) break;
    }
  }
  auto sorted = seeds;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw InputError("--seeds", "", "'" + text + "' names a seed twice", "each seed once");
  return seeds;
}

int run_arguments(int argc, char** argv) {
  CLI::App app("Lair: co-simulation of fault tolerance in edge federations", "lair");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.footer("Exit codes: 0 ok, 1 failed run, 2 bad input, 3 plugin failure, 4 verification "
             "mismatch, 130 interrupted.\nResults go to standard output, progress and messages to "
             "standard error.");
  RunOptions run;
  CompareOptions compare;
  CheckOptions check;
  ListOptions list;
  PlatformOptions platform;
  VerifyOptions verify;
  const auto* run_app = run_verb(app, run);
  const auto* compare_app = compare_verb(app, compare);
  const auto* check_app = check_verb(app, check);
  const auto* list_app = list_verb(app, list);
  const auto* platform_app = platform_verb(app, platform);
  const auto* verify_app = verify_verb(app, verify);
#ifdef LAIR_HAS_TWIN_VERB
  TwinOptions twin;
  const auto* twin_app = twin_verb(app, twin);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_bad_input; // help and version are no errors
  }
  if (run_app->parsed()) return run_command(run);
  if (compare_app->parsed()) return compare_command(compare);
  if (check_app->parsed()) return check_command(check);
  if (list_app->parsed()) return list_command(list);
  if (platform_app->parsed()) return platform_command(platform);
#ifdef LAIR_HAS_TWIN_VERB
  if (twin_app->parsed()) return twin_command(twin);
#endif
  return verify_app->parsed() ? verify_command(verify) : exit_bad_input;
}

} // namespace lair::cli
