/// The policies that come with Lair: one table per role, written by hand in its room's list.cpp, so
/// that a new one is a new file and one line. This room only declares the tables; it includes none
/// of the rooms that define them (they are linked to it), so that the arrows keep pointing down.
#pragma once

#include <lair/policy.hpp>

#include <array>
#include <memory>
#include <span>

namespace lair {

template <class Role> struct BuiltinRole {
  const char* name;
  const char* description; ///< one line
  const char* source;      ///< paper or origin; "ours" where there is none
  double memory;           ///< bytes resident on the broker
  std::unique_ptr<Role> (*create)(PolicyContext&);
  bool learned = false; ///< making one opens the library of learned policies
};

template <class Role, class Class> std::unique_ptr<Role> make_role(PolicyContext& context) {
  return std::make_unique<Class>(context);
}

/// What the process of a heuristic policy occupies on its broker (model, "Brokers").
inline constexpr double heuristic_memory = 50e6;
/// And of a learned one, beside its weights, which it charges by their bytes.
inline constexpr double neural_memory = 60e6;

std::span<const BuiltinRole<Scheduler>> builtin_schedulers();   ///< src/schedulers/list.cpp
std::span<const BuiltinRole<Detector>> builtin_detectors();     ///< src/detectors/list.cpp
std::span<const BuiltinRole<Remediator>> builtin_remediators(); ///< src/remediators/list.cpp

struct PresetOption {
  const char* name = nullptr;
  const char* value = nullptr;
};

/// A named bundle of roles; an empty role is one that the policy does not have.
struct Preset {
  const char* name;
  const char* scheduler;
  const char* detector;
  const char* remediator;
  const char* description;
  const char* source;
  /// Options that it sets unless the scenario does; a role that is replaced need not know them.
  std::array<PresetOption, 2> options{};
};
std::span<const Preset> builtin_presets(); ///< src/policy/presets.cpp

/// The scheduler of a policy that names none.
inline constexpr const char* default_scheduler = "least-loaded";

} // namespace lair
