/// Starting points that `lair new` writes.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lair::cli {

/// File name (seen from what is made) and content.
using NewFile = std::pair<std::string, std::string>;

std::string new_scenario(const std::string& name);
/// `prefix`: where this lair's CMake package is found, as the first guess.
std::vector<NewFile> new_policy(const std::string& name, const std::string& prefix);
std::string new_sweep(const std::string& name);

} // namespace lair::cli
