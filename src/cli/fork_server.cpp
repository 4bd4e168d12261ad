#include "cli/fork_server.hpp"

#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/process_pool.hpp"
#include "cli/report.hpp"
#include "core/error.hpp"
#include "policy/neural_module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair::cli {

namespace {

constexpr int server_socket = 3;
constexpr std::size_t longest_message = 1 << 17;

/// Seconds of silence after which a server is taken for stuck: stopped by a signal, say. It does
/// nothing but fork and wait, so that this is very long even where many share the machine; only its
/// start, when it loads LibTorch, may take a while.
constexpr double longest_silence = 10, longest_start = 60;

/// An answer: a process was started (status -1), or has ended, or (process 0) the server is there.
struct Answer {
  pid_t process = -1;
  int status = -1;
};

/// A message of bytes and two descriptors, laid out for the kernel; `text` must outlive it.
struct Parcel {
  Parcel(char* text, std::size_t size) : part{text, size} {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;
  iovec part;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
  msghdr message{};
};

/// One request: arguments, each with a zero behind it, and two descriptors.
bool send_request(int socket, const std::vector<std::string>& arguments, int messages, int output) {
  std::string text;
  for (const auto& argument : arguments) text.append(argument.c_str(), argument.size() + 1);
  if (text.size() > longest_message)
    throw RunError("cannot start a run: its arguments are too long");
  Parcel parcel(text.data(), text.size());
  cmsghdr* header = CMSG_FIRSTHDR(&parcel.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int descriptors[2] = {messages, output >= 0 ? output : messages};
  std::memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
  return sendmsg(socket, &parcel.message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

struct Request {
  std::vector<std::string> arguments; ///< none: only asked whether it is there
  int messages = -1, output = -1;
};

/// False: the other side has gone.
bool receive_request(int socket, Request& request) {
  std::vector<char> text(longest_message);
  Parcel parcel(text.data(), text.size());
  ssize_t size = 0;
  while ((size = recvmsg(socket, &parcel.message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (size <= 0) return false;
  const cmsghdr* header = CMSG_FIRSTHDR(&parcel.message);
  if (header == nullptr) return true;
  int descriptors[2];
  std::memcpy(descriptors, CMSG_DATA(header), sizeof descriptors);
  request.messages = descriptors[0];
  request.output = descriptors[1];
  for (const char* at = text.data(); at < text.data() + size; at += request.arguments.back().size() + 1)
    request.arguments.emplace_back(at);
  return true;
}

/// The run, in the forked process.
[[noreturn]] void work(Request request, pid_t server, int signals) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != server) _exit(exit_failed_run);
  close(server_socket);
  close(signals);
  dup2(request.output, STDOUT_FILENO);
  dup2(request.messages, STDERR_FILENO);
  close(request.output);
  close(request.messages);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::string name = "lair";
  std::vector<char*> arguments{name.data()};
  for (auto& one : request.arguments) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  const int code = report_errors(false, [&] {
    return run_arguments(static_cast<int>(arguments.size()) - 1, arguments.data());
  });
  std::fflush(nullptr);
  _exit(code);
}

void answer(const Answer& one) { (void)!send(server_socket, &one, sizeof one, MSG_NOSIGNAL); }

} // namespace

struct ForkServer::Report {
  Answer answer;
};

ForkServer::ForkServer(bool learned) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    throw RunError(fmt::format("cannot start runs: {}", std::strerror(errno)));
  socket_ = ends[0];
  looked_ = monotonic_seconds();
  std::vector<std::string> arguments{"fork-server"};
  if (learned) arguments.emplace_back("--learned");
  try {
    process_ = spawn_self(arguments, {{ends[1], server_socket}});
  } catch (...) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);
}

ForkServer::~ForkServer() {
  close(socket_);
  kill(process_, SIGKILL); // its children follow it
  waitpid(process_, nullptr, 0);
}

ForkServer::Received ForkServer::receive(Report& report, bool wait) {
  while (true) {
    const ssize_t size = recv(socket_, &report.answer, sizeof report.answer, MSG_DONTWAIT);
    if (size == sizeof report.answer) {
      looked_ = monotonic_seconds();
      silence_ = 0;
      asked_ = false;
      started_ = true;
      if (report.answer.process == 0) continue;
      return Received::one;
    }
    if (size < 0 && errno == EINTR) continue;
    if (size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return Received::end;
    if (!patient()) return Received::end;
    if (!wait) return Received::none;
    pollfd one{socket_, POLLIN, 0};
    (void)poll(&one, 1, 1000);
  }
}

bool ForkServer::patient() {
  // If this process itself was stopped, or the machine slept, it was not the server that was silent.
  const double now = monotonic_seconds();
  silence_ += std::min(now - looked_, 2.0);
  looked_ = now;
  if (silence_ > 1 && !asked_) {
    const char nothing = 0;
    asked_ = send(socket_, &nothing, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
  }
  return silence_ <= (started_ ? longest_silence : longest_start);
}

std::optional<pid_t> ForkServer::start(const std::vector<std::string>& arguments, int messages,
                                       int output) {
  if (!send_request(socket_, arguments, messages, output)) return {};
  looked_ = monotonic_seconds();
  Report report;
  while (receive(report, true) == Received::one) {
    if (report.answer.status == -1) {
      if (report.answer.process < 0) throw RunError("cannot start a run: no process can be made");
      return report.answer.process;
    }
    ended_.emplace_back(report.answer.process, report.answer.status);
  }
  return {};
}

bool ForkServer::collect(std::vector<std::pair<pid_t, int>>& ended) {
  Report report;
  Received received = Received::none;
  while ((received = receive(report, false)) == Received::one)
    ended_.emplace_back(report.answer.process, report.answer.status);
  ended = std::move(ended_);
  ended_.clear();
  return received != Received::end;
}

int fork_server_command(bool learned) {
  // A terminal's Ctrl-C is for the runs, which end by themselves; this process ends with its socket.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC);
  if (signals < 0) throw RunError(fmt::format("no signals: {}", std::strerror(errno)));
  (void)program_hash(); // remembered for all of them
  if (learned) (void)open_neural_module();
  const pid_t self = getpid();
  while (true) {
    std::array<pollfd, 2> wait{pollfd{server_socket, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return exit_failed_run;
    if (wait[1].revents != 0) {
      signalfd_siginfo info;
      (void)!read(signals, &info, sizeof info);
      int status = 0;
      for (pid_t process = 0; (process = waitpid(-1, &status, WNOHANG)) > 0;) {
        answer({process, status});
        kill(getppid(), SIGCHLD); // wakes who waits for a child of its own
      }
    }
    if (wait[0].revents == 0) continue;
    Request request;
    if (!receive_request(server_socket, request)) return exit_ok;
    if (request.arguments.empty()) {
      answer({0, 0});
      continue;
    }
    std::fflush(nullptr);
    const pid_t process = fork();
    if (process == 0) work(std::move(request), self, signals);
    close(request.messages);
    close(request.output);
    answer({process, -1});
  }
}

} // namespace lair::cli
