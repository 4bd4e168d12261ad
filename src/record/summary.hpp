/// summary.json: what a run came to. And cost.json: what it cost to compute.
#pragma once

#include "record/metric_fold.hpp"
#include "record/metrics.hpp"
#include "record/run_record.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lair::record {

inline constexpr int summary_schema_version = 1;

/// Name and bytes, in order.
using FileSizes = std::vector<std::pair<std::string, std::uint64_t>>;

/// What others need of a finished run's summary.
struct Summary {
  std::string scenario_name, scenario_hash;
  std::uint64_t seed = 0;
  std::string policy, scheduler, detector, remediator;
  std::string fingerprint;
  bool completed = false;
  std::uint32_t intervals = 0;
  std::uint64_t faults_planned = 0, faults_applied = 0, faults_masked = 0;
  IntervalTotals tasks; ///< arrived, finished, failed, active, queued
  MetricValues metrics;
  FileSizes files; ///< of the other result files
};

/// The text of summary.json: keys in a fixed order, nothing about the build, the machine or the
/// clock.
std::string summary_json(const RunIdentity&, const MetricFold&, const std::string& fingerprint,
                         bool completed, const FileSizes& files);

/// The first of a summary's files that is missing or has not its size any more; empty if all are whole.
std::string damaged_file(const std::string& folder, const Summary&);

/// The summary of a result folder; empty if the folder has none. InputError if it cannot be read or
/// is of another schema version.
std::optional<Summary> read_summary(const std::string& folder);

/// Measured on this machine; nothing in it is a result.
struct Cost {
  double wall_s = 0, cpu_s = 0;
  double peak_rss_bytes = 0;
  /// All brokers together; nothing where the run ended before it could be read.
  struct Policy {
    std::uint64_t decisions = 0;
    double decision_wall_s = 0, decision_cpu_s = 0;       ///< scheduling, detecting, deciding
    double fine_tuning_wall_s = 0, fine_tuning_cpu_s = 0; ///< learning
  };
  std::optional<Policy> policy;
  /// Policy libraries: as the scenario names them, where they lay, and a hash of their bytes.
  struct Library {
    std::string name, path, hash;
  };
  std::vector<Library> libraries;
  std::vector<std::string> policy_notes; ///< what the policy said of itself: its model and the model's hash
  std::string program; ///< hash of the program's bytes: results of two builds are told apart by it
  std::string lair_version, simgrid_version, compiler, build_type, sanitizer;
  std::string system, processor;
  unsigned cores = 0;
  std::string date; ///< UTC, ISO 8601
};
void write_cost(const std::string& folder, const Cost&); ///< throws RunError
/// What of cost.json stands in a sweep's store; what cannot be read there stays 0.
Cost read_cost(const std::string& folder);
/// What made a result.
struct Origin {
  std::string program, lair_version; ///< as in Cost
  std::vector<Cost::Library> libraries;
  std::vector<std::string> policy_notes;
};
/// From the folder's cost.json; what cannot be read there stays empty.
Origin read_origin(const std::string& folder);

} // namespace lair::record
