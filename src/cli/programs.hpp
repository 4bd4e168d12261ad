/// Other programs that may be on this computer.
#pragma once

#include <string>

namespace lair::cli {

/// Where the shell would find it; "" if nowhere.
std::string find_program(const std::string& name);

} // namespace lair::cli
