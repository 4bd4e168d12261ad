/// A process of this program that has started up already: it forks for every run, which then neither
/// links SimGrid (20 ms) nor loads LibTorch (0.3 s). It has one thread and makes no engine, so that a
/// fork of it is as good as a start.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace lair::cli {

class ForkServer {
public:
  /// `learned`: with the library of learned policies. RunError if it cannot be started.
  explicit ForkServer(bool learned);
  ~ForkServer(); ///< ends it, and all that it has started
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  /// Forks a process for these arguments of the program; `messages` and `output` are its standard
  /// error and output (-1: dropped). Nothing if the server has died, or says nothing.
  std::optional<pid_t> start(const std::vector<std::string>& arguments, int messages, int output);
  /// Those that have ended since the last call, with what waitpid() says of them. SIGCHLD comes for
  /// each. False if the server has died, and with it all that it had started, or if it is silent: it
  /// is asked every second whether it is there. To be called every second or more often.
  bool collect(std::vector<std::pair<pid_t, int>>& ended);

private:
  struct Report;
  enum class Received { one, none, end };
  Received receive(Report&, bool wait);
  bool patient(); ///< notes the time that has gone by; false if that was too much
  pid_t process_ = -1;
  int socket_ = -1;
  double looked_ = 0;   ///< monotonic_seconds() of the last look
  double silence_ = 0;  ///< seconds since it last said something
  bool asked_ = false;  ///< and was not answered yet
  bool started_ = false; ///< it has answered once
  std::vector<std::pair<pid_t, int>> ended_; ///< not yet collected
};

/// The server's side, behind a hidden verb; the socket is descriptor 3.
int fork_server_command(bool learned);

} // namespace lair::cli
