/// Checks that need more than one key: orders, sums, what fits into what.
#pragma once

#include "scenario/context.hpp"
#include "scenario/scenario.hpp"

namespace lair {

/// `root`: the expanded document, for the places of what is wrong.
void validate(Context& context, const Node& root, const Scenario& scenario);

} // namespace lair
