/// What a report needs of a sweep's store.
#pragma once

#include "record/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace lair::report {

inline constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();

/// One value of an axis, or a bin of an axis whose values hardly repeat.
struct Level {
  std::string name;
  double value = 0; ///< of a number; of a bin: the mean of its points
};

struct SweptAxis {
  std::string name, unit;
  std::string method; ///< how its values were chosen: "sobol", "morris", others
  bool numeric = false;
  bool logarithmic = false; ///< drawn so
  bool binned = false;
  std::vector<Level> levels; ///< numbers ascending, names in the order of the points
};

struct SweptPoint {
  std::string policy, run; ///< the run is empty where there is none yet
  std::uint64_t seed = 0;
  std::vector<std::size_t> level; ///< by axis; absent where the axis is not the policy's
  std::vector<double> value;      ///< by axis; NaN where it is absent or no number
  bool done = false;
  record::MetricValues metrics; ///< of one that is done
};

struct LoadedSweep {
  std::map<std::string, std::string> facts; ///< name, scenario_hash, lair_version, ...
  std::vector<SweptAxis> axes;
  std::vector<std::string> policies; ///< in the order of the points
  std::vector<std::uint64_t> seeds;  ///< ascending
  std::vector<SweptPoint> points;
  std::size_t done = 0, pending = 0;
  std::vector<std::string> failures; ///< "policy, seed, axes: what happened"
};

/// InputError if the folder's sweep.db is no store of a sweep. May be called while the sweep runs.
LoadedSweep load_sweep(const std::string& folder);

} // namespace lair::report
