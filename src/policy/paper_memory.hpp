/// Memory of the policies that the DRAGON paper (TNSM 2022) measured, for overhead.mode = "paper".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lair {

/// Bytes; nothing for a policy that is not in the paper's table.
std::optional<double> paper_memory(std::string_view policy);
std::string paper_memory_names(); ///< "dragon, dragon+, ..."

} // namespace lair
