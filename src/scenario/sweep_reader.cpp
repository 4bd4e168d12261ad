#include "scenario/field.hpp"
#include "scenario/files.hpp"
#include "scenario/overrides.hpp"
#include "scenario/seeds.hpp"
#include "scenario/sweep_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair {

namespace {

constexpr std::size_t most_values = 100'000;

Diagnostic place_in(const Context& context, const Node::Place& place) {
  return {context.file(place.file), place.line, place.column, {}, {}, {}};
}

/// "12.5 ms": the number and its unit.
bool split_quantity(const std::string& text, double& number, std::string& unit) {
  const auto end = text.find_first_not_of("+-.0123456789eE_");
  const auto unit_at = end == std::string::npos ? end : text.find_first_not_of(' ', end);
  unit = unit_at == std::string::npos ? "" : text.substr(unit_at);
  return read_number(std::string_view(text).substr(0, end), number);
}

/// A number as axes show it: without the noise of binary fractions.
std::string shown(double number) { return fmt::format("{:.12g}", number); }

AxisValue make_number(double number, const std::string& unit) {
  const std::string text = shown(number);
  double exact = number;
  (void)read_number(text, exact); // what the run will read
  if (unit.empty()) return {text, text, exact};
  return {quote(text + " " + unit), text + " " + unit, exact};
}

/// A value of a list. False, and said, if it cannot be one.
bool read_value(Context& context, const Node& node, const std::string& path, AxisValue& value) {
  switch (node.kind) {
  case Node::Kind::text:
    value = {quote(node.text), node.text};
    return true;
  case Node::Kind::boolean:
    value.set = value.text = node.boolean ? "true" : "false";
    return true;
  case Node::Kind::integer:
    value = {fmt::format("{}", node.integer), fmt::format("{}", node.integer), node.number};
    return true;
  case Node::Kind::number:
    if (std::isfinite(node.number)) {
      value = {fmt::format("{}", node.number), fmt::format("{}", node.number), node.number};
      return true;
    }
    break;
  default: break;
  }
  context.error(node.place, path,
                fmt::format("{} cannot be a value of an axis",
                            node.kind == Node::Kind::number ? "a number that is not finite"
                                                            : describe(node.kind)),
                "strings, finite numbers or booleans");
  return false;
}

/// "100 s" beside "3 min": numbers in the base unit, where all are of one kind.
void find_base_unit(SweepAxis& axis) {
  for (const Unit unit : {Unit::seconds, Unit::bytes, Unit::bytes_per_second, Unit::flops_per_second, Unit::flops,
                          Unit::macs, Unit::watts}) {
    std::vector<double> numbers;
    for (const auto& value : axis.values) {
      const ReadQuantity read = read_quantity(value.text, unit);
      if (!read.problem.empty() || !std::isnan(value.number)) break;
      numbers.push_back(read.value);
    }
    if (numbers.size() < axis.values.size()) continue;
    axis.numeric = true;
    axis.unit = base_unit(unit);
    for (std::size_t i = 0; i < numbers.size(); ++i) axis.values[i].number = numbers[i];
    return;
  }
}

/// Numbers all, with one unit or none; else those of find_base_unit().
void find_unit(SweepAxis& axis) {
  std::string unit;
  std::vector<double> numbers;
  for (const auto& value : axis.values) {
    double number = value.number;
    std::string its_unit;
    if (std::isnan(number) && !split_quantity(value.text, number, its_unit)) return;
    if (!numbers.empty() && its_unit != unit) return find_base_unit(axis);
    unit = its_unit;
    numbers.push_back(number);
  }
  axis.numeric = true;
  axis.unit = unit;
  for (std::size_t i = 0; i < numbers.size(); ++i) axis.values[i].number = numbers[i];
}

void read_list(Context& context, const Node& node, const std::string& path, SweepAxis& axis) {
  if (node.items.empty())
    context.error(node.place, path, "an axis without values", "a list of at least one value");
  for (const Node& item : node.items) {
    AxisValue value;
    if (!read_value(context, item, path, value)) continue;
    const bool twice = std::any_of(axis.values.begin(), axis.values.end(),
                                   [&](const auto& one) { return one.set == value.set; });
    if (twice)
      context.error(item.place, path, fmt::format("'{}' stands there twice", value.text),
                    "each value once");
    else
      axis.values.push_back(std::move(value));
  }
  find_unit(axis);
}

/// One end of a range: a number, or a string with a unit.
bool read_end(Context& context, const Node& table, const std::string& path, const char* key,
              double& number, std::string& unit) {
  const Node* node = table.find(key);
  if (node == nullptr) {
    context.error(table.place, join_path(path, key), "missing",
                  "a range: { from = 1, to = 10, steps = 4 }, with scale = \"log\" if wanted");
    return false;
  }
  const bool plain = node->kind == Node::Kind::integer || node->kind == Node::Kind::number;
  number = node->number;
  if ((plain && std::isfinite(number)) ||
      (node->is_text() && split_quantity(node->text, number, unit)))
    return true;
  context.error(node->place, join_path(path, key), "no number",
                "a finite number, or a string with a unit such as \"10 s\"");
  return false;
}

/// A range; with `steps` it becomes a list, else it is drawn from.
void read_range(Context& context, const Node& table, const std::string& path, bool drawn,
                SweepAxis& axis) {
  const auto errors = context.error_count();
  const std::vector<std::string> known{"from", "to", "scale", "integer", drawn ? "" : "steps"};
  context.refuse_unknown_keys(table, path, known);
  std::string unit_from, unit_to;
  const bool from = read_end(context, table, path, "from", axis.from, unit_from);
  const bool to = read_end(context, table, path, "to", axis.to, unit_to);
  if (!from || !to) return;
  axis.unit = unit_from;
  axis.numeric = true;
  if (unit_from != unit_to)
    context.error(table.place, path, fmt::format("from '{}' to '{}'", unit_from, unit_to),
                  "both ends with the same unit");
  else if (!(axis.from < axis.to))
    context.error(table.place, path, "an empty range", "from the smaller to the larger value");
  if (const Node* scale = table.find("scale")) {
    static const std::vector<std::string> scales{"linear", "log"};
    std::size_t which = 0;
    if (read_choice_node(context, *scale, join_path(path, "scale"), scales, which))
      axis.log = which == 1;
  }
  if (axis.log && axis.from <= 0)
    context.error(table.place, path, "a logarithmic range that reaches zero or below",
                  "from a positive number");
  if (const Node* integer = table.find("integer"))
    read_boolean_node(context, *integer, join_path(path, "integer"), axis.integer);
  if (drawn) return;
  std::int64_t steps = 0;
  if (const Node* node = table.find("steps"); node == nullptr)
    context.error(table.place, join_path(path, "steps"), "missing", "how many values, 2 or more");
  else
    read_integer_node(context, *node, join_path(path, "steps"),
                      at_least(2, static_cast<double>(most_values)), steps);
  if (context.error_count() != errors) return;
  for (std::int64_t i = 0; i < steps; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(steps - 1);
    double number = i == 0           ? axis.from
                    : i == steps - 1 ? axis.to
                    : axis.log       ? axis.from * std::pow(axis.to / axis.from, share)
                                     : axis.from + (axis.to - axis.from) * share;
    if (axis.integer) number = std::round(number);
    AxisValue value = make_number(number, axis.unit);
    if (axis.values.empty() || axis.values.back().set != value.set)
      axis.values.push_back(std::move(value));
  }
}

/// What the name of an axis stands for.
void name_axis(Context& context, const Node& node, const std::string& name, SweepAxis& axis) {
  axis.name = name;
  axis.place = place_in(context, node.key_place);
  axis.place.key = name;
  const auto colon = name.find(':');
  axis.key = name;
  if (colon != std::string::npos) {
    axis.policy = name.substr(0, colon);
    axis.key = "policy.options." + name.substr(colon + 1);
    if (axis.policy.empty() || colon + 1 == name.size())
      context.error(node.key_place, name, "no option of a policy", "\"POLICY:OPTION\"");
  }
  const char* instead = name == "seed"                                ? "seeds = \"1..5\" in [sweep]"
                        : name == "policy" || name == "policy.name" ? "policies = [...] in [sweep]"
                        : name.starts_with("sweep.") || name == "name" ? "a key of the simulated world"
                                                                        : nullptr;
  if (instead != nullptr) context.error(node.key_place, name, "cannot be an axis", instead);
}

struct Reader {
  Context& context;
  SweepTable& table;

