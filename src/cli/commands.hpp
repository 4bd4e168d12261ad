/// What the command line can be asked to do: one function per verb, with its options as a value.
/// Each returns the exit code; errors are thrown and become exit codes in main.
#pragma once

#include "scenario/seeds.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lair::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_failed_run = 1,
  exit_bad_input = 2,
  exit_plugin_failure = 3,
  exit_mismatch = 4,
  exit_try_again = 75, ///< EX_TEMPFAIL of sysexits.h, as schedulers know it
  exit_interrupted = 130
};

struct RunOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed; ///< none: the scenario's
  std::string policy;            ///< NAME[:option=value]...; empty: the scenario's
  std::vector<std::string> sets; ///< key=value
  /// Where policy libraries lie that are not where the scenario names them: name -> path.
  std::vector<std::pair<std::string, std::string>> libraries;
  std::string out;               ///< empty: results/<scenario>/<policy>-seed<N>
  std::string recorded_costs;    ///< an overhead.csv to replay; empty: costs are measured
  bool json = false, force = false;
  bool of_sweep = false; ///< the scenario's [sweep] is left alone: this is one of its runs
};
int run_command(const RunOptions&);

struct CompareOptions {
  std::string scenario;
  std::vector<std::string> policies; ///< lists of NAME[:option=value]..., with commas between
  std::string seeds = "1..5";
  std::vector<std::string> sets;
  std::string out;   ///< empty: results/<scenario>
  std::string until_width; ///< "5%"; empty: the seeds given and no more
  std::string width_metric = "response_mean_s", width_of = "mean";
  std::uint32_t max_seeds = 200;
  unsigned jobs = 0; ///< 0: as many as there are cores
  bool json = false, resume = false, force = false;
};
int compare_command(const CompareOptions&);

struct SweepOptions {
  std::string file;
  std::vector<std::string> sets;
  std::string out;        ///< empty: results/<name>
  std::string time_limit; ///< of one run, such as "10 min"; empty: the file's
  unsigned jobs = 0;      ///< 0: as many as there are cores
  bool slurm = false;
  std::vector<std::string> sbatch_args; ///< texts of words for sbatch
  std::uint32_t array_tasks = 0;        ///< of the job array; 0: one for each point, as far as Slurm takes
  bool json = false, resume = false, force = false, dry_run = false;
  bool prune = false; ///< remove the folders of runs that the file no longer has
};
int sweep_command(const SweepOptions&);

struct PointOptions {
  std::string file;
  std::vector<std::string> sets;
  std::string out; ///< of the sweep; empty: results/<name>
  std::string time_limit; ///< as of the sweep
  std::uint64_t index = 0;
  bool json = false;
};
int point_command(const PointOptions&);

/// One run of a sweep, as `lair sweep` starts it in a process of its own; no verb for people.
struct RunPointOptions {
  RunOptions run;
  std::string root; ///< the sweep's folder
};
int run_point_command(const RunPointOptions&);

struct CheckOptions {
  std::string file;
  std::vector<std::string> sets;    ///< for a scenario
  std::vector<std::string> options; ///< name=value, for a policy
  bool json = false;
};
int check_command(const CheckOptions&);

struct ListOptions {
  std::string what;
  bool json = false;
};
int list_command(const ListOptions&);

struct PlatformOptions {
  std::uint32_t leis = 4, hosts_per_lei = 4;
  std::string kind = "mixed";
  std::uint64_t seed = 61;
  std::string out; ///< empty: standard output
  bool json = false, force = false;
};
int platform_command(const PlatformOptions&);

struct ExportOptions {
  std::string folder;
  std::string perfetto, paje; ///< files; empty: none
  bool parquet = false;
  std::string out; ///< of parquet; empty: parquet/ in the folder
  bool json = false, force = false;
};
int export_command(const ExportOptions&);

struct ImportOptions {
  std::string what;
  std::vector<std::string> files; ///< or folders
  std::string out;
  std::uint32_t leis = 4;
  double idle = 0.05, flops_per_cycle = 1, work_scale = 1, memory_scale = 1, touched = 0.036;
  std::string longest = "300 s", from = "0 s", length; ///< times; empty: all
  bool json = false, force = false;
};
int import_command(const ImportOptions&);

struct DoctorOptions {
  bool json = false;
};
int doctor_command(const DoctorOptions&);

struct NewOptions {
  std::string what, name;
  std::string out; ///< empty: NAME.toml, or the folder NAME
  bool json = false, force = false;
};
int new_command(const NewOptions&);

struct SchemaOptions {
  std::string what = "scenario";
  std::string out; ///< empty: standard output
  bool json = false, force = false;
};
int schema_command(const SchemaOptions&);

struct VerifyOptions {
  std::string folder;
  bool json = false;
};
int verify_command(const VerifyOptions&);

struct TwinOptions {
  std::vector<std::string> scenarios;
  std::uint32_t intervals = 0; ///< 0: the scenario's
  std::string seeds;           ///< empty: the scenario's
  std::string policy;          ///< empty: the scenario's
  std::vector<std::string> sets;
  std::string out;   ///< CSV of every forecast beside the truth; empty: none
  unsigned jobs = 0; ///< 0: as many as there are cores
  bool json = false, force = false;
};
int twin_command(const TwinOptions&); ///< twin.cpp

struct TraceOptions {
  std::string scenario;
  std::string seeds = "1..5";
  std::string policy;            ///< empty: the scenario's
  std::vector<std::string> sets;
  std::string out;
  unsigned jobs = 0; ///< 0: as many as there are cores
  bool json = false, force = false;
  bool outcomes = false; ///< also energy, and when tasks left
};
int trace_command(const TraceOptions&);

/// Numbers are DRAGON's defaults; those of other kinds stand in policy/train_kinds.cpp and are taken for
/// what is not in `given`.
struct TrainOptions {
  std::string what = "dragon";
  std::vector<std::string> traces;
  std::string validate_on, out;
  std::string metrics, activation = "tanh", head = "map";
  std::uint32_t window = 10, width = 128, depth = 1, convolutions = 2;
  std::uint32_t epochs = 50, patience = 5, batch = 10;
  double rate = 1e-4, decay = 1e-5, spoilt = 0;
  bool no_generated = false;
  std::string curve = "linear";
  std::uint64_t seed = 1;
  bool no_topology = false;
  std::vector<std::string> options;  ///< name=value, of the kind
  std::vector<std::string> detector; ///< name=value
  std::vector<std::string> given;    ///< names of the options that were given, such as "--window"
  bool json = false, force = false, resume = false;
};
int train_command(const TrainOptions&);

struct ReportOptions {
  std::string folder;
  std::string out;                  ///< empty: report.html in the folder, or standard output
  std::string format = "html";      ///< html, md, latex or csv
  std::string figures;              ///< folder for a drawing and its data per figure; empty: none
  std::string table;                ///< the only one to print; empty: all
  std::vector<std::string> metrics; ///< names; empty: the usual ones
  bool json = false, force = false;
};
int report_command(const ReportOptions&);

/// Reads the arguments and runs the verb. CLI11 stands behind this.
int run_arguments(int argc, char** argv);

} // namespace lair::cli
