#include "scenario/document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace lair {

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, node] : entries)
    if (name == key) return &node;
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string_view describe(Node::Kind kind) {
  switch (kind) {
  case Node::Kind::boolean: return "a boolean";
  case Node::Kind::integer: return "an integer";
  case Node::Kind::number: return "a number";
  case Node::Kind::text: return "a string";
  case Node::Kind::array: return "an array";
  case Node::Kind::table: return "a table";
  case Node::Kind::other: break;
  }
  return "a date or time";
}

namespace {

Node::Place place_of(const toml::source_region& source, unsigned file) {
  return {file, source.begin.line, source.begin.column};
}

Node convert(const toml::node& from, unsigned file) {
  Node node;
  node.place = place_of(from.source(), file);
  switch (from.type()) {
  case toml::node_type::table: {
    node.kind = Node::Kind::table;
    const auto& table = *from.as_table();
    node.entries.reserve(table.size());
    for (const auto& [key, value] : table) {
      node.entries.emplace_back(std::string(key.str()), convert(value, file));
      node.entries.back().second.key_place = place_of(key.source(), file);
    }
    // toml++ sorts by name; ids of applications, LEIs and kinds follow the file's own order.
    std::stable_sort(node.entries.begin(), node.entries.end(), [](const auto& a, const auto& b) {
      const auto &p = a.second.key_place, &q = b.second.key_place;
      return std::tie(p.line, p.column) < std::tie(q.line, q.column);
    });
    break;
  }
  case toml::node_type::array:
    node.kind = Node::Kind::array;
    node.items.reserve(from.as_array()->size());
    for (const auto& item : *from.as_array()) node.items.push_back(convert(item, file));
    break;
  case toml::node_type::string:
    node.kind = Node::Kind::text;
    node.text = **from.as_string();
    break;
  case toml::node_type::integer:
    node.kind = Node::Kind::integer;
    node.integer = **from.as_integer();
    node.number = static_cast<double>(node.integer);
    break;
  case toml::node_type::floating_point:
    node.kind = Node::Kind::number;
    node.number = **from.as_floating_point();
    break;
  case toml::node_type::boolean:
    node.kind = Node::Kind::boolean;
    node.boolean = **from.as_boolean();
    break;
  default: node.kind = Node::Kind::other; break;
  }
  return node;
}

constexpr unsigned most_key_parts = 256;

/// The line of the first dotted key that has too many parts, or 0. What stands in strings and comments
/// does not count.
unsigned line_of_long_key(std::string_view text) {
  unsigned line = 1, dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::string_view fence = text.substr(i, 3) == std::string_view(c == '"' ? "\"\"\"" : "'''") ? text.substr(i, 3)
                                                                            : text.substr(i, 1);
      for (i += fence.size(); i < text.size() && text.substr(i, fence.size()) != fence; ++i) {
        if (c == '"' && text[i] == '\\') ++i;
        if (i >= text.size()) return 0;
        if (text[i] != '\n') continue;
        ++line;
        if (fence.size() == 1) break; // not closed: the parser says so
      }
      if (i < text.size() && text[i] != '\n') i += fence.size() - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '.') {
      if (++dots >= most_key_parts) return line;
    } else if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') {
      dots = 0;
      if (c == '\n') ++line;
    }
  }
  return 0;
}

} // namespace

std::optional<Node> parse_toml(std::string_view text, unsigned file, Diagnostic& error) {
  // toml++ limits how deep values nest, but not keys; each part of one is a table, and a deep tree of
  // them ends in a stack overflow.
  if (const unsigned line = line_of_long_key(text); line > 0) {
    error.line = line;
    error.column = 1;
    error.problem = fmt::format("a key of more than {} parts", most_key_parts);
    error.remedy = "a known key";
    return std::nullopt;
  }
  try {
    return convert(toml::parse(text), file);
  } catch (const toml::parse_error& e) {
    error.line = e.source().begin.line;
    error.column = e.source().begin.column;
    error.problem = "not TOML: " + std::string(e.description());
    error.remedy = "see https://toml.io for the syntax";
    return std::nullopt;
  }
}

Node parse_value(std::string_view text, unsigned file) {
  Diagnostic ignored;
  // A newline would let one --set smuggle in further keys.
  if (text.find('\n') == std::string_view::npos)
    if (auto parsed = parse_toml("v = " + std::string(text), file, ignored);
        parsed && parsed->entries.size() == 1) {
      Node value = std::move(parsed->entries.front().second);
      if (value.kind != Node::Kind::other) return value;
    }
  Node bare;
  bare.kind = Node::Kind::text;
  bare.text = std::string(text);
  bare.place.file = file;
  return bare;
}

void overlay(Node& base, Node over) {
  if (!base.is_table() || !over.is_table()) {
    base = std::move(over);
    return;
  }
  for (auto& [key, node] : over.entries) {
    if (Node* mine = base.find(key)) {
      const auto key_place = node.key_place;
      overlay(*mine, std::move(node));
      mine->key_place = key_place;
    } else {
      base.entries.emplace_back(std::move(key), std::move(node));
    }
  }
}

} // namespace lair
