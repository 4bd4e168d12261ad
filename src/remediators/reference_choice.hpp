/// Which task the public code of the baselines takes off a host.
#pragma once

#include <lair/policy.hpp>

#include <tuple>

namespace lair {

/// Of the tasks that run there, the one with the least memory; null if none runs.
inline const TaskView* smallest_task(const Observation& seen, std::uint32_t host) {
  const TaskView* smallest = nullptr;
  for (const TaskView& task : seen.tasks())
    if (task.state == LAIR_TASK_RUNNING && task.host == host &&
        (smallest == nullptr ||
         std::tie(task.resident, task.id) < std::tie(smallest->resident, smallest->id)))
      smallest = &task;
  return smallest;
}

} // namespace lair
