#include "cli/process_pool.hpp"

#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/fork_server.hpp"
#include "cli/held_signals.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <memory>
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
  std::size_t job = 0; ///< its number
  Job what;
  bool again = false;  ///< it was lost once already
  int messages = -1; ///< memory file behind its standard error
  int output = -1;   ///< and behind its standard output; -1: dropped
  double started = 0;
  bool timed_out = false;
  ForkServer* server = nullptr; ///< whose child it is; null: ours
};

int memory_file(const char* name) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) throw RunError(fmt::format("cannot start a run: {}", std::strerror(errno)));
  return file;
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

pid_t spawn_self(const std::vector<std::string>& its_arguments,
                 const std::vector<std::pair<int, int>>& descriptors) {
  std::vector<char*> arguments;
  std::string name = "lair";
  arguments.push_back(name.data());
  std::vector<std::string> copy = its_arguments;
  for (auto& argument : copy) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  for (const auto& [ours, its] : descriptors)
    posix_spawn_file_actions_adddup2(&files, ours, its);
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
  std::size_t next = 0, finished = 0;
  JobStream stream;
  stream.parallel = parallel;
  stream.next = [&]() -> std::optional<Job> {
    if (next == jobs.size()) return {};
    return jobs[next++];
  };
  stream.done = [&](std::size_t number, const JobResult& job) {
    result.jobs[number] = job;
    done(++finished);
  };
  result.interrupted = run_stream(stream);
  return result;
}

namespace {

/// The processes of a stream that are under way.
class Pool {
public:
  explicit Pool(const JobStream& stream) : stream_(stream) {}
  ~Pool() { // an error elsewhere: nobody waits for them any more
    for (const auto& [process, job] : running_) {
      kill(process, SIGKILL);
      if (job.server == nullptr) waitpid(process, nullptr, 0);
      close_files(job);
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  bool idle() const { return running_.empty(); }

  void fill() {
    while (!told_to_end_ && running_.size() < stream_.parallel) {
      Running one;
      if (!lost_.empty()) {
        one = std::move(lost_.back());
        lost_.pop_back();
      } else {
        auto job = exhausted_ ? std::nullopt : stream_.next();
        if (!job) {
          exhausted_ = true;
          return;
        }
        one.job = started_++;
        one.what = std::move(*job);
      }
      one.messages = memory_file("messages");
      if (stream_.keep_output) one.output = memory_file("output");
      one.started = monotonic_seconds();
      const pid_t process = start(one);
      running_[process] = std::move(one);
    }
  }

  void tell_all(int signal) {
    told_to_end_ = true;
    for (const auto& [process, job] : running_) kill(process, signal);
    if (signal == SIGKILL) // nor does anybody wait for what a server would say of them
      for (auto& server : servers_)
        if (server) lose(server);
  }
  void no_more() { told_to_end_ = interrupted_ = true; }

  void end_overdue() {
    if (stream_.time_limit <= 0) return;
    for (auto& [process, job] : running_)
      if (!job.timed_out && monotonic_seconds() - job.started > stream_.time_limit) {
        job.timed_out = true;
        kill(process, SIGKILL);
      }
  }

  void collect() {
    for (auto& server : servers_) {
      if (!server) continue;
      std::vector<std::pair<pid_t, int>> ended;
      const bool alive = server->collect(ended);
      for (const auto& [process, status] : ended) finish(process, status);
      if (alive) continue;
      const auto mine = [&](const auto& one) { return one.second.server == server.get(); };
      say(fmt::format("the process that starts the runs was killed or does nothing: {} under way",
                      std::count_if(running_.begin(), running_.end(), mine)));
      lose(server);
    }
    std::vector<std::pair<pid_t, int>> ended;
    for (const auto& [process, job] : running_) {
      int status = 0;
      if (job.server == nullptr && waitpid(process, &status, WNOHANG) == process)
        ended.emplace_back(process, status);
    }
    for (const auto& [process, status] : ended) finish(process, status);
  }

  /// How long to sleep at most: until the next job is overdue.
  timespec patience() const {
    double seconds = 1;
    if (stream_.time_limit > 0)
      for (const auto& [process, job] : running_)
        seconds = std::clamp(job.started + stream_.time_limit - monotonic_seconds(), 0.01, seconds);
    const auto whole = static_cast<time_t>(seconds);
    return {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  }

private:
  pid_t start(Running& one) {
    const Job& job = one.what;
    if (!stream_.fork_server) {
      std::vector<std::pair<int, int>> descriptors{{one.messages, STDERR_FILENO}};
      if (one.output >= 0) descriptors.emplace_back(one.output, STDOUT_FILENO);
      return spawn_self(job.arguments, descriptors);
    }
    auto& server = servers_[job.learned ? 1 : 0];
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!server) server = std::make_unique<ForkServer>(job.learned);
      if (const auto process = server->start(job.arguments, one.messages, one.output)) {
        one.server = server.get();
        return *process;
      }
      say("the process that starts the runs was killed or does nothing; another one takes over");
      lose(server);
    }
    throw RunError("cannot start a run: the process that starts them dies at once");
  }

  /// Ends the server, and with it what it had started: that is started once more, unless its time was
  /// over or it was lost before.
  void lose(std::unique_ptr<ForkServer>& server) {
    std::vector<pid_t> theirs;
    for (const auto& [process, job] : running_)
      if (job.server == server.get()) theirs.push_back(process);
    server.reset();
    for (const pid_t process : theirs) {
      Running& one = running_.at(process);
      if (one.timed_out || one.again || told_to_end_) {
        finish(process, SIGKILL);
        continue;
      }
      close_files(one);
      one.again = true;
      lost_.push_back(std::move(one));
      running_.erase(process);
    }
  }

  void say(const std::string& what) const {
    if (stream_.say) stream_.say(what);
  }

  void finish(pid_t process, int status) {
    const auto found = running_.find(process);
    if (found == running_.end()) return;
    const Running one = std::move(found->second);
    running_.erase(found);
    JobResult result;
    result.started = true;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.timed_out = one.timed_out && result.exit_code != exit_ok;
    result.interrupted = interrupted_ && result.exit_code != exit_ok;
    result.messages = read_all(one.messages);
    if (one.output >= 0) result.output = read_all(one.output);
    close_files(one);
    stream_.done(one.job, result);
  }

  static void close_files(const Running& one) {
    close(one.messages);
    if (one.output >= 0) close(one.output);
  }

  const JobStream& stream_;
  std::map<pid_t, Running> running_;
  std::vector<Running> lost_; ///< to be started once more
  std::array<std::unique_ptr<ForkServer>, 2> servers_; ///< without and with the learned policies
  std::size_t started_ = 0;
  bool exhausted_ = false, told_to_end_ = false, interrupted_ = false;
};

} // namespace

bool run_stream(const JobStream& stream) {
  const HeldSignals held;
  const sigset_t watched = watched_signals();
  bool interrupted = false;
  Pool pool(stream);
  while (true) {
    pool.fill();
    if (pool.idle()) return interrupted;
    const timespec patience = pool.patience();
    siginfo_t info{};
    const int signal = sigtimedwait(&watched, &info, &patience);
    if (signal == SIGINT || signal == SIGTERM) {
      // A terminal (SI_KERNEL) tells the children itself; told twice they would leave no summary.
      if (interrupted) pool.tell_all(SIGKILL);
      else if (info.si_code != SI_KERNEL) pool.tell_all(SIGTERM);
      pool.no_more();
      interrupted = true;
    }
    pool.end_overdue();
    pool.collect();
  }
}

} // namespace lair::cli
