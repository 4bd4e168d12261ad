/// `lair check plugin.so`: does a policy keep the rules? Its code runs in a forked child with
/// limits, so that a crash or a hang is found, not suffered.
#pragma once

#include "policy/plugin_info.hpp"
#include "policy/twin_service.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lair {

enum class CheckVerdict { passed, warned, failed };

struct CheckItem {
  std::string name; ///< for example "determinism"
  CheckVerdict verdict = CheckVerdict::passed;
  std::string detail; ///< what was seen
};

struct PluginReport {
  PluginInfo info;
  std::vector<CheckItem> items; ///< in the order in which they were run
  bool passed() const;          ///< nothing failed (warnings may stand)
};

struct PluginCheckLimits {
  double seconds = 60;                           ///< wall clock of the whole check
  std::uint64_t memory = std::uint64_t(8) << 30; ///< bytes of address space
  double decision_warn = 0.05; ///< CPU-seconds of one interval at 16 hosts and 50 tasks
  double decision_fail = 2;    ///< the same
};

/// InputError if there is no such file, PluginError if it is no policy for this lair (version, cut
/// off, not a library). Everything else that is wrong stands in the report. The options are those
/// that the policy cannot be constructed without, if any. `twin`, which knows the devices of
/// synthetic_federation(16), is lent to it; without one nothing ever changes and no twin is lent.
PluginReport check_plugin(const std::string& path, const PluginCheckLimits& limits = {},
                          const std::vector<std::pair<std::string, std::string>>& options = {},
                          TwinService* twin = nullptr);

const char* to_string(CheckVerdict);
/// One line per item, aligned, for a terminal.
std::string format(const PluginReport&);

} // namespace lair
