/// Simulated annealing over sets of migrations (DRAGON, IEEE TNSM 2022, Alg. 2, lines 10 and 11). It
/// knows no twin: whoever calls it says what a set is worth and what may be moved where.
///
/// The best set that was ever evaluated wins, and the empty one is always evaluated first. So the answer
/// is never worse than the start, and never worse than moving nothing; among equals the earlier one
/// counts, so nothing moves without a gain.
#pragma once

#include "core/random.hpp"

#include <lair/plugin.h>

#include <cstdint>
#include <span>
#include <vector>

namespace lair {

/// What a set of migrations costs; smaller is better.
class MigrationCost {
public:
  virtual ~MigrationCost() = default;
  /// Of exactly these moves, which become the base of the changes that follow.
  virtual double of(std::span<const lair_action> moves) = 0;
  /// Of the base with one task moved to `host` (LAIR_NONE: not moved). The change stays open.
  virtual double with(std::uint64_t task, std::uint32_t host) = 0;
  /// The open change becomes the base, or is forgotten.
  virtual void close(bool accept) = 0;
};

/// What may be moved where.
struct MoveSpace {
  struct Movable {
    std::uint64_t task;
    std::uint32_t targets; ///< index of its list
  };
  std::vector<Movable> tasks;
  std::vector<std::vector<std::uint32_t>> targets; ///< host ids; shared by tasks of one kind
};

struct AnnealingOptions {
  double temperature = 0.1;     ///< at the first proposal
  double cooling = 0.95;        ///< factor after each proposal
  std::uint32_t proposals = 200;
  std::uint32_t rejected = 50;  ///< so many in a row end it
  std::uint32_t most = 32;      ///< moves in a set
  double resolution = 0; ///< costs that differ by no more are equal
  double drop = 0.5; ///< of the proposals for a task that is moved: the share that leaves it where it is
};

/// One proposal and what became of it.
struct Proposal {
  std::uint64_t task = 0;
  std::uint32_t host = LAIR_NONE; ///< LAIR_NONE: leave it where it is
  double cost = 0;
  bool accepted = false;
};

struct Annealed {
  std::vector<lair_action> moves; ///< LAIR_MIGRATE, in the order of the space's tasks
  double cost = 0;                ///< of `moves`
  double idle = 0, start = 0;     ///< of moving nothing, and of where annealing began
  std::uint32_t evaluations = 0;
};

/// Begins with a random target for every task, of more than `most` for that many at random; or with `from`. Every proposal takes the same number of
/// draws, whatever comes of it: two that evaluate alike stay in step, two that do not are not torn apart
/// for good. `trace` may be null.
Annealed anneal(const MoveSpace&, MigrationCost&, const AnnealingOptions&, RandomStream&,
                const std::vector<lair_action>* from = nullptr,
                std::vector<Proposal>* trace = nullptr);

} // namespace lair
