#include "core/temporary_folder.hpp"

#include "core/error.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace lair {

namespace {

std::string make_folder(const std::string& purpose) {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  // mkdtemp replaces six trailing X by what makes the name unique.
  std::string name = (parent / ("lair-" + purpose + "-" + std::string(6, 'X'))).string();
  if (error || mkdtemp(name.data()) == nullptr)
    throw RunError("cannot create a temporary folder in '" + parent.string() + "'");
  return name;
}

} // namespace

TemporaryFolder::TemporaryFolder(const std::string& purpose) : path(make_folder(purpose)) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

} // namespace lair
