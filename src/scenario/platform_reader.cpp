#include "scenario/parts.hpp"
#include "scenario/tables.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace lair {

std::vector<HostSpec> read_kinds(Context& context, const Node& table, const std::string& path) {
  std::vector<HostSpec> kinds;
  const Node* node = table.find("kinds");
  const auto at = join_path(path, "kinds");
  if (node == nullptr) {
    context.error(table.place, at, "missing",
                  fmt::format("at least one kind of host, such as [{}.pi4b-4gb]", at));
    return kinds;
  }
  if (!expect_table(context, *node, at)) return kinds;
  for (const auto& [name, kind] : node->entries) {
    const auto here = join_path(at, name);
    HostSpec spec;
    Node key; // a kind's name follows the rules of names
    key.kind = Node::Kind::text;
    key.text = name;
    key.place = kind.key_place;
    if (!read_name_node(context, key, here, spec.kind) || !expect_table(context, kind, here))
      continue;
    const auto errors = context.error_count();
    read_fields(context, kind, here, kind_fields(), spec);
    if (context.error_count() == errors && spec.ram_system >= spec.ram)
      context.error(kind.key_place, join_path(here, "ram_system"),
                    fmt::format("{} is not below the RAM of {}",
                                write_quantity(spec.ram_system.value, Unit::bytes),
                                write_quantity(spec.ram.value, Unit::bytes)),
                    "less than `ram`, or nothing can run");
    kinds.push_back(std::move(spec));
  }
  return kinds;
}

namespace {

constexpr std::size_t most_hosts = 200000;

/// Reads one group of a LEI's hosts and adds them to the federation.
void read_group(Context& context, const Node& node, const std::string& path,
                const std::vector<HostSpec>& kinds, LeiId lei, Federation& federation) {
  if (!expect_table(context, node, path)) return;
  HostGroup group;
  const auto errors = context.error_count();
  read_fields(context, node, path, group_fields(), group, {"names"});
  if (context.error_count() != errors) return;
  const HostSpec* spec = nullptr;
  std::vector<std::string> known;
  for (const auto& kind : kinds) {
    known.push_back(kind.kind);
    if (kind.kind == group.kind) spec = &kind;
  }
  if (spec == nullptr) {
    const auto near = nearest(group.kind, known);
    std::string all;
    for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
    context.error(node.find("kind")->place, join_path(path, "kind"),
                  fmt::format("there is no kind '{}'", group.kind),
                  near.empty() ? "one of the kinds: " + all
                               : fmt::format("did you mean '{}'?", near));
    return;
  }
  std::vector<std::string> names;
  if (const Node* list = node.find("names")) {
    const auto at = join_path(path, "names");
    if (!list->is_array()) {
      context.error(list->place, at, fmt::format("{} is not an array", describe(list->kind)),
                    "one name for each host of the group");
      return;
    }
    for (const auto& item : list->items) {
      std::string name;
      if (!read_name_node(context, item, at, name)) return;
      names.push_back(std::move(name));
    }
    if (names.size() != group.count) {
      context.error(list->place, at,
                    fmt::format("{} names for {} hosts", names.size(), group.count),
                    "one name for each host of the group");
      return;
    }
  }
  auto& description = federation.leis[lei.index()];
  if (federation.hosts.size() + group.count > most_hosts) {
    context.error(node.place, path, "more than 200000 hosts in the federation", "fewer hosts");
    return;
  }
  for (unsigned i = 0; i < group.count; ++i) {
    const HostId id(static_cast<std::uint32_t>(federation.hosts.size()));
    description.hosts.push_back(id);
    federation.hosts.push_back(
        {names.empty() ? default_host_name(description.name, description.hosts.size()) : names[i],
         *spec, lei});
  }
}

void read_lei(Context& context, const Node& node, const std::string& path,
              const std::vector<HostSpec>& kinds, const LeiDescription& defaults,
              Federation& federation) {
  if (!expect_table(context, node, path)) return;
  const LeiId id(static_cast<std::uint32_t>(federation.leis.size()));
  federation.leis.push_back(defaults);
  {
    auto& lei = federation.leis.back();
    lei.name = default_lei_name(id.index() + 1);
    read_fields(context, node, path, lei_fields(), lei, {"hosts", "broker"});
  }
  const Node* hosts = node.find("hosts");
  const auto at = join_path(path, "hosts");
  if (hosts == nullptr || !hosts->is_array() || hosts->items.empty()) {
    context.error(hosts == nullptr ? node.place : hosts->place, at,
                  hosts == nullptr ? "missing" : "there are no hosts",
                  "an array of groups, such as [{ kind = \"pi4b-4gb\", count = 4 }]");
    return;
  }
  const auto errors = context.error_count();
  for (std::size_t i = 0; i < hosts->items.size(); ++i)
    read_group(context, hosts->items[i], join_path(at, fmt::format("{}", i)), kinds, id,
               federation);
  auto& lei = federation.leis.back();
  if (lei.hosts.empty() || context.error_count() != errors) return;
  lei.broker = lei.hosts.front();
  std::string broker;
  if (const Node* name = node.find("broker");
      name != nullptr && read_text_node(context, *name, join_path(path, "broker"), broker)) {
    std::vector<std::string> known;
    lei.broker = HostId();
    for (const HostId host : lei.hosts) {
      known.push_back(federation.host(host).name);
      if (known.back() == broker) lei.broker = host;
    }
    if (!lei.broker.valid()) {
      const auto near = nearest(broker, known);
      context.error(name->place, join_path(path, "broker"),
                    fmt::format("'{}' is no host of {}", broker, lei.name),
                    near.empty()
                        ? fmt::format("one of its hosts, {} to {}", known.front(), known.back())
                        : fmt::format("did you mean '{}'?", near));
    }
  }
}

template <class Described>
void refuse_duplicates(Context& context, const std::vector<Described>& all, const char* what,
                       const Node& place, const std::string& path) {
  std::unordered_set<std::string> seen;
  for (const auto& one : all)
    if (!seen.insert(one.name).second)
      context.error(place.place, path, fmt::format("two {} are called '{}'", what, one.name),
                    "names that differ");
}

} // namespace

