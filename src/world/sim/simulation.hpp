/// The federation on SimGrid: one run of one scenario. One run = one process (a second SimGrid engine
/// cannot exist in it), so call this once; batches run one process each.
#pragma once

#include "broker/broker.hpp"
#include "model/event.hpp"
#include "policy/policy_factory.hpp"
#include "scenario/scenario.hpp"
#include "world/sim/oracle.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lair::world::sim {

struct SimulationOptions {
  /// Called at the end of every interval; false stops the run there (interrupted).
  std::function<bool(std::uint32_t intervals_done)> progress;
  /// Messages of policies and of the world: 0 debug, 1 info, 2 warning.
  std::function<void(int level, const std::string&)> log;
  /// Compares the analytic twin with the exact one at every interval (oracle.hpp). Called at the end
  /// of each; costs a fork and the interval once more. Not with thread contexts (RunError).
  OracleCallback oracle;
  /// With overhead.mode = measured: the costs of an earlier run, in its order, in place of a clock.
  const std::vector<PolicyCharge>* recorded_costs = nullptr;
  /// Makes what watches a broker sense, for each broker object that comes to life; changes nothing.
  std::function<SenseObserver()> watch_broker;
  bool oracle_times_twin = false; ///< also measure how fast the analytic twin is
  /// One thread for each actor instead of switched stacks: slow, but debuggers and sanitizers can
  /// follow it (builds with sanitizers always do it). Results are the same.
  bool thread_contexts = false;
  /// Actors (tasks, attacks, fetches, brokers) alive at once; more end the run with a RunError. 0: as
  /// many as vm.max_map_count lets have stacks.
  std::size_t most_actors = 0;
};

struct SimulationResult {
  bool completed = false; ///< false: interrupted by progress
  std::uint32_t intervals = 0;
  PolicyCost policy_cost; ///< of all brokers together, measured on this machine; not a result
};

/// Bytes that the policy takes on each broker. InputError if the scenario wants the paper's figure
/// (overhead.mode) and the paper has none for this policy.
double policy_memory(const OverheadModel& overhead, const PolicyDescription& policy);

/// Runs the scenario and sends everything that happens to `sink`, in order of time. Throws PluginError
/// when a policy fails and RunError when too many tasks are alive (what was sent before stands);
/// aborts (LAIR_ASSERT) on a broken invariant.
SimulationResult simulate(const Scenario& scenario, const PolicyFactory& policy, EventSink& sink,
                          const SimulationOptions& options = {});

} // namespace lair::world::sim
