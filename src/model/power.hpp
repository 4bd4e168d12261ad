/// Power of a host against its CPU load: piecewise linear, as measured at 0, 10, ..., 100 %.
#pragma once

#include "core/units.hpp"

#include <array>

namespace lair {

struct PowerCurve {
  std::array<double, 11> watts{}; ///< at 0, 10, ..., 100 % CPU
  double off = 0;                 ///< W while off

  /// `load` in [0, 1]; clamped.
  Watts at(double load) const {
    const double x = load <= 0 ? 0 : load >= 1 ? 10 : load * 10;
    const int i = x >= 10 ? 9 : static_cast<int>(x);
    return Watts(watts[i] + (watts[i + 1] - watts[i]) * (x - i));
  }
};

} // namespace lair
