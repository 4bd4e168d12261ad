#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/temporary_folder.hpp"
#include "record/result_folder.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

struct Difference {
  std::string file;
  std::size_t line = 0; ///< 1-based; 0: one of the files is missing
  std::string there, here;

  std::string place() const { return line > 0 ? fmt::format("{}:{}", file, line) : file; }
};

std::optional<Difference> first_difference(const std::string& there, const std::string& here,
                                           const std::string& name) {
  const std::string a = there + "/" + name, b = here + "/" + name;
  const bool has_a = fs::exists(a), has_b = fs::exists(b);
  if (!has_a && !has_b) return std::nullopt;
  if (has_a != has_b)
    return Difference{name, 0, has_a ? "exists" : "missing", has_b ? "exists" : "missing"};
  std::ifstream left(a, std::ios::binary), right(b, std::ios::binary);
  std::string x, y;
  for (std::size_t line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(left, x));
    const bool more_right = static_cast<bool>(std::getline(right, y));
    if (!more_left && !more_right) return std::nullopt;
    // getline hides whether the last line has its end
    if (more_left != more_right || x != y || left.eof() != right.eof())
      return Difference{name, line, more_left ? x : "(end of file)",
                        more_right ? y : "(end of file)"};
  }
}

/// In the order of the result folder, but the summary, which follows from the rest, last.
std::optional<Difference> first_difference(const std::string& there, const std::string& here) {
  for (const auto& file : record::result_files()) {
    if (file.name == "summary.json" || file.name == "cost.json") continue;
    if (auto difference = first_difference(there, here, std::string(file.name))) return difference;
  }
  return first_difference(there, here, "summary.json");
}

/// What lies in the folder and is none of a run's files, in order.
std::vector<std::string> files_of_others(const std::string& folder) {
  std::vector<std::string> names;
  const auto ours = record::result_files();
  for (const auto& entry : fs::directory_iterator(folder))
    if (const auto name = entry.path().filename().string();
        std::none_of(ours.begin(), ours.end(), [&](const auto& one) { return one.name == name; }))
      names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

/// Where the libraries are that made the result: where they were, else as the scenario names them.
void find_libraries(RunOptions& run, const std::string& folder) {
  for (const auto& library : record::read_origin(folder).libraries) {
    if (!fs::exists(library.path)) continue;
    run.libraries.emplace_back(library.name, library.path);
    if (hash128_hex(content(library.path)) != library.hash)
      std::fprintf(stderr, "lair: warning: %s has changed since it made the result\n",
                   library.path.c_str());
  }
}

/// What the run's notes say of the model that it used: "DETECTOR model=NAME manifest=HASH"; empty if nothing.
std::string model_of(const std::string& folder) {
  std::ifstream notes(folder + "/notes.csv", std::ios::binary);
  for (std::string line; std::getline(notes, line);)
    if (const auto at = line.find(" model="); at != std::string::npos && line.find(" manifest=", at) != std::string::npos)
      return line.substr(at + 1);
  return "";
}

int run_again_and_compare(const VerifyOptions& options, const RunOptions& run,
                          const Scenario& scenario, const record::Summary& summary,
                          CallMark* mark) {
  if (execute_run(run, scenario, mark).exit_code != exit_ok) {
    std::fprintf(stderr, "lair: interrupted\n");
    if (options.json) print_json_error(exit_interrupted, {{"", 0, 0, "", "interrupted", ""}});
    return exit_interrupted;
  }
  if (mark != nullptr) show_output(*mark);
  const auto difference = first_difference(options.folder, run.out);
  const auto again = record::read_summary(run.out);
  if (const std::string was = model_of(options.folder), is = model_of(run.out); was != is)
    std::fprintf(stderr, "lair: warning: the result was made with another model: %s; now %s\n",
                 was.empty() ? "none is named" : was.c_str(), is.empty() ? "none is named" : is.c_str());
  std::vector<std::string> extra;
  for (const auto& name : files_of_others(options.folder)) {
    extra.push_back(record::json_quoted(name));
    std::fprintf(stderr, "lair: note: %s/%s is no result file and was not compared\n",
                 options.folder.c_str(), name.c_str());
  }
  if (options.json) {
    fmt::print("{{\"folder\": {}, \"match\": {}, \"fingerprint\": \"{}\", \"fingerprint_again\": "
               "\"{}\", \"not_compared\": [{}], \"difference\": ",
               record::json_quoted(options.folder), !difference, summary.fingerprint,
               again->fingerprint, fmt::join(extra, ", "));
    if (difference)
      fmt::print("{{\"file\": {}, \"line\": {}, \"there\": {}, \"again\": {}}}}}\n",
                 record::json_quoted(difference->file),
                 difference->line > 0 ? fmt::format("{}", difference->line) : "null",
                 record::json_quoted(difference->there), record::json_quoted(difference->here));
    else
      fmt::print("null}}\n");
  } else if (difference) {
    fmt::print("{}: differs from a new run of it, first in {}\n  there: {}\n  again: {}\n",
               options.folder, difference->place(), difference->there, difference->here);
  } else {
    fmt::print("{}: the same bytes again, fingerprint {}\n", options.folder, summary.fingerprint);
  }
  return difference ? exit_mismatch : exit_ok;
}

} // namespace

int verify_command(const VerifyOptions& options) {
  const auto summary = record::read_summary(options.folder);
  if (!summary)
    throw InputError(options.folder, "", "has no summary.json",
                     "the folder of a run that has ended");
  if (!summary->completed)
    throw InputError(options.folder, "", "is the result of a run that was not completed",
                     "a completed run");
  const TemporaryFolder temporary("verify");
  RunOptions run;
  run.scenario = options.folder + "/scenario.toml";
  run.seed = summary->seed;
  run.out = temporary.path;
  run.recorded_costs = options.folder + "/overhead.csv"; // read if the run measured
  run.force = true;
  find_libraries(run, options.folder);
  const Scenario scenario = read_run_scenario(run);
  return watched(scenario.policy, options.json, [&](CallMark* mark) {
    return run_again_and_compare(options, run, scenario, *summary, mark);
  });
}

} // namespace lair::cli
