#include "scenario/reader.hpp"

#include "scenario/files.hpp"
#include "scenario/overrides.hpp"
#include "scenario/parts.hpp"
#include "scenario/tables.hpp"
#include "scenario/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace lair {

namespace {

void read_options(Context& context, const Node& table, const std::string& path,
                  std::vector<std::pair<std::string, std::string>>& out) {
  if (!expect_table(context, table, path)) return;
  for (const auto& [key, node] : table.entries) {
    switch (node.kind) {
    case Node::Kind::text: out.emplace_back(key, node.text); break;
    case Node::Kind::boolean: out.emplace_back(key, node.boolean ? "true" : "false"); break;
    case Node::Kind::integer: out.emplace_back(key, fmt::format("{}", node.integer)); break;
    case Node::Kind::number: out.emplace_back(key, fmt::format("{}", node.number)); break;
    default:
      context.error(node.place, join_path(path, key),
                    fmt::format("{} cannot be an option", describe(node.kind)),
                    "a string, a number or a boolean");
    }
  }
}

/// "ftsad": as the traces of the DRAGON paper were made (5 faults per interval on 10 hosts, the
/// four attacks), lengths U(30 s, 130 s) so that 13 % of host-time is faulty. Other keys are laid
/// over it.
void apply_preset(Context& context, const Node& faults, FaultModel& model) {
  const Node* node = faults.find("preset");
  if (node == nullptr) return;
  static const std::vector<std::string> presets{"default", "ftsad"};
  std::size_t which = 0;
  if (!read_choice_node(context, *node, "faults.preset", presets, which) || which == 0) return;
  model.rate = 5;
  model.shares = {0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0};
  model.min_length = Seconds(30);
  model.max_length = Seconds(130);
}

void read_script(Context& context, const Node& node, const Federation& federation,
                 FaultModel& model) {
  const std::string path = "faults.script";
  if (!node.is_array()) {
    context.error(node.place, path, fmt::format("{} is not an array", describe(node.kind)),
                  "tables headed [[faults.script]]");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const auto& item = node.items[i];
    const auto here = join_path(path, fmt::format("{}", i));
    if (!expect_table(context, item, here)) continue;
    ScriptDraft draft;
    const auto errors = context.error_count();
    read_fields(context, item, here, script_fields(), draft);
    if (context.error_count() != errors) continue;
    const auto lookup = [&](const char* key, const std::string& name, const auto& all, auto& id) {
      if (name.empty()) return;
      for (std::size_t k = 0; k < all.size(); ++k)
        if (all[k].name == name) {
          id = std::decay_t<decltype(id)>(static_cast<std::uint32_t>(k));
          return;
        }
      std::vector<std::string> known;
      for (const auto& one : all) known.push_back(one.name);
      const auto near = nearest(name, known);
      context.error(item.find(key)->place, join_path(here, key),
                    fmt::format("there is no {} '{}'", key, name),
                    near.empty() ? fmt::format("the name of a {} of the platform", key)
                                 : fmt::format("did you mean '{}'?", near));
    };
    auto& fault = draft.fault;
    lookup("host", draft.host, federation.hosts, fault.host);
    lookup("lei", draft.lei, federation.leis, fault.lei);
    const bool host = !draft.host.empty(), lei = !draft.lei.empty();
    if (fault.kind == FaultKind::link_loss   ? host == lei
        : fault.kind == FaultKind::partition ? host || !lei
                                             : lei || !host)
      context.error(item.place, here,
                    fmt::format("a {} with {}", to_string(fault.kind),
                                host && lei ? "both host and lei"
                                : host      ? "a host"
                                : lei       ? "a lei"
                                            : "neither host nor lei"),
                    fault.kind == FaultKind::link_loss
                        ? "host for its LAN link, or lei for its WAN link"
                    : fault.kind == FaultKind::partition ? "lei, and no host"
                                                         : "host, and no lei");
    if (context.error_count() == errors) model.script.push_back(fault);
  }
}

void read_faults(Context& context, const Node& table, const Federation& federation,
                 FaultModel& model) {
  if (!expect_table(context, table, "faults")) return;
  apply_preset(context, table, model);
  std::vector<std::string> known{"preset", "shares", "script"};
  for (const auto& field : fault_fields()) {
    known.push_back(field.key);
    if (const Node* node = table.find(field.key))
      field.read(context, *node, join_path("faults", field.key), model);
  }
  if (const Node* shares = table.find("shares");
      shares && expect_table(context, *shares, "faults.shares"))
    read_fields(context, *shares, "faults.shares", fault_share_fields(), model);
  for (const auto& section : effect_sections()) {
    known.push_back(section.key);
    const auto path = join_path("faults", section.key);
    if (const Node* node = table.find(section.key); node && expect_table(context, *node, path))
      read_fields(context, *node, path, section.fields, model);
  }
  context.refuse_unknown_keys(table, "faults", known);
  // The two ends may have been given in different units: then both count in seconds.
  if (model.min_length.has_value() != model.max_length.has_value()) {
    if (!model.min_length) model.min_length = Seconds(model.min_intervals * context.interval);
    if (!model.max_length) model.max_length = Seconds(model.max_intervals * context.interval);
  }
  if (const Node* script = table.find("script")) read_script(context, *script, federation, model);
}

template <class Model>
void read_section(Context& context, const Node& root, const std::string& key,
                  const Fields<Model>& fields, Model& model,
                  std::initializer_list<std::string_view> others = {}) {
  if (const Node* node = root.find(key); node && expect_table(context, *node, key))
    read_fields(context, *node, key, fields, model, others);
}

Scenario read_root(Context& context, Node root, const std::string& path,
                   const std::vector<std::string>& override_texts, const Search& search,
                   const PolicyCheck& check = {}) {
  context.known_paths = key_paths();
  const auto overrides = parse_overrides(context, override_texts);
  // Two rounds: `platform=...` chooses a file, `platform.x=...` changes what stands in it.
  const auto inside_part = [](const Override& one) {
    return one.parts.size() > 1 && (one.parts[0] == "platform" || one.parts[0] == "workload") &&
           one.path != "platform.file" && one.path != "workload.file";
  };
  for (const auto& one : overrides)
    if (!inside_part(one)) apply_override(context, root, one);
  bool expanded[2] = {false, false};
  const std::string parts[2] = {"platform", "workload"};
  for (int i = 0; i < 2; ++i) {
    Node* node = root.find(parts[i]);
    if (node == nullptr) {
      context.error(root.place, parts[i], "missing",
                    fmt::format("the name of a {0}, such as {0} = \"{1}\"", parts[i],
                                i == 0 ? "pi-config2" : "aiotbench"));
      continue;
    }
    const auto key_place = node->key_place;
    if (auto table = expand(context, search, path, std::move(*node), parts[i], parts[i] + "s")) {
      *node = std::move(*table);
      node->key_place = key_place;
      expanded[i] = true;
    }
  }
  for (const auto& one : overrides)
    if (inside_part(one) && expanded[one.parts[0] == "platform" ? 0 : 1]) apply_override(context, root, one);

  Scenario scenario;
  scenario.name = stem_of(path);
  read_fields(context, root, "", scenario_fields(), scenario,
              {"platform", "workload", "faults", "liveness", "exchange", "migration", "overhead",
               "policy", "record", "sweep"});
  if (const Node* sweep = root.find("sweep"); sweep != nullptr && !search.sweep)
    context.error(sweep->key_place, "sweep", "this file is a sweep: many runs",
                  "`lair sweep FILE`, or `lair point FILE --index N` for one of its runs");
  context.interval = scenario.interval.value;
  if (expanded[0])
    scenario.federation = read_federation(context, *root.find("platform"), "platform");
  if (expanded[1])
    scenario.workload =
        read_workload_table(context, search, path, *root.find("workload"), "workload",
                            expanded[0] ? &scenario.federation : nullptr);
  if (const Node* faults = root.find("faults"))
    read_faults(context, *faults, scenario.federation, scenario.faults);
  read_section(context, root, "liveness", liveness_fields(), scenario.liveness);
  read_section(context, root, "exchange", exchange_fields(), scenario.exchange);
  read_section(context, root, "migration", migration_fields(), scenario.migration);
  read_section(context, root, "overhead", overhead_fields(), scenario.overhead);
  read_section(context, root, "policy", policy_fields(), scenario.policy, {"options"});
  if (const Node* policy = root.find("policy"); policy && policy->is_table())
    if (const Node* options = policy->find("options"))
      read_options(context, *options, "policy.options", scenario.policy.options);
  read_section(context, root, "record", record_fields(), scenario.record);
  validate(context, root, scenario);
  if (context.failed() && check)
    for (const Diagnostic& one : check(scenario.policy))
      context.error(place_of(root, one.key, {}), one.key, one.problem, one.remedy);
  context.throw_if_failed();
  scenario.resolved = write_scenario(scenario);
  scenario.hash = scenario_hash(scenario);
  return scenario;
}

} // namespace

