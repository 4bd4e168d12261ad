// The search alone, on costs made up here: it against exhaustive search, and what it promises.
#include "remediators/annealer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

using namespace lair;

namespace {

using Moves = std::map<std::uint64_t, std::uint32_t>;

/// A cost as a function of the moves; counts what is asked, and that changes are closed.
class MadeUp : public MigrationCost {
public:
  explicit MadeUp(std::function<double(const Moves&)> f) : f_(std::move(f)) {}
  double of(std::span<const lair_action> moves) override {
    CHECK_FALSE(open_);
    base_.clear();
    for (const lair_action& move : moves) {
      CHECK(move.kind == LAIR_MIGRATE);
      base_[move.task] = move.host;
    }
    return seen(base_);
  }
  double with(std::uint64_t task, std::uint32_t host) override {
    CHECK_FALSE(open_);
    open_ = true;
    tried_ = base_;
    host == LAIR_NONE ? (void)tried_.erase(task) : (void)(tried_[task] = host);
    CHECK(tried_ != base_);
    return seen(tried_);
  }
  void close(bool accept) override {
    CHECK(open_);
    open_ = false;
    if (accept) base_ = tried_;
  }
  double least = std::numeric_limits<double>::infinity();
  std::uint32_t asked = 0;
  std::uint32_t larger_sets = 0; ///< how often a tried set was not smaller than the base

private:
  double seen(const Moves& moves) {
    ++asked;
    larger_sets += moves.size() >= base_.size();
    least = std::min(least, f_(moves));
    return f_(moves);
  }
  std::function<double(const Moves&)> f_;
  Moves base_, tried_;
  bool open_ = false;
};

Moves as_map(const std::vector<lair_action>& moves) {
  Moves all;
  for (const lair_action& move : moves) all[move.task] = move.host;
  return all;
}

/// Random but fixed: a number in [0, 1) for each set of moves, and something for each single move.
double rough(const Moves& moves, std::uint64_t salt) {
  std::uint64_t hash = salt;
  double sum = 0;
  for (const auto& [task, host] : moves) {
    const std::uint64_t one = (task * 31 + host + salt) * 0x9e3779b97f4a7c15ull;
    sum += static_cast<double>(one >> 40) * 0x1p-24 - 0.5;
    hash = (hash ^ one) * 0xbf58476d1ce4e5b9ull;
  }
  return sum + 0.2 * static_cast<double>(hash >> 40) * 0x1p-24;
}

MoveSpace space_of(std::uint32_t tasks, std::vector<std::uint32_t> targets) {
  MoveSpace space;
  space.targets.push_back(std::move(targets));
  for (std::uint32_t i = 0; i < tasks; ++i) space.tasks.push_back({100 + i, 0});
  return space;
}

/// The least cost of all sets, by trying all.
double exhaustive(const MoveSpace& space, const std::function<double(const Moves&)>& f,
                  std::size_t task = 0, Moves moves = {}) {
  if (task == space.tasks.size()) return f(moves);
  double least = exhaustive(space, f, task + 1, moves);
  for (const std::uint32_t host : space.targets[space.tasks[task].targets]) {
    moves[space.tasks[task].task] = host;
    least = std::min(least, exhaustive(space, f, task + 1, moves));
  }
  return least;
}

} // namespace

TEST_CASE("annealing finds what exhaustive search finds where there is little to search") {
  for (std::uint64_t salt = 0; salt < 50; ++salt) {
    const auto f = [salt](const Moves& moves) { return rough(moves, salt); };
    // All single migrations: one task, any number of targets.
    const MoveSpace single = space_of(1, {2, 3, 5, 7, 11, 13, 17, 19});
    RandomStream random(salt, "test");
    MadeUp cost(f);
    const Annealed found = anneal(single, cost, {}, random);
    CHECK(found.cost == exhaustive(single, f));
    CHECK(f(as_map(found.moves)) == found.cost);
  }
}

TEST_CASE("with several tasks annealing comes to the best set nearly always, and near it otherwise") {
  int best = 0;
  for (std::uint64_t salt = 0; salt < 100; ++salt) {
    const auto f = [salt](const Moves& moves) { return rough(moves, salt); };
    const MoveSpace space = space_of(3, {1, 2, 3});
    RandomStream random(salt, "test");
    MadeUp cost(f);
    const Annealed found = anneal(space, cost, {}, random);
    best += found.cost == exhaustive(space, f);
  }
  CHECK(best >= 90); // of 4^3 sets; 200 proposals at most
}

TEST_CASE("never worse than its start, never worse than nothing, and the best of all it has seen") {
  for (std::uint64_t salt = 0; salt < 200; ++salt) {
    const auto f = [salt](const Moves& moves) { return rough(moves, salt); };
    const MoveSpace space = space_of(1 + salt % 9, {1, 2, 3, 4, 5, 6});
    AnnealingOptions options;
    options.proposals = static_cast<std::uint32_t>(salt % 40);
    options.temperature = salt % 3 == 0 ? 0 : 10; // nothing worse is taken, or anything
    RandomStream random(salt, "test");
    MadeUp cost(f);
    const Annealed found = anneal(space, cost, options, random);
    CHECK(found.idle == f({}));
    CHECK(found.cost <= found.start);
    CHECK(found.cost <= found.idle);
    CHECK(found.cost == cost.least);
    CHECK(f(as_map(found.moves)) == found.cost);
    CHECK(found.evaluations == cost.asked);
  }
}

