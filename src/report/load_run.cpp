#include "report/load_run.hpp"

#include "core/error.hpp"
#include "core/whole_file.hpp"
#include "report/csv_table.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lair::report {

namespace {

namespace fs = std::filesystem;

/// slo_violation_rate's own rule (record/metric_fold.cpp): failed counts as late, unfinished only if it
/// is late already.
void load_tasks(LoadedRun& run) {
  const std::string path = run.folder + "/tasks.csv";
  auto text = CsvTable::text_of(path);
  if (!text) return; // record.level = "summary"
  const CsvTable table(std::move(*text), path);
  const auto application = table.column("application"), outcome = table.column("outcome"),
             response = table.column("response_s"), deadline = table.column("deadline_s"),
             is_late = table.column("late");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    ApplicationTasks& tasks = run.applications[std::string(table.cell(row, application))];
    const bool finished = table.cell(row, outcome) == "finished", failed = table.cell(row, outcome) == "failed";
    const bool late = failed || table.number(row, is_late) == 1;
    if (finished) tasks.responses.push_back(table.number(row, response));
    if (!table.cell(row, deadline).empty() && (finished || late)) tasks.late.push_back(late);
  }
}

} // namespace

std::optional<LoadedRun> load_run(const std::string& folder, std::string& problem) {
  LoadedRun run;
  run.folder = folder;
  try {
    auto summary = record::read_summary(folder);
    if (!summary) {
      std::error_code error;
      problem = fs::is_directory(folder, error)
                    ? fmt::format("'{}' is unfinished: it has no summary.json", folder)
                    : fmt::format("'{}' is not there", folder);
      return std::nullopt;
    }
    run.summary = std::move(*summary);
  } catch (const InputError& error) {
    problem = error.diagnostics().front().file + " " + error.diagnostics().front().problem;
    return std::nullopt;
  }
  run.origin = record::read_origin(folder);
  if (!run.summary.completed)
    run.problems.push_back(fmt::format("'{}' was cut short after {} intervals", folder, run.summary.intervals));
  if (const auto damaged = record::damaged_file(folder, run.summary); !damaged.empty())
    run.problems.push_back(fmt::format("'{}/{}' is damaged: it is not as it was written", folder, damaged));
  try {
    load_tasks(run);
  } catch (const InputError& error) {
    run.applications.clear();
    run.problems.push_back(error.what());
  }
  return run;
}

std::map<std::string, std::vector<double>> load_intervals(const std::string& folder,
                                                          const std::vector<std::string>& columns,
                                                          std::string& problem) {
  std::map<std::string, std::vector<double>> out;
  try {
    const std::string path = folder + "/intervals.csv";
    const CsvTable table(read_whole_file(path), path);
    for (const auto& name : columns) {
      const auto column = table.column(name);
      for (std::size_t row = 0; row < table.rows(); ++row) out[name].push_back(table.number(row, column));
    }
  } catch (const InputError& error) {
    problem = error.what();
    out.clear();
  }
  return out;
}

} // namespace lair::report
