/// All tasks that a broker knows of: its own and those of its peers' reports.
#pragma once

#include <lair/policy.hpp>

#include <algorithm>
#include <vector>

namespace lair {

/// By id, so that brokers that know the same tasks see them in the same order. A task that is on its way
/// from one LEI to another stands in the reports of both: the own row counts, else the first.
inline std::vector<const TaskView*> known_tasks(const Observation& seen) {
  std::vector<const TaskView*> tasks;
  for (const TaskView& task : seen.tasks()) tasks.push_back(&task);
  for (const ReportView& report : seen.reports())
    for (const TaskView& task : Observation::tasks_of(report)) tasks.push_back(&task);
  std::stable_sort(tasks.begin(), tasks.end(), [](auto* a, auto* b) { return a->id < b->id; });
  tasks.erase(std::unique(tasks.begin(), tasks.end(), [](auto* a, auto* b) { return a->id == b->id; }),
              tasks.end());
  return tasks;
}

} // namespace lair
