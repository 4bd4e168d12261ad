// The built-in schedulers. A new one: its file, its line here and in CMakeLists.txt.
#include "policy/builtin.hpp"
#include "policy/neural_module.hpp"
#include "schedulers/first_fit.hpp"
#include "schedulers/least_loaded.hpp"
#include "schedulers/random.hpp"
#include "schedulers/round_robin.hpp"

namespace lair {

std::span<const BuiltinRole<Scheduler>> builtin_schedulers() {
  static constexpr BuiltinRole<Scheduler> list[] = {
      {"random", "a uniformly drawn host with room", "baseline", heuristic_memory,
       make_role<Scheduler, RandomScheduler>},
      {"round-robin", "one host after the other, as far as they have room", "baseline",
       heuristic_memory, make_role<Scheduler, RoundRobinScheduler>},
      {"first-fit", "the host of the lowest id with room", "baseline", heuristic_memory,
       make_role<Scheduler, FirstFitScheduler>},
      {"least-loaded", "the host with the fewest threads per core", "baseline", heuristic_memory,
       make_role<Scheduler, LeastLoadedScheduler>},
      {"gobi", "gradient descent of a neural surrogate of energy and response on the placement",
       "GOBI, Tuli et al. 2022 (COSCO)", neural_memory, make_neural_scheduler<"gobi">, true},
  };
  return list;
}

} // namespace lair
