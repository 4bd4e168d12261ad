#include "report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace lair::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Bytes of the UTF-8 sequence at the text's start; 0 if there is no valid one.
std::size_t sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (byte(i) >> 6 != 2) return 0;
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  // U+FFFE and U+FFFF are no characters of XML; C1 controls are none of HTML.
  if (first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) return 0;
  if (first == 0xC2 && byte(1) < 0xA0) return 0;
  return size;
}

/// Every character of plain_text() through a table.
template <class Replace> std::string replaced(std::string_view text, Replace replace) {
  std::string out;
  for (const char c : plain_text(text)) {
    const std::string_view by = replace(c);
    if (by.empty()) out += c;
    else out += by;
  }
  return out;
}

bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

} // namespace

std::string plain_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char c = text.front();
    std::size_t size = sequence_size(text);
    if (size == 0) out += replacement;
    else if (c == '\n' || c == '\r' || c == '\t') out += ' ';
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) out += replacement;
    else out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string xml_text(std::string_view text) {
  return replaced(text, [](char c) -> std::string_view {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
    }
  });
}

namespace {

/// What pdflatex knows without a further package, in any font encoding: Latin letters with accents but
/// those that OT1 lacks. Found by compiling each.
bool latex_knows(std::uint32_t point) {
  constexpr std::uint16_t lacking[] = {0xAB,  0xBB,  0xD0,  0xDE,  0xF0,  0xFE,  0x104, 0x105, 0x110,
                                       0x111, 0x118, 0x119, 0x126, 0x127, 0x12E, 0x12F, 0x138, 0x149,
                                       0x14A, 0x14B, 0x166, 0x167, 0x172, 0x173, 0x17F};
  return point >= 0xA0 && point < 0x180 && std::find(std::begin(lacking), std::end(lacking), point) == std::end(lacking);
}

std::string_view latex_symbol(std::uint32_t point) {
  switch (point) {
  case '\\': return "\\textbackslash{}";
  case '{': return "\\{";
  case '}': return "\\}";
  case '$': return "\\$";
  case '&': return "\\&";
  case '#': return "\\#";
  case '%': return "\\%";
  case '_': return "\\_";
  case '^': return "\\textasciicircum{}";
  case '~': return "\\textasciitilde{}";
  case '<': return "\\textless{}";
  case '>': return "\\textgreater{}";
  case '|': return "\\textbar{}";
  case '"': return "''"; // straight ones are not in OT1
  case '`': return "\\textasciigrave{}"; // else ?` is an inverted question mark, `` a quotation mark
  case '\'': return "\\textquotesingle{}";
  case '[': return "{[}"; // else an optional argument of a \\ before it
  case ']': return "{]}";
  case '*': return "{*}"; // likewise
  case 0x2013: return "--";
  case 0x2014: return "---";
  case 0x2018: return "`";
  case 0x2019: return "'";
  case 0x201C: return "``";
  case 0x201D: return "''";
  case 0x2026: return "\\ldots{}";
  case 0x2192: return "$\\to$";
  case 0x2212: return "$-$";
  case 0x2264: return "$\\leq$";
  case 0x2265: return "$\\geq$";
  case 0x3B1: return "$\\alpha$";
  case 0x3BB: return "$\\lambda$";
  case 0x3BC: return "$\\mu$";
  case 0x3C3: return "$\\sigma$";
  default: return {};
  }
}

/// Of valid UTF-8.
std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  std::uint32_t point = sequence.size() == 1 ? first : first & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

} // namespace

std::string latex_text(std::string_view text) {
  const std::string valid = plain_text(text);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const std::string_view sequence = rest.substr(0, sequence_size(rest));
    rest.remove_prefix(sequence.size());
    const std::uint32_t point = code_point(sequence);
    if (point == '-' && out.ends_with('-')) out += "{}"; // two would become a dash
    if (const auto symbol = latex_symbol(point); !symbol.empty()) out += symbol;
    else if (point < 0x80 || latex_knows(point)) out += sequence;
    else out += fmt::format("{{[}}U+{:04X}{{]}}", point);
  }
  return out;
}

std::string latex_number(std::string_view text) {
  if (text == "-") return "--";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = i == 0 || text[i - 1] == ' ' || text[i - 1] == '[';
    if (text[i] == '-' && starts && i + 1 < text.size() && is_digit(text[i + 1])) out += "$-$";
    else if (text[i] == 'e' && i > 0 && is_digit(text[i - 1]) && i + 2 < text.size() &&
             (text[i + 1] == '+' || text[i + 1] == '-') && is_digit(text[i + 2])) {
      std::size_t end = i + 2;
      while (end < text.size() && is_digit(text[end])) ++end;
      int power = 0;
      std::from_chars(text.data() + i + 2, text.data() + end, power);
      out += fmt::format("$\\cdot10^{{{}{}}}$", text[i + 1] == '-' && power != 0 ? "-" : "", power);
      i = end - 1;
    } else {
      out += latex_text(text.substr(i, 1));
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  return replaced(text, [](char c) -> std::string_view {
    switch (c) {
    case '\\': return "\\\\";
    case '`': return "\\`";
    case '*': return "\\*";
    case '_': return "\\_";
    case '[': return "\\[";
    case ']': return "\\]";
    case '|': return "\\|";
    case '#': return "\\#";
    case '~': return "\\~";
    case '$': return "\\$"; // mathematics, where Markdown has it
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    default: return {};
    }
  });
}

std::string csv_text(std::string_view text) {
  std::string cell = plain_text(text);
  if (!cell.empty() && std::string_view("=+-@").find(cell.front()) != std::string_view::npos &&
      !is_number(cell))
    cell.insert(0, 1, '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string data_uri(std::string_view media_type, std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "data:";
  out += media_type;
  out += ";base64,";
  out.reserve(out.size() + bytes.size() * 4 / 3 + 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '_') out += c;
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "x" : out;
}

} // namespace lair::report
