/// One point of a sweep as a process: how it is started, what it came to, and the file in which
/// `lair point` leaves that for `lair sweep`.
#pragma once

#include "cli/process_pool.hpp"
#include "cli/sweep_setup.hpp"
#include "sweep/store.hpp"

#include <optional>
#include <string>

namespace lair::cli {

/// The hidden verb run-point, with its folder in `root`/runs.
Job point_job(const SweepSetup&, std::size_t point, const std::string& root);

/// Whether a folder may be one of run_point_here()'s: 16 hex digits.
bool is_run_name(const std::string&);

/// The name that run-point prints first of all; empty if it did not get so far.
std::string run_name_in(const std::string& output);

/// What a process that point_job() describes came to; nothing if it was interrupted. Summary and cost
/// are in if it is done.
std::optional<sweep::StoredRun> outcome(const SweepSetup&, const std::string& key, const JobResult&);

/// Reads the summary of a run that is complete in its folder; false if it is not.
bool take_run(const SweepSetup&, sweep::StoredRun&);

/// In points/<key>: `done RUN`, or `failed CODE RUN` (`timeout`, `again`) and the message in further
/// lines. Put in place whole; who comes last wins, and all write the same.
struct PointRecord {
  std::string status; ///< as StoredRun's, or `again`: another machine may do better
  int exit_code = 0;
  std::string run, message;
};
constexpr const char* try_again = "again";
std::string point_file(const SweepSetup&, const std::string& key);
void write_record(const std::string& file, const PointRecord&); ///< RunError
std::optional<PointRecord> read_record(const std::string& file); ///< nothing if it is not there or no record

/// The run behind a record, as it goes into the store; nothing if it is not there whole, or of another
/// build of Lair.
std::optional<sweep::StoredRun> recorded_run(const SweepSetup&, const PointRecord&);

/// Wall clock of one run: of the option, or else the file's; 0: none. InputError if the option is no time.
double time_limit_of(const SweepSetup&, const std::string& option);

} // namespace lair::cli
