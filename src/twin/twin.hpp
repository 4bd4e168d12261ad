/// The analytic twin: what the coming interval will look like to one broker under given actions.
///
///     Twin twin(TwinPlatform::of(federation));
///     twin.load(observation);                         // copies; may allocate when it has to grow
///     const Forecast& f = twin.forecast(actions);     // every host; becomes the base decision
///     Outcome o = twin.evaluate_change(task, host);   // base with one changed move
///     twin.try_move(task, host); twin.accept();       // or undo(): what annealing does
///
/// The physics are the world's (model/contention.hpp); docs/twin.md names every simplification. It
/// knows no future arrival and no future fault. After load() nothing allocates. An incremental
/// evaluation equals the full forecast of the same actions bit for bit.
#pragma once

#include "model/federation.hpp"
#include "twin/tables.hpp"

#include <lair/plugin.h>

#include <cstdint>
#include <span>
#include <vector>

namespace lair {

class NextObservation;

/// What the twin must know of the hosts beyond an observation. Constant over a run.
struct TwinPlatform {
  std::vector<twin::Device> devices; ///< indexed by host id
  /// Bytes/s that the probes of one pair, watcher and watched, put on each of the two hosts, each way.
  double probe_rate = 0;
  static TwinPlatform of(const Federation&, double probe_rate = 0);
};

/// Sums over all hosts known.
struct Outcome {
  std::uint32_t finished = 0;   ///< tasks whose result reaches the gateway in the interval
  std::uint32_t violations = 0; ///< tasks late by the end of the interval, finished or not
  double energy = 0;            ///< joules
  double response = 0;          ///< mean response of the finished tasks, seconds; 0 if none
  double migration_time = 0;    ///< seconds from freeze to resume, all migrations together
  /// Mean response of all tasks, those that end later extrapolated at their last rate and cut off at ten
  /// intervals from now; a task without a place has no end in sight. 0 if there are no tasks.
  double outlook = 0;
};

struct Forecast : Outcome {
  std::uint32_t refused = 0;      ///< actions that cannot take effect and are left out
  std::span<const double> states; ///< hosts x LAIR_METRICS, rows as in the observation
};

/// Seconds are counted from the beginning of the interval.
struct TaskForecast {
  std::uint64_t id = 0;
  std::uint32_t host = LAIR_NONE; ///< where it computes under the base decision
  bool finished = false;          ///< within the interval
  double end = 0;      ///< result at the gateway; beyond the interval: at its last rate
  double response = 0; ///< age + end
  double migration = 0; ///< seconds it stands still, if the base decision migrates it
};

class Twin {
public:
  explicit Twin(TwinPlatform platform);

  /// Makes room, so that loading observations up to this size does not allocate.
  void reserve(std::uint32_t hosts, std::uint32_t tasks, std::uint32_t applications,
               std::uint32_t leis);

  /// Takes over an observation. The base decision becomes "no action" (not simulated yet).
  void load(const lair_observation&);

  /// The interval under `actions`, which become the base decision. If a task has several, the last
  /// counts. The result is valid until the next call that changes the base.
  const Forecast& forecast(std::span<const lair_action> actions);

  /// For lair_services.forecast. False before the first load().
  bool forecast_into(const lair_action* actions, std::uint32_t count, lair_forecast* out);

  /// Outcome of the base decision with one task moved (running) or placed (queued) elsewhere.
  /// `host` = LAIR_NONE, or where the task is: without any action for it. The base stays as it is.
  Outcome evaluate_change(std::uint64_t task, std::uint32_t host);

  /// The same, but left open: accept() makes it the base, undo() forgets it. Exactly one must
  /// follow.
  Outcome try_move(std::uint64_t task, std::uint32_t host);
  void accept();
  void undo();

  /// Rows (as in the observation) that the open or last tried change touches, and the new state of
  /// the i-th of them: what a detector has to score again.
  std::span<const std::uint32_t> touched() const { return {touched_.data(), touched_count_}; }
  std::span<const double> touched_state(std::uint32_t i) const {
    return {trial_states_.data() + std::size_t(i) * LAIR_METRICS, LAIR_METRICS};
  }

  std::uint32_t host_count() const { return tables_.row_count; }
  /// Those of the observation first, then what the reports add to them.
  std::uint32_t task_count() const { return tables_.task_count; }
  /// Can this task be moved or placed by an action at all?
  bool movable(std::uint32_t index) const;
  /// Task `index`, as task_count() counts, under the base decision. Valid after forecast().
  TaskForecast task(std::uint32_t index) const;
  bool has_base() const { return simulated_; }
  bool has_open_change() const { return open_; }
  /// Joules of the row under the base decision.
  double energy(std::uint32_t row) const { return results_[row].energy; }

private:
  friend class NextObservation;
  struct Node { ///< of the summation tree: its shape, not the order of changes, fixes the rounding
    double energy = 0, response = 0, migration = 0, outlook = 0;
  };
  static Node add(const Node& a, const Node& b) {
    return {a.energy + b.energy, a.response + b.response, a.migration + b.migration,
            a.outlook + b.outlook};
  }
  struct SavedFlow {
    std::uint32_t flow;
    twin::Times times;
  };

  void grow();
  void clear_actions();
  bool assign(std::uint32_t task, std::uint32_t row); ///< false: refused
  void retarget(std::uint32_t task, std::uint32_t row);
  void simulate_all();
  Outcome outcome(const Node& root, std::int64_t finished, std::int64_t violations) const;
  void touch(std::uint32_t row);

  TwinPlatform platform_;
  twin::Tables tables_;
  twin::TransferRun transfers_;
  twin::HostRun hosts_;
  Forecast forecast_;
  bool loaded_ = false, simulated_ = false, open_ = false;

  // base
  std::vector<twin::HostResult> results_;
  std::vector<double> states_;
  std::vector<twin::TaskEnd> ends_;
  std::vector<Node> tree_; ///< 1-based heap; leaves from leaves_
  std::uint32_t leaves_ = 1;
  std::int64_t finished_ = 0, violations_ = 0; ///< of the hosts, without waiting tasks
  std::uint32_t refused_ = 0;

  // open change
  bool changed_ = false;
  std::uint32_t moved_ = LAIR_NONE, moved_from_ = LAIR_NONE;
  std::vector<std::uint32_t> touched_, touch_mark_;
  std::uint32_t touched_count_ = 0, touch_epoch_ = 0;
  std::vector<twin::HostResult> trial_results_;
  std::vector<double> trial_states_;
  std::vector<twin::TaskEnd> trial_ends_;
  std::vector<SavedFlow> saved_;
  std::uint32_t saved_count_ = 0;
  std::vector<std::uint32_t> path_at_;
  std::vector<Node> path_value_;
};

} // namespace lair
