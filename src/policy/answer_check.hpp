/// Is what a plugin answered sense? Nothing of an answer is used before it passed here.
#pragma once

#include <lair/policy.hpp>

#include <string>
#include <tuple>
#include <vector>

namespace lair {

/// Every function throws PluginError("<role>, interval N: what was wrong") on nonsense: broken
/// sizes and pointers, ids that the observation does not hold, an action twice, numbers that are not
/// finite. What the world may still refuse (a dead or full target) is not nonsense.
class AnswerCheck {
public:
  AnswerCheck(std::string policy, std::uint32_t host_total);
  /// A scheduler may only place; a remediator may ask for every kind. Appends the actions to `out`.
  void actions(lair_role role, const lair_observation&, const lair_actions&, Decision& out);
  /// One row for each own host, in any order. Appends the rows to `out`.
  void detection(const lair_observation&, const lair_detection&, Detection& out);
  [[noreturn]] void fail(const char* role, const lair_observation&, const std::string& what) const;

private:
  std::string policy_;
  std::uint32_t host_total_;
  // Sorted.
  std::vector<std::uint64_t> known_tasks_;
  std::vector<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>> named_; ///< task, kind, host
  std::vector<std::uint32_t> own_, named_hosts_;
};

} // namespace lair
