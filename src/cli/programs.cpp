#include "cli/programs.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX

namespace lair::cli {

namespace {

/// A file in memory, for what a program says.
class Heard {
public:
  Heard() : file_(memfd_create("heard", MFD_CLOEXEC)) {
    if (file_ < 0) throw RunError(fmt::format("no memory file: {}", std::strerror(errno)));
  }
  ~Heard() { ::close(file_); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  int file() const { return file_; }
  std::string text() const {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = ::pread(file_, part.data(), part.size(), static_cast<off_t>(text.size()))) > 0;)
      text.append(part.data(), static_cast<std::size_t>(n));
    return text;
  }

private:
  int file_;
};

} // namespace

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

ProgramResult run_program(std::vector<std::string> words) {
  const Heard output, messages;
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.file(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, messages.file(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP); // a group of its own: no Ctrl-C
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, words.front().c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0)
    throw RunError(fmt::format("cannot start '{}': {}", words.front(), std::strerror(failed)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output.text(), messages.text()};
}

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return out + "'";
}

} // namespace lair::cli
