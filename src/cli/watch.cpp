#include "cli/watch.hpp"

#include "cli/commands.hpp"
#include "cli/held_signals.hpp"
#include "cli/report.hpp"
#include "core/error.hpp"
#include "policy/child.hpp"
#include "policy/plugin_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair::cli {

namespace {

/// A mark that this process and its child share.
class SharedMark {
public:
  SharedMark()
      : memory_(mmap(nullptr, sizeof(CallMark), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {
    if (memory_ == MAP_FAILED)
      throw RunError(fmt::format("no memory to share: {}", std::strerror(errno)));
    mark_ = new (memory_) CallMark;
  }
  ~SharedMark() { munmap(memory_, sizeof(CallMark)); }
  SharedMark(const SharedMark&) = delete;
  SharedMark& operator=(const SharedMark&) = delete;
  CallMark* operator->() const { return mark_; }
  CallMark* get() const { return mark_; }

private:
  void* memory_;
  CallMark* mark_;
};

/// Says so if one call takes long: the policy may never come back, and nothing else would tell.
class Patience {
public:
  explicit Patience(const CallMark& mark) : mark_(mark) {}
  void one_second_later() {
    const std::uint32_t call = mark_.calls;
    seconds_ = call == call_ && mark_.where != CallMark::Where::lair ? seconds_ + 1 : 0;
    call_ = call;
    if (seconds_ != 5 && seconds_ != 60 && (seconds_ == 0 || seconds_ % 600 != 0)) return;
    std::fprintf(stderr, "lair: policy '%s': %shas been computing for %u s\n", mark_.policy,
                 mark_.place().c_str(), seconds_);
  }

private:
  const CallMark& mark_;
  std::uint32_t call_ = 0;
  unsigned seconds_ = 0;
};

[[noreturn]] void work(pid_t parent, bool json, CallMark* mark,
                       const std::function<int(CallMark*)>& body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(exit_failed_run); // it died before the line above
  need_descriptors(*mark, open_descriptors());
  hide_output(*mark);
  const int code = report_errors(json, [&] {
    try {
      const int done = body(mark);
      show_output(*mark);
      return done;
    } catch (...) {
      show_output(*mark); // the error is said there too
      throw;
    }
  });
  std::fflush(nullptr);
  mark->finished = true;
  _exit(code); // past the library's own last words
}

struct ChildEnd {
  int status = 0;     ///< what waitpid() says
  bool asked = false; ///< somebody told this process to end
};

/// Signals that end a run go on to the child.
ChildEnd wait_for(pid_t child, const CallMark& mark) {
  const sigset_t watched = watched_signals();
  Patience patience(mark);
  ChildEnd end;
  for (bool gone = false;;) {
    gone = gone || waitpid(child, &end.status, WNOHANG) == child;
    const timespec second{gone ? 0 : 1, 0};
    siginfo_t info{};
    const int signal = sigtimedwait(&watched, &info, &second);
    if (signal == SIGINT || signal == SIGTERM) end.asked = true;
    if (gone) {
      if (signal < 0) return end; // and nobody has told us in the meantime
      continue;
    }
    // A terminal (SI_KERNEL) tells the child itself; told twice it would leave no summary.
    if ((signal == SIGINT || signal == SIGTERM) && info.si_code != SI_KERNEL)
      kill(child, signal);
    if (signal < 0 && errno == EAGAIN) patience.one_second_later();
  }
}

/// Ends this process as the child was ended.
[[noreturn]] void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  raise(signal);
  _exit(128 + signal);
}

/// The policy's part in the child's end; nothing if it had none.
std::optional<std::string> its_doing(const ChildEnd& child, const CallMark& mark) {
  const auto where = mark.where.load();
  ChildOutcome end;
  if (WIFSIGNALED(child.status)) end.signal = WTERMSIG(child.status);
  if (WIFEXITED(child.status)) end.exit_code = WEXITSTATUS(child.status);
  if (mark.closed) return mark.place() + "closed files that are not its own";
  if (end.signal == SIGINT || end.signal == SIGTERM) {
    if (child.asked) return {}; // told twice
    // Its own, or of somebody who knows the child. Held back while a run begins, so the call may be over.
    return mark.place() + "ended by " + (end.signal == SIGINT ? "SIGINT" : "SIGTERM");
  }
  if (where == CallMark::Where::policy) return mark.place() + end.ending({});
  // An assertion of ours aborts; anything else in there is about what the policy has passed.
  if (where == CallMark::Where::service && end.signal != SIGABRT)
    return mark.place() + end.ending({}) + ", in a function of Lair that it had called";
  if (end.signal == 0) return end.ending({}) + ", outside of any call";
  return {};
}

bool uses_a_library(const PolicyConfig& policy) {
  return names_a_library(policy.name) || names_a_library(policy.scheduler) ||
         names_a_library(policy.detector) || names_a_library(policy.remediator);
}

} // namespace

int watched(const PolicyConfig& policy, bool json, const std::function<int(CallMark*)>& body) {
  if (!uses_a_library(policy)) return body(nullptr);
  const SharedMark mark;
  const HeldSignals held;
  std::fflush(nullptr); // or the child would write our buffers a second time
  const pid_t parent = getpid(), child = fork();
  if (child < 0) throw RunError(fmt::format("no child process: {}", std::strerror(errno)));
  if (child == 0) {
    held.release();
    work(parent, json, mark.get(), body);
  }
  const ChildEnd end = wait_for(child, *mark.get());
  if (mark->finished && WIFEXITED(end.status)) return WEXITSTATUS(end.status);
  if (const auto what = its_doing(end, *mark.get())) {
    // Its progress bar may still stand there.
    if (isatty(STDERR_FILENO) == 1) std::fputs("\r\x1b[K", stderr);
    throw PluginError(mark->policy[0] != '\0' ? mark->policy : policy.name, *what);
  }
  if (const int signal = WTERMSIG(end.status); signal != SIGINT && signal != SIGTERM)
    std::fprintf(stderr, "lair: the run was ended by signal %d (%s), outside of any call of its policy\n", signal,
                 sigabbrev_np(signal));
  end_by(WTERMSIG(end.status));
}

} // namespace lair::cli
