#include "broker/validate.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
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
    for (const TaskView& task : observation.tasks()) {
      tasks_.emplace(task.id, &task); // of its copies the first
      if (task.copies > 1) copies_[task.id].push_back(&task);
    }
    lei_ = observation.lei();
  }

  /// Reason::none if the action may be tried; then its memory is counted for the next ones.
  Reason check(const lair_action& action, double value) {
    if (action.kind < LAIR_PLACE || action.kind > LAIR_VOTE) return Reason::bad_value;
    const auto task = tasks_.find(action.task);
    if (task == tasks_.end()) return Reason::unknown_task;
    if (action.kind == LAIR_VOTE) return valid_quorum(value) ? Reason::none : Reason::bad_value;
    const auto host = hosts_.find(action.host);
    if (host == hosts_.end()) return Reason::unknown_host;
    if (action.kind == LAIR_CANCEL) {
      if (row_on(*task->second, action.host) == nullptr) return Reason::no_copy;
      return task->second->copies > 1 ? Reason::none : Reason::last_copy;
    }
    if (action.kind == LAIR_CHECKPOINT) {
      if (!(value >= 0 && std::isfinite(value))) return Reason::bad_value;
      return is_alive(*host->second.host) ? Reason::none : Reason::host_off;
    }
    if (action.kind == LAIR_PLACE) {
      if (task->second->state != LAIR_TASK_QUEUED) return Reason::not_queued;
    } else if (action.kind == LAIR_REPLICATE) {
      if (row_on(*task->second, action.host) != nullptr) return Reason::same_host;
    } else {
      const lair_task& t = moved(*task->second);
      if (t.state == LAIR_TASK_MIGRATING) return Reason::already_moving;
      if (t.state != LAIR_TASK_RUNNING) return Reason::not_running;
      if (t.host == action.host) return Reason::same_host;
    }
    const lair_task& t = *task->second;
    Known& known = host->second;
    if (!is_alive(*known.host)) return Reason::host_off;
    if ((known.host->flags & LAIR_HOST_NO_TASKS) != 0) return Reason::no_tasks_allowed;
    if (known.need + t.resident > known.host->ram + known.host->swap)
      return Reason::not_enough_memory;
    known.need += t.resident;
    return Reason::none;
  }

private:
  /// Its copy on this host, or on its way there; null if there is none.
  const lair_task* row_on(const lair_task& t, std::uint32_t host) const {
    const auto is = [&](const lair_task& row) { return row.host == host || row.target == host; };
    if (t.copies <= 1) return t.state != LAIR_TASK_QUEUED && is(t) ? &t : nullptr;
    for (const lair_task* row : copies_.at(t.id))
      if (is(*row)) return row;
    return nullptr;
  }
  /// Of a task with copies: the one that a migration means.
  const lair_task& moved(const lair_task& t) const {
    if (t.copies <= 1) return t;
    for (const lair_task* row : copies_.at(t.id))
      if (const auto host = hosts_.find(row->host);
          host != hosts_.end() && host->second.host->lei == lei_ && row->state == LAIR_TASK_RUNNING)
        return *row;
    return t;
  }
  static bool valid_quorum(double value) {
    return value >= 1 && value <= 1e6 && value == std::floor(value);
  }

  // Looked up only, never iterated: the order of a hash table must not reach a result.
  std::unordered_map<std::uint32_t, Known> hosts_;
  std::unordered_map<std::uint64_t, const lair_task*> tasks_;
  std::unordered_map<std::uint64_t, std::vector<const lair_task*>> copies_; ///< if it has several
  std::uint32_t lei_ = LAIR_NONE;
};

/// What a decision may hold once.
using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;
Key key(const lair_action& action) {
  const bool once = action.kind <= LAIR_MIGRATE || action.kind == LAIR_VOTE;
  return {action.task, action.kind == LAIR_MIGRATE ? +LAIR_PLACE : action.kind,
          once ? LAIR_NONE : action.host};
}

} // namespace

ValidDecision validate(const lair_observation& raw, Actions placement, Actions remediation,
                       std::span<const double> values) {
  ValidDecision out;
  if (placement.empty() && remediation.empty()) return out;
  Checker checker{Observation(raw)};
  std::set<Key> seen;
  const auto consider = [&](const lair_action& action, double value) {
    if (!seen.insert(key(action)).second) {
      out.refusals.push_back({action, Reason::duplicate});
      return;
    }
    if (const Reason reason = checker.check(action, value); reason != Reason::none) {
      out.refusals.push_back({action, reason});
    } else {
      out.actions.push_back(action);
      out.values.push_back(value);
    }
  };
  for (const lair_action& action : placement) {
    const bool replaced =
        std::any_of(remediation.begin(), remediation.end(), [&](const auto& other) {
          return other.kind == LAIR_PLACE && other.task == action.task;
        });
    if (!replaced) consider(action, 0);
  }
  for (std::size_t i = 0; i < remediation.size(); ++i)
    consider(remediation[i], i < values.size() ? values[i] : 0);
  return out;
}

} // namespace lair
