// The policies that tests use. The tables take the place of the shipped ones at link time.
#include "detectors/arima.hpp"
#include "detectors/threshold.hpp"
#include "policy/builtin.hpp"
#include "remediators/digest_vote.hpp"
#include "remediators/log_rerun.hpp"
#include "remediators/overload_migration.hpp"
#include "remediators/threshold_replication.hpp"
#include "schedulers/first_fit.hpp"
#include "schedulers/least_loaded.hpp"
#include "schedulers/random.hpp"
#include "schedulers/round_robin.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace lair {

namespace {

class ScriptedScheduler : public Scheduler {
public:
  explicit ScriptedScheduler(PolicyContext& c) : Scheduler(c) {
    for (int i = 0; i < 64; ++i)
      hosts_.push_back(static_cast<int>(c.number("t" + std::to_string(i), 0)));
  }
  void place(const Observation& o, Decision& out) override {
    for (const TaskView& t : o.tasks())
      if (t.state == LAIR_TASK_QUEUED && t.id < 64 && hosts_[t.id] >= 0)
        out.place(t.id, static_cast<std::uint32_t>(hosts_[t.id]));
  }

private:
  std::vector<int> hosts_;
};

class ScriptedRemediator : public Remediator {
public:
  explicit ScriptedRemediator(PolicyContext& c) : Remediator(c) {
    flops_ = c.number("flops", 0);
    learn_flops_ = c.number("learn_flops", 0);
    for (const char* which : {"m", "n"})
      for (int i = 0; i < 64; ++i) moves_.push_back(c.text(which + std::to_string(i), ""));
  }
  void decide(const Observation& o, Actions, const DetectionView*, Decision& out) override {
    context().charge_flops(flops_);
    for (const TaskView& t : o.tasks()) {
      unsigned interval = 0, host = 0;
      for (std::size_t i = t.id; t.id < 64 && i < moves_.size(); i += 64)
        if (std::sscanf(moves_[i].c_str(), "%u:%u", &interval, &host) == 2 &&
            interval == o.interval())
          out.migrate(t.id, host);
    }
  }

