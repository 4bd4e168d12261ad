#include "core/error.hpp"
#include "scenario/reader.hpp"
#include "scenario/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lair {

namespace {

/// A JSON object in the order in which its members were added. Values are JSON already: quote() of
/// field.hpp writes strings that both TOML and JSON read.
class Object {
public:
  Object& add(std::string_view key, std::string value) {
    members_.emplace_back(key, std::move(value));
    return *this;
  }
  std::string text() const { ///< on one line
    std::string out = "{";
    for (const auto& [key, value] : members_)
      out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", quote(key), value);
    return out + "}";
  }
  std::string lines() const { ///< a line for each member
    std::string out = "{";
    for (const auto& [key, value] : members_)
      out += fmt::format("{}\n{}: {}", out.size() > 1 ? "," : "", quote(key), value);
    return out + "\n}";
  }

private:
  std::vector<std::pair<std::string, std::string>> members_;
};

std::string list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const auto& value : values) out += (out.size() > 1 ? ", " : "") + value;
  return out + "]";
}

std::string quoted_list(std::vector<std::string> words) {
  for (auto& word : words) word = quote(word);
  return list(words);
}

const std::string number_pattern = R"(\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?)";

/// A string of a number and a unit. The numbers' range depends on the unit, so a pattern holds only
/// its lower end: no minus sign (no quantity may be negative), and not 0 where that is excluded.
std::string quantity_pattern(const Shape& shape) {
  std::string units;
  for (const auto& unit : unit_list(shape.unit)) units += (units.empty() ? "" : "|") + unit;
  if (shape.intervals) units += "|intervals?";
  const bool zero = !shape.range.above && shape.range.min <= 0;
  std::string pattern = fmt::format("^{}[ \\t]*{}[ \\t]*({})[ \\t]*$", zero ? "" : "(?=[^eE]*[1-9])",
                                    number_pattern, units);
  for (const auto& word : shape.words) pattern += fmt::format("|^{}$", word);
  return pattern;
}

void add_bounds(Object& out, const Range& range) {
  out.add(range.above ? "exclusiveMinimum" : "minimum", fmt::format("{}", range.min));
  if (range.max < 1e18) out.add("maximum", fmt::format("{}", range.max));
}

Object schema_of(const Shape& shape) {
  Object out;
  switch (shape.kind) {
  case Shape::Kind::quantity:
    if (shape.unit == Unit::none) {
      out.add("type", quote("number"));
      add_bounds(out, shape.range);
    } else {
      out.add("type", quote("string")).add("pattern", quote(quantity_pattern(shape)));
    }
    break;
  case Shape::Kind::integer:
    out.add("type", quote("integer"));
    add_bounds(out, shape.range);
    break;
  case Shape::Kind::boolean: out.add("type", quote("boolean")); break;
  case Shape::Kind::text: out.add("type", quote("string")); break;
  case Shape::Kind::name:
    out.add("type", quote("string")).add("pattern", quote("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$"));
    break;
  case Shape::Kind::choice:
    out.add("type", quote("string")).add("enum", quoted_list(shape.words));
    break;
  case Shape::Kind::power: {
    std::string units;
    for (const auto& unit : unit_list(shape.unit)) units += (units.empty() ? "" : "|") + unit;
    out.add("type", quote("string"))
        .add("pattern", quote(fmt::format("^ *({} +){{11}}({}) *$", number_pattern, units)));
    break;
  }
  }
  return out;
}

/// The properties of a table, from its rows. `defaults` tells what holds if a key is not there.
template <class Owner>
void add_fields(Object& properties, const Fields<Owner>& fields, const Owner& defaults) {
  for (const auto& field : fields) {
    Object one = schema_of(field.shape);
    one.add("description",
            quote(field.range.empty() ? field.doc : fmt::format("{} ({})", field.doc, field.range)));
    // Names follow from the file; what is required has no default.
    if (!field.required && field.shape.kind != Shape::Kind::name)
      one.add("default", field.write(defaults));
    properties.add(field.key, one.text());
  }
}

template <class Owner> std::string required_of(const Fields<Owner>& fields) {
  std::vector<std::string> keys;
  for (const auto& field : fields)
    if (field.required) keys.push_back(field.key);
  return quoted_list(keys);
}

Object table_of(const Object& properties, const std::string& description) {
  Object out;
  out.add("type", quote("object"));
  if (!description.empty()) out.add("description", quote(description));
  out.add("properties", properties.lines()).add("additionalProperties", "false");
  return out;
}

