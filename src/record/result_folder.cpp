#include "record/result_folder.hpp"

#include "core/error.hpp"
#include "record/copy_table.hpp"
#include "record/event_log.hpp"
#include "record/fault_table.hpp"
#include "record/fingerprint.hpp"
#include "record/folder_lock.hpp"
#include "record/host_tables.hpp"
#include "record/interval_table.hpp"
#include "record/invariants.hpp"
#include "record/metric_fold.hpp"
#include "record/migration_table.hpp"
#include "record/note_table.hpp"
#include "record/overhead_table.hpp"
#include "record/task_table.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace lair::record {

namespace {

/// Clears the folder of an earlier run's files, the summary first: while it is there the folder
/// counts as a finished run. From then on scenario.toml says whose the files are. Files that are
/// none of ours stay.
std::string prepare(std::string path, const std::string& scenario) {
  const auto remove = [&](std::string_view name) {
    std::error_code error;
    std::filesystem::remove(fmt::format("{}/{}", path, name), error);
    if (error)
      throw RunError(fmt::format("cannot replace '{}/{}': {}", path, name, error.message()));
  };
  remove("summary.json");
  replace_file(path + "/scenario.toml", scenario);
  for (const auto& file : result_files())
    if (file.name != "scenario.toml") remove(file.name);
  return path;
}

/// What a summary says of the files beside it; cost.json is no result.
FileSizes sizes(const std::string& folder) {
  FileSizes all;
  for (const auto& file : result_files()) {
    if (file.name == "summary.json" || file.name == "cost.json") continue;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(fmt::format("{}/{}", folder, file.name), error);
    if (!error) all.emplace_back(file.name, bytes);
  }
  return all;
}

} // namespace

struct ResultFolder::Impl {
  Impl(std::string folder, RunIdentity identity)
      : run(std::move(identity)), lock(folder),
        path(prepare(std::move(folder), run.resolved_scenario)), fold(run),
        intervals(path, run, failure), faults(path, run, failure) {
    if (run.write_tasks) {
      hosts.emplace(path, run, failure);
      labels.emplace(path, run, failure);
      tasks.emplace(path, run, failure);
      migrations.emplace(path, run, failure);
    }
    if (run.write_events) events.emplace(path, run, failure);
    if (run.write_samples) samples.emplace(path, run, failure);
    if (run.write_overhead) overhead.emplace(path, run, failure);
    if (!failure.empty()) throw RunError(failure);
  }

  void flush() {
    intervals.flush();
    faults.flush();
    if (hosts) hosts->flush();
    if (labels) labels->flush();
    if (tasks) tasks->flush();
    if (migrations) migrations->flush();
    if (copies) copies->flush();
    if (events) events->flush();
    if (samples) samples->flush();
    if (overhead) overhead->flush();
    if (notes) notes->flush();
  }

  RunIdentity run;
  FolderLock lock;  // before anything in the folder is touched
  std::string path; ///< prepared
  WriteFailure failure;
  MetricFold fold;
  Invariants invariants;
  Fingerprint fingerprint;
  IntervalTable intervals;
  FaultTable faults;
  std::optional<HostTable> hosts;
  std::optional<LabelTable> labels;
  std::optional<TaskTable> tasks;
  std::optional<MigrationTable> migrations;
  std::optional<CopyTable> copies;
  std::optional<EventLog> events;
  std::optional<SampleTable> samples;
  std::optional<OverheadTable> overhead;
  std::optional<NoteTable> notes;
};

ResultFolder::ResultFolder(std::string path, RunIdentity run)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(run))) {}
ResultFolder::~ResultFolder() = default;

void ResultFolder::on(const Event& event) {
  Impl& to = *impl_;
  to.invariants.on(event);
  to.fingerprint.on(event);
  to.fold.on(event);
  to.intervals.on(event);
  to.faults.on(event);
  if (to.tasks) to.tasks->on(event);
  if (to.migrations) to.migrations->on(event);
  if (event.kind == EventKind::copy_placed && !to.copies && to.run.write_tasks)
    to.copies.emplace(to.path, to.run, to.failure); // most policies make none
  if (to.copies) to.copies->on(event);
  if (to.events) to.events->on(event);
}

void ResultFolder::on(const HostInterval& row) {
  Impl& to = *impl_;
  to.invariants.on(row);
  to.fingerprint.on(row);
  to.fold.on(row);
  to.intervals.on(row);
  if (to.hosts) to.hosts->add(row);
  if (to.labels) to.labels->add(row);
}

void ResultFolder::on(const IntervalTotals& totals) {
  Impl& to = *impl_;
  to.invariants.on(totals);
  to.fingerprint.on(totals);
  to.fold.on(totals);
  to.intervals.on(totals);
  to.flush();
}

void ResultFolder::on(const HostSample& sample) {
  if (impl_->samples) impl_->samples->add(sample);
}

void ResultFolder::on(const PolicyCharge& charge) {
  impl_->fingerprint.on(charge);
  if (impl_->overhead) impl_->overhead->on(charge);
}

void ResultFolder::on(const PolicyNote& note) {
  Impl& to = *impl_;
  if (!to.notes) to.notes.emplace(to.path, to.run, to.failure); // most policies say nothing
  to.notes->on(note);
}

bool ResultFolder::writable() const { return impl_->failure.empty(); }
const MetricFold& ResultFolder::metrics() const { return impl_->fold; }

void ResultFolder::finish(bool completed) {
  Impl& to = *impl_;
  if (!to.failure.empty()) throw RunError(to.failure);
  to.invariants.finish(completed, to.run.faults_planned);
  if (to.tasks) to.tasks->finish(to.fold.totals().time);
  if (to.migrations) to.migrations->finish();
  if (to.copies) to.copies->finish();
  to.faults.finish();
  to.flush();
  if (!to.failure.empty()) throw RunError(to.failure);
  // A folder with a summary.json is a run that came to its end.
  replace_file(to.path + "/summary.json",
               summary_json(to.run, to.fold, to.fingerprint.hex(), completed, sizes(to.path)));
}

std::string run_folder_name(const std::string& policy, std::uint64_t seed) {
  std::string safe;
  for (const char c : policy)
    safe += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-' || c == '+'
                ? c
                : '-';
  return fmt::format("{}-seed{}", safe, seed);
}

std::vector<ResultFile> result_files() {
  return {{"summary.json", ""},
          {"scenario.toml", ""},
          {"intervals.csv", IntervalTable::header},
          {"hosts.csv", HostTable::header},
          {"tasks.csv", TaskTable::header},
          {"migrations.csv", MigrationTable::header},
          {"copies.csv", CopyTable::header},
          {"faults.csv", FaultTable::header},
          {"labels.csv", LabelTable::header},
          {"samples.csv", SampleTable::header},
          {"overhead.csv", OverheadTable::header},
          {"notes.csv", NoteTable::header},
          {"events.jsonl", ""},
          {"cost.json", ""}};
}

} // namespace lair::record