  void learn(const Observation&, const Observation&) override {
    context().charge_flops(learn_flops_);
  }

private:
  double flops_ = 0, learn_flops_ = 0;
  std::vector<std::string> moves_;
};

/// Does in each interval what its options "a0" to "a31" say, "interval:kind:task:host:value", and says
/// what it sees of each task: "task", interval, id, copy, copies, host, state, digests, equal ones,
/// stores, images done, images committed; and of events: "event", kind, host, task.
class ActingRemediator : public Remediator {
public:
  explicit ActingRemediator(PolicyContext& c) : Remediator(c) {
    for (int i = 0; i < 32; ++i) actions_.push_back(c.text("a" + std::to_string(i), ""));
  }
  void decide(const Observation& o, Actions, const DetectionView*, Decision& out) override {
    char text[200];
    for (const TaskView& t : o.tasks()) {
      std::snprintf(text, sizeof text, "task %u lei %u: %u %u/%u on %d state %u digests %u %u stores %u "
                    "done %.9g committed %.9g", o.interval(), o.lei(), unsigned(t.id), t.copy, t.copies,
                    int(t.host), t.state, t.digests, t.digests_equal, t.store_count, t.images_done,
                    t.images_committed);
      context().log(1, text);
    }
    for (const lair_observed_event& e : o.events()) {
      std::snprintf(text, sizeof text, "event %u lei %u: %u %u %u", o.interval(), o.lei(), e.kind,
                    e.host, unsigned(e.task));
      context().log(1, text);
    }
    for (const std::string& action : actions_) {
      unsigned interval = 0, kind = 0, task = 0, host = 0;
      double value = 0;
      if (std::sscanf(action.c_str(), "%u:%u:%u:%u:%lf", &interval, &kind, &task, &host, &value) != 5 ||
          interval != o.interval())
        continue;
      for (const TaskView& t : o.tasks())
        if (t.id == task && is_primary(t)) out.add(kind, task, host, value);
    }
  }

private:
  std::vector<std::string> actions_;
};

/// Does whatever a policy may do and much that it may not, at random, every interval.
class HostileRemediator : public Remediator {
public:
  explicit HostileRemediator(PolicyContext& c) : Remediator(c) {
    share_ = c.number("share", 0.5);
    flops_ = c.number("flops", 0);
  }
  void decide(const Observation& o, Actions, const DetectionView*, Decision& out) override {
    PolicyContext& c = context();
    if (flops_ > 0) c.charge_flops(flops_ * c.uniform());
    if (c.uniform() < 0.1) c.charge_memory(1e9 * c.uniform() - 0.3e9);
    for (const TaskView& t : o.tasks()) {
      if (c.uniform() > share_) continue;
      const bool place = t.state == LAIR_TASK_QUEUED ? c.uniform() < 0.9 : c.uniform() < 0.1;
      // Any host of the federation, known or not, and now and then one that does not exist.
      const std::uint32_t host = c.uniform() < 0.6 && o.hosts().size() > 0
                                     ? o.hosts()[c.pick(o.hosts().size())].id
                                     : c.pick(c.host_total() + 2);
      for (unsigned n = c.uniform() < 0.1 ? 2 : 1; n > 0; --n)
        place ? out.place(t.id, host) : out.migrate(t.id, host);
    }
    for (const TaskView& t : o.tasks()) { // and all that it may ask for beyond
      if (c.uniform() > share_ / 2) continue;
      const std::uint32_t host = o.hosts()[c.pick(o.hosts().size())].id;
      switch (c.pick(6)) {
      case 0:
      case 1: out.replicate(t.id, host); break;
      case 2: out.cancel(t.id, c.uniform() < 0.7 ? t.host : host); break;
      case 3: out.checkpoint(t.id, host, c.uniform() < 0.3 ? 0 : 100 * c.uniform()); break;
      case 4: out.vote(t.id, 1 + c.pick(3)); break;
      default: out.add(1 + c.pick(8), t.id, host, 10 * c.uniform() - 2);
      }
    }
    if (c.uniform() < 0.3) out.migrate(c.pick(100000), c.pick(c.host_total() + 1));
    if (c.uniform() < 0.3) out.place(c.pick(1000), c.pick(c.host_total()));
  }
  void learn(const Observation&, const Observation&) override {
    if (flops_ > 0) context().charge_flops(flops_ / 4 * context().uniform());
  }

private:
  double share_, flops_;
};

/// Does nothing but ask what will come, and says it: interval, tasks that end, energy, mean response,
/// CPU and RAM of the first host. Charges `memory` bytes in interval 1.
class ForecastingRemediator : public Remediator {
public:
  explicit ForecastingRemediator(PolicyContext& c) : Remediator(c), memory_(c.number("memory", 0)) {}
  void decide(const Observation& o, Actions placement, const DetectionView*, Decision&) override {
    if (memory_ > 0 && o.interval() == 1) context().charge_memory(memory_);
    const lair_forecast f = context().forecast(placement);
    char text[200];
    std::snprintf(text, sizeof text, "forecast %u %u %.17g %.17g %.17g %.17g", o.interval(),
                  f.finished, f.energy, f.response, f.states[LAIR_CPU], f.states[LAIR_RAM]);
    context().log(1, text);
  }

private:
  double memory_;
};

/// Does nothing but say what it is told: of each report the interval, sender, age and tasks; of each
/// of its tasks the id, state, host and target; and what CPU the twin forecasts for each peer's host.
class ListeningRemediator : public Remediator {
public:
  explicit ListeningRemediator(PolicyContext& c) : Remediator(c) {}
  void decide(const Observation& o, Actions placement, const DetectionView*, Decision&) override {
    if (o.lei() != 0) return;
    char text[200];
    for (const ReportView& r : o.reports()) {
      std::snprintf(text, sizeof text, "report %u %u %.17g %u", o.interval(), r.lei, r.age,
                    r.task_count);
      context().log(1, text);
      for (const TaskView& t : Observation::tasks_of(r)) {
        std::snprintf(text, sizeof text, "told %u %u %u %u %u", o.interval(), unsigned(t.id),
                      t.state, t.host, t.target);
        context().log(1, text);
      }
    }
    const lair_forecast f = context().forecast(placement);
    for (std::uint32_t i = o.own_hosts().size(); i < o.hosts().size(); ++i) {
      std::snprintf(text, sizeof text, "peer %u %u %.17g %.17g", o.interval(), o.hosts()[i].id,
                    f.states[std::size_t(i) * LAIR_METRICS + LAIR_CPU],
                    o.hosts()[i].unexplained.threads);
      context().log(1, text);
    }
  }
};

/// Looks two intervals ahead, under its own script of migrations, and says for each of its hosts the
/// CPU and RAM of the second one, and its tasks' images done at its start.
class FarsightedRemediator : public ScriptedRemediator {
public:
  using ScriptedRemediator::ScriptedRemediator;
  void decide(const Observation& o, Actions placement, const DetectionView* own,
              Decision& out) override {
    ScriptedRemediator::decide(o, placement, own, out);
    std::vector<Action> actions(placement.begin(), placement.end());
    actions.insert(actions.end(), out.actions().begin(), out.actions().end());
    TwinView twin = context().twin(o);
    twin.forecast(actions);
    const Observation next = twin.advance();
    char text[200];
    for (const TaskView& t : next.tasks()) {
      std::snprintf(text, sizeof text, "task %u %u %u %.17g", next.interval(), unsigned(t.id), t.host,
                    t.images_done);
      context().log(1, text);
    }
    Decision then;
    ScriptedRemediator::decide(next, {}, nullptr, then);
    const lair_forecast f = twin.forecast(then.actions());
    for (std::uint32_t i = 0; i < next.own_hosts().size(); ++i) {
      const double* state = f.states + std::size_t(i) * LAIR_METRICS;
      std::snprintf(text, sizeof text, "host %u %u %.17g %.17g", next.interval(),
                    next.hosts()[i].id, state[LAIR_CPU], state[LAIR_RAM]);
      context().log(1, text);
    }
    for (const TaskView& t : o.tasks()) {
      std::snprintf(text, sizeof text, "seen %u %u %u %.17g", o.interval(), unsigned(t.id), t.host,
                    t.images_done);
      context().log(1, text);
    }
  }
};

/// Finds every host in order.
class BlindDetector : public Detector {
public:
  using Detector::Detector;
  void detect(const Observation& o, Actions, Detection& out) override {
    for (const Host& host : o.own_hosts()) out.add(host.id, 0, 1, false);
  }
};

} // namespace

