#include "cli/command_tree.hpp"
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/fork_server.hpp"
#include "core/error.hpp"
#include "policy/nearest.hpp"
#include "policy/train_kinds.hpp"
#include "scenario/quantity.hpp"
#include "scenario/reader.hpp"
#include "scenario/tables.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace lair::cli {

namespace {

/// An empty text would count as an option that is not there.
CLI::Option* text_option(CLI::App& verb, const std::string& name, std::string& to,
                         const std::string& description) {
  return verb.add_option(name, to, description)
      ->check([](const std::string& text) {
        return text.empty() ? std::string("is empty") : std::string();
      });
}
/// CLI11's ranges let nan pass.
std::string a_number(const std::string& text) {
  double value = 0;
  return read_number(text, value) ? std::string() : "'" + text + "' is no finite number";
}
void real_option(CLI::App& verb, const char* name, double& to, double low, double high,
                 const char* description) {
  verb.add_option(name, to, description)
      ->check(CLI::Range(low, high))
      ->check(a_number)
      ->capture_default_str()
      ->type_name("X");
}
void add_jobs(CLI::App& verb, unsigned& jobs) {
  verb.add_option("-j,--jobs", jobs, "Runs at a time; 0: as many as there are cores")
      ->check(CLI::Range(0LL, 4096LL))
      ->capture_default_str()
      ->type_name("N");
}
void add_sets(CLI::App& verb, std::vector<std::string>& sets) {
  verb.add_option("--set", sets, "Set a key of the scenario, such as faults.rate=2 (repeatable)")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
}
void add_json(CLI::App& verb, bool& json) {
  verb.add_flag("--json", json, "Print the result as JSON");
}

CLI::App* run_verb(CLI::App& app, RunOptions& o, std::string& seed) {
  auto* verb = app.add_subcommand("run", "Run a scenario once");
  text_option(*verb, "scenario", o.scenario, "Scenario file")->required()->type_name("SCENARIO");
  text_option(*verb, "--seed", seed, "Master seed instead of the scenario's")->type_name("N");
  text_option(*verb, "--policy", o.policy,
                   "Policy instead of the scenario's: a name or a library, and its options")
      ->type_name("NAME|FILE.so[:OPTION=VALUE...]");
  add_sets(*verb, o.sets);
  text_option(*verb, "--out", o.out, "Result folder [results/<scenario>/<policy>-seed<N>]")
      ->type_name("DIR");
  verb->add_flag("--force", o.force, "Replace what is already there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* compare_verb(CLI::App& app, CompareOptions& o) {
  auto* verb = app.add_subcommand("compare", "Run policies on the same worlds and compare them");
  text_option(*verb, "scenario", o.scenario, "Scenario file")->required()->type_name("SCENARIO");
  verb->add_option("--policies", o.policies,
                   "Names or libraries, each with its options (a:option=value:...); the first is "
                   "the baseline")
      ->required()
      ->type_name("A,B,...")
      ->allow_extra_args(false);
  text_option(*verb, "--seeds", o.seeds, "Seeds, such as 1..5 or 1,4,7..9")
      ->capture_default_str()
      ->type_name("SEEDS");
  auto* until = text_option(*verb, "--until-width", o.until_width,
                            "Add seeds until 95 % intervals are at most so wide, such as 5%");
  until->type_name("SHARE");
  text_option(*verb, "--width-metric", o.width_metric, "Metric that --until-width is about")
      ->capture_default_str()
      ->type_name("METRIC")
      ->needs(until);
  verb->add_option("--width-of", o.width_of, "Of every policy's mean, or paired difference")
      ->check(CLI::IsMember({"mean", "difference"}))
      ->capture_default_str()
      ->needs(until);
  verb->add_option("--max-seeds", o.max_seeds, "Most seeds with --until-width, the given ones too")
      ->check(CLI::Range(2LL, 100'000LL))
      ->capture_default_str()
      ->type_name("N")
      ->needs(until);
  add_jobs(*verb, o.jobs);
  add_sets(*verb, o.sets);
  text_option(*verb, "--out", o.out, "Folder of the comparison [results/<scenario>]")
      ->type_name("DIR");
  verb->add_flag("--resume", o.resume, "Use the runs of this comparison that are complete there");
  verb->add_flag("--force", o.force, "Replace what is there; with --resume, what it cannot use");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* sweep_verb(CLI::App& app, SweepOptions& o) {
  auto* verb = app.add_subcommand("sweep", "Run all points of a scenario file with a [sweep] table");
  text_option(*verb, "file", o.file, "Sweep file")->required()->type_name("FILE");
  add_jobs(*verb, o.jobs);
  add_sets(*verb, o.sets);
  text_option(*verb, "--out", o.out, "Folder of the sweep [results/<scenario>]")->type_name("DIR");
  text_option(*verb, "--time-limit", o.time_limit,
              "Wall clock of one run, such as \"10 min\", instead of the file's")
      ->type_name("TIME");
  auto* slurm = verb->add_flag("--slurm", o.slurm, "Run the points as a job array of Slurm, -j tasks at a time");
  verb->add_option("--sbatch-args", o.sbatch_args,
                   "For sbatch, such as --sbatch-args=\"--partition=long --mem=2G\" (repeatable)")
      ->type_name("ARGS")
      ->take_all()
      ->allow_extra_args(false)
      ->needs(slurm);
  verb->add_option("--array-tasks", o.array_tasks,
                   "Tasks of the array at most; 0: one for each point, as far as Slurm takes")
      ->check(CLI::Range(0LL, 4000000000LL))
      ->capture_default_str()
      ->type_name("N")
      ->needs(slurm);
  verb->add_flag("--resume", o.resume, "Go on with the sweep that is there");
  verb->add_flag("--force", o.force, "Start anew: what is there is removed");
  verb->add_flag("--prune", o.prune, "At the end, remove the folders of runs that the file no longer has");
  verb->add_flag("--dry-run", o.dry_run, "Only print the runs and what they are expected to take");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* point_verb(CLI::App& app, PointOptions& o) {
  auto* verb = app.add_subcommand("point", "Run one point of a sweep, for schedulers of your own");
  text_option(*verb, "file", o.file, "Sweep file")->required()->type_name("FILE");
  verb->add_option("--index", o.index, "Number of the point, as `lair sweep --dry-run` lists them")
      ->required()
      ->check([](const std::string& text) { // CLI11 reads -1 as a very large number
        return text.starts_with("-") ? "'" + text + "' is no number of a point" : std::string();
      })
      ->type_name("N");
  add_sets(*verb, o.sets);
  text_option(*verb, "--out", o.out, "Folder of the sweep [results/<scenario>]")->type_name("DIR");
  text_option(*verb, "--time-limit", o.time_limit, "Wall clock of the run, instead of the file's")
      ->type_name("TIME");
  add_json(*verb, o.json);
  return verb;
}

/// Hidden: what `lair sweep` starts.
CLI::App* run_point_verb(CLI::App& app, RunPointOptions& o, std::string& seed) {
  auto* verb = app.add_subcommand("run-point", "")->group("");
  o.run.of_sweep = true;
  verb->add_option("scenario", o.run.scenario)->required();
  verb->add_option("--seed", seed)->required();
  verb->add_option("--policy", o.run.policy);
  add_sets(*verb, o.run.sets);
  verb->add_option("--root", o.root)->required();
  return verb;
}

CLI::App* check_verb(CLI::App& app, CheckOptions& o) {
  auto* verb =
      app.add_subcommand("check", "Check a scenario, platform, workload or policy library");
  text_option(*verb, "file", o.file, "TOML file or shared library")->required()->type_name("FILE");
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

CLI::App* platform_verb(CLI::App& app, PlatformOptions& o, std::string& seed) {
  auto* verb = app.add_subcommand("platform", "Generate a platform of any size");
  verb->add_option("--leis", o.leis, "Number of LEIs")->required()->type_name("N");
  verb->add_option("--hosts-per-lei", o.hosts_per_lei, "Hosts in each, its broker included")
      ->required()
      ->type_name("M");
  text_option(*verb, "--kind", o.kind, "pi4b-4gb, pi4b-8gb or mixed")->capture_default_str();
  text_option(*verb, "--seed", seed,
              fmt::format("Seed of the WAN latencies [{}]", o.seed))
      ->type_name("N");
  text_option(*verb, "--out", o.out, "File to write [standard output]")->type_name("FILE");
  verb->add_flag("--force", o.force, "Replace the file if it is there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* export_verb(CLI::App& app, ExportOptions& o) {
  auto* verb = app.add_subcommand("export", "Write results for other tools: trace viewers, data frames");
  text_option(*verb, "folder", o.folder, "Folder of a run; for --parquet also of a comparison or a sweep")
      ->required()
      ->type_name("DIR");
  text_option(*verb, "--perfetto", o.perfetto, "Trace for ui.perfetto.dev and chrome://tracing")
      ->type_name("FILE.json");
  text_option(*verb, "--paje", o.paje, "Trace for ViTE, pj_dump and other readers of Paje")
      ->type_name("FILE.trace");
  verb->add_flag("--parquet", o.parquet, "Every table as a Parquet file, by the program duckdb");
  text_option(*verb, "--out", o.out, "Folder of the Parquet files [parquet/ in the folder]")->type_name("DIR");
  verb->add_flag("--force", o.force, "Replace files that are there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* import_verb(CLI::App& app, ImportOptions& o) {
  auto* verb = app.add_subcommand("import", "Make a workload from recorded traces of virtual machines");
  verb->add_option("what", o.what, "Kind of trace: bitbrains (GWA-T-12)")
      ->required()
      ->check(CLI::IsMember({"bitbrains"}))
      ->type_name("WHAT");
  verb->add_option("files", o.files, "Files, one for each machine, or folders of them")
      ->required()
      ->type_name("FILE");
  text_option(*verb, "--out", o.out, "Workload to write: NAME.toml, and NAME.csv beside it")
      ->required()
      ->type_name("FILE");
  verb->add_option("--leis", o.leis, "LEIs that the machines' tasks enter, in turn: lei1, lei2, ...")
      ->check(CLI::Range(1LL, 100'000LL))
      ->capture_default_str()
      ->type_name("N");
  real_option(*verb, "--idle", o.idle, 0, 1, "Share of a machine's CPU below which a sample is no work");
  text_option(*verb, "--longest", o.longest, "Samples in a row are one task up to this length")
      ->capture_default_str()
      ->type_name("TIME");
  real_option(*verb, "--flops-per-cycle", o.flops_per_cycle, 0.001, 1000, "Operations in one cycle of a machine");
  real_option(*verb, "--work-scale", o.work_scale, 1e-6, 1e6, "All work times this");
  real_option(*verb, "--memory-scale", o.memory_scale, 1e-6, 1e6, "All memory times this");
  real_option(*verb, "--touched", o.touched, 0, 1, "Share of its memory that a task touches for each GFLOP");
  text_option(*verb, "--from", o.from, "Where in the trace the workload begins")
      ->capture_default_str()
      ->type_name("TIME");
  text_option(*verb, "--length", o.length, "How much of the trace is taken [all]")->type_name("TIME");
  verb->add_flag("--force", o.force, "Replace files that are there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* completion_verb(CLI::App& app, std::string& shell) {
  auto* verb = app.add_subcommand("completion", "Print the completion script of a shell");
  verb->add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  return verb;
}

CLI::App* doctor_verb(CLI::App& app, DoctorOptions& o) {
  auto* verb = app.add_subcommand("doctor", "Say what is missing on this computer");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* new_verb(CLI::App& app, NewOptions& o) {
  auto* verb = app.add_subcommand("new", "Write a commented starting point that runs as it is");
  verb->add_option("what", o.what, "scenario, policy or sweep")
      ->required()
      ->check(CLI::IsMember({"scenario", "policy", "sweep"}))
      ->type_name("WHAT");
  verb->add_option("name", o.name, "Its name")->required()->type_name("NAME");
  text_option(*verb, "--out", o.out, "File [NAME.toml], or folder of a policy [NAME]")
      ->type_name("PATH");
  verb->add_flag("--force", o.force, "Replace files that are there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* schema_verb(CLI::App& app, SchemaOptions& o) {
  auto* verb = app.add_subcommand("schema", "Write a JSON Schema, from which editors complete keys");
  verb->add_option("what", o.what, "scenario, platform, boards or workload")
      ->capture_default_str()
      ->check(CLI::IsMember(schema_kinds()))
      ->type_name("WHAT");
  text_option(*verb, "--out", o.out, "File to write [standard output]")->type_name("FILE");
  verb->add_flag("--force", o.force, "Replace the file if it is there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* verify_verb(CLI::App& app, VerifyOptions& o) {
  auto* verb = app.add_subcommand("verify", "Run a result's scenario again and compare every byte");
  text_option(*verb, "folder", o.folder, "Result folder")->required()->type_name("RESULT_DIR");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* trace_verb(CLI::App& app, TraceOptions& o) {
  auto* verb = app.add_subcommand(
      "trace", "Record what brokers observe, and what is true, to train detectors on");
  text_option(*verb, "scenario", o.scenario, "Scenario file")->required()->type_name("SCENARIO");
  text_option(*verb, "--out", o.out, "File to write")->required()->type_name("FILE");
  text_option(*verb, "--seeds", o.seeds, "Seeds, a run each, such as 1..5 or 1,4,7..9")
      ->capture_default_str()
      ->type_name("SEEDS");
  text_option(*verb, "--policy", o.policy, "Policy instead of the scenario's: a name or a library")
      ->type_name("NAME|FILE.so[:OPTION=VALUE...]");
  add_jobs(*verb, o.jobs);
  add_sets(*verb, o.sets);
  verb->add_flag("--outcomes", o.outcomes, "Record energy and when tasks left, too: what gobi learns from");
  verb->add_flag("--force", o.force, "Replace what is already there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* train_verb(CLI::App& app, TrainOptions& o, std::string& seed) {
  auto* verb = app.add_subcommand("train", "Train a model from recorded traces");
  std::vector<std::string> kinds;
  std::string names;
  for (const TrainKind& kind : train_kinds()) {
    kinds.push_back(kind.name);
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  verb->add_option("what", o.what, "What is trained: " + names)
      ->required()
      ->check(CLI::IsMember(kinds))
      ->type_name("WHAT");
  verb->add_option("--trace", o.traces, "Trace without faults (repeatable)")
      ->required()
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  text_option(*verb, "--validate-on", o.validate_on, "Trace with faults, for F1 and AUPR per epoch")
      ->type_name("FILE");
  text_option(*verb, "--out", o.out, "Model to write: its manifest is NAME.json")
      ->required()
      ->type_name("NAME");
  text_option(*verb, "--seed", seed, fmt::format("Seed [{}]", o.seed))->type_name("N");
  const auto count = [&](const char* name, std::uint32_t& to, long long low, long long high,
                         const char* description) {
    verb->add_option(name, to, description)
        ->check(CLI::Range(low, high))
        ->capture_default_str()
        ->type_name("N");
  };
  count("--window", o.window, 1, 1000, "States of a window");
  count("--epochs", o.epochs, 1, 100'000, "Epochs at most");
  count("--patience", o.patience, 1, 100'000, "Epochs without a better validation loss that end it");
  count("--batch", o.batch, 1, 100'000, "Windows of a batch");
  count("--width", o.width, 1, 4096, "Units of a layer");
  count("--depth", o.depth, 1, 16, "Hidden layers of a block");
  count("--convolutions", o.convolutions, 0, 16, "Graph convolutions");
  real_option(*verb, "--rate", o.rate, 0, 1, "Learning rate");
  real_option(*verb, "--decay", o.decay, 0, 1, "Weight decay");
  real_option(*verb, "--spoilt", o.spoilt, 0, 1, "Share of entities whose metrics are raised in a third kind of window");
  verb->add_flag("--no-generated", o.no_generated, "Without generated windows: with --spoilt in their place");
  text_option(*verb, "--curve", o.curve, "linear, or knee: with headroom above the metrics' ranges")
      ->capture_default_str();
  text_option(*verb, "--metrics", o.metrics, "Metrics of the network [cpu,ram,disk_read,disk_write,net_in,net_out]")
      ->type_name("A,B,...");
  text_option(*verb, "--activation", o.activation, "tanh or relu")->capture_default_str();
  text_option(*verb, "--head", o.head, "map or scalar")->capture_default_str();
  verb->add_flag("--no-topology", o.no_topology, "Without graph convolution and attention");
  verb->add_option("--option", o.options, "Option of the kind's own, of network or training (repeatable)")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--detector", o.detector,
                   "Option of the detector that the model is made for and brings along (repeatable)")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--resume", o.resume, "Go on from the checkpoint of this very training, if there is one");
  verb->add_flag("--force", o.force, "Replace a model, or a checkpoint, that is already there");
  add_json(*verb, o.json);
  return verb;
}

CLI::App* report_verb(CLI::App& app, ReportOptions& o) {
  auto* verb = app.add_subcommand("report", "Make a page, tables and pictures of results");
  text_option(*verb, "folder", o.folder, "Folder of a run, a comparison or a sweep")
      ->required()
      ->type_name("DIR");
  text_option(*verb, "--out", o.out, "File to write [DIR/report.html; standard output for tables]")
      ->type_name("FILE");
  verb->add_option("--format", o.format, "html, or the tables as md, latex or csv")
      ->check(CLI::IsMember({"html", "md", "latex", "csv"}))
      ->capture_default_str()
      ->type_name("FORMAT");
  text_option(*verb, "--table", o.table, "The only table to print")->type_name("ID");
  text_option(*verb, "--figures", o.figures, "Folder for every figure as SVG and CSV")
      ->type_name("DIR");
  verb->add_option("--metric", o.metrics, "Metric to show instead of the usual ones (repeatable)")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--force", o.force, "Replace files that are there and no reports");
  add_json(*verb, o.json);
  return verb;
}

#ifdef LAIR_HAS_TWIN_VERB
CLI::App* twin_verb(CLI::App& app, TwinOptions& o) {
  auto* verb = app.add_subcommand("twin", "Measure the analytic twin against the simulated world");
  verb->add_option("scenario", o.scenarios, "Scenario files")->required()->type_name("SCENARIO");
  verb->add_option("--intervals", o.intervals, "Intervals of each run instead of the scenario's")
      ->check(CLI::Range(1LL, 1'000'000LL))
      ->type_name("N");
  text_option(*verb, "--seeds", o.seeds,
              "Seeds instead of the scenario's, such as 1..5: a run each")
      ->type_name("SEEDS");
  text_option(*verb, "--policy", o.policy, "Policy instead of the scenario's: a name or a library")
      ->type_name("NAME|FILE.so");
  add_jobs(*verb, o.jobs);
  verb->add_flag("--force", o.force, "Replace the file of --out if it is there");
  text_option(*verb, "--out", o.out, "CSV file for every forecast beside the truth")
      ->type_name("FILE");
  add_sets(*verb, o.sets);
  add_json(*verb, o.json);
  return verb;
}
#endif

/// CLI11 tells a value's kind and what is checked in one text: "WHAT:{a,b}", "N:INT in [1 - 1000]".
OptionInfo info_of(const CLI::Option& option) {
  OptionInfo info;
  info.positional = option.nonpositional() ? false : option.get_positional();
  for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  if (info.positional) info.names = {option.get_name(true)};
  info.flag = !info.positional && option.get_items_expected_max() == 0;
  info.required = option.get_required();
  info.repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll &&
                    option.get_items_expected_max() > 1;
  info.description = option.get_description();
  if (info.flag) return info;
  info.standard = option.get_default_str();
  info.value = option.get_type_name();
  if (const auto open = info.value.find(":{"); open != std::string::npos) {
    std::istringstream all(info.value.substr(open + 2, info.value.size() - open - 3));
    for (std::string one; std::getline(all, one, ',');) info.choices.push_back(one);
    info.value.resize(open);
  }
  if (const auto open = info.value.find(" in ["); open != std::string::npos) {
    info.limits = info.value.substr(open + 5, info.value.size() - open - 6);
    info.value.resize(info.value.find_last_of(':', open));
  }
  return info;
}

std::vector<OptionInfo> infos_of(const CLI::App& app) {
  std::vector<OptionInfo> all;
  for (const auto* option : app.get_options()) all.push_back(info_of(*option));
  return all;
}

/// Not a verb that Lair only uses to start itself.
bool is_for_people(const CLI::App* verb) { return !verb->get_group().empty(); }

CommandTree tree_of(const CLI::App& app) {
  CommandTree tree{app.get_name(), app.get_description(), app.get_footer(), infos_of(app), {}};
  for (const auto* verb : app.get_subcommands(is_for_people))
    tree.verbs.push_back({verb->get_name(), verb->get_description(), infos_of(*verb)});
  return tree;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* verb : app.get_subcommands(is_for_people))
    names.push_back(verb->get_name());
  return names;
}

/// CLI11 calls a verb that it does not know a missing one.
void refuse_unknown_verb(const CLI::App& app, int argc, char** argv) {
  const auto names = verb_names(app);
  const std::string first = argc < 2 ? "" : argv[1];
  const bool wants_text = first == "--help" || first == "-h" || first == "--version";
  if (argc < 2 || (first.starts_with("-") && !wants_text))
    throw InputError("lair", "", "which verb?",
                     fmt::format("first of all one of {}", fmt::join(names, ", ")));
  const auto all = app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == first; });
  if (wants_text || !all.empty()) return;
  throw InputError("lair", "", fmt::format("there is no verb '{}'", first), suggest(first, names));
}

/// The verb that the arguments belong to, for the message.
std::string verb_of(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? "lair" : "lair " + parsed.front()->get_name();
}

} // namespace

int run_arguments(int argc, char** argv) {
  CLI::App app("Lair: co-simulation of fault tolerance in edge federations", "lair");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.footer("Exit codes: 0 ok, 1 failed run, 2 bad input, 3 plugin failure, 4 verification "
             "mismatch, 130 interrupted.\nResults go to standard output, progress and messages to "
             "standard error.");
  RunOptions run;
  std::string run_seed, platform_seed; // CLI11 would take -3 for a number without a sign
  CompareOptions compare;
  CheckOptions check;
  ListOptions list;
  PlatformOptions platform;
  VerifyOptions verify;
  DoctorOptions doctor;
  ExportOptions exported;
  ImportOptions imported;
  NewOptions fresh;
  SchemaOptions schema;
  const auto* run_app = run_verb(app, run, run_seed);
  const auto* compare_app = compare_verb(app, compare);
  const auto* check_app = check_verb(app, check);
  const auto* list_app = list_verb(app, list);
  const auto* platform_app = platform_verb(app, platform, platform_seed);
  const auto* verify_app = verify_verb(app, verify);
  const auto* doctor_app = doctor_verb(app, doctor);
  const auto* export_app = export_verb(app, exported);
  const auto* import_app = import_verb(app, imported);
  const auto* new_app = new_verb(app, fresh);
  const auto* schema_app = schema_verb(app, schema);
  SweepOptions sweep;
  const auto* sweep_app = sweep_verb(app, sweep);
  PointOptions point;
  const auto* point_app = point_verb(app, point);
  RunPointOptions run_point;
  std::string run_point_seed;
  const auto* run_point_app = run_point_verb(app, run_point, run_point_seed);
  bool fork_learned = false;
  auto* fork_server_app = app.add_subcommand("fork-server", "")->group(""); // process_pool.hpp
  fork_server_app->add_flag("--learned", fork_learned);
  TraceOptions trace;
  const auto* trace_app = trace_verb(app, trace);
  TrainOptions train;
  std::string train_seed;
  const auto* train_app = train_verb(app, train, train_seed);
  ReportOptions report;
  const auto* report_app = report_verb(app, report);
#ifdef LAIR_HAS_TWIN_VERB
  TwinOptions twin;
  const auto* twin_app = twin_verb(app, twin);
#endif
  std::string shell;
  const auto* completion_app = completion_verb(app, shell);
  const auto* man_app = app.add_subcommand("man", "Print the manual page");
  refuse_unknown_verb(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) { // for help or the version
    std::ostringstream text;
    const int code = app.exit(asked, text, text);
    std::fputs(text.str().c_str(), stdout); // where failures to write are noticed
    return code;
  } catch (const CLI::ParseError& error) {
    const std::string verb = verb_of(app);
    throw InputError(verb, "", error.what(), fmt::format("`{} --help` lists the options", verb));
  }
  if (!run_seed.empty()) run.seed = parse_seed("--seed", run_seed);
  if (!platform_seed.empty()) platform.seed = parse_seed("--seed", platform_seed);
  if (run_app->parsed()) return run_command(run);
  if (compare_app->parsed()) return compare_command(compare);
  if (sweep_app->parsed()) return sweep_command(sweep);
  if (point_app->parsed()) return point_command(point);
  if (fork_server_app->parsed()) return fork_server_command(fork_learned);
  if (run_point_app->parsed()) {
    run_point.run.seed = parse_seed("--seed", run_point_seed);
    return run_point_command(run_point);
  }
  if (check_app->parsed()) return check_command(check);
  if (list_app->parsed()) return list_command(list);
  if (platform_app->parsed()) return platform_command(platform);
  if (doctor_app->parsed()) return doctor_command(doctor);
  if (export_app->parsed()) return export_command(exported);
  if (import_app->parsed()) return import_command(imported);
  if (new_app->parsed()) return new_command(fresh);
  if (schema_app->parsed()) return schema_command(schema);
  if (trace_app->parsed()) return trace_command(trace);
  if (!train_seed.empty()) train.seed = parse_seed("--seed", train_seed);
  if (train_app->parsed()) {
    for (const CLI::Option* option : train_app->get_options())
      if (option->count() > 0) train.given.push_back(option->get_name());
    return train_command(train);
  }
  if (report_app->parsed()) return report_command(report);
#ifdef LAIR_HAS_TWIN_VERB
  if (twin_app->parsed()) return twin_command(twin);
#endif
  if (completion_app->parsed() || man_app->parsed()) {
    const CommandTree tree = tree_of(app);
    const std::string text = man_app->parsed() ? manual_page(tree, version_number())
                                               : completion_script(tree, shell, key_paths());
    std::fputs(text.c_str(), stdout);
    return exit_ok;
  }
  return verify_app->parsed() ? verify_command(verify) : exit_bad_input;
}

} // namespace lair::cli
