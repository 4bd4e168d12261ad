/// Quantities as users write them: "300 s", "1 Gbps", "4 GiB". Locale-independent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lair {

enum class Unit { none, seconds, bytes, bytes_per_second, flops_per_second, flops, macs, watts };

/// What a text says, in SI units; or why it says nothing.
struct ReadQuantity {
  double value = 0;
  bool in_intervals = false; ///< "2 intervals"; only if these were allowed
  std::string problem;       ///< empty if all is well
};
ReadQuantity read_quantity(std::string_view text, Unit unit, bool intervals_allowed = false);

/// A plain finite number ("0.5", "1e3"), the whole text; false if it is none.
bool read_number(std::string_view text, double& value);

/// Shortest text that reads back to exactly this value, in the base unit: "300 s", "125000000 B/s".
std::string write_quantity(double value, Unit unit);

std::string_view base_unit(Unit unit);    ///< "s", "B", "B/s", ...
std::string unit_names(Unit unit);        ///< "us, ms, s, min, h, d"
std::string_view unit_example(Unit unit); ///< "300 s"
std::vector<std::string> unit_list(Unit unit);

} // namespace lair
