/// The exact twin: the running world itself, forked. At the beginning of each interval a child
/// process plays the interval to its end with new faults suppressed (those at work go on and end as
/// planned) and reports how it went; the parent waits and goes on as if nothing had been asked.
///
/// Beside what happened stands what the analytic twin said: each broker's forecast of its own hosts
/// and tasks, made with the decision it is about to apply, at that instant. All of that is made in
/// the child, so that a run with an oracle ends with the same bytes as one without.
#pragma once

#include "broker/validate.hpp"
#include "model/event.hpp"
#include "model/observation.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lair::world::sim {

class World;
struct BrokerRuntime;
struct Report;

/// One host from its broker's decision to the interval's end.
struct HostPassage {
  std::uint32_t host = 0;
  double from = 0; ///< seconds since the run began: when its broker decided
  double state[LAIR_METRICS]{}; ///< means
  double energy = 0;            ///< joules
  bool fault_active = false;    ///< at `from`; being off counts
  bool fault_ended = false;     ///< one of those ended, or the host came back
  bool new_fault = false;       ///< one began (never in the child)
  bool went_down = false;       ///< after `from`
  bool foreign_move = false;    ///< after `from` another LEI's broker has sent a task here
};

struct TaskPassage { ///< a task whose result reached the gateway in the interval
  std::uint64_t task = 0;
  double end = 0, response = 0; ///< seconds
};

struct MigrationPassage { ///< one that was finished in the interval
  std::uint64_t task = 0;
  std::uint32_t host = 0, target = 0;
  double end = 0, duration = 0; ///< seconds
};

struct Passage {
  std::vector<HostPassage> hosts; ///< those whose broker decided, in the order of the decisions
  std::vector<TaskPassage> tasks;
  std::vector<MigrationPassage> migrations;
};

struct HostForecast {
  std::uint32_t host = 0;
  double state[LAIR_METRICS]{};
  double energy = 0;
};

struct TaskForecastRow {
  std::uint64_t task = 0;
  std::uint32_t host = 0;      ///< where it is, or is placed, when its broker decides
  std::uint32_t ends_on = 0;   ///< where it computes under the decision; LAIR_NONE if nowhere
  std::uint32_t state = 0;     ///< lair_task_state
  double end = 0, response = 0; ///< seconds; end since the run began
  double migration = 0;        ///< seconds; 0 if the decision does not migrate it
  bool finished = false;
};

struct Forecasts {
  std::vector<HostForecast> hosts; ///< in the order of Passage::hosts
  std::vector<TaskForecastRow> tasks;
};

/// CPU time of evaluations of the analytic twin, made for this purpose on the run's observations.
struct TwinSpeed {
  double forecasts = 0, forecast_seconds = 0; ///< load + whole forecast
  double changes = 0, change_seconds = 0;     ///< one changed migration or placement
  double hosts = 0, tasks = 0, observations = 0; ///< sums of sizes
};

struct OracleInterval {
  std::uint32_t interval = 0;
  Passage exact;  ///< the child: without new faults
  Passage actual; ///< the run itself
  Forecasts forecast; ///< each broker's own, under its own decision
  Forecasts joint;    ///< the same, told what every other broker has decided
  TwinSpeed speed;
};

using OracleCallback = std::function<void(const OracleInterval&)>;

/// Stands between the world and its sink, because in the child nothing may reach the sink.
class Oracle : public EventSink {
public:
  /// `measure_speed`: also time the twin.
  Oracle(EventSink& sink, OracleCallback callback, bool measure_speed)
      : sink_(sink), callback_(std::move(callback)), measure_speed_(measure_speed) {}
  void attach(World& world) { world_ = &world; }
  bool is_child() const { return pipe_ >= 0; }

  void interval_begins();
  void decided(const BrokerRuntime& broker, const ValidDecision& decision);
  void interval_ends();
  /// A child must not outlive its interval.
  void run_ended() const;

  void on(const Event&) override;
  void on(const HostInterval& row) override { pass_on(row); }
  void on(const IntervalTotals& totals) override { pass_on(totals); }
  void on(const HostSample& sample) override { pass_on(sample); }
  void on(const PolicyCharge& charge) override { pass_on(charge); }
  void on(const PolicyNote& note) override { pass_on(note); }

private:
  template <class T> void pass_on(const T& what) {
    if (!is_child()) sink_.on(what);
  }
  struct Decided { ///< a broker's decision and what it was made on
    LeiId lei;
    ObservationBuffer observation;
    std::vector<std::shared_ptr<const Report>> seen; ///< what `observation` points into
    std::vector<lair_action> actions;
  };
  void keep(const BrokerRuntime& broker, const ValidDecision& decision);
  void tell_others(Decided& decided) const;
  void forecast(const Decided& decided, Forecasts& out);
  void time_twin(const Decided& decided);
  void send() const;
  bool receive(const std::string& bytes);
  HostPassage* passage(std::uint32_t host);

  EventSink& sink_;
  OracleCallback callback_;
  bool measure_speed_;
  World* world_ = nullptr;
  int pipe_ = -1; ///< of a child, to its parent
  bool child_lost_ = false; ///< this interval's has sent nothing
  Passage now_;   ///< of the interval under way; totals at `from` until it ends
  OracleInterval report_;
  std::vector<Decided> decided_; ///< in a child
};

} // namespace lair::world::sim
