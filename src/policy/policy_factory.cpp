#include "policy/policy_factory.hpp"

#include "core/error.hpp"
#include "policy/builtin.hpp"
#include "policy/child.hpp"
#include "policy/nearest.hpp"
#include "policy/plugin_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

namespace lair {
namespace {

/// Where one role comes from: a built-in, a library, or nowhere.
template <class Role> struct Source {
  const BuiltinRole<Role>* builtin = nullptr;
  const PluginLibrary* plugin = nullptr;
  bool empty() const { return builtin == nullptr && plugin == nullptr; }
  std::string name() const {
    if (plugin != nullptr) return plugin->info().name;
    return builtin != nullptr ? builtin->name : "";
  }
};

template <class Role> struct RoleKind;
template <> struct RoleKind<Scheduler> {
  static constexpr lair_role bit = LAIR_ROLE_SCHEDULER;
  static constexpr const char* name = "scheduler";
  static auto all() { return builtin_schedulers(); }
};
template <> struct RoleKind<Detector> {
  static constexpr lair_role bit = LAIR_ROLE_DETECTOR;
  static constexpr const char* name = "detector";
  static auto all() { return builtin_detectors(); }
};
template <> struct RoleKind<Remediator> {
  static constexpr lair_role bit = LAIR_ROLE_REMEDIATOR;
  static constexpr const char* name = "remediator";
  static auto all() { return builtin_remediators(); }
};

template <class Table> std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.push_back(row.name);
  return names;
}

template <class Role> const BuiltinRole<Role>* find_role(const std::string& name) {
  for (const auto& row : RoleKind<Role>::all())
    if (name == row.name) return &row;
  return nullptr;
}

const Preset* find_preset(const std::string& name) {
  for (const Preset& preset : builtin_presets())
    if (name == preset.name) return &preset;
  return nullptr;
}

/// What stands in for a broker while only the options are looked at.
lair_services idle_services() {
  lair_services services{};
  services.size = sizeof services;
  services.uniform = [](void*) { return 0.5; };
  services.charge_flops = [](void*, double) {};
  services.charge_memory = [](void*, double) {};
  services.log = [](void*, int, const char*) {};
  return services;
}

constexpr const char* no_role = "none"; ///< as a role's name: leave out the preset's

/// Longest that a plugin may take to be loaded and constructed.
constexpr ChildLimits trial_limits{120, 0};
/// After so many seconds of them the user is told what is being waited for.
constexpr double slow_trial = 5;

} // namespace

struct PolicyFactory::Impl {
  std::map<std::string, std::unique_ptr<PluginLibrary>> libraries; ///< by path as written
  Source<Scheduler> scheduler;
  Source<Detector> detector;
  Source<Remediator> remediator;
  PolicyOptions options;     ///< the scenario's, then the preset's that it does not set
  std::size_t given = 0;     ///< how many are the scenario's
  CallMark* mark = nullptr;
  std::string platform;
  PolicyDescription description;

  const PluginLibrary* library(const std::string& path);
  template <class Role> Source<Role> resolve(const std::string& name);
  template <class Visit> void each_role(Visit&& visit) const {
    visit(scheduler);
    visit(detector);
    visit(remediator);
  }
  void describe(const std::string& name, const Preset*);
};

namespace {

/// Loading and constructing run the plugin's code; if that crashes, better in a child than in a
/// run.
void try_in_child(const std::string& path, const std::string& name, const PolicyOptions& options,
                  const std::string& platform) {
  const ChildOutcome outcome = run_in_child(
      [&](const auto& write) {
        try {
          const PluginLibrary library(path);
          write("constructing");
          const PluginObject object(library, idle_services(), options, 0, 1, platform);
        } catch (const std::exception&) { // reported by the parent, which meets it again
        }
      },
      trial_limits,
      {slow_trial, [&] {
         std::fprintf(stderr,
                      "lair: policy '%s' has been under construction for %g s; it may take %g s\n",
                      name.c_str(), slow_trial, trial_limits.seconds);
       }});
  if (outcome.completed) return;
  throw PluginError(
      name,
      fmt::format("{} {}", outcome.output.empty() ? "while being loaded, it" : "its constructor",
                  outcome.ending(trial_limits)));
}

} // namespace

const PluginLibrary* PolicyFactory::Impl::library(const std::string& path) {
  auto& slot = libraries[path];
  if (!slot) {
    try_in_child(path, read_plugin_info(path).name, options, platform);
    slot = std::make_unique<PluginLibrary>(path);
  }
  return slot.get();
}