std::string default_host_name(const std::string& lei, std::size_t number) {
  return fmt::format("{}-{}", lei, number);
}

std::string default_lei_name(std::size_t number) { return fmt::format("lei{}", number); }

Federation read_federation(Context& context, const Node& table, const std::string& path) {
  PlatformDraft draft;
  draft.federation.name = "platform";
  if (!expect_table(context, table, path)) return {};
  read_fields(context, table, path, platform_fields(), draft, {"kinds", "leis"});
  const auto errors = context.error_count();
  const auto kinds = read_kinds(context, table, path);
  const bool kinds_failed = context.error_count() != errors;
  const Node* leis = table.find("leis");
  const auto at = join_path(path, "leis");
  if (leis == nullptr || !leis->is_array() || leis->items.empty()) {
    context.error(leis == nullptr ? table.place : leis->place, at,
                  leis == nullptr ? "missing" : "there are no LEIs",
                  fmt::format("at least one [[{}]]", at));
    return draft.federation;
  }
  auto& federation = draft.federation;
  federation.leis.reserve(leis->items.size());
  for (std::size_t i = 0; i < leis->items.size(); ++i)
    if (!kinds_failed || !kinds.empty())
      read_lei(context, leis->items[i], join_path(at, fmt::format("{}", i)), kinds, draft.defaults,
               federation);
  refuse_duplicates(context, federation.leis, "LEIs", *leis, at);
  refuse_duplicates(context, federation.hosts, "hosts", *leis, at);
  return federation;
}

std::string write_federation(const Federation& federation, const std::string& prefix) {
  PlatformDraft draft;
  draft.federation.name = federation.name;
  draft.federation.broker_runs_tasks = federation.broker_runs_tasks;
  // Two lines only: the WAN's defaults are spelled out at every LEI.
  std::string out;
  for (const auto& field : platform_fields())
    if (field.key == "name" || field.key == "broker_runs_tasks")
      out += fmt::format("{} = {}\n", field.key, field.write(draft));
  std::unordered_set<std::string> written;
  for (const auto& host : federation.hosts)
    if (written.insert(host.spec.kind).second)
      out += fmt::format("\n[{}kinds.{}]\n{}", prefix, write_key(host.spec.kind),
                         write_fields(kind_fields(), host.spec));
  for (const auto& lei : federation.leis) {
    out += fmt::format("\n[[{}leis]]\n{}", prefix, write_fields(lei_fields(), lei));
    out += fmt::format("broker = {}\nhosts = [", quote(federation.host(lei.broker).name));
    for (std::size_t i = 0; i < lei.hosts.size();) {
      const auto& kind = federation.host(lei.hosts[i]).spec.kind;
      std::size_t end = i;
      bool named = false;
      std::string names;
      for (; end < lei.hosts.size() && federation.host(lei.hosts[end]).spec.kind == kind; ++end) {
        const auto& name = federation.host(lei.hosts[end]).name;
        named = named || name != default_host_name(lei.name, end + 1);
        names += (end > i ? ", " : "") + quote(name);
      }
      out += fmt::format("{}{{ kind = {}, count = {}", i > 0 ? ", " : "", quote(kind), end - i);
      out += named ? fmt::format(", names = [{}] }}", names) : " }";
      i = end;
    }
    out += "]\n";
  }
  return out;
}

} // namespace lair