template <class Owner>
Object table_of(const Fields<Owner>& fields, const Owner& defaults,
                const std::string& description) {
  Object properties;
  add_fields(properties, fields, defaults);
  return table_of(properties, description);
}

Object text_of(const std::string& description) {
  return Object().add("type", quote("string")).add("description", quote(description));
}

/// A table whose keys are names that the user gives.
std::string named_tables(const Object& each, const std::string& description) {
  return Object()
      .add("type", quote("object"))
      .add("description", quote(description))
      .add("minProperties", "1")
      .add("propertyNames", Object().add("pattern", quote("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")).text())
      .add("additionalProperties", each.text())
      .text();
}

std::string array_of(const Object& each, const std::string& description, const char* least) {
  return Object()
      .add("type", quote("array"))
      .add("description", quote(description))
      .add("minItems", least)
      .add("items", each.text())
      .text();
}

/// Keys that must be there unless `file` brings them: at the table itself, and in each table of
/// names `inner` under it.
void require_without_file(Object& table, std::vector<std::string> keys, const std::string& inner,
                          const std::string& inner_required) {
  const Object each = Object().add("required", inner_required);
  const Object inside = Object().add(
      inner, Object().add("type", quote("object")).add("additionalProperties", each.text()).text());
  table.add("if", Object().add("not", Object().add("required", "[\"file\"]").text()).text())
      .add("then", Object()
                       .add("required", quoted_list(std::move(keys)))
                       .add("properties", inside.text())
                       .text());
}

Object boards() {
  Object properties;
  properties.add("kinds", named_tables(table_of(kind_fields(), HostSpec{}, "a kind of host")
                                           .add("required", required_of(kind_fields())),
                                       "kinds of host, by name"));
  return table_of(properties, "kinds of host, for platforms that name this file")
      .add("required", "[\"kinds\"]");
}

Object platform() {
  Object group;
  add_fields(group, group_fields(), HostGroup{});
  group.add("names", array_of(text_of("name of a host"), "one name for each host of the group", "1"));
  Object lei;
  add_fields(lei, lei_fields(), LeiDescription{});
  lei.add("hosts", array_of(table_of(group, "").add("required", required_of(group_fields())),
                            "groups of hosts", "1"));
  lei.add("broker", text_of("name of one of the LEI's hosts; by default the first").text());
  Object properties;
  properties.add("file", text_of("a platform, or a file of boards, over which these keys are laid").text());
  add_fields(properties, platform_fields(), PlatformDraft{});
  properties.add("kinds", named_tables(table_of(kind_fields(), HostSpec{}, "a kind of host"),
                                       "kinds of host, by name"));
  properties.add("leis", array_of(table_of(lei, "").add("required", "[\"hosts\"]"),
                                  "local edge infrastructures", "1"));
  Object out = table_of(properties, "hosts, LEIs and links");
  require_without_file(out, {"kinds", "leis"}, "kinds", required_of(kind_fields()));
  return out;
}

Object workload() {
  const Object entry = Object()
                           .add("type", quote("array"))
                           .add("minItems", "3")
                           .add("maxItems", "4")
                           .add("items", Object().add("type", "[\"string\", \"number\"]").text());
  Object properties;
  properties.add("file", text_of("a workload over which these keys are laid").text());
  add_fields(properties, workload_fields(), Workload{});
  properties.add("deadlines",
                 text_of("a file of workloads/deadlines/, for applications without one").text());
  properties.add("trace",
                 Object()
                     .add("description",
                          quote("recorded arrivals instead of drawn ones: a CSV file with the columns "
                                "time_s, lei, application and perhaps images, or an array of "
                                "[time, LEI, application] with perhaps the images of the task"))
                     .add("type", "[\"string\", \"array\"]")
                     .add("items", entry.text())
                     .text());
  properties.add("applications",
                 named_tables(table_of(application_fields(), Application{}, "an application"),
                              "applications, by name"));
  Object out = table_of(properties, "applications and their arrivals");
  require_without_file(out, {"applications"}, "applications", required_of(application_fields()));
  return out;
}

/// A part that is a name, or a table of its own.
std::string name_or_table(const Object& table, const std::string& description) {
  return Object()
      .add("description", quote(description))
      .add("anyOf", list({Object().add("type", quote("string")).text(), table.text()}))
      .text();
}

