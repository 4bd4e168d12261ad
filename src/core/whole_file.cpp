#include "core/whole_file.hpp"

#include "core/error.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace lair {

namespace fs = std::filesystem;

std::string read_whole_file(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) // reading one throws
    throw InputError(path, "", "is a folder", "the path of a file");
  std::ifstream in(path, std::ios::binary);
  std::string bytes;
  if (in) bytes.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || in.bad())
    throw InputError(path, "", "cannot be read", "the path of a file");
  return bytes;
}

void write_whole_file(const std::string& path, std::string_view bytes) {
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      std::error_code ignored;
      fs::remove(part, ignored);
      throw RunError(path + ": cannot be written");
    }
  }
  std::error_code problem;
  fs::rename(part, path, problem);
  if (problem) throw RunError(path + ": " + problem.message());
}

} // namespace lair
