#include "cli/interrupt.hpp"

#include <csignal>

namespace lair::cli {

namespace {

volatile std::sig_atomic_t caught = 0; // a signal handler can reach nothing else

void on_signal(int signal) {
  caught = 1;
  std::signal(signal, SIG_DFL);
}

void change_mask(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(how, &signals, nullptr);
}

} // namespace

bool interrupted() { return caught != 0; }

CatchInterrupts::CatchInterrupts(EventSink& to) : to_(to) { change_mask(SIG_BLOCK); }

CatchInterrupts::~CatchInterrupts() {
  // What came so late still counts as an interruption, and the summary is still written.
  if (!catching_) start();
}

void CatchInterrupts::start() {
  catching_ = true;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  change_mask(SIG_UNBLOCK);
}

} // namespace lair::cli
