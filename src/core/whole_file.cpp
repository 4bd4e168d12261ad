#include "core/whole_file.hpp"

#include "core/error.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

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

namespace {

RunError cannot_write(const std::string& path, int number) {
  return RunError("cannot write '" + path + "': " + std::generic_category().message(number));
}

/// All of it into the file as it is; the errno that stopped it, or 0.
int write_all(const std::string& path, int flags, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (file < 0) return errno;
  int problem = 0;
  while (problem == 0 && !bytes.empty()) {
    const auto n = ::write(file, bytes.data(), bytes.size());
    if (n >= 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR) problem = errno;
  }
  if (::close(file) != 0 && problem == 0) problem = errno;
  return problem;
}

} // namespace

bool is_device_or_pipe(const std::string& path) {
  std::error_code error;
  return fs::is_other(fs::status(path, error));
}

void write_whole_file(const std::string& path, std::string_view bytes) {
  if (is_device_or_pipe(path)) { // cannot be half there, and must not be replaced
    if (const int problem = write_all(path, 0, bytes); problem != 0) throw cannot_write(path, problem);
    return;
  }
  std::error_code error;
  std::string target = path;
  if (fs::is_symlink(path, error)) // the link stays
    if (const auto real = fs::weakly_canonical(fs::path(path).parent_path() / fs::read_symlink(path, error), error); !error)
      target = real.string();
  const std::string part = target + ".part";
  int problem = write_all(part, O_CREAT | O_TRUNC, bytes);
  if (problem == 0 && std::rename(part.c_str(), target.c_str()) != 0) problem = errno;
  if (problem == 0) return;
  ::unlink(part.c_str());
  throw cannot_write(path, problem);
}

} // namespace lair
