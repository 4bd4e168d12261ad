/// What the size of a design allows to conclude.
#pragma once

#include <cstddef>
#include <string>

namespace lair::sweep {

/// One sentence if a draw by "sobol" of so many groups, or by "morris" of so many trajectories, is too
/// small for what it is made for; else empty.
std::string design_advice(const std::string& method, std::size_t count);

} // namespace lair::sweep
