/// Checks that need more than one key: orders, sums, what fits into what.
#pragma once

#include "scenario/context.hpp"
#include "scenario/scenario.hpp"

#include <string_view>

namespace lair {

/// `root`: the expanded document, for the places of what is wrong.
void validate(Context& context, const Node& root, const Scenario& scenario);

/// Where `path` stands, or the nearest table above it that stands anywhere. A default may be wrong only
/// because of another key, `cause`: then the place is that key's.
Node::Place place_of(const Node& root, std::string_view path, std::string_view cause);

} // namespace lair
