/// lair export: results for other tools.
#include "cli/commands.hpp"
#include "cli/programs.hpp"
#include "cli/result_guard.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "core/whole_file.hpp"
#include "record/text_file.hpp"
#include "sweep/table_files.hpp"
#include "timeline/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

void write_trace(const std::string& file, const std::string& text, bool force,
                 std::vector<std::string>& written) {
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  refuse_to_overwrite(file, force);
  write_whole_file(file, text);
  written.push_back(file);
}

bool same_place(const fs::path& a, const fs::path& b) {
  std::error_code error;
  const fs::path x = fs::weakly_canonical(a, error), y = fs::weakly_canonical(b, error);
  return !error && x == y;
}

/// --force replaces earlier exports, never what is exported, nor one export by the other.
void refuse_to_write_over_the_run(const ExportOptions& options) {
  if (!options.perfetto.empty() && !is_device_or_pipe(options.perfetto) &&
      same_place(options.perfetto, options.paje))
    throw InputError("--paje", "", fmt::format("'{}' is the file of --perfetto", options.paje), "another name");
  static constexpr const char* results[] = {"scenario.toml", "summary.json", "cost.json", "events.jsonl"};
  for (const auto& file : {options.perfetto, options.paje}) {
    if (file.empty() || !same_place(fs::path(file).parent_path().empty() ? "." : fs::path(file).parent_path(), options.folder)) continue;
    const fs::path name = fs::path(file).filename();
    if (name.extension() == ".csv" || std::find(std::begin(results), std::end(results), name) != std::end(results))
      throw InputError(options.perfetto == file ? "--perfetto" : "--paje", "",
                       fmt::format("'{}' is part of the run", file), "another name");
  }
}

/// In single quotes of SQL.
std::string sql_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

/// What DuckDB is to do, and the files that come of it.
struct ParquetPlan {
  std::string commands;
  std::vector<std::string> files;
  void copy(const std::string& query, const std::string& name, const fs::path& to) {
    files.push_back((to / (name + ".parquet")).generic_string());
    commands += fmt::format("COPY ({}) TO {} (FORMAT PARQUET);\n", query, sql_text(files.back()));
  }
};

/// A sweep's tables, by way of CSV files in `between`: DuckDB would have to fetch its reader of SQLite,
/// which many a cluster's nodes cannot.
ParquetPlan sweep_plan(const std::string& store, const std::string& between, const fs::path& to) {
  ParquetPlan plan;
  for (const auto& table : sweep::write_table_files(store, between)) {
    std::string columns;
    for (const auto& [name, type] : table.columns)
      columns += fmt::format("{}{}: '{}'", columns.empty() ? "" : ", ", sql_text(name), type);
    plan.copy(fmt::format("SELECT * FROM read_csv({}, header = true, delim = ',', quote = '\"', escape = '\"', "
                          "auto_detect = false, allow_quoted_nulls = false, max_line_size = 16777216, "
                          "columns = {{{}}})",
                          sql_text(table.path), columns),
              table.name, to);
  }
  return plan;
}

/// The CSV files of a run or comparison. DuckDB tells the columns' types from all rows.
ParquetPlan folder_plan(const std::string& folder, const fs::path& to) {
  ParquetPlan plan;
  std::error_code error;
  std::vector<fs::path> tables;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".csv") tables.push_back(it->path());
  std::sort(tables.begin(), tables.end());
  for (const auto& table : tables)
    plan.copy(fmt::format("SELECT * FROM read_csv_auto({}, header = true, sample_size = -1)",
                          sql_text(table.generic_string())),
              table.stem().string(), to);
  if (plan.files.empty())
    throw InputError(folder, "", "there is no table in this folder", "the folder of a run, a comparison or a sweep");
  return plan;
}

