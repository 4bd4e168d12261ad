#include "remediators/preference_assignment.hpp"

#include "ilp/assignment.hpp"
#include "ilp/binary_program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

namespace lair {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Steps that a pair's weighted value is rounded to: what differs by less is equal.
constexpr double steps = 1000;
/// What a forecast and one changed move count (as in the annealer's fitness): per host and task.
constexpr double flops_per_host = 2000, flops_per_task = 500;
/// What one pass of the simplex method counts per entry of the tableau, and passes per row: a closed form,
/// since what a solver really does depends on roundings.
constexpr double flops_per_entry = 4, passes_per_row = 2;

/// Labelled host ids of one detection.
void add_labelled(const DetectionView& detection, std::vector<std::uint32_t>& ids) {
  for (std::uint32_t i = 0; i < detection.count; ++i)
    if (detection.labels[i] != 0) ids.push_back(detection.hosts[i]);
}

bool has(const std::vector<std::uint32_t>& sorted, std::uint32_t id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

/// To [0, 1] by smallest and largest; 0 where they are one. NaN stays.
void to_shares(std::vector<double>& values) {
  double low = infinity, high = -infinity;
  for (const double value : values)
    if (!std::isnan(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  for (double& value : values)
    if (!std::isnan(value)) value = high > low ? (value - low) / (high - low) : 0;
}

} // namespace

PreferenceAssignment::PreferenceAssignment(PolicyContext& context)
    : Remediator(context), w_(context.number("w", 0.5, 0, 1)),
      slo_(context.number("slo", 0.5, 0, 1)), penalty_(context.number("penalty", 0.5, 0, 10)),
      memory_(context.number("memory", 1, 0, 10)), fill_(context.number("fill", 1, 0, 1000)),
      targets_(static_cast<std::uint32_t>(context.whole("targets", 32, 1, 1e5))),
      exact_(static_cast<std::uint32_t>(context.whole("exact", 200, 0, 1e5))),
      nodes_(static_cast<std::uint32_t>(context.whole("nodes", 200, 1, 1e6))) {
  if (exact_ > 0) ilp::open_library(); // what is wrong with it shows before a run begins
}

void PreferenceAssignment::decide(const Observation& seen, Actions placement,
                                  const DetectionView* own, Decision& out) {
  if (own == nullptr) return;
  flops_ = own->count;
  std::vector<std::uint32_t> labelled;
  add_labelled(*own, labelled);
  if (labelled.empty()) return context().charge_flops(flops_);
  for (const ReportView& report : seen.reports())
    if (report.detection != nullptr) add_labelled(*report.detection, labelled);
  std::sort(labelled.begin(), labelled.end());

  std::vector<const TaskView*> tasks; // V
  std::vector<const Host*> from;
  for (const TaskView& task : seen.tasks())
    if (task.state == LAIR_TASK_RUNNING && has(labelled, task.host))
      if (const Host* host = seen.find_host(task.host);
          host != nullptr && is_own(*host) && is_alive(*host)) {
        tasks.push_back(&task);
        from.push_back(host);
      }
  flops_ += static_cast<double>(seen.tasks().size());
  const std::vector<Target> to = targets(seen, placement, labelled);
  if (tasks.empty() || to.empty()) return context().charge_flops(flops_);

  std::vector<double> harm = this->harm(seen, placement, tasks, to), cost = harm;
  for (std::size_t v = 0; v < tasks.size(); ++v)
    for (std::size_t j = 0; j < to.size(); ++j)
      if (double& c = cost[v * to.size() + j]; !std::isnan(c))
        c = seconds(seen, *tasks[v], *from[v], *to[j].host);
  to_shares(harm);
  to_shares(cost);

  ilp::AssignmentProblem problem;
  problem.tasks = static_cast<std::uint32_t>(tasks.size());
  problem.hosts = static_cast<std::uint32_t>(to.size());
  problem.resources = 2;
  problem.penalty = static_cast<std::uint32_t>(std::lround(steps * penalty_));
  for (std::size_t i = 0; i < harm.size(); ++i)
    problem.cost.push_back(
        std::isnan(cost[i]) ? ilp::AssignmentProblem::impossible
                            : static_cast<std::uint32_t>(
                                  std::lround(steps * (w_ * harm[i] + (1 - w_) * cost[i]))));
  for (const TaskView* task : tasks) {
    problem.need.push_back(task->resident);
    problem.need.push_back(seen.application(*task).threads);
  }
  for (const Target& target : to) {
    problem.room.push_back(target.ram);
    problem.room.push_back(target.threads);
  }
  const bool exact = tasks.size() <= exact_;
  const ilp::Assignment found =
      exact ? ilp::cheapest(problem, nodes_) : ilp::accepted(problem);
  const double pairs = static_cast<double>(tasks.size() * to.size());
  const double rows = static_cast<double>(tasks.size() + 2 * to.size());
  flops_ += exact ? flops_per_entry * passes_per_row * rows * 3 * pairs : 20 * pairs;
  for (std::size_t v = 0; v < tasks.size(); ++v)
    if (found.host[v] != ilp::Assignment::nowhere)
      out.migrate(tasks[v]->id, to[found.host[v]].host->id);
  context().charge_flops(flops_);
}

/// J: alive, allowed tasks, labelled by nobody, known; the least loaded ones, then by id.
std::vector<PreferenceAssignment::Target>
PreferenceAssignment::targets(const Observation& seen, Actions placement,
                              const std::vector<std::uint32_t>& labelled) {
  std::vector<Target> out;
  for (const Host& host : seen.hosts()) {
    flops_ += 5;
    if (host.cores == 0 || host.window == nullptr || !takes_tasks(host) || has(labelled, host.id))
      continue;
    // What runs on another LEI's host is in that host's reported pressure.
    double need = host.ram_need;
    double threads = is_own(host) ? host.unexplained.threads
                                  : seen.metric(host, LAIR_CPU_PRESSURE) * host.cores;
    for (const TaskView& task : seen.tasks()) {
      std::uint32_t where = task.state == LAIR_TASK_MIGRATING ? task.target : task.host;
      bool placed = false;
      if (task.state == LAIR_TASK_QUEUED)
        for (const Action& action : placement)
          if (action.task == task.id) {
            where = action.host;
            placed = true;
          }
      if (where != host.id || task.state == LAIR_TASK_RETURNING) continue;
      if (placed) need += task.resident;
      if (placed || is_own(host)) threads += seen.application(task).threads;
    }
    const Target target{&host, memory_ * host.ram - need, fill_ * host.cores - threads,
                        threads / host.cores};
    if (target.ram > 0 && target.threads > 0) out.push_back(target);
  }
  flops_ += static_cast<double>(seen.tasks().size()) * seen.hosts().size();
  const auto least = [](const Target& a, const Target& b) {
    return std::tie(a.pressure, a.host->id) < std::tie(b.pressure, b.host->id);
  };
  std::sort(out.begin(), out.end(), least);
  if (out.size() > targets_) out.resize(targets_);
  std::sort(out.begin(), out.end(),
            [](const Target& a, const Target& b) { return a.host->id < b.host->id; });
  return out;
}

/// What the twin says each move alone does to the users: how much longer the mean response gets, as a share of
/// what it is, and how many more deadlines are missed, as a share of the tasks.
std::vector<double> PreferenceAssignment::harm(const Observation& seen, Actions placement,
                                               const std::vector<const TaskView*>& tasks,
                                               const std::vector<Target>& to) {
  std::vector<double> out(tasks.size() * to.size(), std::numeric_limits<double>::quiet_NaN());
  std::optional<TwinView> twin;
  lair_forecast stay{};
  double known = static_cast<double>(seen.tasks().size());
  for (const ReportView& report : seen.reports()) known += report.task_count;
  if (context().has_twin()) { // else all moves are equally good
    twin = context().twin(seen);
    stay = twin->forecast(placement);
    flops_ += flops_per_host * seen.hosts().size() + flops_per_task * known;
  }
  const double hosts = std::max(1.0, static_cast<double>(seen.hosts().size()));
  for (std::size_t v = 0; v < tasks.size(); ++v)
    for (std::size_t j = 0; j < to.size(); ++j) {
      if (to[j].ram < tasks[v]->resident || to[j].threads < seen.application(*tasks[v]).threads)
        continue;
      double& value = out[v * to.size() + j];
      value = 0;
      if (!twin) continue;
      const TwinView::Trial trial = twin->try_move(tasks[v]->id, to[j].host->id);
      const double response =
          stay.outlook > 0 ? (trial.outcome.outlook - stay.outlook) / stay.outlook : 0;
      value = (1 - slo_) * response + slo_ * (trial.outcome.violations - stay.violations) / known;
      twin->undo();
      flops_ += static_cast<double>(trial.rows.size()) *
                (flops_per_host + flops_per_task * known / hosts);
    }
  return out;
}

/// Image and memory over the slowest link between.
double PreferenceAssignment::seconds(const Observation& seen, const TaskView& task,
                                     const Host& from, const Host& to) const {
  double bandwidth = std::min(from.nic, to.nic);
  if (from.lei != to.lei)
    for (const lair_lei& lei : seen.leis())
      if (lei.id == from.lei || lei.id == to.lei) bandwidth = std::min(bandwidth, lei.wan_bandwidth);
  const double image = to.image_cached != 0 ? 0 : seen.application(task).image_transfer;
  return bandwidth > 0 ? (image + task.resident) / bandwidth : 1e9;
}

} // namespace lair
