#include "sweep/plan.hpp"

#include "core/designs.hpp"
#include "core/error.hpp"
#include "scenario/field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::sweep {

namespace {

constexpr std::uint64_t most_points = 10'000'000;

/// The value of a drawn axis at u in [0, 1].
AxisValue at_share(const SweepAxis& axis, double u) {
  double number = axis.log ? axis.from * std::pow(axis.to / axis.from, u)
                           : axis.from + (axis.to - axis.from) * u;
  if (axis.integer) // every whole number has the same share of [0, 1]
    number = std::min(std::floor(axis.from) +
                          std::floor(u * (std::floor(axis.to) - std::floor(axis.from) + 1)),
                      std::floor(axis.to));
  AxisValue value;
  value.text = fmt::format("{:.12g}", number);
  (void)read_number(value.text, value.number);
  value.set = value.text;
  if (!axis.unit.empty()) {
    value.text += " " + axis.unit;
    value.set = quote(value.text);
  }
  return value;
}

std::vector<std::vector<double>> design(const SweepGroup& group) {
  const std::size_t dimensions = group.axes.size();
  switch (group.method) {
  case SweepGroup::Method::sobol: return saltelli_design(group.points, dimensions, group.seed);
  case SweepGroup::Method::morris:
    return morris_design(group.points, dimensions, group.levels, group.seed);
  default: return latin_hypercube(group.points, dimensions, group.seed);
  }
}

} // namespace

std::vector<std::string> option_names(const std::string& spec) {
  std::vector<std::string> names;
  for (auto at = spec.find(':'); at != std::string::npos; at = spec.find(':', at + 1))
    names.push_back(spec.substr(at + 1, spec.find('=', at) - at - 1));
  return names;
}

std::string policy_name(const std::string& spec) { return spec.substr(0, spec.find(':')); }

Plan::Plan(SweepTable table, std::vector<std::string> policies)
    : table_(std::move(table)), policies_(std::move(policies)) {
  std::vector<Diagnostic> wrong;
  for (const auto& axis : table_.axes) {
    if (axis.policy.empty()) continue;
    if (std::any_of(policies_.begin(), policies_.end(),
                    [&](const auto& one) { return policy_name(one) == axis.policy; }))
      continue;
    Diagnostic one = axis.place;
    one.problem = fmt::format("the sweep has no policy '{}'", axis.policy);
    one.remedy = "one of its policies, or policy.options.NAME for all of them";
    wrong.push_back(std::move(one));
  }
  find_doubles(wrong);
  if (!wrong.empty()) throw InputError(std::move(wrong));
  draw();
  cross();
}

/// Two things that set one key of one run: one of them would be shown, and have no effect.
void Plan::find_doubles(std::vector<Diagnostic>& wrong) const {
  const auto target = [](const std::string& key) { // platform = "x" is platform.file = "x"
    return key.ends_with(".file") ? key.substr(0, key.size() - 5) : key;
  };
  const auto refuse = [&](const SweepAxis& axis, std::string problem, std::string remedy) {
    Diagnostic one = axis.place;
    one.problem = std::move(problem);
    one.remedy = std::move(remedy);
    wrong.push_back(std::move(one));
  };
  for (std::size_t i = 0; i < table_.axes.size(); ++i) {
    const SweepAxis& axis = table_.axes[i];
    for (std::size_t k = 0; k < i; ++k) {
      const SweepAxis& other = table_.axes[k];
      if (target(axis.key) == target(other.key) &&
          (axis.policy.empty() || other.policy.empty() || axis.policy == other.policy))
        refuse(axis, fmt::format("sets what axis '{}' sets", other.name), "one of the two");
    }
    for (const auto& policy : policies_)
      for (const auto& option : option_names(policy))
        if (axis.key == "policy.options." + option &&
            (axis.policy.empty() || axis.policy == policy_name(policy)))
          refuse(axis, fmt::format("policy '{}' sets this option itself", policy),
                 "the option in one of the two places");
  }
}

