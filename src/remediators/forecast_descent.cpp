#include "remediators/forecast_descent.hpp"

#include "remediators/known_tasks.hpp"

#include <algorithm>

namespace lair {
namespace {

/// Charged for one change that the twin is asked about, as annealed-migration is: two hosts with their
/// tasks played through the interval.
constexpr double flops_per_trial = 2 * 2000 + 8 * 500;
constexpr double flops_per_ranked = 10; ///< a target looked at

/// What a task with this many threads would get of a host where others want theirs, flop/s. Fair
/// shares by thread, as far as the cores go round.
double promised(const Host& host, double others, double threads) {
  const double all = std::max(static_cast<double>(host.cores), others + threads);
  return host.core_flops * static_cast<double>(host.cores) * threads / all;
}

} // namespace

ForecastDescent::ForecastDescent(PolicyContext& context)
    : Remediator(context), gain_(context.number("gain", 200, 0, 1e9)),
      placement_gain_(context.number("placement_gain", 1, 0, 1e9)),
      rounds_(static_cast<std::uint32_t>(context.whole("rounds", 3, 1, 100))),
      targets_(static_cast<std::uint32_t>(context.whole("targets", 16, 1, 1e6))),
      own_only_(context.choice("scope", "federation", {"federation", "lei"}) == "lei"),
      queued_(context.choice("queued", "yes", {"yes", "no"}) == "yes") {}

void ForecastDescent::decide(const Observation& seen, Actions placement, const DetectionView*,
                             Decision& out) {
  flops_ = 0;
  std::vector<Movable> tasks = movable_tasks(seen, placement);
  if (tasks.empty()) return;
  if (!context().has_twin()) return context().log(2, "forecast-descent has no twin to ask here, so it moves nothing");
  std::vector<Target> targets = targets_of(seen, tasks);
  const auto row_of = [&](std::uint32_t id) {
    return std::find_if(targets.begin(), targets.end(), [&](auto& t) { return t.host->id == id; });
  };
  TwinView twin = context().twin(seen);
  lair_forecast now = twin.forecast(placement);
  const double count = static_cast<double>(known_tasks(seen).size());
  bool improved = true;
  for (std::uint32_t round = 0; improved && round < rounds_; ++round) {
    improved = false;
    for (Movable& task : tasks) {
      const bool queued = task.task->state == LAIR_TASK_QUEUED;
      // outlook is a mean over all tasks
      double lowest = now.outlook - (queued ? placement_gain_ : gain_) / count;
      std::uint32_t best = LAIR_NONE;
      rank(targets, task, task.task->entry_lei);
      for (const auto& [promise, row] : ranked_) {
        const auto trial = twin.try_move(task.task->id, targets[row].host->id);
        flops_ += flops_per_trial;
        if (trial.outcome.outlook < lowest) {
          lowest = trial.outcome.outlook;
          best = row;
        }
        twin.undo();
      }
      if (best == LAIR_NONE) continue;
      now = twin.try_move(task.task->id, targets[best].host->id).outcome;
      twin.accept();
      if (const auto from = row_of(task.host); from != targets.end()) {
        from->threads -= task.threads;
        from->ram -= task.task->resident;
      }
      targets[best].threads += task.threads;
      targets[best].ram += task.task->resident;
      task.host = targets[best].host->id;
      improved = true;
    }
  }
  for (const TaskView& task : seen.tasks()) {
    const auto plan = std::find_if(tasks.begin(), tasks.end(), [&](auto& m) { return m.task->id == task.id; });
    if (plan == tasks.end() || plan->host == plan->first) continue;
    if (task.state == LAIR_TASK_QUEUED) out.place(task.id, plan->host);
    else if (const Host* from = seen.find_host(task.host); from != nullptr && is_own(*from))
      out.migrate(task.id, plan->host);
  }
  context().charge_flops(flops_);
}

/// In the order of their ids, so that all brokers make the same plan.
std::vector<ForecastDescent::Movable>
ForecastDescent::movable_tasks(const Observation& seen, Actions placement) const {
  std::vector<Movable> tasks;
  for (const TaskView* task : known_tasks(seen)) {
    Movable one{task, task->host, task->host,
                static_cast<double>(seen.application(*task).threads)};
    if (task->state == LAIR_TASK_QUEUED) {
      if (!queued_) continue;
      one.host = task->target; // a peer's, from its report
      for (const lair_action& action : placement)
        if (action.kind == LAIR_PLACE && action.task == task->id) one.host = action.host;
      if (one.host == LAIR_NONE) continue; // its scheduler lets it wait
      one.first = one.host;
    } else if (task->state != LAIR_TASK_RUNNING) {
      continue;
    }
    tasks.push_back(one);
  }
  return tasks;
}

std::vector<ForecastDescent::Target>
ForecastDescent::targets_of(const Observation& seen, const std::vector<Movable>& tasks) const {
  std::vector<Target> targets;
  for (const Host& host : seen.hosts()) {
    if (!takes_tasks(host) || (own_only_ && !is_own(host))) continue;
    Target target{&host, host.unexplained.threads, host.ram_need};
    for (const Movable& task : tasks)
      if (task.host == host.id) {
        target.threads += task.threads;
        if (task.task->state == LAIR_TASK_QUEUED) target.ram += task.task->resident;
      }
    targets.push_back(target);
  }
  std::sort(targets.begin(), targets.end(), [](auto& a, auto& b) { return a.host->id < b.host->id; });
  return targets;
}

void ForecastDescent::rank(const std::vector<Target>& targets, const Movable& task,
                           std::uint32_t lei) {
  ranked_.clear();
  for (std::uint32_t row = 0; row < targets.size(); ++row) {
    const Target& target = targets[row];
    if (target.host->id == task.host || target.ram + task.task->resident > target.host->ram) continue;
    ranked_.push_back({-promised(*target.host, target.threads, task.threads), row});
  }
  flops_ += flops_per_ranked * static_cast<double>(targets.size());
  const auto nearer = [&](auto& a, auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const bool here_a = targets[a.second].host->lei == lei, here_b = targets[b.second].host->lei == lei;
    return here_a != here_b ? here_a : a.second < b.second;
  };
  const std::size_t kept = std::min<std::size_t>(targets_, ranked_.size());
  std::partial_sort(ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(kept), ranked_.end(), nearer);
  ranked_.resize(kept);
}

} // namespace lair
