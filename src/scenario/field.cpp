#include "scenario/field.hpp"

#include <algorithm>
#include <cmath>

namespace lair {

namespace {

std::string written(const Node& node) {
  if (node.is_text()) return fmt::format("'{}'", node.text);
  if (node.kind == Node::Kind::integer) return fmt::format("{}", node.integer);
  if (node.kind == Node::Kind::number) return fmt::format("{}", node.number);
  if (node.kind == Node::Kind::boolean) return node.boolean ? "true" : "false";
  return std::string(describe(node.kind));
}

bool in_range(double value, const Range& range) {
  return value <= range.max && (range.above ? value > range.min : value >= range.min);
}

bool is_number(const Node& node) {
  return node.kind == Node::Kind::integer || node.kind == Node::Kind::number;
}

/// Values of --set stand nowhere and keep their text, which may look like a number.
bool takes_text(const Node& node, std::string& out) {
  if (!node.is_text() && (node.text.empty() || node.is_table() || node.is_array())) return false;
  out = node.text;
  return true;
}

} // namespace

std::string unit_title(Unit unit) {
  switch (unit) {
  case Unit::seconds: return "time";
  case Unit::bytes: return "size";
  case Unit::bytes_per_second: return "rate";
  case Unit::flops_per_second: return "speed";
  case Unit::flops: return "operations";
  case Unit::macs: return "multiply-accumulates";
  case Unit::watts: return "power";
  case Unit::none: break;
  }
  return "number";
}

std::string describe_range(const Range& range, Unit unit) {
  const auto show = [unit](double value) { return write_quantity(value, unit); };
  if (range.max >= 1e18)
    return fmt::format("{} {}", range.above ? "above" : "at least", show(range.min));
  if (range.above) return fmt::format("above {}, at most {}", show(range.min), show(range.max));
  return fmt::format("{} to {}", show(range.min), show(range.max));
}

bool read_quantity_node(Context& context, const Node& node, const std::string& path, Unit unit,
                        const Range& range, const Special& special, double& out,
                        bool* in_intervals) {
  const std::string or_word = special.word.empty() ? "" : fmt::format(", or \"{}\"", special.word);
  double value = 0;
  bool intervals = false;
  if (node.is_text() && !special.word.empty() && node.text == special.word) {
    out = special.value;
    return true;
  }
  if (unit == Unit::none) {
    if (!is_number(node)) {
      context.error(node.place, path, fmt::format("{} is not a number", written(node)),
                    fmt::format("a plain number, {}{}", describe_range(range, unit), or_word));
      return false;
    }
    value = node.number == 0 ? 0 : node.number;
    if (!std::isfinite(value)) {
      context.error(node.place, path, fmt::format("{} is not finite", written(node)),
                    fmt::format("a plain number, {}{}", describe_range(range, unit), or_word));
      return false;
    }
  } else {
    const auto remedy = [&] {
      return fmt::format("a string of a number and a unit, such as \"{}\"{} (units: {}{})",
                         unit_example(unit), or_word, unit_names(unit),
                         in_intervals != nullptr ? ", intervals" : "");
    };
    if (is_number(node)) {
      context.error(node.place, path, fmt::format("{} has no unit", written(node)), remedy());
      return false;
    }
    if (!node.is_text()) {
      context.error(node.place, path,
                    fmt::format("{} is not a {}", written(node), unit_title(unit)), remedy());
      return false;
    }
    const auto read = read_quantity(node.text, unit, in_intervals != nullptr);
    if (!read.problem.empty()) {
      context.error(node.place, path, read.problem, remedy());
      return false;
    }
    value = read.value;
    intervals = read.in_intervals;
  }
  if (!in_range(intervals ? value * context.interval : value, range)) {
    context.error(node.place, path, fmt::format("{} is out of range", written(node)),
                  describe_range(range, unit) + or_word);
    return false;
  }
  if (in_intervals != nullptr) *in_intervals = intervals;
  out = value;
  return true;
}

bool read_integer_node(Context& context, const Node& node, const std::string& path,
                       const Range& range, std::int64_t& out) {
  if (node.kind != Node::Kind::integer) {
    context.error(node.place, path, fmt::format("{} is not an integer", written(node)),
                  fmt::format("an integer, {}", describe_range(range, Unit::none)));
    return false;
  }
  if (!in_range(node.number, range)) {
    context.error(node.place, path, fmt::format("{} is out of range", written(node)),
                  fmt::format("an integer, {}", describe_range(range, Unit::none)));
    return false;
  }
  out = node.integer;
  return true;
}

bool read_boolean_node(Context& context, const Node& node, const std::string& path, bool& out) {
  if (node.kind != Node::Kind::boolean) {
    context.error(node.place, path, fmt::format("{} is not a boolean", written(node)),
                  "true or false, without quotes");
    return false;
  }
  out = node.boolean;
  return true;
}

bool read_text_node(Context& context, const Node& node, const std::string& path, std::string& out) {
  if (takes_text(node, out)) return true;
  context.error(node.place, path, fmt::format("{} is not a string", written(node)),
                "a string in quotes");
  return false;
}

bool read_name_node(Context& context, const Node& node, const std::string& path, std::string& out) {
  std::string text;
  if (!read_text_node(context, node, path, text)) return false;
  const bool fine = !text.empty() && text.size() <= 100 && text.front() != '.' &&
                    text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
                    });
  if (!fine) {
    context.error(
        node.place, path, fmt::format("'{}' is not a name", text),
        "1 to 100 letters, digits, '.', '_' or '-', beginning with a letter, a digit or '_'");
    return false;
  }
  out = std::move(text);
  return true;
}

bool read_choice_node(Context& context, const Node& node, const std::string& path,
                      std::span<const std::string> choices, std::size_t& out) {
  std::string all;
  for (const auto& choice : choices) all += (all.empty() ? "" : ", ") + quote(choice);
  std::string text;
  if (!takes_text(node, text)) {
    context.error(node.place, path, fmt::format("{} is not a string", written(node)),
                  "one of " + all);
    return false;
  }
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found == choices.end()) {
    const auto near = nearest(text, choices);
    context.error(node.place, path, fmt::format("'{}' is none of the choices", text),
                  near.empty() ? "one of " + all
                               : fmt::format("did you mean \"{}\"? (one of {})", near, all));
    return false;
  }
  out = static_cast<std::size_t>(found - choices.begin());
  return true;
}

bool expect_table(Context& context, const Node& node, const std::string& path) {
  if (node.is_table()) return true;
  context.error(node.place, path, fmt::format("{} is not a table", written(node)),
                fmt::format("a table, such as [{}]", path));
  return false;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string write_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(key) : quote(key);
}

} // namespace lair
