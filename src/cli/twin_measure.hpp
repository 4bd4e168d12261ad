/// One run with an oracle, as rows: what the analytic twin said, what the exact twin did without
/// new faults, what really happened.
#pragma once

#include "policy/call_mark.hpp"
#include "scenario/scenario.hpp"
#include "world/sim/oracle.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lair::cli {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// One quantity as its broker forecast it, as forecast with every broker's decision known, as the
/// exact twin has it and as it was; NaN where it has no value (a task that did not end).
struct Values {
  double forecast = unknown, joint = unknown, exact = unknown, actual = unknown;
};

enum class TwinMetric : std::uint8_t { cpu, ram, energy, response, migration };
inline constexpr std::size_t twin_metric_count = 5;

struct TwinRow {
  TwinMetric metric{};
  bool fault_active = false; ///< on a host concerned, when the forecast was made
  bool fault_ended = false;  ///< and it ended in the interval, which no broker can know
  bool foreign_move = false; ///< a broker that decided later sent a task to a host concerned
  bool new_fault = false;    ///< on a host concerned, in the run itself
  std::uint32_t interval = 0, host = 0;
  std::uint64_t task = 0;    ///< of response and migration
  Values value;              ///< share of the host, share of RAM, J, s, s
};

struct TwinMeasurement {
  std::uint32_t intervals = 0;
  std::vector<TwinRow> rows;
  world::sim::TwinSpeed speed;
  std::string bytes() const; ///< for the way between two processes of this program
  static TwinMeasurement of(const std::string& bytes);
};

/// Runs the scenario. Once per process. Calls of a policy library are noted in `mark`.
TwinMeasurement measure_twin(const Scenario& scenario, CallMark* mark);

} // namespace lair::cli