  /// Axis by axis; a dotted key without quotation marks (faults.rate = [...]) comes as tables.
  void read_axes(const Node& axes, const std::string& path, const std::string& prefix, bool drawn,
                 bool lists_only, SweepGroup* together) {
    for (const auto& [key, node] : axes.entries) {
      const std::string name = join_path(prefix, key);
      const bool range = node.is_table() && (node.find("from") || node.find("to"));
      if (node.is_table() && !range && !node.entries.empty()) {
        read_axes(node, path, name, drawn, lists_only, together);
        continue;
      }
      SweepAxis axis;
      name_axis(context, node, name, axis);
      const bool twice = std::any_of(table.axes.begin(), table.axes.end(),
                                     [&](const auto& one) { return one.name == name; });
      if (twice) context.error(node.key_place, name, "is an axis already", "each axis once");
      if (node.is_array()) {
        read_list(context, node, name, axis);
      } else if (range && !lists_only) {
        read_range(context, node, name, drawn, axis);
      } else {
        context.error(node.place, name, fmt::format("{} is no axis", describe(node.kind)),
                      lists_only ? "a list of values"
                                 : "a list of values, or a range { from = ..., to = ... }");
      }
      table.axes.push_back(std::move(axis));
      if (together == nullptr) {
        SweepGroup group;
        group.axes = {table.axes.size() - 1};
        group.place = table.axes.back().place;
        table.groups.push_back(std::move(group));
      } else {
        together->axes.push_back(table.axes.size() - 1);
      }
    }
  }

