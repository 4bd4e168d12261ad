// The schedulers of liblair-neural.so. A new one: its file, its line here, its line in list.cpp, and both
// files in CMakeLists.txt.
#include "policy/neural_module.hpp"
#include "schedulers/gobi.hpp"

namespace lair {

std::span<const NeuralModule::SchedulerEntry> neural_schedulers() {
  static constexpr NeuralModule::SchedulerEntry list[] = {{"gobi", make_role<Scheduler, GobiScheduler>}};
  return list;
}

} // namespace lair
