#include "schedulers/first_fit.hpp"

namespace lair {

FirstFitScheduler::FirstFitScheduler(PolicyContext& context)
    : Scheduler(context), scope_(scope_option(context)), candidates_(admission_option(context)) {}

void FirstFitScheduler::place(const Observation& observation, Decision& out) {
  candidates_.reset(observation, scope_, LoadMeasure::cpu);
  for (const TaskView& task : observation.tasks()) {
    if (task.state != LAIR_TASK_QUEUED) continue;
    const auto& feasible = candidates_.feasible(task);
    if (feasible.empty()) continue; // it waits
    candidates_.assign(feasible.front(), task, observation.application(task));
    out.place(task.id, candidates_.id(feasible.front()));
  }
  context().charge_flops(candidates_.flops());
}

} // namespace lair