template <class Role> Source<Role> PolicyFactory::Impl::resolve(const std::string& name) {
  using Kind = RoleKind<Role>;
  if (name.empty() || name == no_role) return {};
  const std::string key = std::string("policy.") + Kind::name;
  if (names_a_library(name)) {
    const PluginLibrary* plugin = library(name);
    if (!plugin->info().offers(Kind::bit))
      throw InputError("", key,
                       fmt::format("policy '{}' of {} is no {} but a {}", plugin->info().name, name,
                                   Kind::name, role_names(plugin->info().roles)),
                       fmt::format("another library or a built-in {}", Kind::name));
    return {nullptr, plugin};
  }
  if (const auto* builtin = find_role<Role>(name)) return {builtin, nullptr};
  throw InputError("", key, fmt::format("unknown {} '{}'", Kind::name, name),
                   suggest(name, names_of(Kind::all())));
}

void PolicyFactory::Impl::describe(const std::string& name, const Preset* preset) {
  description.name = name;
  description.scheduler = scheduler.name();
  description.detector = detector.name();
  description.remediator = remediator.name();
  if (preset != nullptr) {
    description.description = preset->description;
    description.source = preset->source;
  }
  // All roles of a broker share one process: it needs what the largest of them states.
  each_role([&](const auto& role) {
    if (role.builtin != nullptr) {
      description.memory = std::max(description.memory, role.builtin->memory);
      description.learned = description.learned || role.builtin->learned;
    }
    if (role.plugin != nullptr) {
      const PluginInfo& info = role.plugin->info();
      description.memory = std::max(description.memory, info.memory.value_or(0));
      description.silent = description.silent || !info.memory;
    }
  });
}

PolicyFactory::PolicyFactory(const Choice& choice) : impl_(std::make_unique<Impl>()) {
  Impl& self = *impl_;
  self.options = choice.options;
  self.given = choice.options.size();
  self.mark = choice.mark;
  self.platform = choice.platform;
  const PluginLibrary* plugin = nullptr;
  const Preset* preset = nullptr;
  if (names_a_library(choice.name)) {
    plugin = self.library(choice.name);
  } else if (preset = find_preset(choice.name); preset == nullptr) {
    const auto of_role = [&](const auto* role, const char* kind) -> std::string {
      return role == nullptr
                 ? ""
                 : fmt::format("; '{}' is a {}: set policy.{}", choice.name, kind, kind);
    };
    throw InputError("", "policy.name",
                     fmt::format("unknown policy '{}'{}{}{}", choice.name,
                                 of_role(find_role<Scheduler>(choice.name), "scheduler"),
                                 of_role(find_role<Detector>(choice.name), "detector"),
                                 of_role(find_role<Remediator>(choice.name), "remediator")),
                     suggest(choice.name, names_of(builtin_presets())) +
                         ", or the path of a shared library");
  }
  if (preset != nullptr)
    for (const auto& [name, value] : preset->options)
      if (name != nullptr &&
          std::none_of(choice.options.begin(), choice.options.end(),
                       [key = name](const auto& option) { return option.first == key; }))
        self.options.emplace_back(name, value);
  // A role of the scenario's, else the plugin's, else the preset's.
  const auto pick = [&]<class Role>(Source<Role>& to, const std::string& chosen,
                                    const char* preset_role) {
    if (!chosen.empty())
      to = self.resolve<Role>(chosen);
    else if (plugin != nullptr && plugin->info().offers(RoleKind<Role>::bit))
      to = {nullptr, plugin};
    else if (preset_role != nullptr)
      to = self.resolve<Role>(preset_role);
  };
  pick(self.scheduler, choice.scheduler, preset != nullptr ? preset->scheduler : default_scheduler);
  pick(self.detector, choice.detector, preset != nullptr ? preset->detector : nullptr);
  pick(self.remediator, choice.remediator, preset != nullptr ? preset->remediator : nullptr);
  if (self.scheduler.empty()) self.scheduler = self.resolve<Scheduler>(default_scheduler);
  self.describe(plugin != nullptr ? plugin->info().name : choice.name, preset);
  if (plugin != nullptr) {
    self.description.description = plugin->info().description;
    self.description.source = plugin->info().source;
    self.description.version = plugin->info().version;
  }
  lair_services services = idle_services();
  services.context = &self.description.notes;
  services.log = [](void* notes, int level, const char* message) {
    if (level == 0) static_cast<std::vector<std::string>*>(notes)->emplace_back(message);
  };
  (void)create(services, 0, 1); // options are wrong now or never
}

