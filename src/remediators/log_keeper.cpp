#include "remediators/log_keeper.hpp"

#include <algorithm>
#include <tuple>

namespace lair {

void LogKeeper::count(const Observation& seen) {
  flops_ = 0;
  logs_.clear();
  for (const TaskView& task : seen.tasks())
    if (is_primary(task))
      for (std::uint32_t i = 0; i < task.store_count; ++i) ++logs_[task.stores[i]];
}

/// Hosts that answer, have none of it yet, and hold the fewest logs: others than the one that it runs on, and
/// of the own LEI first.
void LogKeeper::keep(LoadBoard& board, const TaskView& task, std::uint32_t runs_on, Decision& out) {
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
