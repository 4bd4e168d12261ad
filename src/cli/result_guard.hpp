/// What lies in a folder that a run would write into, and whether it may.
#pragma once

#include "record/summary.hpp"

#include <string>
#include <vector>

namespace lair::cli {

/// The run that would be written.
struct IntendedRun {
  std::string folder;
  std::string resolved_scenario; ///< seed and policy included
  std::string scenario_hash;     ///< without them
  std::vector<record::Cost::Library> libraries;
  std::vector<std::string> policy_notes; ///< PolicyDescription::notes: a model's name and hash
};

struct FolderContent {
  enum class State {
    free,       ///< no folder, or nothing in it
    unfinished, ///< this very run, cut short
    complete,   ///< this very run, complete, made by this very program
    other       ///< anything else: is lost if the run is written there
  };
  State state = State::free;
  std::string what; ///< of complete and other, as in "'results/x' holds ..."
};
/// InputError if a file stands there instead of a folder.
FolderContent look_into(const IntendedRun&);

/// InputError if the run would replace its own scenario file, with whatever flag.
void protect_scenario(const std::string& scenario, const std::string& folder);

/// Why a comparison of this scenario should not be written into the folder; empty if it may.
std::string comparison_in_the_way(const std::string& folder, const std::string& scenario_hash);

/// InputError if --out names a file that is there, unless `force`. Nothing for "".
void refuse_to_overwrite(const std::string& file, bool force);

} // namespace lair::cli
