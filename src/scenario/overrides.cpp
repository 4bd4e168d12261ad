#include "scenario/overrides.hpp"

#include "scenario/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lair {

namespace {

void forget_places(Node& node) {
  node.place = node.key_place = {node.place.file, 0, 0};
  for (auto& item : node.items) forget_places(item);
  for (auto& [key, entry] : node.entries) forget_places(entry);
}

Node* element(Context& context, Node& array, const Override& one, const std::string& part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error == std::errc() && end == part.data() + part.size() && index < array.items.size())
    return &array.items[index];
  std::vector<std::string> known;
  for (std::size_t i = 0; i < array.items.size(); ++i) {
    const Node* name = array.items[i].find("name");
    known.push_back(name != nullptr && name->is_text() ? name->text : default_lei_name(i + 1));
    if (known.back() == part) return &array.items[i];
  }
  const auto near = nearest(part, known);
  context.error(one.value.place, one.path, fmt::format("there is no element '{}'", part),
                !near.empty()   ? fmt::format("did you mean '{}'?", near)
                : known.empty() ? "the array is empty"
                                : fmt::format("0 to {}, or a name", known.size() - 1));
  return nullptr;
}

} // namespace

std::vector<Override> parse_overrides(Context& context, const std::vector<std::string>& texts) {
  std::vector<Override> all;
  if (texts.empty()) return all;
  const unsigned file = context.add_file("--set");
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      context.error(file, "", fmt::format("'{}' sets nothing", text),
                    "key=value, such as faults.rate=2");
      continue;
    }
    Override one;
    std::string key = text.substr(0, equals), value = text.substr(equals + 1);
    const auto trim = [](std::string& t) {
      while (!t.empty() && t.front() == ' ') t.erase(0, 1);
      while (!t.empty() && t.back() == ' ') t.pop_back();
    };
    trim(key);
    trim(value);
    one.path = key;
    for (std::size_t at = 0; at <= key.size();) {
      const auto end = std::min(key.find('.', at), key.size());
      one.parts.push_back(key.substr(at, end - at));
      at = end + 1;
    }
    if (std::any_of(one.parts.begin(), one.parts.end(), [](const auto& p) { return p.empty(); })) {
      context.error(file, key, "not a key's path",
                    "names with single dots between, such as faults.rate");
      continue;
    }
    one.value = parse_value(value, file);
    forget_places(one.value);
    // Names that look like numbers: a text field takes what was typed.
    if (!one.value.is_text() && !one.value.is_table() && !one.value.is_array())
      one.value.text = value;
    all.push_back(std::move(one));
  }
  return all;
}

void apply_override(Context& context, Node& root, const Override& one) {
  Node* at = &root;
  for (std::size_t i = 0; i + 1 < one.parts.size() + 1; ++i) {
    const auto& part = one.parts[i];
    const bool last = i + 1 == one.parts.size();
    if (at->is_array()) {
      at = element(context, *at, one, part);
      if (at == nullptr) return;
      if (last) *at = one.value;
      continue;
    }
    // A named platform or workload of which one key is set becomes a table with that name in
    // `file`.
    if (at->is_text() && i == 1 && (one.parts[0] == "platform" || one.parts[0] == "workload")) {
      Node table;
      table.place = at->place;
      table.key_place = at->key_place;
      table.entries.emplace_back("file", *at);
      *at = std::move(table);
    }
    if (!at->is_table()) {
      context.error(one.value.place, one.path,
                    fmt::format("'{}' is {}, it has no keys", one.parts[i - 1], describe(at->kind)),
                    "the path of a key");
      return;
    }
    Node* next = at->find(part);
    if (next == nullptr) {
      Node empty;
      empty.place = empty.key_place = one.value.place;
      at->entries.emplace_back(part, std::move(empty));
      next = &at->entries.back().second;
    }
    if (last) {
      const auto key_place = next->key_place;
      *next = one.value;
      next->key_place = key_place;
      return;
    }
    at = next;
  }
}

} // namespace lair
