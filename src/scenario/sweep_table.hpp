/// The [sweep] table of a scenario file: which keys take which values (docs/sweeps.md).
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lair {

struct Search;

/// One value of an axis.
struct AxisValue {
  std::string set;  ///< what stands behind `--set key=`: a TOML value
  std::string text; ///< for people: without quotation marks
  double number = std::numeric_limits<double>::quiet_NaN(); ///< of a number, with or without a unit
};

struct SweepAxis {
  std::string name;   ///< as written: "faults.rate", or "dragon:risk" for an option of one policy
  std::string key;    ///< of the scenario: faults.rate, policy.options.risk
  std::string policy; ///< the only policy that has it; empty: all
  std::string unit;   ///< that all its values have: "s"; empty for plain numbers and for texts
  bool numeric = false;
  std::vector<AxisValue> values; ///< none if it is drawn from a range
  /// A range to draw from, in `unit`.
  double from = 0, to = 0;
  bool log = false, integer = false;
  Diagnostic place; ///< file, line and column of its key
};

/// Axes that change together. The groups are crossed.
struct SweepGroup {
  enum class Method : std::uint8_t { list, zip, latin_hypercube, sobol, morris };
  Method method = Method::list;
  std::vector<std::size_t> axes; ///< indices
  std::uint32_t points = 0;      ///< rows of a Latin hypercube, base rows of Sobol, trajectories of Morris
  std::uint32_t levels = 4;      ///< of Morris' grid
  std::uint64_t seed = 1;        ///< of the draw
  Diagnostic place;
};
std::string_view to_string(SweepGroup::Method);

struct SweepTable {
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> policies; ///< NAME[:option=value]...; none: the scenario's
  std::vector<Diagnostic> policy_places;
  std::vector<SweepAxis> axes;       ///< in the order of the file
  std::vector<SweepGroup> groups;    ///< every axis is in one
  struct Constraint {
    std::string expression; ///< SQL over the axes' names, `policy` and `seed`
    Diagnostic place;
  };
  std::vector<Constraint> constraints;
  double time_limit = 0; ///< wall clock of one run in seconds; 0: none
};

/// The sweep of a scenario file, `--set sweep.seeds=...` included; names of policies and keys are
/// not looked up. InputError with everything that is wrong with it, also if the file has none.
SweepTable read_sweep(const std::string& path, const std::vector<std::string>& overrides = {});
/// Whether the file has a [sweep] table. InputError if it is no TOML.
bool has_sweep(const std::string& path);

} // namespace lair
