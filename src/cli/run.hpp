/// One run in this process, for `run` and `verify`.
#pragma once

#include "cli/commands.hpp"
#include "policy/call_mark.hpp"
#include "policy/policy_factory.hpp"
#include "record/result_folder.hpp"
#include "record/summary.hpp"
#include "scenario/scenario.hpp"

#include <functional>
#include <string>

namespace lair::cli {

/// The scenario with the options' overrides: --set first, then --seed and --policy. What the file's
/// [policy] says is of the policy that it names: another one starts without its roles and options.
Scenario read_run_scenario(const RunOptions&);
/// The policy to build from what the scenario says of it.
PolicyFactory::Choice policy_choice(const PolicyConfig&, const Federation&,
                                    CallMark* mark = nullptr);

/// Runs the body; what it says is wrong with the scenario's policy, without a place, gets that of
/// what has named the policy: a --set, `option` (--policy), or the scenario's file.
void blame_policy(const RunOptions&, const std::string& option, const std::function<void()>& body);

/// The policy libraries that a run uses, each once; from where they lie, with their hashes.
std::vector<record::Cost::Library> used_libraries(const PolicyConfig&, const RunOptions&);

/// What the policy says of itself when it is made: its model. Nothing where a library has a role.
std::vector<std::string> policy_notes(const PolicyConfig&, const Federation&);

/// Bytes of a file; none if it cannot be read.
std::string content(const std::string& path);

struct RunOutcome {
  std::string folder;
  int exit_code = 0; ///< exit_ok or exit_interrupted
};
/// Runs the scenario (as read_run_scenario() reads it) and writes the result folder. Once per
/// process: a second SimGrid engine cannot exist in it. Calls of a policy library are noted in
/// `mark`.
RunOutcome execute_run(const RunOptions&, const Scenario&, CallMark* mark);

} // namespace lair::cli