void Plan::draw() {
  group_of_.resize(table_.axes.size());
  for (std::size_t g = 0; g < table_.groups.size(); ++g) {
    const SweepGroup& group = table_.groups[g];
    for (const auto axis : group.axes) group_of_[axis] = g;
    if (group.method == SweepGroup::Method::list || group.method == SweepGroup::Method::zip) {
      rows_.push_back(table_.axes[group.axes.front()].values.size());
      continue;
    }
    const auto points = design(group);
    rows_.push_back(points.size());
    for (std::size_t k = 0; k < group.axes.size(); ++k) {
      SweepAxis& axis = table_.axes[group.axes[k]];
      const auto listed = axis.values; // a list is drawn from in equal shares
      axis.values.clear();
      for (const auto& point : points)
        axis.values.push_back(
            listed.empty()
                ? at_share(axis, point[k])
                : listed[std::min(listed.size() - 1, static_cast<std::size_t>(
                                                         point[k] *
                                                         static_cast<double>(listed.size())))]);
    }
  }
}

void Plan::cross() {
  const std::size_t groups = table_.groups.size();
  std::uint64_t combinations = policies_.size() * table_.seeds.size();
  for (const auto rows : rows_) {
    combinations *= rows;
    if (combinations > most_points)
      throw InputError("sweep", "", "more than ten million points",
                       "fewer values, or a [[sweep.sample]] of the ranges");
  }
  // Which groups matter to which policy: without one of its own axes the policy has one row only.
  std::vector<std::vector<bool>> matters(policies_.size(), std::vector<bool>(groups, false));
  for (std::size_t p = 0; p < policies_.size(); ++p)
    for (const auto& axis : table_.axes)
      if (axis.policy.empty() || axis.policy == policy_name(policies_[p]))
        matters[p][group_of_[static_cast<std::size_t>(&axis - table_.axes.data())]] = true;
  std::vector<std::uint32_t> at(groups, 0);
  while (true) {
    for (std::uint32_t p = 0; p < policies_.size(); ++p) {
      bool first = true;
      Cell cell{p, at};
      for (std::size_t g = 0; g < groups; ++g)
        if (!matters[p][g]) {
          first = first && at[g] == 0;
          cell.rows[g] = absent;
        }
      if (first) cells_.push_back(std::move(cell));
    }
    std::size_t g = groups;
    while (g > 0 && ++at[g - 1] == rows_[g - 1]) at[--g] = 0; // the last group runs fastest
    if (g == 0) break;
  }
  const std::size_t all = cells_.size();
  if (!table_.constraints.empty()) apply_constraints(*this, cells_);
  dropped_ = all - cells_.size();
  if (cells_.empty()) {
    Diagnostic none = table_.constraints.front().place;
    none.key = "sweep.constraints";
    none.problem = "no point is left";
    none.remedy = "constraints that some values meet";
    throw InputError({none});
  }
}

const AxisValue* Plan::value(const Cell& cell, std::size_t axis) const {
  const auto row = cell.rows[group_of_[axis]];
  const auto& its_policy = table_.axes[axis].policy;
  if (row == absent || (!its_policy.empty() && its_policy != policy_name(policies_[cell.policy])))
    return nullptr;
  return &table_.axes[axis].values[row];
}

std::vector<std::string> Plan::assignments(const Cell& cell) const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < table_.axes.size(); ++i)
    if (const auto* one = value(cell, i)) all.push_back(table_.axes[i].key + "=" + one->set);
  return all;
}

std::string Plan::label(std::size_t point) const {
  std::string text = fmt::format("policy {}, seed {}", policy_of(point), seed_of(point));
  const Cell& cell = cells_[cell_of(point)];
  for (std::size_t i = 0; i < table_.axes.size(); ++i)
    if (const auto* one = value(cell, i))
      text += fmt::format(", {} {}", table_.axes[i].name, one->text);
  return text;
}

} // namespace lair::sweep
