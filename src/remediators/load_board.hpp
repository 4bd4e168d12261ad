/// What a broker knows of every host's load, with this interval's placements on board, for remediators that
/// look for the least loaded host and fill hosts as they decide.
#pragma once

#include <lair/policy.hpp>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace lair {

class LoadBoard {
public:
  struct Place {
    const Host* host;
    double threads; ///< runnable, with what was agreed
    double need;    ///< bytes, likewise
    bool labelled = false;
    double pressure(double more = 0) const { return (threads + more) / host->cores; }
  };

  LoadBoard(const Observation& seen, Actions placement, const DetectionView* own);

  /// The host with this id, or null if it is unknown.
  Place* find(std::uint32_t host);
  std::vector<Place>& places() { return places_; } ///< by host id
  void add(Place& place, const TaskView& task) {
    place.threads += threads_of(task);
    place.need += task.resident;
  }
  void remove(Place& place, const TaskView& task) {
    place.threads = std::max(0.0, place.threads - threads_of(task));
    place.need = std::max(0.0, place.need - task.resident);
  }
  double threads_of(const TaskView& task) const { return seen_.application(task).threads; }

  /// Of the hosts that answer, are unlabelled, have RAM for the task and fulfil `allowed`, the one with the
  /// fewest threads per core; then an own one; then another one for each broker. Null if there is none.
  template <class Allowed> Place* least_loaded(const TaskView& task, std::uint32_t host_total, Allowed&& allowed) {
    const std::uint32_t total = std::max(host_total, 1u);
    const auto rank = [&](const Place& place) {
      const std::uint32_t turn = (place.host->id + total - seen_.broker() % total) % total;
      return std::make_tuple(place.pressure(), !is_own(*place.host), turn);
    };
    Place* best = nullptr;
    for (Place& place : places_) {
      flops_ += 6;
      const Host& host = *place.host;
      if (!takes_tasks(host) || place.labelled || place.need + task.resident > host.ram) continue;
      if (!allowed(std::as_const(place))) continue;
      if (best == nullptr || rank(place) < rank(*best)) best = &place;
    }
    return best;
  }
  double flops() const { return flops_; }

private:
  Observation seen_;
  std::vector<Place> places_;
  double flops_ = 0;
};

/// Where the scheduler puts a queued task; LAIR_NONE if it lets it wait.
inline std::uint32_t placed_on(const TaskView& task, Actions placement) {
  for (const Action& action : placement)
    if (action.task == task.id && action.kind == LAIR_PLACE) return action.host;
  return LAIR_NONE;
}

/// Is the task, or a copy of it, on this host or on its way there? `rows`: the task's.
inline bool is_on(const std::vector<const TaskView*>& rows, std::uint32_t host) {
  return std::any_of(rows.begin(), rows.end(), [&](const TaskView* row) {
    return row->state != LAIR_TASK_QUEUED && (row->host == host || row->target == host);
  });
}

/// The rows of each task, its primary first; tasks by id.
inline std::vector<std::vector<const TaskView*>> rows_by_task(const Observation& seen) {
  std::vector<const TaskView*> rows;
  for (const TaskView& task : seen.tasks()) rows.push_back(&task);
  std::stable_sort(rows.begin(), rows.end(), [](const TaskView* a, const TaskView* b) {
    return std::tie(a->id, a->copy) < std::tie(b->id, b->copy);
  });
  std::vector<std::vector<const TaskView*>> tasks;
  for (const TaskView* row : rows) {
    if (tasks.empty() || tasks.back().front()->id != row->id) tasks.emplace_back();
    tasks.back().push_back(row);
  }
  return tasks;
}

} // namespace lair
