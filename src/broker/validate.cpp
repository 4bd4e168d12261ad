#include "broker/validate.hpp"

#include <algorithm>
#include <unordered_map>

namespace lair {

namespace {

struct Known {
  const lair_host* host;
  double need; ///< bytes, with what this decision already adds
};

class Checker {
public:
  explicit Checker(const Observation& observation) {
    for (const Host& host : observation.hosts())
      hosts_.emplace(host.id, Known{&host, host.ram_need});
    for (const TaskView& task : observation.tasks()) tasks_.emplace(task.id, &task);
  }

  /// Reason::none if the action may be tried; then its memory is counted for the next ones.
  Reason check(const lair_action& action) {
    const auto task = tasks_.find(action.task);
    if (task == tasks_.end()) return Reason::unknown_task;
    const auto host = hosts_.find(action.host);
    if (host == hosts_.end()) return Reason::unknown_host;
    const lair_task& t = *task->second;
    if (action.kind == LAIR_PLACE) {
      if (t.state != LAIR_TASK_QUEUED) return Reason::not_queued;
    } else {
      if (t.state == LAIR_TASK_MIGRATING) return Reason::already_moving;
      if (t.state != LAIR_TASK_RUNNING) return Reason::not_running;
      if (t.host == action.host) return Reason::same_host;
    }
    Known& known = host->second;
    if (!is_alive(*known.host)) return Reason::host_off;
    if ((known.host->flags & LAIR_HOST_NO_TASKS) != 0) return Reason::no_tasks_allowed;
    if (known.need + t.resident > known.host->ram + known.host->swap)
      return Reason::not_enough_memory;
    known.need += t.resident;
    return Reason::none;
  }

private:
  // Looked up only, never iterated: the order of a hash table must not reach a result.
  std::unordered_map<std::uint32_t, Known> hosts_;
  std::unordered_map<std::uint64_t, const lair_task*> tasks_;
};

} // namespace

ValidDecision validate(const lair_observation& raw, Actions placement, Actions remediation) {
  ValidDecision out;
  if (placement.empty() && remediation.empty()) return out;
  Checker checker{Observation(raw)};
  std::unordered_map<std::uint64_t, bool> seen;
  const auto consider = [&](const lair_action& action) {
    if (!seen.emplace(action.task, true).second) {
      out.refusals.push_back({action, Reason::duplicate});
      return;
    }
    if (const Reason reason = checker.check(action); reason != Reason::none)
      out.refusals.push_back({action, reason});
    else
      out.actions.push_back(action);
  };
  for (const lair_action& action : placement) {
    const bool replaced =
        std::any_of(remediation.begin(), remediation.end(), [&](const auto& other) {
          return other.kind == LAIR_PLACE && other.task == action.task;
        });
    if (!replaced) consider(action);
  }
  for (const lair_action& action : remediation) consider(action);
  return out;
}

} // namespace lair
