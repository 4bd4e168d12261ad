/// From a scenario's [policy] to live policy objects, built in or plugged in.
#pragma once

#include <lair/policy.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lair {

struct CallMark;

/// One broker's roles. Null where the policy has none. Owns what the roles need.
class PolicyInstance {
public:
  virtual ~PolicyInstance() = default;
  virtual Scheduler* scheduler() = 0; ///< never null
  virtual Detector* detector() = 0;
  virtual Remediator* remediator() = 0;
};

/// What is known of a policy before any object of it exists.
struct PolicyDescription {
  std::string name;
  std::string scheduler, detector, remediator; ///< role names; empty if none
  std::string description, source, version;
  double memory = 0;   ///< bytes resident on each broker
  bool learned = false; ///< a role of it is in the library of learned policies
  /// What it says when it is made, at level 0 of log(): which model it has loaded. Not of libraries.
  std::vector<std::string> notes;
  bool silent = false; ///< a plugin that does not state its memory: counted as 0, with a warning
};

/// Checks names and plugin versions at construction: InputError for an unknown name (with the
/// nearest known one), PluginError for a library that cannot be used. Plugins stay loaded for ever.
class PolicyFactory {
public:
  struct Choice { ///< mirrors scenario::PolicyConfig; empty role = the preset's
    std::string name, scheduler, detector, remediator;
    std::vector<std::pair<std::string, std::string>> options;
    CallMark* mark = nullptr; ///< notes every call of a library's code; must outlive the objects
    std::string platform = {}; ///< name of the federation it will serve; some roles ask for it
  };
  explicit PolicyFactory(const Choice&);
  ~PolicyFactory();
  PolicyFactory(PolicyFactory&&) noexcept;
  const PolicyDescription& description() const;
  /// PluginError if the policy's constructor fails; InputError if it refuses an option.
  std::unique_ptr<PolicyInstance> create(const lair_services&, std::uint32_t lei,
                                         std::uint32_t host_total) const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// For `lair list`: name, one line and source of every built-in of a kind.
struct ListedName {
  std::string name, description, source;
};
std::vector<ListedName> list_policies();
std::vector<ListedName> list_schedulers();
std::vector<ListedName> list_detectors();
std::vector<ListedName> list_remediators();

} // namespace lair
