/// The content of a trace file, column by column. docs/traces.md describes each; columns.cpp has the one
/// list of them that writing, reading and joining use.
#pragma once

#include <lair/plugin.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lair::trace {

/// Where a trace came from; the same for all its runs.
struct Origin {
  std::string scenario;      ///< name
  std::string scenario_hash; ///< of the resolved scenario without seed and policy
  std::string platform, policy, scheduler;
  std::string lair;          ///< version of the program that recorded it
  std::vector<std::string> hosts, applications; ///< names
  std::uint32_t intervals = 0, window = 0;      ///< of each run; states of a window
  double interval_length = 0;                   ///< seconds
};

struct Columns {
  // The federation: one row per host, one per application.
  std::vector<std::uint32_t> host_cores;
  std::vector<double> host_constants;
  std::vector<std::uint32_t> application_threads;
  std::vector<double> application_constants;

  // The runs, and the ground truth: run by run, interval by interval, host by host.
  std::vector<std::uint64_t> seeds;
  std::vector<double> fault_share;
  std::vector<std::uint32_t> fault_kinds;

  // States and windows that were seen, each once: a window is rows of `states`, the oldest first.
  std::vector<double> states;
  std::vector<std::uint32_t> windows;

  // Observations, run by run, in the order of time.
  std::vector<std::uint32_t> observations; ///< run, stream, interval, lei, broker, own hosts
  std::vector<double> times;               ///< seconds since the run began
  std::vector<std::uint64_t> ends; ///< where the rows of hosts, tasks and placements end
  std::vector<std::uint32_t> hosts; ///< id, lei, broker, flags, window
  std::vector<double> host_ages;
  std::vector<std::uint64_t> tasks; ///< ids
  std::vector<std::uint32_t> task_places; ///< application, host, target, entry lei, state, restarts
  std::vector<double> task_progress;      ///< age, images done, images left
  std::vector<std::uint64_t> placed_tasks;
  std::vector<std::uint32_t> placed_hosts;
  std::vector<double> forecasts; ///< one state for each own host

  // What came of it, only where asked for: joules, as the ground truth lies; and the tasks that left, run by
  // run in the order of time.
  std::vector<double> energy;
  std::vector<std::uint64_t> ended; ///< run, task
  std::vector<double> end_times;    ///< seconds since the run began
  bool has_outcomes() const { return !energy.empty(); }

  static constexpr std::size_t host_constant_count = 8, application_constant_count = 11;
  static constexpr std::size_t observation_width = 6, end_width = 3, host_width = 5;
  static constexpr std::size_t place_width = 6, progress_width = 3, ended_width = 2;
};

/// The bytes of a file, and back: InputError, naming `file`, unless they are whole and of this version.
/// What the numbers mean is not looked at.
std::string to_bytes(const Origin&, const Columns&);
void from_bytes(const std::string& bytes, const std::string& file, Origin&, Columns&);

/// Puts the runs of `more` behind those of `to`. RunError if they are of another federation.
void append(Columns& to, const Columns& more, std::uint32_t window);

} // namespace lair::trace
