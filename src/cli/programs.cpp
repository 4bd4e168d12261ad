#include "cli/programs.hpp"

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <unistd.h>

namespace lair::cli {

std::string find_program(const std::string& name) {
  namespace fs = std::filesystem;
  const char* variable = std::getenv("PATH");
  std::string_view path = variable != nullptr ? variable : "";
  while (!path.empty()) {
    const auto end = path.find(':');
    const fs::path candidate = fs::path(path.substr(0, end)) / name;
    std::error_code error;
    if (fs::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0)
      return candidate.string();
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
  }
  return "";
}

} // namespace lair::cli
