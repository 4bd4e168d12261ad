#include "remediators/forecast_descent.hpp"

#include "remediators/known_tasks.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

namespace lair {
namespace {

/// Charged for one change that the twin is asked about, as annealed-migration is: two hosts with their
/// tasks played through the interval.
constexpr double flops_per_trial = 2 * 2000 + 8 * 500;
constexpr double flops_per_ranked = 10; ///< a target looked at
constexpr double hardly_more = 1 + 1e-9; ///< a promise that is the same but for rounding
constexpr double at_once = 16;           ///< transfers at which a trial takes twice its time
constexpr double a_stream = 0.5;         ///< unexplained requests at a card: an attack, not a trace of one

/// What a task with this many threads would get of a host where others want theirs, flop/s. Fair
/// shares by thread, as far as the cores go round.
double promised(const Host& host, double others, double threads) {
  const double all = std::max(static_cast<double>(host.cores), others + threads);
  return host.core_flops * static_cast<double>(host.cores) * threads / all;
}

} // namespace

bool ForecastDescent::Target::crowded() const {
  return threads > static_cast<double>(host->cores) || ram > host->ram ||
         host->unexplained.streams >= a_stream;
}

ForecastDescent::ForecastDescent(PolicyContext& context)
    : Remediator(context), gain_(context.number("gain", 200, 0, 1e9)),
      placement_gain_(context.number("placement_gain", 1, 0, 1e9)),
      rounds_(static_cast<std::uint32_t>(context.whole("rounds", 3, 1, 100))),
      targets_(static_cast<std::uint32_t>(context.whole("targets", 16, 1, 1e6))),
      trials_(context.whole("trials", 1000, 0, 1e12)), joule_(context.number("joule", 0.3, 0, 1e9)),
      logs_(static_cast<std::uint32_t>(context.whole("replicas", 1, 0, LAIR_TASK_STORES)),
            context.number("commit", 30, 0.1, 1e6)),
      own_only_(context.choice("scope", "federation", {"federation", "lei"}) == "lei"),
      queued_(context.choice("queued", "yes", {"yes", "no"}) == "yes") {}

void ForecastDescent::decide(const Observation& seen, Actions placement, const DetectionView*,
                             Decision& out) {
  flops_ = 0;
  plan(seen, placement, out);
  if (logs_.keeps_any()) keep_logs(seen, placement, out);
  context().charge_flops(flops_);
}

/// Of the tasks that came in at this LEI, wherever they run.
void ForecastDescent::keep_logs(const Observation& seen, Actions placement, Decision& out) {
  if (seen.tasks().empty()) return;
  LoadBoard board(seen, placement, nullptr);
  logs_.count(seen);
  for (const TaskView& task : seen.tasks()) {
    if (!is_primary(task) || task.entry_lei != seen.lei() || task.state == LAIR_TASK_RETURNING) continue;
    std::uint32_t runs_on = task.host;
    if (task.state == LAIR_TASK_QUEUED) {
      runs_on = placed_on(task, out.actions());
      if (runs_on == LAIR_NONE) runs_on = placed_on(task, placement);
    }
    logs_.keep(board, task, runs_on, out);
  }
  flops_ += logs_.flops() + board.flops();
}

void ForecastDescent::plan(const Observation& seen, Actions placement, Decision& out) {
  const std::vector<const TaskView*> known = known_tasks(seen);
  std::vector<Movable> tasks = movable_tasks(seen, known, placement);
  if (tasks.empty()) return;
  if (!context().has_twin()) return context().log(2, "forecast-descent has no twin to ask here, so it moves nothing");
  std::vector<Target> targets = targets_of(seen, tasks);
  std::optional<TwinView> twin; // where nobody is crowded there is nothing to ask
  lair_forecast now{};
  const double count = static_cast<double>(known.size());
  // outlook is a mean over all tasks
  const auto seconds = [&](const lair_forecast& f) { return f.outlook * count + joule_ * f.energy; };
  // A trial plays every transfer that shares a link with the task's again, and those share among them.
  const auto moving = static_cast<double>(std::count_if(known.begin(), known.end(), [](auto* task) {
    return task->state != LAIR_TASK_RUNNING && task->state != LAIR_TASK_RETURNING;
  }));
  const double price = 1 + moving * moving / (at_once * at_once);
  double left = trials_;
  std::uint64_t change = 0;
  bool improved = true;
  for (std::uint32_t round = 0; improved && round < rounds_; ++round) {
    improved = false;
    choose(targets, tasks, left / price / targets_);
    for (const auto& [unused, index] : chosen_) {
      Movable& task = tasks[index];
      rank(targets, task);
      task.tried = change;
      task.asked = true;
      if (ranked_.empty()) continue;
      if (!twin) now = twin.emplace(context().twin(seen)).forecast(placement);
      const bool queued = task.task->state == LAIR_TASK_QUEUED;
      double lowest = seconds(now) - (queued ? placement_gain_ : gain_);
      std::uint32_t best = LAIR_NONE;
      for (const auto& [promise, row] : ranked_) {
        const auto trial = twin->try_move(task.task->id, targets[row].host->id);
        flops_ += flops_per_trial;
        left -= price;
        if (const double then = seconds(trial.outcome); then < lowest) {
          lowest = then;
          best = row;
        }
        twin->undo();
      }
      if (best == LAIR_NONE) continue;
      now = twin->try_move(task.task->id, targets[best].host->id).outcome;
      twin->accept();
      ++change;
      if (const std::uint32_t from = row_of(task.host); from != LAIR_NONE) {
        targets[from].threads -= task.threads;
        targets[from].ram -= task.task->resident;
        targets[from].changed = targets[from].freed = change;
        if (queued || task.host != task.first) --targets[from].arrivals;
      }
      targets[best].threads += task.threads;
      targets[best].ram += task.task->resident;
      targets[best].changed = change;
      task.host = targets[best].host->id;
      if (queued || task.host != task.first) ++targets[best].arrivals;
      improved = true;
    }
  }
  for (const TaskView& task : seen.tasks()) {
    const auto plan = std::lower_bound(tasks.begin(), tasks.end(), task.id,
                                       [](auto& m, std::uint64_t id) { return m.task->id < id; });
    if (plan == tasks.end() || plan->task->id != task.id || plan->host == plan->first) continue;
    if (task.state == LAIR_TASK_QUEUED) out.place(task.id, plan->host);
    else if (const Host* from = seen.find_host(task.host); from != nullptr && is_own(*from))
      out.migrate(task.id, plan->host);
  }
}

/// In the order of their ids, so that all brokers make the same plan.
std::vector<ForecastDescent::Movable>
ForecastDescent::movable_tasks(const Observation& seen, const std::vector<const TaskView*>& known,
                               Actions placement) const {
  std::vector<Movable> tasks;
  for (const TaskView* task : known) {
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
ForecastDescent::targets_of(const Observation& seen, const std::vector<Movable>& tasks) {
  std::vector<Target> targets;
  for (const Host& host : seen.hosts())
    if (takes_tasks(host) && (!own_only_ || is_own(host)))
      targets.push_back({&host, host.unexplained.threads, host.ram_need});
  std::sort(targets.begin(), targets.end(), [](auto& a, auto& b) { return a.host->id < b.host->id; });
  rows_.clear();
  fastest_ = 0;
  for (std::uint32_t row = 0; row < targets.size(); ++row) {
    const Host& host = *targets[row].host;
    if (rows_.size() <= host.id) rows_.resize(std::size_t(host.id) + 1, LAIR_NONE);
    rows_[host.id] = row;
    fastest_ = std::max(fastest_, host.core_flops);
  }
  for (const Movable& task : tasks)
    if (const std::uint32_t row = row_of(task.host); row != LAIR_NONE) {
      targets[row].threads += task.threads;
      if (task.task->state != LAIR_TASK_QUEUED) continue;
      targets[row].ram += task.task->resident;
      ++targets[row].arrivals;
    }
  return targets;
}

double ForecastDescent::promised_here(const std::vector<Target>& targets, const Movable& task) const {
  const std::uint32_t row = row_of(task.host);
  if (row == LAIR_NONE) return 0;
  return promised(*targets[row].host, targets[row].threads - task.threads, task.threads);
}

void ForecastDescent::choose(const std::vector<Target>& targets, const std::vector<Movable>& tasks,
                             double most) {
  chosen_.clear();
  std::uint64_t freed = 0;
  for (const Target& target : targets) freed = std::max(freed, target.freed);
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    const Movable& task = tasks[i];
    const std::uint32_t row = row_of(task.host);
    if (row == LAIR_NONE) {
      if (!task.asked || freed > task.tried) chosen_.push_back({0, i});
      continue;
    }
    const Target& here = targets[row];
    if (!here.crowded() && here.host->core_flops >= fastest_ && !packs(task)) continue;
    if (task.asked && here.changed <= task.tried && freed <= task.tried) continue;
    const double share = promised_here(targets, task) / (fastest_ * task.threads);
    chosen_.push_back({share, i});
  }
  flops_ += flops_per_ranked * static_cast<double>(tasks.size());
  const auto kept = static_cast<std::size_t>(
      std::clamp(std::ceil(most), 0.0, static_cast<double>(chosen_.size())));
  if (kept < chosen_.size())
    std::nth_element(chosen_.begin(), chosen_.begin() + static_cast<std::ptrdiff_t>(kept), chosen_.end());
  chosen_.resize(kept);
  std::sort(chosen_.begin(), chosen_.end(), [](auto& a, auto& b) { return a.second < b.second; });
}

void ForecastDescent::rank(const std::vector<Target>& targets, const Movable& task) {
  ranked_.clear();
  flops_ += flops_per_ranked * static_cast<double>(targets.size());
  const std::uint32_t at = row_of(task.host);
  double least = 0;
  bool again = false; // where nothing has changed but what others have left
  if (at != LAIR_NONE) {
    const Target& here = targets[at];
    again = task.asked && here.changed <= task.tried;
    if (here.ram <= here.host->ram && here.host->unexplained.streams < a_stream)
      least = promised_here(targets, task) * (packs(task) ? 1 / hardly_more : hardly_more);
  } else {
    again = task.asked;
  }
  for (std::uint32_t row = 0; row < targets.size(); ++row) {
    const Target& target = targets[row];
    if (row == at || target.ram + task.task->resident > target.host->ram) continue;
    if (again && target.freed <= task.tried) continue;
    const double promise = promised(*target.host, target.threads, task.threads);
    if (promise > least) ranked_.push_back({-promise, row});
  }
  const std::uint32_t lei = task.task->entry_lei;
  const auto class_of = [&](std::uint32_t row) {
    const Target& target = targets[row];
    const Host& host = *target.host;
    return std::tuple(host.unexplained.streams >= a_stream, host.lei != lei, host.lei,
                      joule_ > 0 ? -std::lround(target.threads) : 0, target.arrivals, host.image_cached == 0);
  };
  const auto nearer = [&](auto& a, auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const auto class_a = class_of(a.second), class_b = class_of(b.second);
    return class_a != class_b ? class_a < class_b : a.second < b.second;
  };
  std::sort(ranked_.begin(), ranked_.end(), nearer);
  // Hosts of a LEI with room for it and nothing else to tell them apart are one.
  const auto alike = [&](auto& a, auto& b) {
    const Target &first = targets[a.second], &other = targets[b.second];
    return a.first == b.first && class_of(a.second) == class_of(b.second) &&
           first.threads + task.threads <= static_cast<double>(first.host->cores) &&
           other.threads + task.threads <= static_cast<double>(other.host->cores);
  };
  ranked_.erase(std::unique(ranked_.begin(), ranked_.end(), alike), ranked_.end());
  if (ranked_.size() > targets_) ranked_.resize(targets_);
}

} // namespace lair
