#include "remediators/threshold_replication.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace lair {
namespace {

constexpr double rounding = 1e-12; ///< 0.7 of 0.9 is at 7/9

double cpu(const LoadBoard::Place& place) { return std::min(1.0, place.pressure()); }

/// Which of two shares is left, as a part of what it was; 0 of nothing.
double left(double now, double before) { return before > 0 ? now / before : 0; }

/// Least slack before the deadline first, in seconds; those without a deadline after them, by what they
/// would lose.
std::tuple<double, double, std::uint64_t> importance(const Observation& seen, const TaskView& task,
                                                     const Host& host) {
  const ApplicationView& application = seen.application(task);
  const double speed = host.core_flops * std::min<double>(application.threads, host.cores);
  const double needs = speed > 0 ? task.images_left * application.flops_per_image / speed : 0;
  const double slack = task.deadline < std::numeric_limits<double>::infinity()
                           ? task.deadline - task.age - needs
                           : std::numeric_limits<double>::infinity();
  return {slack, -task.images_done, task.id};
}

} // namespace

ThresholdReplication::ThresholdReplication(PolicyContext& context)
    : Remediator(context), lo_(context.number("lo", 7.0 / 9, 0, 1)) {}

bool ThresholdReplication::touched(std::uint64_t task) const {
  return std::find(touched_.begin(), touched_.end(), task) != touched_.end();
}

void ThresholdReplication::decide(const Observation& seen, Actions placement,
                                  const DetectionView* own, Decision& out) {
  if (own == nullptr) return;
  touched_.clear();
  struct Row {
    double level; ///< score / threshold: 1 is theta_hi
    std::uint32_t host;
    bool over;
  };
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < own->count; ++i) {
    const bool over = own->labels[i] != 0;
    double level = own->thresholds[i] > 0 ? own->scores[i] / own->thresholds[i] : 0;
    if (over) level = std::max(level, 1.0); // a detector may have other reasons
    if (over || level >= lo_ * (1 - rounding)) rows.push_back({level, own->hosts[i], over});
  }
  context().charge_flops(2.0 * own->count);
  if (rows.empty()) return; // the usual case
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(b.level, a.host) < std::tie(a.level, b.host);
  });
  LoadBoard board(seen, placement, own);
  for (const Row& row : rows) {
    LoadBoard::Place* from = board.find(row.host);
    if (from == nullptr || !is_alive(*from->host)) continue;
    if (row.over) relieve(seen, board, *from, row.level, out);
    else replicate(seen, board, *from, out);
  }
  context().charge_flops(board.flops());
}

/// Migrates the smallest image first (minimum migration time). The forecast is taken to fall with the share,
/// of CPU and RAM, that falls least.
void ThresholdReplication::relieve(const Observation& seen, LoadBoard& board, LoadBoard::Place& from,
                                   double level, Decision& out) {
  std::vector<const TaskView*> tasks;
  for (const TaskView& task : seen.tasks())
    if (task.state == LAIR_TASK_RUNNING && task.host == from.host->id) tasks.push_back(&task);
  std::sort(tasks.begin(), tasks.end(), [](const TaskView* a, const TaskView* b) {
    return std::tie(a->resident, a->id) < std::tie(b->resident, b->id);
  });
  const double cpu_before = cpu(from), ram_before = from.need;
  const auto below = [&] {
    return level * std::max(left(cpu(from), cpu_before), left(from.need, ram_before)) < 1;
  };
  for (const TaskView* task : tasks) {
    if (touched(task->id)) continue;
    if (task->copies > 1) {
      // The primary has its replica; a replica that is in the way is ended, since another one goes on.
      if (is_primary(*task)) continue;
      out.cancel(task->id, from.host->id);
    } else {
      LoadBoard::Place* to = board.least_loaded(*task, context().host_total(), [&](const auto& place) {
        const double pressure = place.pressure(board.threads_of(*task));
        return place.host->id != from.host->id && place.host->window != nullptr &&
               (pressure <= 1 || pressure < from.pressure());
      });
      if (to == nullptr) continue;
      out.migrate(task->id, to->host->id);
      board.add(*to, *task);
    }
    touched_.push_back(task->id);
    board.remove(from, *task);
    if (below()) return;
  }
}

void ThresholdReplication::replicate(const Observation& seen, LoadBoard& board,
                                     const LoadBoard::Place& from, Decision& out) {
  const TaskView* first = nullptr;
  for (const TaskView& task : seen.tasks()) {
    if (task.state != LAIR_TASK_RUNNING || task.host != from.host->id || task.copies > 1) continue;
    if (touched(task.id)) continue;
    if (first == nullptr ||
        importance(seen, task, *from.host) < importance(seen, *first, *from.host))
      first = &task;
  }
  if (first == nullptr) return;
  LoadBoard::Place* to = board.least_loaded(*first, context().host_total(), [&](const auto& place) {
    return place.host->id != from.host->id && place.host->window != nullptr;
  });
  if (to == nullptr) return;
  out.replicate(first->id, to->host->id);
  touched_.push_back(first->id);
  board.add(*to, *first);
}

} // namespace lair
