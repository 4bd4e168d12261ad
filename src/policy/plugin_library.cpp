#include "policy/plugin_library.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <dlfcn.h>

namespace lair {
namespace {

constexpr std::size_t longest_text = 2000; ///< of a plugin's error or message that is passed on

/// A plugin's text, bounded and on one line.
std::string tidy(const char* text) {
  if (text == nullptr) return {};
  std::string out(text, strnlen(text, longest_text));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return out;
}

} // namespace

bool names_a_library(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".so");
}

PluginLibrary::PluginLibrary(const std::string& path) : info_(read_plugin_info(path)) {
  // Without a slash the dynamic linker would search its own path instead of the working folder.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  // RTLD_NOW: a missing symbol shows now, not in interval 70. RTLD_LOCAL: two policies may hold the
  // same names. Never closed: its code may be on the stack, in destructors, in exceptions' tables.
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw PluginError(info_.name, "cannot be loaded: " + tidy(::dlerror()));
  const auto* table =
      static_cast<const lair_plugin_functions*>(::dlsym(handle, LAIR_PLUGIN_SYMBOL));
  if (table == nullptr)
    throw PluginError(info_.name,
                      fmt::format("{} exports no symbol '{}'", path, LAIR_PLUGIN_SYMBOL));
  if (table->size < sizeof functions_)
    throw PluginError(info_.name, fmt::format("its function table states {} bytes, less than ABI "
                                              "1.0's {}",
                                              table->size, sizeof functions_));
  functions_ = *table;
  const auto need = [&](bool there, const char* what) {
    if (!there)
      throw PluginError(info_.name, fmt::format("its function '{}' is a null pointer", what));
  };
  need(functions_.create != nullptr, "create");
  need(functions_.destroy != nullptr, "destroy");
  need(functions_.error != nullptr, "error");
  need(!info_.offers(LAIR_ROLE_SCHEDULER) || functions_.place != nullptr, "place");
  need(!info_.offers(LAIR_ROLE_DETECTOR) || functions_.detect != nullptr, "detect");
  need(!info_.offers(LAIR_ROLE_REMEDIATOR) || functions_.decide != nullptr, "decide");
}

PluginObject::PluginObject(const PluginLibrary& library, const lair_services& services,
                           const PolicyOptions& options, std::uint32_t lei,
                           std::uint32_t host_total, const std::string& platform,
                           CallMark* mark)
    : library_(library), lent_(services), guarded_{}, check_(library.info().name, host_total),
      mark_(mark) {
  guarded_.size = sizeof guarded_;
  guarded_.context = this;
  guarded_.uniform = [](void* self) {
    auto& object = *static_cast<PluginObject*>(self);
    const MarkedService lair(object.mark_);
    return object.lent_.uniform(object.lent_.context);
  };
  guarded_.charge_flops = [](void* self, double flops) {
    auto& object = *static_cast<PluginObject*>(self);
    const MarkedService lair(object.mark_);
    if (!std::isfinite(flops) || flops < 0)
      return object.note("charged flops that are negative or not finite");
    object.lent_.charge_flops(object.lent_.context, flops);
  };
  guarded_.charge_memory = [](void* self, double bytes) {
    auto& object = *static_cast<PluginObject*>(self);
    const MarkedService lair(object.mark_);
    // More than any board: what came of it would be shares of RAM that no reader could explain.
    if (!(std::abs(bytes) <= 1e15))
      return object.note("charged memory that is not finite, or more than 1e15 bytes");
    object.lent_.charge_memory(object.lent_.context, bytes);
  };
  guarded_.log = [](void* self, int level, const char* message) {
    auto& object = *static_cast<PluginObject*>(self);
    const MarkedService lair(object.mark_);
    const std::string text = object.library_.info().name + ": " + tidy(message);
    object.lent_.log(object.lent_.context, std::clamp(level, 0, 2), text.c_str());
  };
  if (lent_.forecast != nullptr)
    guarded_.forecast = [](void* self, const lair_action* actions, std::uint32_t count,
                           lair_forecast* out) {
      auto& object = *static_cast<PluginObject*>(self);
      const MarkedService lair(object.mark_);
      if (out == nullptr || (actions == nullptr && count > 0)) {
        object.note("asked for a forecast with a null pointer");
        return 1;
      }
      return object.lent_.forecast(object.lent_.context, actions, count, out);
    };

  if (lent_.twin != nullptr) guard_twin();
  const Setup setup(options, lei, host_total, platform);
  char error[1024] = "";
  const std::string& name = library.info().name;
  try {
    const MarkedCall call(mark_, name, "", 0);
    object_ = library.functions().create(&guarded_, &setup.raw(), error, sizeof error);
  } catch (...) { // a C function must not, but a hand-written one may
    throw PluginError(name, "its constructor let an exception cross the C boundary");
  }
  error[sizeof error - 1] = '\0';
  const std::string why = tidy(error);
  if (object_ == nullptr) {
    if (why.starts_with("option '") || why.starts_with("unknown option '"))
      throw InputError("", "policy.options", fmt::format("policy '{}': {}", name, why), "");
    throw PluginError(name, "its constructor failed: " + (why.empty() ? "no reason given" : why));
  }
  if (!misuse_.empty()) {
    library.functions().destroy(object_);
    throw PluginError(name, "its constructor " + misuse_);
  }
}

