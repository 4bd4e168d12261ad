/// Small integer programs with binary variables, solved by CBC (COIN-OR Branch and Cut).
///
/// CBC stands in a library of its own, liblair-ilp.so, that the first program opens: it takes 5 ms and
/// 4.4 MiB, which a run without such a policy does not pay. Single-threaded, no limit in seconds, a fixed
/// seed: the same program has the same answer.
#pragma once

#include <cstdint>
#include <vector>

namespace lair::ilp {

/// Minimise objective * x with x in {0, 1}, low <= A x <= high. Coefficients of the objective are whole
/// numbers (so that "better" means better by one at least), at most some 1e7. Rows are best scaled to about 1.
struct BinaryProgram {
  std::vector<double> objective; ///< one per variable
  struct Entry {
    std::uint32_t row, variable;
    double value;
  };
  std::vector<Entry> entries; ///< of A; each place once
  std::vector<double> low, high; ///< one per row; +-infinity: open
  std::uint32_t nodes = 1000;   ///< of branch and bound at most
  /// Objective of a solution that is known: CBC looks for one that is no worse. Infinity: none is.
  double known = 0;
};

struct BinarySolution {
  bool found = false;  ///< a solution that is no worse than `known`
  bool proven = false; ///< nothing is better: than `x` if found, than `known` if not
  std::vector<std::uint8_t> x;
  std::uint32_t nodes = 0;
};

/// RunError if liblair-ilp.so cannot be opened.
BinarySolution solve(const BinaryProgram&);

/// Opens the library now, so that what is wrong with it shows at once.
void open_library();

} // namespace lair::ilp
