/// Small worlds built by hand for closed-form tests. Every simulation runs in a forked child, since a
/// process can hold one SimGrid engine only; what it emitted comes back through a pipe.
#pragma once

#include "model/event.hpp"
#include "scenario/scenario.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace lair::physics {

struct Recording {
  std::vector<Event> events;
  std::vector<HostInterval> hosts;
  std::vector<IntervalTotals> totals;
  std::vector<HostSample> samples;
  std::vector<PolicyCharge> charges;
  std::vector<std::string> notes; ///< what policies said at level 1 and 2
  int signal = 0;      ///< the child died of it
  std::string failure; ///< what() of an exception, empty if none

  std::vector<Event> of(EventKind kind) const;
  /// The only event of this kind; NaN time if there is not exactly one.
  Event only(EventKind kind) const;
  /// Response time of a task; NaN if it did not finish.
  double response(std::uint64_t task) const;
  double energy(std::uint32_t host) const; ///< joules over the whole run
};

/// Hosts of 4 cores of 1 Gflop/s, 4 GB of RAM, 2 GB of swap, a card of 40/20 MB/s (random 8/4), links
/// of 125 MB/s without latency; a linear power curve of 2 W to 6 W. `leis[i]` hosts in LEI i, its
/// first host the broker. No base system in memory, no policy cost, no image to fetch, no bytes
/// of probes.
Scenario make_scenario(std::vector<unsigned> leis);

/// An application of `images` images of `flops` flops each with `threads` threads; reads nothing from
/// the card, sends nothing over the links, occupies 100 MB.
Application make_application(double images, double flops, unsigned threads = 2);

/// A task of application `app` arriving at LEI `lei` at `time`.
void add_task(Scenario& scenario, double time, std::uint32_t lei = 0, std::uint32_t app = 0);

void add_fault(Scenario& scenario, FaultKind kind, double start, double length, std::uint32_t host,
               double strength = 1);

/// Scheduler "scripted" places task i on option "t<i>" (default: host 0); remediator "scripted"
/// migrates task i in interval j to host h by option "m<i>" = "j:h", and once more by "n<i>".
void use_script(Scenario& scenario,
                std::vector<std::pair<std::string, std::string>> options = {});

/// Besides "t<i>" the remediator "acting" (roles.cpp): each of `actions` is
/// "interval:kind:task:host:value".
void use_actions(Scenario& scenario, std::vector<std::string> actions,
                 std::vector<std::pair<std::string, std::string>> options = {});

struct Forked {
  bool thread_contexts = false;
  bool oracle = false;           ///< with an exact twin at every interval
  std::size_t most_actors = 0;   ///< as SimulationOptions
  const std::vector<PolicyCharge>* recorded_costs = nullptr; ///< as SimulationOptions
  unsigned cpu_seconds = 0;      ///< killed by SIGXCPU after so many; 0: no limit
  std::function<void()> before;  ///< run in the child first
};

/// One run in a child. The laws of laws.hpp are checked as it goes: breaking one is SIGABRT.
Recording simulate_forked(const Scenario& scenario, const Forked& how = {});

/// Where two recordings differ first, bit by bit; empty if nowhere.
std::string difference(const Recording& a, const Recording& b);

/// Runs a piece of code that builds its own SimGrid engine in a child and returns its doubles.
std::vector<double> in_child(const std::function<std::vector<double>()>& code, int* signal = nullptr);

} // namespace lair::physics