Scenario read_scenario(const std::string& path, const std::vector<std::string>& overrides,
                       const Search& search, const PolicyCheck& check) {
  Context context;
  auto root = load_document(context, path);
  context.throw_if_failed();
  return read_root(context, std::move(*root), path, overrides, search, check);
}

Scenario read_scenario_text(std::string_view text, const std::string& path,
                            const std::vector<std::string>& overrides, const Search& search) {
  Context context;
  const unsigned file = context.add_file(path);
  Diagnostic error;
  auto root = parse_toml(text, file, error);
  if (!root) context.error({file, error.line, error.column}, "", error.problem, error.remedy);
  context.throw_if_failed();
  return read_root(context, std::move(*root), path, overrides, search);
}

namespace {
/// A platform or workload file, as the table it stands for.
Node read_part(Context& context, const Search& search, const std::string& path,
               const std::string& folder) {
  Node name;
  name.kind = Node::Kind::text;
  auto document = load_document(context, path);
  context.throw_if_failed();
  if (document->find("name") == nullptr) {
    Node stem;
    stem.kind = Node::Kind::text;
    stem.text = stem_of(path);
    stem.place = stem.key_place = {document->place.file, 1, 1};
    document->entries.emplace_back("name", std::move(stem));
  }
  auto table = expand(context, search, path, std::move(*document), "file", folder);
  context.throw_if_failed();
  return std::move(*table);
}
} // namespace

