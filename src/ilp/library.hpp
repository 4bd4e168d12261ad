/// What crosses the border between the program and liblair-ilp.so: plain numbers, no exception.
#pragma once

#include <cstdint>

namespace lair::ilp {

struct RawProgram {
  std::uint32_t variables, rows, entries, nodes;
  const double* objective;
  const std::uint32_t *entry_row, *entry_variable;
  const double* entry_value;
  const double *low, *high;
  double known;
};

struct RawSolution {
  std::uint8_t* x; ///< room for all variables
  std::uint32_t nodes;
  std::uint8_t found, proven;
};

/// 0 on success, else a reason stands in `error`.
using SolveFunction = int(const RawProgram*, RawSolution*, char* error, std::uint32_t error_size);
/// Its number changes with the structures above.
inline constexpr const char* solve_symbol = "lair_ilp_solve_1";

} // namespace lair::ilp
