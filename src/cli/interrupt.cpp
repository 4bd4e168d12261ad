#include "cli/interrupt.hpp"

#include <csignal>
#include <unistd.h>

namespace lair::cli {

namespace {

volatile std::sig_atomic_t caught = 0; // a signal handler can reach nothing else

void on_signal(int signal, siginfo_t* from, void*) {
  std::signal(signal, SIG_DFL);
  // A policy that signals its own process asks for no orderly end: it dies of it, and is named.
  if (from->si_code <= 0 && from->si_pid == getpid()) raise(signal);
  caught = 1;
}

void catch_it(int signal) {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
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

void catch_interrupts() {
  catch_it(SIGINT);
  catch_it(SIGTERM);
}

CatchInterrupts::CatchInterrupts(EventSink& to) : to_(to) { change_mask(SIG_BLOCK); }

CatchInterrupts::~CatchInterrupts() {
  // What came so late still counts as an interruption, and the summary is still written.
  if (!catching_) start();
}

void CatchInterrupts::start() {
  catching_ = true;
  catch_interrupts();
  change_mask(SIG_UNBLOCK);
}

} // namespace lair::cli
