/// One row of the table of keys: it reads a value, writes it, and documents it.
#pragma once

#include "core/units.hpp"
#include "scenario/context.hpp"
#include "scenario/quantity.hpp"

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace lair {

/// Bounds of a value, in SI units.
struct Range {
  double min = 0, max = 1e18;
  bool above = false; ///< min itself is not allowed
};
constexpr Range positive(double max = 1e18) { return {0, max, true}; }
constexpr Range at_least(double min, double max = 1e18) { return {min, max, false}; }

/// A word that stands for a special value: "none" for an infinite deadline.
struct Special {
  std::string_view word;
  double value = 0;
};

/// What may stand there, for schemas.
struct Shape {
  enum class Kind { quantity, integer, boolean, text, name, choice, power };
  Kind kind = Kind::text;
  Unit unit = Unit::none;           ///< of a quantity
  Range range{};                    ///< of a quantity or an integer
  std::vector<std::string> words{}; ///< of a choice, or of a quantity that may be one
  bool intervals = false;           ///< a time that may count intervals
};

template <class Owner> struct Field {
  std::string key;
  std::string unit;  ///< "time", "integer", ... for the reference
  std::string range; ///< "at least 0 s", for the reference
  std::string doc;   ///< one line
  bool required = false;
  std::function<void(Context&, const Node&, const std::string& path, Owner&)> read;
  std::function<std::string(const Owner&)> write; ///< as a TOML value
  Shape shape{};
};

// Untemplated parts (field.cpp): each reports what is wrong and returns false, leaving `out` alone.
bool read_quantity_node(Context&, const Node&, const std::string& path, Unit, const Range&,
                        const Special&, double& out, bool* in_intervals = nullptr);
bool read_integer_node(Context&, const Node&, const std::string& path, const Range&,
                       std::int64_t& out);
bool read_boolean_node(Context&, const Node&, const std::string& path, bool& out);
bool read_text_node(Context&, const Node&, const std::string& path, std::string& out);
/// A name that can stand in file names and CSV columns: letters, digits, '.', '_', '-'.
bool read_name_node(Context&, const Node&, const std::string& path, std::string& out);
bool read_choice_node(Context&, const Node&, const std::string& path,
                      std::span<const std::string> choices, std::size_t& out);
bool expect_table(Context&, const Node&, const std::string& path);
std::string quote(std::string_view text);    ///< as a TOML string
std::string write_key(std::string_view key); ///< bare if possible
std::string describe_range(const Range&, Unit);
std::string unit_title(Unit);

/// Number or quantity; `at` gives the member (double or Quantity) of a const or non-const owner.
template <class Owner, class At>
Field<Owner> quantity(std::string key, At at, Unit unit, Range range, std::string doc,
                      Special special = {}) {
  const auto value_of = [at](const Owner& owner) -> double {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(at(owner))>>)
      return at(owner);
    else
      return at(owner).value;
  };
  Field<Owner> field{
      std::move(key), unit_title(unit), describe_range(range, unit), std::move(doc), false, {}, {},
      {Shape::Kind::quantity, unit, range}};
  if (!special.word.empty()) {
    field.range += fmt::format(", or \"{}\"", special.word);
    field.shape.words.emplace_back(special.word);
  }
  field.read = [at, unit, range, special](Context& context, const Node& node,
                                          const std::string& path, Owner& owner) {
    double value = 0;
    if (!read_quantity_node(context, node, path, unit, range, special, value)) return;
    at(owner) = std::decay_t<decltype(at(owner))>(value);
  };
  field.write = [value_of, unit, special](const Owner& owner) {
    const double value = value_of(owner);
    if (!special.word.empty() && value == special.value) return quote(special.word);
    const auto text = write_quantity(value, unit);
    return unit == Unit::none ? text : quote(text);
  };
  return field;
}