TEST_CASE("what differs by less than the resolution is equal, and the earlier of equals wins") {
  for (std::uint64_t salt = 0; salt < 50; ++salt) {
    // Two that see the same but for noise come to the same set.
    Moves found[2];
    for (const std::uint64_t who : {0u, 1u}) {
      MadeUp cost([&](const Moves& moves) {
        const double noise = 1e-6 * (rough(moves, 77 + who) - std::floor(rough(moves, 77 + who)));
        return std::round(rough(moves, salt) * 20) / 20 + noise; // many are worth the same
      });
      AnnealingOptions options;
      options.resolution = 1e-4;
      RandomStream random(salt, "test");
      const Annealed best = anneal(space_of(4, {1, 2, 3, 4}), cost, options, random);
      found[who] = as_map(best.moves);
      CHECK(best.cost <= cost.least + options.resolution);
    }
    CHECK(found[0] == found[1]);
  }
}

TEST_CASE("nothing moves without a gain") {
  MadeUp cost([](const Moves&) { return 1.0; });
  RandomStream random(1, "test");
  CHECK(anneal(space_of(5, {1, 2, 3}), cost, {}, random).moves.empty());
}

TEST_CASE("it stops after so many rejections in a row") {
  // Every set has its own cost, and the start the least: nothing is ever taken at temperature 0.
  bool first = true;
  Moves start;
  MadeUp cost([&](const Moves& moves) {
    if (moves.empty()) return 1.0;
    if (first) start = moves;
    first = false;
    return moves == start ? 0.0 : 1.0;
  });
  AnnealingOptions options;
  options.temperature = 0;
  options.rejected = 7;
  RandomStream random(1, "test");
  const Annealed found = anneal(space_of(5, {1, 2, 3}), cost, options, random);
  CHECK(found.evaluations == 2 + 7);
  CHECK(as_map(found.moves) == start);
}

TEST_CASE("drop = 0 is the printed neighbourhood: tasks are added and retargeted, never dropped") {
  MadeUp cost([](const Moves& moves) { return rough(moves, 5); });
  AnnealingOptions options;
  options.drop = 0;
  RandomStream random(2, "test");
  const Annealed found = anneal(space_of(4, {1, 2, 3}), cost, options, random);
  CHECK(cost.larger_sets == found.evaluations);
}

TEST_CASE("no set is larger than it may be, and all tasks have their chance") {
  std::set<std::uint64_t> met;
  for (std::uint64_t salt = 0; salt < 40; ++salt) {
    std::size_t most = 0;
    MadeUp cost([&](const Moves& moves) {
      most = std::max(most, moves.size());
      for (const auto& [task, host] : moves) met.insert(task);
      return rough(moves, salt) - double(moves.size()); // the more the better
    });
    AnnealingOptions options;
    options.most = 3;
    RandomStream random(salt, "test");
    CHECK(anneal(space_of(20, {1, 2, 3}), cost, options, random).moves.size() == 3);
    CHECK(most == 3);
  }
  CHECK(met.size() == 20);
}

TEST_CASE("no tasks, no targets, one target") {
  MadeUp cost([](const Moves& moves) { return -double(moves.size()); });
  RandomStream random(1, "test");
  CHECK(anneal({}, cost, {}, random).evaluations == 1);
  CHECK(anneal(space_of(3, {}), cost, {}, random).moves.empty());
  CHECK(as_map(anneal(space_of(3, {9}), cost, {}, random).moves) ==
        Moves{{100, 9}, {101, 9}, {102, 9}});
}

TEST_CASE("the same seed, the same search; a trace tells all of it") {
  const auto f = [](const Moves& moves) { return rough(moves, 3); };
  std::vector<Proposal> trace[2];
  Annealed found[2];
  for (int i = 0; i < 2; ++i) {
    MadeUp cost(f);
    RandomStream random(4, "test");
    found[i] = anneal(space_of(6, {1, 2, 3}), cost, {}, random, nullptr, &trace[i]);
  }
  CHECK(as_map(found[0].moves) == as_map(found[1].moves));
  REQUIRE(trace[0].size() == trace[1].size());
  double here = found[0].start;
  for (std::size_t i = 0; i < trace[0].size(); ++i) {
    CHECK(trace[0][i].cost == trace[1][i].cost);
    if (trace[0][i].cost <= here) CHECK(trace[0][i].accepted);
    if (trace[0][i].accepted) here = trace[0][i].cost;
  }
}

TEST_CASE("from given moves it begins there") {
  MadeUp cost([](const Moves& moves) { return rough(moves, 8); });
  RandomStream random(4, "test");
  const std::vector<lair_action> from{{LAIR_MIGRATE, 2, 101}};
  AnnealingOptions options;
  options.proposals = 0;
  const Annealed found = anneal(space_of(3, {1, 2, 3}), cost, options, random, &from);
  CHECK(found.start == rough({{101, 2}}, 8));
}
