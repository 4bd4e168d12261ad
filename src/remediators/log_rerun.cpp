#include "remediators/log_rerun.hpp"

#include <algorithm>
#include <tuple>

namespace lair {

LogRerun::LogRerun(PolicyContext& context)
    : Remediator(context),
      replicas_(static_cast<std::uint32_t>(context.whole("replicas", 3, 1, LAIR_TASK_STORES))),
      commit_(context.number("commit", 5, 0.1, 1e6)), fill_(context.number("fill", 1, 0, 1000)) {}

void LogRerun::decide(const Observation& seen, Actions placement, const DetectionView* own,
                      Decision& out) {
  flops_ = 0;
  context().charge_flops(2.0 * seen.tasks().size());
  if (seen.tasks().empty()) return;
  LoadBoard board(seen, placement, own);
  logs_.clear();
  for (const TaskView& task : seen.tasks())
    if (is_primary(task))
      for (std::uint32_t i = 0; i < task.store_count; ++i) ++logs_[task.stores[i]];
  // A LEI's own tasks: those that came in here, wherever they run now.
  for (const TaskView& task : seen.tasks()) {
    if (!is_primary(task) || task.entry_lei != seen.lei()) continue;
    std::uint32_t runs_on = task.host;
    if (task.state == LAIR_TASK_QUEUED) {
      if (task.restarts > 0) rerun(seen, board, placement, task, out);
      runs_on = placed_on(task, out.actions());
      if (runs_on == LAIR_NONE) runs_on = placed_on(task, placement);
    }
    if (task.state != LAIR_TASK_RETURNING) keep_log(board, task, runs_on, out);
  }
  context().charge_flops(flops_ + board.flops());
}

/// Feasible is what has memory and cores for it, as a scheduler of containers means it. If no host is, the
/// scheduler's choice stands.
void LogRerun::rerun(const Observation& seen, LoadBoard& board, Actions placement, const TaskView& task,
                     Decision& out) {
  LoadBoard::Place* const proposed = board.find(placed_on(task, placement));
  if (proposed != nullptr) board.remove(*proposed, task);
  LoadBoard::Place* to = nullptr;
  for (const bool here : {true, false}) {
    to = board.least_loaded(task, context().host_total(), [&](const LoadBoard::Place& place) {
      return (place.host->lei == seen.lei()) == here &&
             place.pressure(board.threads_of(task)) <= fill_;
    });
    if (to != nullptr) break;
  }
  if (to == nullptr) {
    if (proposed != nullptr) board.add(*proposed, task);
    return;
  }
  out.place(task.id, to->host->id);
  board.add(*to, task);
}

/// Hosts that answer, have none of it yet, and hold the fewest logs: others than the one that it runs on, and
/// of the own LEI first.
void LogRerun::keep_log(LoadBoard& board, const TaskView& task, std::uint32_t runs_on, Decision& out) {
  const std::uint32_t* const end = task.stores + std::min<std::uint32_t>(task.store_count, LAIR_TASK_STORES);
  const auto holds = [&](std::uint32_t host) { return std::find(task.stores, end, host) != end; };
  std::uint32_t alive = 0, kept = 0;
  for (const LoadBoard::Place& place : board.places()) {
    if (!is_alive(*place.host)) continue;
    ++alive;
    kept += holds(place.host->id);
  }
  flops_ += 3.0 * static_cast<double>(board.places().size());
  const std::uint32_t wanted = alive < 3 ? std::min(replicas_, 2u) : replicas_;
  auto slots = static_cast<std::uint32_t>(task.stores + LAIR_TASK_STORES - end);
  std::uint32_t chosen[LAIR_TASK_STORES], count = 0;
  for (; kept < wanted && slots > 0; ++kept, --slots) {
    const auto rank = [&](const LoadBoard::Place& place) {
      const auto found = logs_.find(place.host->id);
      return std::make_tuple(place.labelled, place.host->id == runs_on, !is_own(*place.host),
                             found == logs_.end() ? 0u : found->second, place.host->id);
    };
    const LoadBoard::Place* best = nullptr;
    for (const LoadBoard::Place& place : board.places()) {
      const std::uint32_t id = place.host->id;
      if (!is_alive(*place.host) || holds(id)) continue;
      if (std::find(chosen, chosen + count, id) != chosen + count) continue;
      if (best == nullptr || rank(place) < rank(*best)) best = &place;
    }
    flops_ += 4.0 * static_cast<double>(board.places().size());
    if (best == nullptr) return;
    out.checkpoint(task.id, best->host->id, commit_);
    ++logs_[best->host->id];
    chosen[count++] = best->host->id;
  }
}

} // namespace lair
