#include "scenario/quantity.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <span>

namespace lair {

namespace {

/// value * factor / divisor: dividing by 1000 keeps "5.2 ms" at the double nearest to 0.0052.
struct Name {
  std::string_view name;
  double factor, divisor = 1;
};
// The first of each list is the base unit, in which resolved scenarios are written.
constexpr Name seconds[] = {{"s", 1},    {"us", 1, 1e6}, {"ms", 1, 1e3},
                            {"min", 60}, {"h", 3600},    {"d", 86400}};
constexpr Name bytes[] = {{"B", 1},         {"kB", 1e3},         {"MB", 1e6},
                          {"GB", 1e9},      {"TB", 1e12},        {"KiB", 1024},
                          {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776}};
constexpr Name rates[] = {
    {"B/s", 1},         {"kB/s", 1e3},         {"MB/s", 1e6},   {"GB/s", 1e9},  {"KiB/s", 1024},
    {"MiB/s", 1048576}, {"GiB/s", 1073741824}, {"bps", 0.125},  {"kbps", 125},  {"Mbps", 125e3},
    {"Gbps", 125e6},    {"kb/s", 125},         {"Mb/s", 125e3}, {"Gb/s", 125e6}};
constexpr Name speeds[] = {{"FLOPS", 1},     {"kFLOPS", 1e3},  {"MFLOPS", 1e6},  {"GFLOPS", 1e9},
                           {"TFLOPS", 1e12}, {"MFLOP/s", 1e6}, {"GFLOP/s", 1e9}, {"TFLOP/s", 1e12}};
constexpr Name flops[] = {
    {"FLOP", 1}, {"kFLOP", 1e3}, {"MFLOP", 1e6}, {"GFLOP", 1e9}, {"TFLOP", 1e12}};
constexpr Name macs[] = {{"MAC", 1}, {"kMAC", 1e3}, {"MMAC", 1e6}, {"GMAC", 1e9}, {"TMAC", 1e12}};
constexpr Name watts[] = {{"W", 1}, {"mW", 1, 1e3}, {"kW", 1e3}};

std::span<const Name> names_of(Unit unit) {
  switch (unit) {
  case Unit::seconds: return seconds;
  case Unit::bytes: return bytes;
  case Unit::bytes_per_second: return rates;
  case Unit::flops_per_second: return speeds;
  case Unit::flops: return flops;
  case Unit::macs: return macs;
  case Unit::watts: return watts;
  case Unit::none: break;
  }
  return {};
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads a number at the front and cuts it off; false if there is none.
bool take_number(std::string_view& text, double& value) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1); // from_chars takes none
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return false;
  if (value == 0) value = 0; // no negative zero
  text = digits.substr(static_cast<std::size_t>(end - digits.data()));
  return true;
}

} // namespace

bool read_number(std::string_view text, double& value) {
  std::string_view rest = trim(text);
  return take_number(rest, value) && rest.empty();
}

ReadQuantity read_quantity(std::string_view text, Unit unit, bool intervals_allowed) {
  ReadQuantity out;
  std::string_view rest = trim(text);
  if (!take_number(rest, out.value)) {
    out.problem = fmt::format("'{}' does not begin with a finite number", text);
    return out;
  }
  rest = trim(rest);
  if (rest.empty()) {
    out.problem = fmt::format("'{}' has no unit", text);
    return out;
  }
  if (intervals_allowed && (rest == "intervals" || rest == "interval")) {
    out.in_intervals = true;
    return out;
  }
  for (const auto& [name, factor, divisor] : names_of(unit))
    if (rest == name) {
      out.value = out.value * factor / divisor;
      if (!std::isfinite(out.value)) out.problem = fmt::format("'{}' is too large", text);
      return out;
    }
  out.problem = fmt::format("'{}' has the unknown unit '{}'", text, rest);
  return out;
}

std::string write_quantity(double value, Unit unit) {
  return unit == Unit::none ? fmt::format("{}", value)
                            : fmt::format("{} {}", value, base_unit(unit));
}

std::string_view base_unit(Unit unit) {
  const auto names = names_of(unit);
  return names.empty() ? std::string_view() : names.front().name;
}

std::string unit_names(Unit unit) {
  std::string all;
  for (const auto& [name, factor, divisor] : names_of(unit)) {
    if (!all.empty()) all += ", ";
    all += name;
  }
  return all;
}

std::vector<std::string> unit_list(Unit unit) {
  std::vector<std::string> all;
  for (const auto& one : names_of(unit)) all.emplace_back(one.name);
  return all;
}

std::string_view unit_example(Unit unit) {
  switch (unit) {
  case Unit::seconds: return "300 s";
  case Unit::bytes: return "4 GiB";
  case Unit::bytes_per_second: return "1 Gbps";
  case Unit::flops_per_second: return "3.2 GFLOPS";
  case Unit::flops: return "2 GFLOP";
  case Unit::macs: return "1.82 GMAC";
  case Unit::watts: return "0.5 W";
  case Unit::none: break;
  }
  return "1";
}

} // namespace lair