PolicyFactory::~PolicyFactory() = default;
PolicyFactory::PolicyFactory(PolicyFactory&&) noexcept = default;
const PolicyDescription& PolicyFactory::description() const { return impl_->description; }

namespace {

class Instance final : public PolicyInstance {
public:
  Scheduler* scheduler() override { return scheduler_.get(); }
  Detector* detector() override { return detector_.get(); }
  Remediator* remediator() override { return remediator_.get(); }

  // Before the roles, which refer to them, so that they are destroyed after them.
  std::vector<std::unique_ptr<PolicyContext>> contexts_;
  std::map<const PluginLibrary*, std::shared_ptr<PluginObject>> objects_; // looked up only
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<Remediator> remediator_;
};

} // namespace

std::unique_ptr<PolicyInstance> PolicyFactory::create(const lair_services& services,
                                                      std::uint32_t lei,
                                                      std::uint32_t host_total) const {
  const Impl& self = *impl_;
  auto instance = std::make_unique<Instance>();
  const Setup setup(self.options, lei, host_total, self.platform);
  const auto context = [&](const lair_setup& with) -> PolicyContext& {
    return *instance->contexts_.emplace_back(std::make_unique<PolicyContext>(services, with));
  };

  // Built-in roles first. The options belong to all roles together: each takes those that it knows,
  // and what none of them takes goes to the plugin, which refuses what it does not know.
  std::vector<Diagnostic> wrong;
  const auto build = [&](const auto& source, auto& role) {
    if (source.builtin == nullptr) return;
    PolicyContext& own = context(setup.raw());
    try {
      role = source.builtin->create(own);
    } catch (const OptionError& problem) {
      wrong.push_back(
          {"", 0, 0, "policy.options",
           fmt::format("'{}': {}", source.name(), problem.what()), ""});
    }
  };
  build(self.scheduler, instance->scheduler_);
  build(self.detector, instance->detector_);
  build(self.remediator, instance->remediator_);
  PolicyOptions left;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < self.given; ++i)
    if (std::none_of(instance->contexts_.begin(), instance->contexts_.end(),
                     [&](const auto& one) { return one->option_used(i); }))
      left.push_back(self.options[i]);
  for (const auto& one : instance->contexts_)
    for (const std::string& name : one->known_options())
      if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  if (self.scheduler.plugin == nullptr && self.detector.plugin == nullptr &&
      self.remediator.plugin == nullptr)
    for (const auto& [name, value] : left)
      wrong.push_back({"", 0, 0, "policy.options." + name,
                       fmt::format("policy '{}' takes no such option", self.description.name),
                       suggest(name, known)});
  if (!wrong.empty()) throw InputError(std::move(wrong));

  const auto object = [&](const PluginLibrary& library) -> std::shared_ptr<PluginObject> {
    auto& slot = instance->objects_[&library];
    if (!slot)
      slot = std::make_shared<PluginObject>(library, services, left, lei, host_total, self.platform,
                                            self.mark);
    return slot;
  };
  const lair_setup empty{sizeof(lair_setup), 0,          nullptr, lei,
                         host_total,         self.platform.c_str()};
  if (const auto* plugin = self.scheduler.plugin)
    instance->scheduler_ = plugin_scheduler(object(*plugin), context(empty));
  if (const auto* plugin = self.detector.plugin)
    instance->detector_ = plugin_detector(object(*plugin), context(empty), true);
  if (const auto* plugin = self.remediator.plugin) // its detector, if in use, learns for both
    instance->remediator_ =
        plugin_remediator(object(*plugin), context(empty), self.detector.plugin != plugin);
  return instance;
}

namespace {
template <class Table> std::vector<ListedName> listed(const Table& table) {
  std::vector<ListedName> names;
  for (const auto& row : table) names.push_back({row.name, row.description, row.source});
  return names;
}
} // namespace

std::vector<ListedName> list_policies() { return listed(builtin_presets()); }
std::vector<ListedName> list_schedulers() { return listed(builtin_schedulers()); }
std::vector<ListedName> list_detectors() { return listed(builtin_detectors()); }
std::vector<ListedName> list_remediators() { return listed(builtin_remediators()); }

} // namespace lair
