#include "sweep/design_advice.hpp"

#include "core/sensitivity.hpp"

#include <fmt/format.h>

namespace lair::sweep {

std::string design_advice(const std::string& method, std::size_t count) {
  if (method == "sobol" && count > 0 && count < least_sobol_groups)
    return fmt::format("a Sobol design of {} group{} is small: expect its first-order indices to be known to about "
                       "+-{:.2g} only, so that their order may be wrong; take points = {} or more (docs/statistics.md)",
                       count, count == 1 ? "" : "s", expected_sobol_half_width(count), least_sobol_groups);
  if (method == "morris" && count > 0 && count < least_morris_trajectories)
    return fmt::format("a Morris design of {} trajector{} is small; take points = {} or more (docs/statistics.md)",
                       count, count == 1 ? "y" : "ies", least_morris_trajectories);
  return {};
}

} // namespace lair::sweep
