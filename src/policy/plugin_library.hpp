/// A policy's shared library in this process, and objects of it. Plugins are never unloaded.
#pragma once

#include "policy/answer_check.hpp"
#include "policy/call_mark.hpp"
#include "policy/plugin_info.hpp"
#include "policy/setup.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lair {

/// Is this what a user writes for a library, rather than the name of a built-in?
bool names_a_library(const std::string& name);

class PluginLibrary {
public:
  /// Reads the description first; opens the library only if that fits. InputError if there is no
  /// such file, PluginError if the library cannot be used.
  explicit PluginLibrary(const std::string& path);
  const PluginInfo& info() const { return info_; }
  const lair_plugin_functions& functions() const { return functions_; }

private:
  PluginInfo info_;
  lair_plugin_functions functions_{};
};

/// One object of a plugin: its C functions with every answer checked and every failure named.
class PluginObject {
public:
  /// PluginError if it cannot be made; InputError if it refuses an option. `library` must outlive
  /// it, and `mark`, in which every call is noted if there is one.
  PluginObject(const PluginLibrary& library, const lair_services& services,
               const PolicyOptions& options, std::uint32_t lei, std::uint32_t host_total,
               const std::string& platform = "", CallMark* mark = nullptr);
  ~PluginObject();
  PluginObject(const PluginObject&) = delete;
  PluginObject& operator=(const PluginObject&) = delete;

  void place(const lair_observation&, Decision& out);
  void detect(const lair_observation&, Actions placement, Detection& out);
  void decide(const lair_observation&, Actions placement, const lair_detection* own, Decision& out);
  void learn(const lair_observation& before, const lair_observation& after);

private:
  template <class Call> void call(const char* role, const lair_observation&, Call&&);
  void note(const char* what);
  void guard_twin();
  /// The object behind a twin that the plugin gives back; null, and noted, if there is none.
  template <class Result, class Body> static Result with_twin(lair_twin*, Result otherwise, Body&&);

  const PluginLibrary& library_;
  lair_services lent_;    ///< lair's own services
  lair_services guarded_; ///< what the plugin gets: the same, with its arguments checked
  lair_twin* lent_twin_ = nullptr; ///< the plugin gets this object instead
  AnswerCheck check_;
  CallMark* mark_;
  std::string misuse_; ///< of a service, during the current call
  lair_policy* object_ = nullptr;
};

/// The roles of a plugin as the C++ roles that a broker calls. Several may share one object.
std::unique_ptr<Scheduler> plugin_scheduler(std::shared_ptr<PluginObject>, PolicyContext&);
/// `learns`: forwards learn(). Exactly one role of an object may, or it would learn twice.
std::unique_ptr<Detector> plugin_detector(std::shared_ptr<PluginObject>, PolicyContext&,
                                          bool learns);
std::unique_ptr<Remediator> plugin_remediator(std::shared_ptr<PluginObject>, PolicyContext&,
                                              bool learns);

} // namespace lair