std::span<const BuiltinRole<Detector>> builtin_detectors() {
  static constexpr BuiltinRole<Detector> list[] = {
      {"threshold", "", "", 5e7, make_role<Detector, ThresholdDetector>},
      {"arima", "", "", 5e7, make_role<Detector, ArimaDetector>},
      {"blind", "", "", 0, make_role<Detector, BlindDetector>}};
  return list;
}
std::span<const BuiltinRole<Scheduler>> builtin_schedulers() {
  static constexpr BuiltinRole<Scheduler> list[] = {
      {"scripted", "", "", 0, make_role<Scheduler, ScriptedScheduler>},
      {"least-loaded", "", "", 0, make_role<Scheduler, ScriptedScheduler>}, // the presets' default
      {"shipped-least-loaded", "", "", 5e7, make_role<Scheduler, LeastLoadedScheduler>},
      {"shipped-random", "", "", 5e7, make_role<Scheduler, RandomScheduler>},
      {"shipped-round-robin", "", "", 5e7, make_role<Scheduler, RoundRobinScheduler>},
      {"shipped-first-fit", "", "", 5e7, make_role<Scheduler, FirstFitScheduler>}};
  return list;
}
std::span<const BuiltinRole<Remediator>> builtin_remediators() {
  static constexpr BuiltinRole<Remediator> list[] = {
      {"scripted", "", "", 0, make_role<Remediator, ScriptedRemediator>},
      {"acting", "", "", 0, make_role<Remediator, ActingRemediator>},
      {"overload-migration", "", "", 5e7, make_role<Remediator, OverloadMigration>},
      {"threshold-replication", "", "", 5e7, make_role<Remediator, ThresholdReplication>},
      {"log-rerun", "", "", 5e7, make_role<Remediator, LogRerun>},
      {"digest-vote", "", "", 5e7, make_role<Remediator, DigestVote>},
      {"forecasting", "", "", 0, make_role<Remediator, ForecastingRemediator>},
      {"farsighted", "", "", 0, make_role<Remediator, FarsightedRemediator>},
      {"listening", "", "", 0, make_role<Remediator, ListeningRemediator>},
      {"hostile", "", "", 5e7, make_role<Remediator, HostileRemediator>}};
  return list;
}

} // namespace lair
