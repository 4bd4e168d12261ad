/// What a result folder must know of a run beside its events. `record` knows only `model`, so the
/// command line fills this from the scenario.
#pragma once

#include "core/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lair::record {

struct RunIdentity {
  std::string scenario_name, scenario_hash, resolved_scenario; ///< the last: TOML text
  std::uint64_t seed = 0;
  std::string policy, scheduler, detector, remediator;
  double interval = 300, sampling = 10; ///< seconds
  std::uint32_t intervals = 0;
  std::vector<std::string> hosts, leis, applications; ///< names, by id
  std::vector<double> host_ram;                       ///< bytes, by host id
  std::vector<double> deadlines;                      ///< seconds, by application; infinity if none
  std::vector<std::string> fault_kinds;               ///< names, by Event::fault_kind
  std::uint64_t faults_planned = 0;
  bool write_events = true, write_tasks = true, write_samples = false, write_overhead = false;
};

} // namespace lair::record
