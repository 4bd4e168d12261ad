/// Lists of seeds as users write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lair {

/// "1..5", "3", "1,4,7..9": in this order, each once. InputError otherwise, with `option` as its
/// place.
std::vector<std::uint64_t> parse_seeds(const std::string& text,
                                       const std::string& option = "--seeds");
/// One of them.
std::uint64_t parse_seed(const std::string& option, std::string_view text);

} // namespace lair
