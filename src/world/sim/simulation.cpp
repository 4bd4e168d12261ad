#include "world/sim/simulation.hpp"

#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <string>

#ifdef LAIR_SANITIZED
/// Timers that have not fired when a run is cut short are SimGrid's, which never frees them.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:simgrid::kernel::timer::Timer::set\n";
}
#endif

namespace lair::world::sim {

SimulationResult simulate(const Scenario& scenario, const PolicyFactory& policy, EventSink& sink,
                          const SimulationOptions& options) {
  // Never deleted: destroying an engine or a world with living actors is not safe in SimGrid, and the
  // process ends with the run.
#ifdef LAIR_SANITIZED
  const bool thread_contexts = true; // the sanitizers cannot follow raw stack switches
#else
  const bool thread_contexts = options.thread_contexts;
#endif
  if (options.oracle && thread_contexts)
    throw RunError("the exact twin forks the run, which has a thread for each actor here: not in "
                   "builds with sanitizers");
  // The kind of contexts counts only if it is known before there is an engine.
  std::string name = "lair", quiet = "--log=root.thres:critical",
              contexts = std::string("--cfg=contexts/factory:") + (thread_contexts ? "thread" : "raw");
  char* arguments[] = {name.data(), quiet.data(), contexts.data(), nullptr};
  int count = 3;
  static auto* engine = new sgc::s4u::Engine(&count, arguments);
  configure(thread_contexts);
  static World* world = nullptr;
  if (!options.oracle) {
    world = new World(scenario, policy, sink, options, *engine);
    return world->run();
  }
  Oracle oracle(sink, options.oracle, options.oracle_times_twin);
  SimulationOptions with_oracle = options;
  with_oracle.log = [&](int level, const std::string& message) {
    if (options.log && !oracle.is_child()) options.log(level, message);
  };
  SimulationResult result;
  try {
    world = new World(scenario, policy, oracle, with_oracle, *engine);
    world->consult(oracle);
    result = world->run();
  } catch (...) {
    oracle.run_ended();
    throw;
  }
  oracle.run_ended();
  return result;
}

} // namespace lair::world::sim
