/// `--set key=value`: what it says, and how it changes a document.
#pragma once

#include "scenario/context.hpp"

#include <string>
#include <vector>

namespace lair {

/// One `--set key=value`.
struct Override {
  std::string path;               ///< as typed: platform.leis.0.wan
  std::vector<std::string> parts; ///< of the path
  Node value;
};

/// Errors in `context` for those that are none.
std::vector<Override> parse_overrides(Context& context, const std::vector<std::string>& texts);

/// Sets the key in the document; tables on its way are made.
void apply_override(Context& context, Node& root, const Override& one);

} // namespace lair