template <class Result, class Body>
Result PluginObject::with_twin(lair_twin* twin, Result otherwise, Body&& body) {
  if (twin == nullptr) return otherwise; // to whom would it be told?
  auto& object = *reinterpret_cast<PluginObject*>(twin);
  const MarkedService lair(object.mark_);
  return body(object);
}

void PluginObject::guard_twin() {
  guarded_.twin = [](void* self, const lair_observation* observation) -> lair_twin* {
    auto& object = *static_cast<PluginObject*>(self);
    const MarkedService lair(object.mark_);
    object.lent_twin_ = object.lent_.twin(object.lent_.context, observation);
    return object.lent_twin_ == nullptr ? nullptr : reinterpret_cast<lair_twin*>(&object);
  };
  guarded_.twin_forecast = [](lair_twin* twin, const lair_action* actions, std::uint32_t count,
                              lair_forecast* out) {
    return with_twin(twin, 1, [&](PluginObject& object) {
      if (out == nullptr || (actions == nullptr && count > 0)) {
        object.note("asked the twin for a forecast with a null pointer");
        return 1;
      }
      return object.lent_.twin_forecast(object.lent_twin_, actions, count, out);
    });
  };
  guarded_.twin_try = [](lair_twin* twin, std::uint64_t task, std::uint32_t host,
                         lair_forecast* out, lair_touched* touched) {
    return with_twin(twin, 1, [&](PluginObject& object) {
      if (out == nullptr) {
        object.note("tried a move with a null pointer");
        return 1;
      }
      return object.lent_.twin_try(object.lent_twin_, task, host, out, touched);
    });
  };
  guarded_.twin_close = [](lair_twin* twin, int accept) {
    return with_twin(twin, 1, [&](PluginObject& object) {
      return object.lent_.twin_close(object.lent_twin_, accept);
    });
  };
  guarded_.twin_advance = [](lair_twin* twin) {
    return with_twin(twin, static_cast<const lair_observation*>(nullptr),
                       [&](PluginObject& object) {
                         return object.lent_.twin_advance(object.lent_twin_);
                       });
  };
}

PluginObject::~PluginObject() {
  try {
    library_.functions().destroy(object_);
  } catch (...) { // nobody is left to tell
  }
}

void PluginObject::note(const char* what) {
  if (misuse_.empty()) misuse_ = what;
}

template <class Call>
void PluginObject::call(const char* role, const lair_observation& seen, Call&& body) {
  misuse_.clear();
  int failed = 0;
  std::string why;
  try {
    const MarkedCall marked(mark_, library_.info().name, role, seen.interval);
    failed = body();
    if (failed != 0) why = tidy(library_.functions().error(object_));
  } catch (...) {
    check_.fail(role, seen, "let an exception cross the C boundary");
  }
  if (failed != 0) check_.fail(role, seen, "failed: " + (why.empty() ? "no reason given" : why));
  if (!misuse_.empty()) check_.fail(role, seen, misuse_);
}