Federation read_platform(const std::string& path, const Search& search) {
  Context context;
  const auto table = read_part(context, search, path, "platforms");
  auto federation = read_federation(context, table, "");
  context.throw_if_failed();
  return federation;
}

std::vector<HostSpec> read_boards(const std::string& path) {
  Context context;
  const auto document = load_document(context, path);
  context.throw_if_failed();
  context.refuse_unknown_keys(*document, "", std::vector<std::string>{"kinds"});
  auto kinds = read_kinds(context, *document, "");
  context.throw_if_failed();
  return kinds;
}

DeadlineTable read_deadline_table(const std::string& path) {
  Context context;
  const auto document = load_document(context, path);
  context.throw_if_failed();
  DeadlineTable table;
  read_deadlines_document(context, *document, table);
  context.throw_if_failed();
  return table;
}

std::string find_calibration(const DeadlineTable& table, const std::string& path,
                             const Search& search) {
  namespace fs = std::filesystem;
  if (table.scenario.empty()) return {};
  std::vector<fs::path> places{fs::path()};
  fs::path at = fs::path(path).parent_path();
  for (int up = 0; up <= 4; ++up, at /= "..") places.push_back(at);
  if (!search.share.empty()) places.emplace_back(search.share);
  for (const auto& place : places)
    if (std::error_code ignored; fs::is_regular_file(place / table.scenario, ignored))
      return (place / table.scenario).lexically_normal().generic_string();
  return {};
}

Workload read_workload(const std::string& path, const Search& search) {
  Context context;
  const auto table = read_part(context, search, path, "workloads");
  auto workload = read_workload_table(context, search, path, table, "", nullptr);
  context.throw_if_failed();
  return workload;
}

FileKind detect_kind(const std::string& path) {
  if (std::filesystem::path(path).extension() == ".so") return FileKind::plugin;
  Context context;
  const auto document = load_document(context, path);
  context.throw_if_failed();
  const auto has = [&](const char* key) { return document->find(key) != nullptr; };
  if (has("platform") || has("workload") || has("intervals")) return FileKind::scenario;
  if (has("kinds") && !has("leis") && !has("file")) return FileKind::boards;
  if (has("leis") || has("kinds")) return FileKind::platform;
  if (has("applications")) return FileKind::workload;
  if (has("deadlines") && has("command")) return FileKind::deadlines;
  if (has("faults") || has("policy")) return FileKind::scenario;
  return FileKind::unknown;
}

} // namespace lair