/// [sweep], whose reader (sweep_reader.cpp) has no table of keys: names of axes are free. A dotted
/// key without quotation marks comes as tables, so that an axis may stand at any depth.
std::string sweep() {
  return R"json({"type": "object", "additionalProperties": false,
"description": "many runs instead of one: `lair sweep` (docs/sweeps.md)", "properties": {
"seeds": {"type": ["string", "integer", "array"], "default": "1..5",
  "description": "\"1..20\", \"1,4,7..9\", a number or a list of numbers"},
"policies": {"type": ["string", "array"], "items": {"type": "string"},
  "description": "names or libraries with options, such as dragon:k=5; by default the scenario's"},
"constraints": {"type": ["string", "array"], "items": {"type": "string"},
  "description": "SQL over axes and policy, such as [faults.rate] < 2 OR policy = 'none'"},
"time_limit": {"type": "string", "description": "wall clock of one run, such as 10 min"},
"axes": {"type": "object", "additionalProperties": {"type": ["array", "object"]},
  "description": "keys of the scenario, or POLICY:OPTION: lists, or ranges { from, to, steps, scale, integer }"},
"zip": {"type": "array", "description": "lists of equal length that change together",
  "items": {"type": "object", "additionalProperties": {"type": ["array", "object"]}}},
"sample": {"type": "array", "description": "points drawn from ranges",
  "items": {"type": "object", "additionalProperties": false, "required": ["points", "axes"], "properties": {
    "method": {"enum": ["latin-hypercube", "sobol", "morris"], "default": "latin-hypercube",
      "description": "how points are drawn"},
    "points": {"type": "integer", "minimum": 2, "maximum": 100000,
      "description": "points; sobol: base points; morris: trajectories"},
    "levels": {"type": "integer", "minimum": 2, "maximum": 1000, "default": 4,
      "description": "even; of Morris' grid"},
    "seed": {"type": "integer", "minimum": 0, "default": 1, "description": "of the draw"},
    "axes": {"type": "object", "description": "ranges { from, to, scale, integer }, or lists",
      "additionalProperties": {"type": ["array", "object"]}}}}}}})json";
}

Object scenario() {
  const Scenario defaults;
  Object shares, faults, policy, properties;
  add_fields(faults, fault_fields(), defaults.faults);
  faults.add("preset", Object()
                           .add("description", quote("what other keys are laid over"))
                           .add("enum", quoted_list({"default", "ftsad"}))
                           .add("default", quote("default"))
                           .text());
  faults.add("shares", table_of(fault_share_fields(), defaults.faults,
                                "which kinds are drawn, relative to one another").text());
  for (const auto& section : effect_sections())
    faults.add(section.key, table_of(section.fields, defaults.faults,
                                     "what a fault of this kind at strength 1 is").text());
  faults.add("script", array_of(table_of(script_fields(), ScriptDraft{}, "one fault")
                                    .add("required", required_of(script_fields())),
                                "faults given one by one, in addition to the drawn ones", "0"));
  add_fields(policy, policy_fields(), defaults.policy);
  policy.add("options", Object()
                            .add("type", quote("object"))
                            .add("description", quote("options of the policy, which checks them"))
                            .add("additionalProperties",
                                 Object().add("type", "[\"string\", \"number\", \"boolean\"]").text())
                            .text());
  add_fields(properties, scenario_fields(), defaults);
  properties.add("platform", name_or_table(platform(), "a name from platforms/ or a file, or a table"));
  properties.add("workload", name_or_table(workload(), "a name from workloads/ or a file, or a table"));
  properties.add("faults", table_of(faults, "what goes wrong").text());
  properties.add("liveness", table_of(liveness_fields(), defaults.liveness, "probing of hosts").text());
  properties.add("exchange",
                 table_of(exchange_fields(), defaults.exchange, "reports between brokers").text());
  properties.add("migration", table_of(migration_fields(), defaults.migration,
                                       "moving and restarting tasks").text());
  properties.add("overhead", table_of(overhead_fields(), defaults.overhead,
                                      "what the policy itself costs its broker").text());
  properties.add("policy", table_of(policy, "what runs inside every broker").text());
  properties.add("record", table_of(record_fields(), defaults.record, "what is written").text());
  properties.add("sweep", sweep());
  return table_of(properties, "").add("required", "[\"platform\", \"workload\"]");
}

} // namespace

std::vector<std::string> schema_kinds() { return {"scenario", "platform", "boards", "workload"}; }

std::string json_schema(std::string_view kind) {
  const Object table = kind == "scenario"   ? scenario()
                       : kind == "platform" ? platform()
                       : kind == "boards"   ? boards()
                       : kind == "workload" ? workload()
                                            : Object();
  LAIR_ASSERT(!table.text().empty() && table.text() != "{}", "a kind of schema_kinds()");
  const std::string text = table.lines();
  return fmt::format("{{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                     "\"title\": \"Lair: a {}\",{}\n",
                     kind, text.substr(1));
}

} // namespace lair
