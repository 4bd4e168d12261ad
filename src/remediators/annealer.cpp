#include "remediators/annealer.hpp"

#include <algorithm>
#include <cmath>

namespace lair {
namespace {

/// One target per task of the space; LAIR_NONE where it is not moved.
using Targets = std::vector<std::uint32_t>;

std::vector<lair_action> moves_of(const MoveSpace& space, const Targets& targets) {
  std::vector<lair_action> moves;
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (targets[i] != LAIR_NONE) moves.push_back({LAIR_MIGRATE, targets[i], space.tasks[i].task});
  return moves;
}

std::size_t index(double draw, std::size_t count) { // draw in [0, 1)
  return std::min(static_cast<std::size_t>(draw * static_cast<double>(count)), count - 1);
}

Targets begin(const MoveSpace& space, RandomStream& random,
              const std::vector<lair_action>* from) {
  Targets targets(space.tasks.size(), LAIR_NONE);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& list = space.targets[space.tasks[i].targets];
    const double draw = random.uniform();
    if (from == nullptr) {
      if (!list.empty()) targets[i] = list[index(draw, list.size())];
      continue;
    }
    for (const lair_action& move : *from)
      if (move.task == space.tasks[i].task) targets[i] = move.host;
  }
  return targets;
}

/// Another target than `now` for a task, or LAIR_NONE. `change` and `which` are draws in [0, 1).
std::uint32_t neighbour(const std::vector<std::uint32_t>& list, std::uint32_t now, double change,
                        double which, double drop) {
  const bool moved = now != LAIR_NONE;
  const auto at = std::find(list.begin(), list.end(), now);
  const std::size_t others = list.size() - (at != list.end() ? 1 : 0);
  if (others == 0 || (moved && change < drop)) return LAIR_NONE;
  std::size_t i = index(which, others);
  if (at != list.end() && i >= static_cast<std::size_t>(at - list.begin())) ++i;
  return list[i];
}

} // namespace

Annealed anneal(const MoveSpace& space, MigrationCost& cost, const AnnealingOptions& options,
                RandomStream& random, const std::vector<lair_action>* from,
                std::vector<Proposal>* trace) {
  Annealed best;
  best.idle = best.start = best.cost = cost.of({});
  best.evaluations = 1;
  Targets now = begin(space, random, from);
  const std::vector<lair_action> first = moves_of(space, now);
  if (!first.empty()) {
    best.start = cost.of(first);
    ++best.evaluations;
    if (best.start < best.cost) {
      best.cost = best.start;
      best.moves = first;
    }
  }
  if (std::all_of(space.tasks.begin(), space.tasks.end(),
                  [&](const auto& task) { return space.targets[task.targets].empty(); }))
    return best;

  Targets found;
  double here = best.start, temperature = options.temperature;
  std::uint32_t rejected = 0;
  for (std::uint32_t n = 0; n < options.proposals && rejected < options.rejected; ++n) {
    const double task_draw = random.uniform(), change = random.uniform(),
                 which = random.uniform(), luck = random.uniform();
    const std::size_t i = index(task_draw, now.size());
    const std::uint32_t host = neighbour(space.targets[space.tasks[i].targets], now[i], change,
                                         which, options.drop);
    bool accepted = false;
    if (host != now[i]) {
      const double there = cost.with(space.tasks[i].task, host);
      ++best.evaluations;
      accepted = there <= here || luck < std::exp((here - there) / temperature);
      cost.close(accepted);
      if (trace != nullptr) trace->push_back({space.tasks[i].task, host, there, accepted});
      if (accepted) {
        here = there;
        now[i] = host;
        if (here < best.cost) {
          best.cost = here;
          found = now;
        }
      }
    }
    rejected = accepted ? 0 : rejected + 1;
    temperature *= options.cooling;
  }
  if (!found.empty()) best.moves = moves_of(space, found);
  return best;
}

} // namespace lair
