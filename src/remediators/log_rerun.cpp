#include "remediators/log_rerun.hpp"

namespace lair {

LogRerun::LogRerun(PolicyContext& context)
    : Remediator(context),
      logs_(static_cast<std::uint32_t>(context.whole("replicas", 3, 1, LAIR_TASK_STORES)),
            context.number("commit", 5, 0.1, 1e6)),
      fill_(context.number("fill", 1, 0, 1000)) {}

void LogRerun::decide(const Observation& seen, Actions placement, const DetectionView* own,
                      Decision& out) {
  context().charge_flops(2.0 * seen.tasks().size());
  if (seen.tasks().empty()) return;
  LoadBoard board(seen, placement, own);
  logs_.count(seen);
  // A LEI's own tasks: those that came in here, wherever they run now.
  for (const TaskView& task : seen.tasks()) {
    if (!is_primary(task) || task.entry_lei != seen.lei()) continue;
    std::uint32_t runs_on = task.host;
    if (task.state == LAIR_TASK_QUEUED) {
      if (task.restarts > 0) rerun(seen, board, placement, task, out);
      runs_on = placed_on(task, out.actions());
      if (runs_on == LAIR_NONE) runs_on = placed_on(task, placement);
    }
    if (task.state != LAIR_TASK_RETURNING) logs_.keep(board, task, runs_on, out);
  }
  context().charge_flops(logs_.flops() + board.flops());
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

} // namespace lair
