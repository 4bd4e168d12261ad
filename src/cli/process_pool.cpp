#include "cli/process_pool.hpp"

#include "cli/commands.hpp"
#include "cli/held_signals.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX

namespace lair::cli {

namespace {

constexpr const char* parent_variable = "LAIR_PARENT";

struct Running {
  std::size_t job = 0;
  int messages = -1; ///< memory file behind its standard error
};

pid_t spawn(const Job& job, int messages) {
  std::vector<char*> arguments;
  std::string name = "lair";
  arguments.push_back(name.data());
  std::vector<std::string> copy = job.arguments;
  for (auto& argument : copy) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, messages, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  const sigset_t watched = watched_signals();
  posix_spawnattr_setsigdefault(&attributes, &watched);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> environment;
  for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
  std::string parent = fmt::format("{}={}", parent_variable, getpid());
  environment.push_back(parent.data());
  environment.push_back(nullptr);
  pid_t process = -1;
  const int error = posix_spawn(&process, "/proc/self/exe", &files, &attributes, arguments.data(),
                                environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw RunError(fmt::format("cannot start a run: {}", std::strerror(error)));
  return process;
}

std::string read_all(int file) {
  std::string text;
  std::array<char, 4096> part{};
  off_t at = 0;
  for (ssize_t n = 0; (n = pread(file, part.data(), part.size(), at)) > 0; at += n)
    text.append(part.data(), static_cast<std::size_t>(n));
  return text;
}

} // namespace

void end_with_parent() {
  const char* parent = std::getenv(parent_variable);
  if (parent == nullptr) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::to_string(getppid()) != parent) _exit(exit_failed_run); // it died before the line above
  unsetenv(parent_variable); // not for what this process starts
}

PoolResult run_jobs(const std::vector<Job>& jobs, unsigned parallel,
                    const std::function<void(std::size_t)>& done) {
  PoolResult result;
  result.jobs.resize(jobs.size());
  std::map<pid_t, Running> running;
  std::size_t next = 0, finished = 0;
  const HeldSignals held;
  const sigset_t watched = watched_signals();
  while (true) {
    while (!result.interrupted && running.size() < parallel && next < jobs.size()) {
      const int messages = memfd_create("messages", MFD_CLOEXEC);
      if (messages < 0) throw RunError(fmt::format("cannot start a run: {}", std::strerror(errno)));
      result.jobs[next].started = true;
      running[spawn(jobs[next], messages)] = {next, messages};
      ++next;
    }
    if (running.empty()) break;
    const timespec patience{1, 0};
    siginfo_t info{};
    const int signal = sigtimedwait(&watched, &info, &patience);
    if (signal == SIGINT || signal == SIGTERM) {
      // A terminal (SI_KERNEL) tells the children itself; told twice they would leave no summary.
      for (const auto& [process, job] : running)
        if (result.interrupted || info.si_code != SI_KERNEL)
          kill(process, result.interrupted ? SIGKILL : SIGTERM);
      result.interrupted = true;
    }
    for (auto it = running.begin(); it != running.end();) {
      int status = 0;
      if (waitpid(it->first, &status, WNOHANG) != it->first) {
        ++it;
        continue;
      }
      JobResult& job = result.jobs[it->second.job];
      job.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      job.messages = read_all(it->second.messages);
      close(it->second.messages);
      it = running.erase(it);
      done(++finished);
    }
  }
  return result;
}

} // namespace lair::cli