namespace {
lair_actions raw_actions(Actions actions) {
  return {sizeof(lair_actions), static_cast<std::uint32_t>(actions.size()), actions.data(), nullptr};
}
} // namespace

void PluginObject::place(const lair_observation& seen, Decision& out) {
  lair_actions answer{sizeof answer, 0, nullptr, nullptr};
  call("scheduler", seen, [&] { return library_.functions().place(object_, &seen, &answer); });
  check_.actions(LAIR_ROLE_SCHEDULER, seen, answer, out);
}

void PluginObject::detect(const lair_observation& seen, Actions placement, Detection& out) {
  const lair_actions placed = raw_actions(placement);
  lair_detection answer{};
  answer.size = sizeof answer;
  call("detector", seen,
       [&] { return library_.functions().detect(object_, &seen, &placed, &answer); });
  check_.detection(seen, answer, out);
}

void PluginObject::decide(const lair_observation& seen, Actions placement,
                          const lair_detection* own, Decision& out) {
  const lair_actions placed = raw_actions(placement);
  lair_actions answer{sizeof answer, 0, nullptr, nullptr};
  call("remediator", seen,
       [&] { return library_.functions().decide(object_, &seen, &placed, own, &answer); });
  check_.actions(LAIR_ROLE_REMEDIATOR, seen, answer, out);
}

void PluginObject::learn(const lair_observation& before, const lair_observation& after) {
  if (library_.functions().learn == nullptr) return;
  call("learning", after, [&] { return library_.functions().learn(object_, &before, &after); });
}

namespace {

class PluginScheduler final : public Scheduler {
public:
  PluginScheduler(std::shared_ptr<PluginObject> object, PolicyContext& context)
      : Scheduler(context), object_(std::move(object)) {}
  void place(const Observation& seen, Decision& out) override { object_->place(seen.raw(), out); }

private:
  std::shared_ptr<PluginObject> object_;
};

class PluginDetector final : public Detector {
public:
  PluginDetector(std::shared_ptr<PluginObject> object, PolicyContext& context, bool learns)
      : Detector(context), object_(std::move(object)), learns_(learns) {}
  void detect(const Observation& seen, Actions placement, Detection& out) override {
    object_->detect(seen.raw(), placement, out);
  }
  void learn(const Observation& before, const Observation& after) override {
    if (learns_) object_->learn(before.raw(), after.raw());
  }

private:
  std::shared_ptr<PluginObject> object_;
  bool learns_;
};

class PluginRemediator final : public Remediator {
public:
  PluginRemediator(std::shared_ptr<PluginObject> object, PolicyContext& context, bool learns)
      : Remediator(context), object_(std::move(object)), learns_(learns) {}
  void decide(const Observation& seen, Actions placement, const DetectionView* own,
              Decision& out) override {
    object_->decide(seen.raw(), placement, own, out);
  }
  void learn(const Observation& before, const Observation& after) override {
    if (learns_) object_->learn(before.raw(), after.raw());
  }

private:
  std::shared_ptr<PluginObject> object_;
  bool learns_;
};

} // namespace

std::unique_ptr<Scheduler> plugin_scheduler(std::shared_ptr<PluginObject> object,
                                            PolicyContext& context) {
  return std::make_unique<PluginScheduler>(std::move(object), context);
}
std::unique_ptr<Detector> plugin_detector(std::shared_ptr<PluginObject> object,
                                          PolicyContext& context, bool learns) {
  return std::make_unique<PluginDetector>(std::move(object), context, learns);
}
std::unique_ptr<Remediator> plugin_remediator(std::shared_ptr<PluginObject> object,
                                              PolicyContext& context, bool learns) {
  return std::make_unique<PluginRemediator>(std::move(object), context, learns);
}

} // namespace lair
