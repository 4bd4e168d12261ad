/// What `lair compare --until-width` asks, from its options.
#pragma once

#include "cli/commands.hpp"
#include "record/until_width.hpp"

#include <optional>
#include <vector>

namespace lair::cli {

/// None without --until-width; InputError, of all that is wrong, if it cannot be meant.
std::optional<record::WidthGoal> width_goal(const CompareOptions&, std::size_t policies);

/// Up to `most` seeds in all: the ones above the largest that is given, in order.
void add_seeds(std::vector<std::uint64_t>& seeds, std::size_t most);

} // namespace lair::cli
