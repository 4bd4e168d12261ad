/// One run in this process, for `run` and `verify`.
#pragma once

#include "cli/commands.hpp"
#include "scenario/scenario.hpp"

#include <string>

namespace lair::cli {

/// The scenario with the options' overrides: --set first, then --seed and --policy.
Scenario read_run_scenario(const RunOptions&);
/// "key=value" for --set that names this policy.
std::string policy_override(const std::string& policy);
/// A policy's name as part of a folder's name.
std::string folder_name(const std::string& policy, std::uint64_t seed);

struct RunOutcome {
  std::string folder;
  int exit_code = 0; ///< exit_ok or exit_interrupted
};
/// Runs and writes the result folder. Once per process: a second SimGrid engine cannot exist in it.
RunOutcome execute_run(const RunOptions&);

} // namespace lair::cli
