#include "schedulers/random.hpp"

namespace lair {

RandomScheduler::RandomScheduler(PolicyContext& context)
    : Scheduler(context), scope_(scope_option(context)), candidates_(admission_option(context)) {}

void RandomScheduler::place(const Observation& observation, Decision& out) {
  candidates_.reset(observation, scope_, LoadMeasure::cpu);
  for (const TaskView& task : observation.tasks()) {
    if (task.state != LAIR_TASK_QUEUED) continue;
    const auto& feasible = candidates_.feasible(task);
    if (feasible.empty()) continue; // it waits
    const std::uint32_t chosen =
        feasible[context().pick(static_cast<std::uint32_t>(feasible.size()))];
    candidates_.assign(chosen, task, observation.application(task));
    out.place(task.id, candidates_.id(chosen));
  }
  context().charge_flops(candidates_.flops());
}

} // namespace lair
