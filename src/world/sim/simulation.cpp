#include "world/sim/simulation.hpp"

#include "world/sim/world.hpp"

#include <string>

namespace lair::world::sim {

SimulationResult simulate(const Scenario& scenario, const PolicyFactory& policy, EventSink& sink,
                          const SimulationOptions& options) {
  std::string name = "lair", quiet = "--log=root.thres:critical";
  char* arguments[] = {name.data(), quiet.data(), nullptr};
  int count = 2;
  // Never deleted: destroying an engine or a world with living actors is not safe in SimGrid, and the
  // process ends with the run.
#ifdef LAIR_SANITIZED
  const bool thread_contexts = true; // the sanitizers cannot follow raw stack switches
#else
  const bool thread_contexts = options.thread_contexts;
#endif
  static auto* engine = new sgc::s4u::Engine(&count, arguments);
  configure(thread_contexts);
  static World* world = nullptr;
  world = new World(scenario, policy, sink, options, *engine);
  return world->run();
}

} // namespace lair::world::sim
