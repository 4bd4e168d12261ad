#include "schedulers/round_robin.hpp"

#include <algorithm>

namespace lair {

RoundRobinScheduler::RoundRobinScheduler(PolicyContext& context)
    : Scheduler(context), scope_(scope_option(context)), candidates_(admission_option(context)) {}

void RoundRobinScheduler::place(const Observation& observation, Decision& out) {
  candidates_.reset(observation, scope_, LoadMeasure::cpu);
  for (const TaskView& task : observation.tasks()) {
    if (task.state != LAIR_TASK_QUEUED) continue;
    const auto& feasible = candidates_.feasible(task); // ascending by id
    if (feasible.empty()) continue;                    // it waits
    const auto next = std::find_if(feasible.begin(), feasible.end(), [&](std::uint32_t i) {
      return last_ != LAIR_NONE && candidates_.id(i) > last_;
    });
    const std::uint32_t chosen = next != feasible.end() ? *next : feasible.front();
    last_ = candidates_.id(chosen);
    candidates_.assign(chosen, task, observation.application(task));
    out.place(task.id, last_);
  }
  context().charge_flops(candidates_.flops());
}

} // namespace lair
