/// A TOML document as a plain tree that remembers where everything stood. The only door to toml++.
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lair {

struct Node {
  enum class Kind { boolean, integer, number, text, array, table, other };
  struct Place {
    unsigned file = 0; ///< index into Context::files
    unsigned line = 0, column = 0;
  };
  struct Entry; ///< key and value of a table

  Kind kind = Kind::table;
  Place place;     ///< of the value
  Place key_place; ///< of its key, in a table
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;          ///< also set for integers
  std::string text;           ///< also set for other kinds: what it is ("date")
  std::vector<Node> items;    ///< array
  std::vector<Entry> entries; ///< table, in the order of the file

  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  bool is_text() const { return kind == Kind::text; }
  bool is_table() const { return kind == Kind::table; }
  bool is_array() const { return kind == Kind::array; }
};

struct Node::Entry {
  std::string first;
  Node second;
  Entry(std::string key, Node value) : first(std::move(key)), second(std::move(value)) {}
};

/// "a string", "a table", ... for messages.
std::string_view describe(Node::Kind kind);

/// Parses a document. A syntax error goes to `error` (line, column, problem, remedy) and gives
/// nothing.
std::optional<Node> parse_toml(std::string_view text, unsigned file, Diagnostic& error);

/// The right-hand side of `--set key=value`: a TOML value, or, if it is none, a bare string.
Node parse_value(std::string_view text, unsigned file);

/// `over` laid over `base`: tables key by key, everything else replaced.
void overlay(Node& base, Node over);

} // namespace lair
