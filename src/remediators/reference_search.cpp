#include "remediators/reference_search.hpp"

#include "remediators/reference_choice.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace lair {
namespace {

constexpr int neighbours = 5;
constexpr std::size_t tenure = 3;     ///< iterations that a change may not come back
constexpr int most_iterations = 400;
constexpr int patience = 100;         ///< iterations in a row that are no better

} // namespace

ReferenceSearch::ReferenceSearch(PolicyContext& context)
    : Remediator(context),
      tabu_(context.choice("search", "greedy", {"greedy", "tabu"}) == "tabu"),
      all_(context.choice("apply", "released", {"released", "all"}) == "all") {}

void ReferenceSearch::decide(const Observation& seen, Actions placement, const DetectionView* own,
                             Decision& out) {
  if (own == nullptr) return;
  ReferenceSimulation simulation(seen);
  if (simulation.hosts().empty()) return;
  const Moves found = tabu_ ? tabu(seen, *own, simulation) : greedy(seen, *own, simulation);
  for (const auto& [task, to] : found) {
    const std::uint32_t host = simulation.hosts()[to]->id;
    if (host != task->host && replaces(*task, placement)) out.migrate(task->id, host);
  }
  context().charge_flops(simulation.flops() + 3.0 * seen.tasks().size() + 20.0 * seen.hosts().size());
}

/// A scheduler that moves nothing that runs leaves DRAGON's code without effect; CAROL's never has one.
bool ReferenceSearch::replaces(const TaskView& task, Actions placement) const {
  if (all_) return true;
  if (tabu_) return false;
  return std::any_of(placement.begin(), placement.end(),
                     [&](const Action& action) { return action.task == task.id; });
}

/// The code repeats this until its score, a mean that a repetition cannot change, is no better: twice.
ReferenceSearch::Moves ReferenceSearch::greedy(const Observation& seen, const DetectionView& own,
                                               ReferenceSimulation& simulation) const {
  std::uint32_t last = LAIR_NONE;
  for (std::uint32_t i = 0; i < own.count; ++i)
    if (own.labels[i] != 0) last = own.hosts[i];
  Moves found;
  if (last == LAIR_NONE) return found; // the code stops with an error
  for (const TaskView& task : seen.tasks()) {
    if (task.state != LAIR_TASK_RUNNING || task.host != last) continue;
    ReferenceSimulation::Move best{&task, 0};
    double least = 0;
    for (std::size_t to = 0; to < simulation.hosts().size(); ++to) {
      const ReferenceSimulation::Move move{&task, to};
      const double score = simulation.score({&move, 1});
      if (to != 0 && !(score < least)) continue;
      best = move;
      least = score;
    }
    found.push_back(best);
  }
  return found;
}

ReferenceSearch::Moves ReferenceSearch::tabu(const Observation& seen, const DetectionView& own,
                                             ReferenceSimulation& simulation) {
  Moves at;
  for (std::uint32_t i = 0; i < own.count; ++i)
    if (const TaskView* task = own.labels[i] != 0 ? smallest_task(seen, own.hosts[i]) : nullptr)
      at.push_back({task, 0});
  if (at.empty()) return at; // the code stops with an error
  const auto hosts = static_cast<std::uint32_t>(simulation.hosts().size());
  std::vector<std::size_t> order(hosts); // distinct hosts at random
  for (std::size_t i = 0; i < hosts; ++i) order[i] = i;
  for (std::uint32_t i = 0; i < at.size(); ++i) {
    if (i < hosts) std::swap(order[i], order[i + context().pick(hosts - i)]);
    at[i].to = order[i % hosts];
  }
  Moves best = at;
  double least = simulation.score(at);
  std::deque<std::pair<std::size_t, std::size_t>> forbidden; // task, host
  for (int round = 0, idle = 0; round < most_iterations && idle <= patience; ++round) {
    std::pair<std::size_t, std::size_t> chosen{at.size(), 0};
    double score = 0;
    for (int k = 0; k < neighbours; ++k) {
      const std::size_t which = context().pick(static_cast<std::uint32_t>(at.size()));
      const std::pair<std::size_t, std::size_t> change{which, context().pick(hosts)};
      const std::size_t old = std::exchange(at[which].to, change.second);
      const double tried = simulation.score(at);
      at[which].to = old;
      const bool is_forbidden =
          std::find(forbidden.begin(), forbidden.end(), change) != forbidden.end();
      if (is_forbidden && !(tried < least)) continue; // a new best is welcome though tabu
      if (chosen.first < at.size() && !(tried < score)) continue;
      chosen = change;
      score = tried;
    }
    ++idle;
    if (chosen.first == at.size()) continue; // all were tabu
    forbidden.emplace_back(chosen.first, at[chosen.first].to);
    if (forbidden.size() > tenure) forbidden.pop_front();
    at[chosen.first].to = chosen.second;
    if (!(score < least)) continue;
    least = score;
    best = at;
    idle = 0;
  }
  return best;
}

} // namespace lair