  template <class Each> void each_table(const Node& node, const std::string& path, Each each) {
    if (!node.is_array()) {
      context.error(node.place, path, fmt::format("{} is not an array", describe(node.kind)),
                    fmt::format("tables headed [[{}]]", path));
      return;
    }
    for (const Node& item : node.items)
      if (expect_table(context, item, path)) each(item);
  }

  void read_zip(const Node& item) {
    const auto errors = context.error_count();
    SweepGroup group;
    group.method = SweepGroup::Method::zip;
    group.place = place_in(context, item.place);
    read_axes(item, "sweep.zip", "", false, true, &group);
    for (const auto i : group.axes) {
      const auto& first = table.axes[group.axes.front()];
      if (context.error_count() == errors && table.axes[i].values.size() != first.values.size())
        context.error(item.place, table.axes[i].name,
                      fmt::format("{} values beside {} of {}", table.axes[i].values.size(),
                                  first.values.size(), first.name),
                      "as many in each list of a zip");
    }
    if (group.axes.empty())
      context.error(item.place, "sweep.zip", "no axes", "two lists or more");
    else
      table.groups.push_back(std::move(group));
  }

  void read_sample(const Node& item) {
    const auto errors = context.error_count();
    SweepGroup group;
    group.place = place_in(context, item.place);
    static const std::vector<std::string> known{"method", "points", "levels", "seed", "axes"};
    context.refuse_unknown_keys(item, "sweep.sample", known);
    static const std::vector<std::string> methods{"latin-hypercube", "sobol", "morris"};
    std::size_t method = 0;
    if (const Node* node = item.find("method"))
      read_choice_node(context, *node, "sweep.sample.method", methods, method);
    group.method = static_cast<SweepGroup::Method>(
        static_cast<std::size_t>(SweepGroup::Method::latin_hypercube) + method);
    const auto whole = [&](const char* key, Range range, auto& out, bool required) {
      std::int64_t value = 0;
      if (const Node* node = item.find(key)) {
        if (read_integer_node(context, *node, join_path("sweep.sample", key), range, value))
          out = static_cast<std::decay_t<decltype(out)>>(value);
      } else if (required) {
        context.error(item.place, join_path("sweep.sample", key), "missing",
                      "how many points (sobol: base points, morris: trajectories)");
      }
    };
    whole("points", at_least(2, static_cast<double>(most_values)), group.points, true);
    whole("levels", at_least(2, 1000), group.levels, false);
    whole("seed", at_least(0, 9e18), group.seed, false);
    if (group.levels % 2 != 0)
      context.error(item.place, "sweep.sample.levels", "an odd number", "an even number of levels");
    const Node* axes = item.find("axes");
    if (axes == nullptr)
      context.error(item.place, "sweep.sample.axes", "missing",
                    "a table [sweep.sample.axes] of ranges { from = ..., to = ... }");
    else if (expect_table(context, *axes, "sweep.sample.axes"))
      read_axes(*axes, "sweep.sample.axes", "", true, false, &group);
    if (group.axes.empty() && context.error_count() == errors)
      context.error(item.place, "sweep.sample.axes", "no axes", "at least one");
    table.groups.push_back(std::move(group));
  }

