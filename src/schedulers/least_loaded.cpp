#include "schedulers/least_loaded.hpp"

namespace lair {

LeastLoadedScheduler::LeastLoadedScheduler(PolicyContext& context)
    : Scheduler(context), scope_(scope_option(context)),
      measure_(context.choice("measure", "threads", {"threads", "cpu"}) == "cpu"
                   ? LoadMeasure::cpu
                   : LoadMeasure::threads),
      candidates_(admission_option(context)) {}

void LeastLoadedScheduler::place(const Observation& observation, Decision& out) {
  candidates_.reset(observation, scope_, measure_);
  double compared = 0;
  for (const TaskView& task : observation.tasks()) {
    if (task.state != LAIR_TASK_QUEUED) continue;
    const ApplicationView& application = observation.application(task);
    const auto& feasible = candidates_.feasible(task);
    if (feasible.empty()) continue; // it waits
    std::uint32_t best = feasible.front();
    for (const std::uint32_t i : feasible) {
      const double load = candidates_.load_with(i, application.threads);
      const double least = candidates_.load_with(best, application.threads);
      if (load < least || (load == least && candidates_.own(i) && !candidates_.own(best))) best = i;
      compared += 1;
    }
    candidates_.assign(best, task, application);
    out.place(task.id, candidates_.id(best));
  }
  context().charge_flops(candidates_.flops() + 5 * compared);
}

} // namespace lair