/// Ends with the program's exit code; 128 + signal if one ended it.
int run_duckdb(const std::string& program, const std::string& commands) {
  std::vector<std::string> words{program, "-bail", "-batch", "-c", commands};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO); // results are ours
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw RunError(fmt::format("cannot start '{}'", program));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void write_parquet(const ExportOptions& options, std::vector<std::string>& written) {
  const fs::path to = options.out.empty() ? fs::path(options.folder) / "parquet" : fs::path(options.out);
  const std::string store = (fs::path(options.folder) / "sweep.db").generic_string();
  std::error_code error;
  const bool sweep = fs::exists(store, error);
  const std::string duckdb = find_program("duckdb");
  const TemporaryFolder between("parquet");
  const ParquetPlan plan = sweep && !duckdb.empty() ? sweep_plan(store, between.path, to)
                           : sweep                  ? ParquetPlan{}
                                                    : folder_plan(options.folder, to);
  for (const auto& file : plan.files) refuse_to_overwrite(file, options.force);
  if (duckdb.empty())
    throw InputError("--parquet", "", "there is no program duckdb on this computer",
                     "get it from https://duckdb.org/install" +
                         (sweep ? std::string()
                                : fmt::format(", or run this where it is:\nmkdir -p {} && duckdb <<'SQL'\n{}SQL",
                                              shell_quoted(to.generic_string()), plan.commands)));
  fs::create_directories(to, error);
  if (error) throw RunError(fmt::format("cannot create '{}': {}", to.string(), error.message()));
  if (const int code = run_duckdb(duckdb, plan.commands); code != 0)
    throw RunError(fmt::format("duckdb ended with {} at:\n{}", code, plan.commands));
  written.insert(written.end(), plan.files.begin(), plan.files.end());
}

/// A trace is one run's; a sweep or comparison holds many.
void refuse_what_holds_runs(const std::string& folder) {
  std::error_code error;
  const bool sweep = fs::exists(fs::path(folder) / "sweep.db", error);
  if (!sweep && !fs::exists(fs::path(folder) / "compare.json", error)) return;
  const fs::path runs = sweep ? fs::path(folder) / "runs" : fs::path(folder);
  std::string first; // by name, so that the message is the same each time
  for (fs::directory_iterator it(runs, error), end; !error && it != end; it.increment(error))
    if (std::error_code none; fs::exists(it->path() / "events.jsonl", none))
      if (const auto name = it->path().generic_string(); first.empty() || name < first) first = name;
  throw InputError(folder, "", fmt::format("is a {}: a trace shows one run", sweep ? "sweep" : "comparison"),
                   first.empty() ? std::string("a run with record.level=events (here, none has kept its events)")
                                 : fmt::format("the folder of a run in it, such as {}", first));
}

} // namespace

int export_command(const ExportOptions& options) {
  if (options.perfetto.empty() && options.paje.empty() && !options.parquet)
    throw InputError("lair export", "", "nothing to write", "--perfetto FILE, --paje FILE or --parquet");
  if (!options.out.empty() && !options.parquet)
    throw InputError("--out", "", "is the folder of --parquet", "--parquet, or without --out");
  if (std::error_code error; !fs::is_directory(options.folder, error))
    throw InputError(options.folder, "", "there is no such folder", "a result folder");
  const bool to_stdout = options.perfetto == "-" || options.paje == "-";
  if (to_stdout && (options.json || (options.perfetto == "-" && options.paje == "-")))
    throw InputError("lair export", "", "two things would go to standard output", "the name of a file for one of them");
  refuse_to_write_over_the_run(options);
  std::vector<std::string> written;
  if (!options.perfetto.empty() || !options.paje.empty()) {
    refuse_what_holds_runs(options.folder);
    const auto timeline = timeline::read_timeline(options.folder);
    if (!options.perfetto.empty())
      write_trace(options.perfetto, timeline::perfetto_json(timeline), options.force, written);
    if (!options.paje.empty()) write_trace(options.paje, timeline::paje_trace(timeline), options.force, written);
  }
  if (options.parquet) write_parquet(options, written);
  if (options.json) {
    std::string names;
    for (const auto& file : written) names += (names.empty() ? "" : ", ") + record::json_quoted(file);
    fmt::print("{{\"files\": [{}]}}\n", names);
  } else if (!to_stdout) {
    for (const auto& file : written) fmt::print("{}\n", file);
  }
  return exit_ok;
}

} // namespace lair::cli
