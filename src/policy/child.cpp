#include "policy/child.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair {
namespace {

constexpr char end_mark = '\x04'; ///< the last byte of a child that came to its end

[[noreturn]] void
child(int pipe, pid_t parent, const ChildLimits& limits,
      const std::function<void(const std::function<void(const std::string&)>&)>& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1); // the parent died before the line above
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM})
    ::signal(signal, SIG_DFL); // a handler of ours would report an error of ours
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (limits.memory > 0) {
    const rlimit memory{limits.memory, limits.memory};
    ::setrlimit(RLIMIT_AS, &memory);
  }
  ::dup2(STDERR_FILENO, STDOUT_FILENO); // our standard output carries results only
  const auto write = [pipe](const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(pipe, text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) ::_exit(1);
      done += static_cast<std::size_t>(n);
    }
  };
  body(write);
  write(std::string(1, end_mark));
  ::_exit(0);
}

} // namespace

ChildOutcome
run_in_child(const std::function<void(const std::function<void(const std::string&)>&)>& body,
             const ChildLimits& limits, SlowNotice slow) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw RunError(fmt::format("no pipe to a child process: {}", std::strerror(errno)));
  std::fflush(nullptr); // or the child would write our buffers a second time
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw RunError(fmt::format("no child process: {}", std::strerror(errno)));
  }
  if (pid == 0) {
    ::close(ends[0]);
    try {
      child(ends[1], parent, limits, body);
    } catch (...) {
      ::_exit(1);
    }
  }
  ::close(ends[1]);

  ChildOutcome outcome;
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration<double>(limits.seconds);
  for (;;) {
    const double left = std::chrono::duration<double>(end - Clock::now()).count();
    if (left <= 0) {
      outcome.timed_out = true;
      break;
    }
    double pause = left;
    if (slow.say) {
      const std::chrono::duration<double> spent = Clock::now() - begin;
      if (spent.count() >= slow.seconds) std::exchange(slow.say, nullptr)();
      else pause = std::min(left, slow.seconds - spent.count());
    }
    pollfd wait{ends[0], POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(pause * 1000) + 1);
    if (ready <= 0) continue; // time over or interrupted: looked at above
    char buffer[4096];
    const ssize_t n = ::read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break; // every writer is gone
    outcome.output.append(buffer, static_cast<std::size_t>(n));
    if (outcome.output.back() == end_mark) break; // though something it started may hold the pipe
  }
  ::close(ends[0]);
  outcome.completed = !outcome.output.empty() && outcome.output.back() == end_mark;
  if (outcome.completed) outcome.output.pop_back();
  if (outcome.timed_out) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!outcome.completed && !outcome.timed_out) {
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  }
  return outcome;
}

std::string ChildOutcome::ending(const ChildLimits& limits) const {
  if (completed) return {};
  if (timed_out) return fmt::format("did not come back within {:g} s", limits.seconds);
  switch (signal) {
  case 0: return fmt::format("left the process with exit({})", exit_code);
  case SIGSEGV: return "crashed (segmentation fault)";
  case SIGABRT: return "crashed (abort)";
  case SIGFPE: return "crashed (arithmetic)";
  case SIGBUS: return "crashed (bus error)";
  case SIGILL: return "crashed (illegal instruction)";
  case SIGKILL: return "was killed (out of memory?)";
  default: return fmt::format("ended by signal {}", signal);
  }
}

} // namespace lair
