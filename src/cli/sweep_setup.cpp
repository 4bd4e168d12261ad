#include "cli/sweep_setup.hpp"

#include "cli/environment.hpp"
#include "cli/policy_spec.hpp"
#include "cli/run.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "policy/plugin_info.hpp"
#include "policy/plugin_library.hpp"
#include "policy/policy_factory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

namespace lair::cli {

namespace {

bool of_sweep(const std::string& set) { return set.starts_with("sweep.") || set.starts_with("sweep="); }

std::vector<std::string> without_sweep(std::vector<std::string> sets) {
  std::erase_if(sets, of_sweep);
  return sets;
}

Scenario read_base(const std::string& file, const std::vector<std::string>& sets) {
  RunOptions run;
  run.scenario = file;
  run.sets = sets;
  run.of_sweep = true;
  return read_run_scenario(run);
}

/// The policies of the file, or the scenario's own with what it says of its options.
std::vector<std::string> policies_of(const SweepTable& table, const Scenario& base) {
  return table.policies.empty() ? std::vector<std::string>{base.policy.name} : table.policies;
}

/// The scenario that a run would get, with all that a policy's name and options can be wrong in.
struct Checked {
  Scenario scenario;
  std::string notes; ///< which model its policy has loaded
  bool learned = false;
};
Checked read_checked(const RunOptions& run) {
  Checked checked{read_run_scenario(run), {}, false};
  const Scenario& scenario = checked.scenario;
  blame_policy(run, "sweep.policies", [&] {
    if (names_a_library(scenario.policy.name)) (void)read_plugin_info(scenario.policy.name);
    else {
      const PolicyFactory policy(policy_choice(scenario.policy, scenario.federation));
      checked.learned = policy.description().learned;
      for (const auto& note : policy.description().notes) checked.notes += note + "\n";
    }
  });
  return checked;
}

std::string digest_of(const Checked& checked, const RunOptions& run) {
  std::string all = checked.scenario.resolved + checked.notes;
  for (const auto& library : used_libraries(checked.scenario.policy, run)) all += library.hash + "\n";
  return hash128_hex(all);
}

/// The values to try: all texts, since each may name a file; of numbers the two ends, and all of
/// short lists.
std::vector<const AxisValue*> values_to_try(const SweepAxis& axis) {
  constexpr std::size_t few = 50;
  std::vector<const AxisValue*> some;
  if (!axis.numeric || axis.values.size() <= few) {
    std::set<std::string> seen;
    for (const auto& value : axis.values)
      if (seen.insert(value.set).second) some.push_back(&value);
    return some;
  }
  const auto [low, high] =
      std::minmax_element(axis.values.begin(), axis.values.end(),
                          [](const auto& a, const auto& b) { return a.number < b.number; });
  return {&*low, &*high};
}

/// Errors of a --set that stands for an axis: they belong to the axis. What is wrong with each of
/// its values is said of the first.
std::vector<Diagnostic> at_axis(const InputError& error, const SweepAxis& axis,
                                const AxisValue& value, std::set<std::string>& said) {
  std::vector<Diagnostic> all;
  for (auto one : error.diagnostics()) {
    if (!said.insert(axis.name + "\n" + one.key + "\n" + one.problem).second) continue;
    if (one.file != "--set" && one.file != "sweep.policies" && !one.file.empty()) {
      all.push_back(std::move(one));
      continue;
    }
    if (one.key != axis.key && !one.key.empty())
      one.problem = fmt::format("{}: {}", one.key, one.problem);
    one.file = axis.place.file;
    one.line = axis.place.line;
    one.column = axis.place.column;
    one.key = axis.name;
    one.problem = fmt::format("{} ({})", one.problem, value.text);
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace

SweepSetup::SweepSetup(std::string file, std::vector<std::string> sets, std::string out,
                       std::optional<std::size_t> only)
    : file_(std::move(file)), sets_(without_sweep(sets)), base_(read_base(file_, sets_)),
      out_(out.empty() ? "results/" + base_.name : std::move(out)),
      plan_([&] {
        SweepTable table = read_sweep(file_, sets);
        auto policies = policies_of(table, base_);
        return sweep::Plan(std::move(table), std::move(policies));
      }()) {
  std::vector<Diagnostic> wrong;
  for (const auto& set : sets_)
    for (const auto& axis : plan_.table().axes)
      if (set.substr(0, set.find('=')) == axis.key)
        wrong.push_back({"--set", 0, 0, axis.key, "is an axis: every point sets it",
                         fmt::format("--set sweep.axes.{}=[...] for other values", axis.key)});
  if (!wrong.empty()) throw InputError(std::move(wrong));
  for (std::size_t p = 0; p < plan_.policies().size(); ++p) {
    const std::string& policy = plan_.policies()[p];
    if (only && *only < plan_.size() && policy != plan_.policy_of(*only)) {
      policy_digests_.emplace_back();
      learned_.push_back(false);
      continue;
    }
    try {
      const RunOptions run = run_of(policy, {});
      const Checked checked = read_checked(run);
      policy_digests_.push_back(digest_of(checked, run));
      learned_.push_back(checked.learned);
    } catch (const InputError& error) {
      for (auto one : error.diagnostics()) {
        const auto& places = plan_.table().policy_places;
        if ((one.file == "--policy" || one.file == "sweep.policies") && p < places.size()) {
          one.file = places[p].file;
          one.line = places[p].line;
          one.column = places[p].column;
          if (!one.key.empty() && one.key != "policy.name") one.problem = one.key + ": " + one.problem;
          one.key = places[p].key;
        }
        wrong.push_back(std::move(one));
      }
    }
  }
  if (!wrong.empty()) throw InputError(std::move(wrong));
  cell_digests_.resize(plan_.cells().size());
}

RunOptions SweepSetup::run_of(const std::string& policy,
                              const std::vector<std::string>& sets) const {
  RunOptions run;
  run.scenario = file_;
  run.sets = sets_;
  run.sets.insert(run.sets.end(), sets.begin(), sets.end());
  // The scenario's own policy keeps its options there.
  if (!plan_.table().policies.empty()) run.policy = policy;
  run.of_sweep = true;
  return run;
}

std::string SweepSetup::resolved_hash(const RunOptions& run) const {
  return digest_of(read_checked(run), run);
}

RunOptions SweepSetup::run(std::size_t point) const {
  RunOptions run =
      run_of(plan_.policy_of(point), plan_.assignments(plan_.cells()[plan_.cell_of(point)]));
  run.seed = plan_.seed_of(point);
  return run;
}

bool SweepSetup::zipped(const SweepAxis& axis) const {
  const auto index = static_cast<std::size_t>(&axis - plan_.table().axes.data());
  return std::any_of(plan_.table().groups.begin(), plan_.table().groups.end(), [&](const auto& group) {
    return group.method == SweepGroup::Method::zip &&
           std::find(group.axes.begin(), group.axes.end(), index) != group.axes.end();
  });
}

/// Row by row: what a zip sets together may be right only together.
void SweepSetup::check_zips(std::vector<Diagnostic>& wrong) const {
  constexpr std::size_t most = 200;
  std::set<std::string> said;
  for (const auto& group : plan_.table().groups) {
    if (group.method != SweepGroup::Method::zip) continue;
    for (const auto& policy : plan_.policies())
      for (std::size_t row = 0; row < plan_.table().axes[group.axes.front()].values.size() && row < most;
           ++row) {
        std::vector<std::string> sets;
        const SweepAxis* axis = nullptr;
        for (const auto i : group.axes)
          if (const SweepAxis& one = plan_.table().axes[i];
              one.policy.empty() || one.policy == sweep::policy_name(policy)) {
            sets.push_back(one.key + "=" + one.values[row].set);
            axis = &one;
          }
        if (axis == nullptr) continue;
        try {
          (void)resolved_hash(run_of(policy, sets));
        } catch (const InputError& error) {
          const AxisValue which{"", fmt::format("row {} of the zip", row + 1)};
          for (auto& one : at_axis(error, *axis, which, said)) wrong.push_back(std::move(one));
        }
      }
  }
}

void SweepSetup::check_values() {
  std::vector<Diagnostic> wrong;
  std::set<std::string> said;
  check_zips(wrong);
  for (const auto& axis : plan_.table().axes)
    for (const auto& policy : plan_.policies()) {
      if (zipped(axis)) continue;
      if (!axis.policy.empty() && sweep::policy_name(policy) != axis.policy) continue;
      for (const AxisValue* value : values_to_try(axis)) {
        try {
          const std::string digest = resolved_hash(run_of(policy, {axis.key + "=" + value->set}));
          if (!axis.numeric) value_digests_[policy + "\n" + axis.name + "\n" + value->set] = digest;
        } catch (const InputError& error) {
          for (auto& one : at_axis(error, axis, *value, said)) wrong.push_back(std::move(one));
        }
      }
      // Another policy finds the same fault, unless the key is one of its options.
      if (!axis.key.starts_with("policy.options.") && axis.numeric) break;
    }
  if (!wrong.empty()) throw InputError(std::move(wrong));
}

std::string SweepSetup::value_digest(const sweep::Cell& cell, std::size_t axis) {
  const SweepAxis& its = plan_.table().axes[axis];
  const AxisValue* value = plan_.value(cell, axis);
  if (value == nullptr || its.numeric) return {};
  const std::string& policy = plan_.policies()[cell.policy];
  auto& digest = value_digests_[policy + "\n" + its.name + "\n" + value->set];
  if (!digest.empty()) return digest;
  // What a zip sets together may be right only together.
  std::vector<std::string> sets{its.key + "=" + value->set};
  for (const auto& group : plan_.table().groups)
    if (group.method == SweepGroup::Method::zip &&
        std::find(group.axes.begin(), group.axes.end(), axis) != group.axes.end())
      for (const auto other : group.axes)
        if (const AxisValue* beside = plan_.value(cell, other); beside != nullptr && other != axis)
          sets.push_back(plan_.table().axes[other].key + "=" + beside->set);
  return digest = resolved_hash(run_of(policy, sets));
}

std::string SweepSetup::model_notes(const sweep::Cell& cell) {
  if (!learned_[cell.policy]) return {};
  const auto sets = plan_.assignments(cell);
  std::string key = plan_.policies()[cell.policy];
  for (const auto& set : sets)
    if (set.starts_with("policy.") || set.starts_with("platform")) key += "\n" + set;
  const auto [found, is_new] = model_notes_.try_emplace(key);
  if (!is_new) return found->second;
  try {
    found->second = read_checked(run_of(plan_.policies()[cell.policy], sets)).notes;
  } catch (const InputError&) { // wrong only together: said when its point runs
  }
  return found->second;
}

const std::string& SweepSetup::cell_digest(std::size_t index) {
  std::string& digest = cell_digests_[index];
  if (!digest.empty()) return digest;
  const sweep::Cell& cell = plan_.cells()[index];
  std::string all = policy_digests_[cell.policy] + plan_.policies()[cell.policy];
  for (const auto& set : plan_.assignments(cell)) all += "\n" + set;
  for (std::size_t a = 0; a < plan_.table().axes.size(); ++a) all += "\n" + value_digest(cell, a);
  all += "\n" + model_notes(cell);
  return digest = hash128_hex(all);
}

std::string SweepSetup::key(std::size_t point) {
  return hash128_hex(
      fmt::format("{} {}", cell_digest(plan_.cell_of(point)), plan_.seed_of(point)));
}

sweep::Facts SweepSetup::facts() const {
  // What draws of a sample mean to whoever computes sensitivities from them.
  std::string groups;
  for (const auto& group : plan_.table().groups) {
    if (group.method < SweepGroup::Method::latin_hypercube) continue;
    groups += fmt::format("{}{{\"method\":\"{}\",\"points\":{},\"levels\":{},\"seed\":{},\"axes\":[",
                          groups.empty() ? "" : ",", to_string(group.method), group.points,
                          group.levels, group.seed);
    for (std::size_t i = 0; i < group.axes.size(); ++i)
      groups += fmt::format("{}{}", i > 0 ? "," : "", group.axes[i]);
    groups += "]}";
  }
  return {{"name", base_.name},
          {"scenario_hash", base_.hash},
          {"lair_version", version_number()},
          {"program", program_hash()},
          {"samples", "[" + groups + "]"},
          {"file", content(file_)}};
}

std::string sweep_in_the_way(const SweepSetup& setup) {
  const std::string name = sweep::read_fact(setup.store(), "name");
  if (!name.empty() && name != setup.name())
    return fmt::format("'{}' holds the sweep '{}'", setup.out(), name);
  const std::string program = sweep::read_fact(setup.store(), "program");
  if (!program.empty() && program != program_hash())
    return fmt::format("'{}' holds results of another build of lair ({})", setup.out(),
                       sweep::read_fact(setup.store(), "lair_version"));
  return {};
}

} // namespace lair::cli