template <class Owner, class At>
Field<Owner> integer(std::string key, At at, Range range, std::string doc) {
  return {std::move(key),
          "integer",
          describe_range(range, Unit::none),
          std::move(doc),
          false,
          [at, range](Context& context, const Node& node, const std::string& path, Owner& owner) {
            std::int64_t value = 0;
            if (read_integer_node(context, node, path, range, value))
              at(owner) = static_cast<std::decay_t<decltype(at(owner))>>(value);
          },
          [at](const Owner& owner) { return fmt::format("{}", at(owner)); },
          {Shape::Kind::integer, Unit::none, range}};
}

template <class Owner, class At> Field<Owner> boolean(std::string key, At at, std::string doc) {
  return {std::move(key),
          "boolean",
          "true or false",
          std::move(doc),
          false,
          [at](Context& context, const Node& node, const std::string& path, Owner& owner) {
            read_boolean_node(context, node, path, at(owner));
          },
          [at](const Owner& owner) { return at(owner) ? "true" : "false"; },
          {Shape::Kind::boolean}};
}

template <class Owner, class At> Field<Owner> text(std::string key, At at, std::string doc) {
  return {std::move(key),
          "text",
          "",
          std::move(doc),
          false,
          [at](Context& context, const Node& node, const std::string& path, Owner& owner) {
            read_text_node(context, node, path, at(owner));
          },
          [at](const Owner& owner) { return quote(at(owner)); },
          {Shape::Kind::text}};
}

template <class Owner, class At> Field<Owner> name(std::string key, At at, std::string doc) {
  auto field = text<Owner>(std::move(key), at, std::move(doc));
  field.unit = "name";
  field.range = "letters, digits, '.', '_', '-'";
  field.shape.kind = Shape::Kind::name;
  field.read = [at](Context& context, const Node& node, const std::string& path, Owner& owner) {
    read_name_node(context, node, path, at(owner));
  };
  return field;
}

/// One of some words; Enum's values are 0, 1, ... in the order of `words`.
template <class Owner, class At>
Field<Owner> choice(std::string key, At at, std::vector<std::string> words, std::string doc) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return {std::move(key),
          "one of",
          all,
          std::move(doc),
          false,
          [at, words](Context& context, const Node& node, const std::string& path, Owner& owner) {
            std::size_t index = 0;
            if (read_choice_node(context, node, path, words, index))
              at(owner) = static_cast<std::decay_t<decltype(at(owner))>>(index);
          },
          [at, words](const Owner& owner) {
            return quote(words[static_cast<std::size_t>(at(owner))]);
          },
          {Shape::Kind::choice, Unit::none, {}, words}};
}

template <class Owner> Field<Owner> required(Field<Owner> field) {
  field.required = true;
  return field;
}

template <class Owner> using Fields = std::vector<Field<Owner>>;

/// Reads every key of `table` that a field knows; reports unknown keys and missing required ones.
/// `others`: keys of the table that somebody else reads.
template <class Owner>
void read_fields(Context& context, const Node& table, const std::string& path,
                 const Fields<Owner>& fields, Owner& owner,
                 std::initializer_list<std::string_view> others = {}) {
  std::vector<std::string> known;
  for (const auto& field : fields) {
    known.push_back(field.key);
    if (const Node* node = table.find(field.key))
      field.read(context, *node, join_path(path, field.key), owner);
    else if (field.required)
      context.error(table.key_place.line != 0 ? table.key_place : table.place,
                    join_path(path, field.key), "missing",
                    fmt::format("{} ({})", field.doc, field.unit));
  }
  known.insert(known.end(), others.begin(), others.end());
  context.refuse_unknown_keys(table, path, known);
}

/// `key = value` lines of all fields.
template <class Owner> std::string write_fields(const Fields<Owner>& fields, const Owner& owner) {
  std::string out;
  for (const auto& field : fields)
    out += fmt::format("{} = {}\n", write_key(field.key), field.write(owner));
  return out;
}

} // namespace lair
