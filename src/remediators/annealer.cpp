#include "remediators/annealer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

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

Targets begin(const MoveSpace& space, RandomStream& random, std::size_t most) {
  Targets targets(space.tasks.size(), LAIR_NONE);
  std::vector<std::pair<double, std::size_t>> order; // random
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& list = space.targets[space.tasks[i].targets];
    const double draw = random.uniform();
    order.emplace_back(random.uniform(), i);
    if (!list.empty()) targets[i] = list[index(draw, list.size())];
  }
  if (targets.size() <= most) return targets;
  std::sort(order.begin(), order.end());
  for (std::size_t n = most; n < order.size(); ++n) targets[order[n].second] = LAIR_NONE;
  return targets;
}

Targets begin_with(const MoveSpace& space, const std::vector<lair_action>& moves) {
  Targets targets(space.tasks.size(), LAIR_NONE);
  for (std::size_t i = 0; i < targets.size(); ++i)
    for (const lair_action& move : moves)
      if (move.task == space.tasks[i].task) targets[i] = move.host;
  return targets;
}

/// The task of a proposal: any, or one that is moved already while no further one may be.
std::size_t pick(const Targets& now, std::size_t moved, std::size_t most, double draw) {
  if (moved < most) return index(draw, now.size());
  std::size_t left = index(draw, moved);
  for (std::size_t i = 0;; ++i)
    if (now[i] != LAIR_NONE && left-- == 0) return i;
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
  Targets now = from != nullptr ? begin_with(space, *from) : begin(space, random, options.most);
  const std::vector<lair_action> first = moves_of(space, now);
  if (!first.empty()) {
    best.start = cost.of(first);
    ++best.evaluations;
    if (best.start < best.cost) {
      best.cost = best.start;
      best.moves = first;
    }
  }
  const bool possible =
      std::any_of(space.tasks.begin(), space.tasks.end(),
                  [&](const auto& task) { return !space.targets[task.targets].empty(); });
  if (!possible || options.most == 0) return best;

  Targets found;
  std::size_t moved = first.size();
  double here = best.start, temperature = options.temperature;
  std::uint32_t rejected = 0;
  for (std::uint32_t n = 0; n < options.proposals && rejected < options.rejected; ++n) {
    const double task_draw = random.uniform(), change = random.uniform(),
                 which = random.uniform(), luck = random.uniform();
    const std::size_t i = pick(now, moved, options.most, task_draw);
    const std::uint32_t host = neighbour(space.targets[space.tasks[i].targets], now[i], change,
                                         which, options.drop);
    bool accepted = false;
    if (host != now[i]) {
      const double there = cost.with(space.tasks[i].task, host);
      ++best.evaluations;
      const double worse = there - here;
      accepted = worse <= options.resolution || luck < std::exp(-worse / temperature);
      cost.close(accepted);
      if (trace != nullptr) trace->push_back({space.tasks[i].task, host, there, accepted});
      if (accepted) {
        here = there;
        moved += (host != LAIR_NONE) - (now[i] != LAIR_NONE);
        now[i] = host;
        if (here < best.cost - options.resolution) {
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
