/// LAIR_POLICY: turns one C++ class into the two things that <lair/plugin.h> asks of a library.
///
///  * `lair_plugin_info`, plain bytes in their own ELF section, readable without running anything;
///  * `lair_plugin`, the table of C functions. No exception leaves them: a throw in the constructor
///    becomes the text of create(), any other one the text of error().
///
/// The class derives from lair::Scheduler, lair::Detector and/or lair::Remediator (or is a
/// lair::Bundle of such classes) and is constructed from a `lair::PolicyContext&`. It may declare
/// what it keeps resident on the broker: `static constexpr double memory_bytes = 12e6;`.
#pragma once

#include <lair/policy.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <new>

namespace lair::detail {

template <class P> constexpr std::uint32_t roles_of() {
  std::uint32_t roles = 0;
  if (std::derived_from<P, Scheduler>) roles |= LAIR_ROLE_SCHEDULER;
  if (std::derived_from<P, Detector>) roles |= LAIR_ROLE_DETECTOR;
  if (std::derived_from<P, Remediator>) roles |= LAIR_ROLE_REMEDIATOR;
  return roles;
}

/// Fails to compile when the text does not fit with its terminator.
template <std::size_t N, std::size_t M>
constexpr void copy_text(char (&to)[N], const char (&from)[M]) {
  static_assert(M <= N, "this text of LAIR_POLICY is too long for lair_plugin_info");
  for (std::size_t i = 0; i < M; ++i) to[i] = from[i];
}

template <class P, std::size_t N, std::size_t V, std::size_t D, std::size_t S>
constexpr lair_plugin_info plugin_info(const char (&name)[N], const char (&version)[V],
                                       const char (&description)[D], const char (&source)[S]) {
  static_assert(roles_of<P>() != 0,
                "a policy derives from lair::Scheduler, lair::Detector or lair::Remediator");
  static_assert(std::constructible_from<P, PolicyContext&>,
                "a policy is constructed from a lair::PolicyContext&");
  lair_plugin_info info{};
  copy_text(info.magic, LAIR_PLUGIN_MAGIC);
  info.size = sizeof info;
  info.abi_major = LAIR_ABI_MAJOR;
  info.abi_minor = LAIR_ABI_MINOR;
  info.roles = roles_of<P>();
  if constexpr (requires { P::memory_bytes; })
    info.memory = P::memory_bytes;
  else
    info.memory = -1;
  copy_text(info.name, name);
  copy_text(info.version, version);
  copy_text(info.description, description);
  copy_text(info.source, source);
  return info;
}

/// The author's object and what it hands out until the next call.
template <class P> struct Exported {
  PolicyContext context;
  P policy;
  Decision decision;
  Detection detection;
  std::string error;

  Exported(const lair_services& services, const lair_setup& setup)
      : context(services, setup), policy(context) {
    context.refuse_unknown_options();
  }

  static Exported& from(lair_policy* object) { return *reinterpret_cast<Exported*>(object); }

  static lair_policy* create(const lair_services* services, const lair_setup* setup, char* error,
                             std::size_t error_size) noexcept {
    const auto fail = [&](const char* why) {
      if (error == nullptr || error_size == 0) return;
      const std::size_t length = std::min(std::strlen(why), error_size - 1);
      std::memcpy(error, why, length);
      error[length] = '\0';
    };
    try {
      return reinterpret_cast<lair_policy*>(new Exported(*services, *setup));
    } catch (const std::exception& problem) {
      fail(problem.what());
    } catch (...) {
      fail("threw something that is not a std::exception");
    }
    return nullptr;
  }

  static void destroy(lair_policy* object) noexcept {
    try {
      delete &from(object);
    } catch (...) { // a destructor's throw has nobody to go to
    }
  }

  static const char* last_error(lair_policy* object) noexcept { return from(object).error.c_str(); }

  /// Runs `body`; its exception becomes the object's error text.
  template <class Body> static int guarded(lair_policy* object, Body&& body) noexcept {
    Exported& self = from(object);
    try {
      try {
        body(self);
        return 0;
      } catch (const std::exception& problem) {
        self.error = problem.what();
      } catch (...) {
        self.error = "threw something that is not a std::exception";
      }
    } catch (...) { // no memory even for the text
      self.error.clear();
    }
    return 1;
  }

  static Actions view(const lair_actions* actions) {
    return actions == nullptr ? Actions{} : Actions{actions->actions, actions->count};
  }
  static void hand_out(const Decision& decision, lair_actions* out) {
    *out = {sizeof *out, static_cast<std::uint32_t>(decision.actions().size()),
            decision.actions().data(), decision.values().data()};
  }

  static int place(lair_policy* object, const lair_observation* seen, lair_actions* out) noexcept {
    return guarded(object, [&](Exported& self) {
      self.decision.clear();
      static_cast<Scheduler&>(self.policy).place(Observation(*seen), self.decision);
      hand_out(self.decision, out);
    });
  }

  static int detect(lair_policy* object, const lair_observation* seen,
                    const lair_actions* placement, lair_detection* out) noexcept {
    return guarded(object, [&](Exported& self) {
      self.detection.clear();
      static_cast<Detector&>(self.policy)
          .detect(Observation(*seen), view(placement), self.detection);
      *out = self.detection.raw();
    });
  }

  static int decide(lair_policy* object, const lair_observation* seen,
                    const lair_actions* placement, const lair_detection* own,
                    lair_actions* out) noexcept {
    return guarded(object, [&](Exported& self) {
      self.decision.clear();
      static_cast<Remediator&>(self.policy)
          .decide(Observation(*seen), view(placement), own, self.decision);
      hand_out(self.decision, out);
    });
  }

  static int learn(lair_policy* object, const lair_observation* before,
                   const lair_observation* after) noexcept {
    return guarded(object, [&](Exported& self) {
      const Observation then(*before), now(*after);
      // One override for both roles runs once; two roles of a bundle learn one after the other.
      if constexpr (requires { self.policy.learn(then, now); }) {
        self.policy.learn(then, now);
      } else {
        if constexpr (std::derived_from<P, Detector>)
          static_cast<Detector&>(self.policy).learn(then, now);
        if constexpr (std::derived_from<P, Remediator>)
          static_cast<Remediator&>(self.policy).learn(then, now);
      }
    });
  }
};

template <class P> constexpr lair_plugin_functions plugin_functions() {
  using E = Exported<P>;
  lair_plugin_functions table{};
  table.size = sizeof table;
  table.create = E::create;
  table.destroy = E::destroy;
  table.error = E::last_error;
  if constexpr (std::derived_from<P, Scheduler>) table.place = E::place;
  if constexpr (std::derived_from<P, Detector>) table.detect = E::detect;
  if constexpr (std::derived_from<P, Remediator>) table.decide = E::decide;
  if constexpr (std::derived_from<P, Detector> || std::derived_from<P, Remediator>)
    table.learn = E::learn;
  return table;
}

} // namespace lair::detail

#if defined(__has_attribute)
#if __has_attribute(retain)
#define LAIR_DETAIL_RETAIN , retain // survives -Wl,--gc-sections
#endif
#endif
#ifndef LAIR_DETAIL_RETAIN
#define LAIR_DETAIL_RETAIN
#endif

/// Exports `Class` as the policy of this shared library. Once per library, at namespace scope. The
/// texts are string literals; `source` names the paper or origin.
#define LAIR_POLICY(Class, name, version, description, source)                                     \
  extern "C" {                                                                                     \
  extern const lair_plugin_functions lair_plugin __attribute__((visibility("default")));           \
  constinit const lair_plugin_functions lair_plugin __attribute__((used LAIR_DETAIL_RETAIN)) =     \
      ::lair::detail::plugin_functions<Class>();                                                   \
  extern const lair_plugin_info lair_plugin_description __attribute__((visibility("default")));    \
  constinit const lair_plugin_info lair_plugin_description                                         \
      __attribute__((section(LAIR_PLUGIN_SECTION), used LAIR_DETAIL_RETAIN)) =                     \
          ::lair::detail::plugin_info<Class>(name, version, description, source);                  \
  }