  void read_seeds(const Node& node) {
    std::string text;
    if (node.kind == Node::Kind::integer) text = fmt::format("{}", node.integer);
    else if (node.is_text()) text = node.text;
    else if (node.is_array())
      for (const Node& item : node.items)
        text += (text.empty() ? "" : ",") +
                (item.kind == Node::Kind::integer ? fmt::format("{}", item.integer) : item.text);
    try {
      table.seeds = parse_seeds(text);
    } catch (const InputError& error) {
      const auto& wrong = error.diagnostics().front();
      context.error(node.place, "sweep.seeds", wrong.problem, wrong.remedy);
    }
  }

  std::vector<const Node*> texts(const Node& node, const std::string& path) {
    std::vector<const Node*> all;
    if (node.is_text()) all.push_back(&node);
    else if (node.is_array())
      for (const Node& item : node.items) all.push_back(&item);
    for (const Node* one : all)
      if (!one->is_text() || one->text.empty()) {
        context.error(one->place, path, "no text", "a list of strings");
        return {};
      }
    if (all.empty())
      context.error(node.place, path, node.is_array() ? "an empty list" : "no list of strings",
                    "a list of strings");
    return all;
  }

  void read(const Node& sweep) {
    static const std::vector<std::string> known{"seeds", "policies",    "axes",      "zip",
                                                "sample", "constraints", "time_limit"};
    context.refuse_unknown_keys(sweep, "sweep", known);
    if (const Node* seeds = sweep.find("seeds")) read_seeds(*seeds);
    else table.seeds = {1, 2, 3, 4, 5};
    if (const Node* policies = sweep.find("policies"))
      for (const Node* one : texts(*policies, "sweep.policies")) {
        if (std::find(table.policies.begin(), table.policies.end(), one->text) !=
            table.policies.end())
          context.error(one->place, "sweep.policies",
                        fmt::format("'{}' stands there twice", one->text), "each policy once");
        table.policies.push_back(one->text);
        table.policy_places.push_back(place_in(context, one->place));
        table.policy_places.back().key = "sweep.policies";
      }
    if (const Node* axes = sweep.find("axes"); axes && expect_table(context, *axes, "sweep.axes"))
      read_axes(*axes, "sweep.axes", "", false, false, nullptr);
    if (const Node* zip = sweep.find("zip"))
      each_table(*zip, "sweep.zip", [&](const Node& item) { read_zip(item); });
    if (const Node* sample = sweep.find("sample"))
      each_table(*sample, "sweep.sample", [&](const Node& item) { read_sample(item); });
    if (const Node* constraints = sweep.find("constraints"))
      for (const Node* one : texts(*constraints, "sweep.constraints"))
        table.constraints.push_back({one->text, place_in(context, one->place)});
    if (const Node* limit = sweep.find("time_limit"))
      read_quantity_node(context, *limit, "sweep.time_limit", Unit::seconds, positive(), {},
                         table.time_limit);
  }
};

} // namespace

std::string_view to_string(SweepGroup::Method method) {
  switch (method) {
  case SweepGroup::Method::list: return "list";
  case SweepGroup::Method::zip: return "zip";
  case SweepGroup::Method::latin_hypercube: return "latin-hypercube";
  case SweepGroup::Method::sobol: return "sobol";
  case SweepGroup::Method::morris: break;
  }
  return "morris";
}

SweepTable read_sweep(const std::string& path, const std::vector<std::string>& override_texts) {
  Context context;
  auto root = load_document(context, path);
  context.throw_if_failed();
  for (const auto& one : parse_overrides(context, override_texts))
    if (one.parts.front() == "sweep") apply_override(context, *root, one);
  SweepTable table;
  if (const Node* sweep = root->find("sweep"); sweep == nullptr)
    context.error(0, "sweep", "there is no [sweep] table",
                  "one with axes and seeds (docs/sweeps.md), or `lair run` for a single run");
  else if (expect_table(context, *sweep, "sweep"))
    Reader{context, table}.read(*sweep);
  context.throw_if_failed();
  return table;
}

bool has_sweep(const std::string& path) {
  Context context;
  const auto root = load_document(context, path);
  context.throw_if_failed();
  return root->find("sweep") != nullptr;
}

} // namespace lair
