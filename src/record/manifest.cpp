#include "record/manifest.hpp"

#include "core/hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace lair::record {

namespace {

/// More than a summary has.
constexpr off_t hashed_bytes = 8192;

/// "NAME BYTES HASH"; no hash if it cannot be read.
std::string line_of(const std::string& folder, std::string_view name) {
  const int file = ::open(fmt::format("{}/{}", folder, name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  std::array<char, hashed_bytes> end; // NOLINT: read into
  ssize_t size = -1;
  if (file >= 0 && ::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) // a pipe would wait for ever
    size = ::pread(file, end.data(), end.size(), std::max<off_t>(0, status.st_size - hashed_bytes));
  if (file >= 0) ::close(file);
  if (size < 0) return fmt::format("{} 0 -", name);
  const std::string_view text(end.data(), static_cast<std::size_t>(size));
  return fmt::format("{} {} {}", name, status.st_size, hash128_hex(text).substr(0, 16));
}

} // namespace

std::string manifest(const std::string& folder, const Summary& summary) {
  std::string all = line_of(folder, "summary.json");
  for (const auto& [name, bytes] : summary.files) all += "\n" + line_of(folder, name);
  return all;
}

std::string changed_file(const std::string& folder, const std::string& manifest) {
  for (std::string_view rest = manifest; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::string_view name = line.substr(0, line.find(' '));
    if (line_of(folder, name) != line) return std::string(name);
  }
  return {};
}

} // namespace lair::record
