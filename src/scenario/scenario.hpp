/// A scenario: the only input of a run. A plain value, filled from TOML (reader.hpp).
#pragma once

#include "faults/fault_plan.hpp"
#include "model/federation.hpp"
#include "workload/workload.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lair {

/// Probing of hosts (model.md section 6).
struct LivenessModel {
  Seconds probe_period{30};
  unsigned probes = 5;        ///< missed in a row before a host counts as failed
  Seconds probe_deadline{10};
  Seconds probe_cpu{0.05};    ///< CPU time of a reply, one thread
  Bytes probe_memory{30e6};   ///< touched by a reply; swapped parts are read back first
  Bytes probe_bytes{128};     ///< on the wire, request and reply together
  unsigned all_peers_up_to = 32; ///< LEIs; above, a broker watches its nearest peers only
  unsigned nearest_peers = 8;
  /// Bytes/s that the probes of one watched host put on it, and on its watcher, each way.
  double probe_rate() const { return probe_bytes.value / 2 / probe_period.value; }
};

struct ExchangeModel {
  Seconds deadline{5};        ///< after it missing peers count with their last report
  Bytes header{64};
  double bytes_per_number = 8;
};

enum class OverheadMode { none, modelled, paper, measured };

struct OverheadModel {
  OverheadMode mode = OverheadMode::modelled;
  Bytes memory{-1};       ///< overrides the policy's own figure on every broker if >= 0
  Flops decision{-1};     ///< overrides the flops of one interval's decision if >= 0
  FlopsPerSecond machine_speed{16e9}; ///< one core of the machine that runs this, for `measured`
};

struct PolicyConfig {
  std::string name = "none";   ///< preset, or path of a shared library
  std::string scheduler;       ///< role names; empty = the preset's
  std::string detector;
  std::string remediator;
  std::vector<std::pair<std::string, std::string>> options; ///< for the roles, as text
};

enum class RecordLevel { summary, tasks, events };

struct RecordModel {
  RecordLevel level = RecordLevel::events; ///< events.jsonl only at `events`
  bool samples = false;                    ///< every sample of every host in samples.csv
};

struct MigrationModel {
  unsigned max_restarts = 3;
};

/// Of TOML's integers, a round number below their end.
inline constexpr std::uint64_t largest_seed = 9'000'000'000'000'000'000;

struct Scenario {
  std::string name;
  std::uint64_t seed = 1;
  Seconds interval{300};
  std::uint32_t intervals = 100;
  Seconds sampling{10};
  unsigned window = 10; ///< states in an observation's window (k)
  Federation federation;
  Workload workload;
  FaultModel faults;
  LivenessModel liveness;
  ExchangeModel exchange;
  MigrationModel migration;
  OverheadModel overhead;
  PolicyConfig policy;
  RecordModel record;
  std::string resolved; ///< the scenario with every default filled, as TOML that reads back the same
  std::string hash;     ///< 32 hex digits over `resolved` without seed and policy
  Seconds horizon() const { return interval * intervals; }
};

} // namespace lair
