/// Runs this program many times at once, one process per run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace lair::cli {

struct Job {
  std::vector<std::string> arguments; ///< of this program, without its name
  bool learned = false;               ///< a fork server for it has the learned policies loaded
};

struct JobResult {
  bool started = false;
  int exit_code = -1;   ///< 128 + signal if one ended it
  std::string messages; ///< its standard error
  std::string output;   ///< its standard output, if it was asked for
  bool timed_out = false;
  bool interrupted = false; ///< it ended badly after SIGINT or SIGTERM had come
};

struct PoolResult {
  std::vector<JobResult> jobs; ///< as the jobs were given
  bool interrupted = false;    ///< SIGINT or SIGTERM came: no more were started, the rest was told
};

/// `parallel` jobs at a time, in order; their standard output is dropped. `done` is called after
/// each.
PoolResult run_jobs(const std::vector<Job>& jobs, unsigned parallel,
                    const std::function<void(std::size_t finished)>& done);

/// Jobs that are made one by one, as processes become free.
struct JobStream {
  unsigned parallel = 1;
  double time_limit = 0; ///< seconds of wall clock for one job, then it is killed; 0: none
  bool keep_output = false;
  /// Runs are forked from a process that has started up already. If that one dies or falls silent,
  /// another is started, and what was under way is started once more.
  bool fork_server = false;
  std::function<void(const std::string& what)> say; ///< what a user should know of; null: nobody
  std::function<std::optional<Job>()> next; ///< the next job; nothing: there are no more
  std::function<void(std::size_t number, const JobResult&)> done; ///< numbers in the order of next()
};
/// Runs them all. True if SIGINT or SIGTERM came, as PoolResult::interrupted.
bool run_stream(const JobStream&);

/// Starts this program; `descriptors`: (ours, its). Its standard streams are /dev/null otherwise,
/// but for standard error. It does not outlive this process. RunError if it cannot.
pid_t spawn_self(const std::vector<std::string>& arguments,
                 const std::vector<std::pair<int, int>>& descriptors);

/// A process that run_jobs() has started does not outlive the one that did. Call first of all.
void end_with_parent();

} // namespace lair::cli
