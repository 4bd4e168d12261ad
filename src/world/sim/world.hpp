/// The simulated world of one run. Its parts, one file each:
///   host_meter.cpp   exact integrals of load, energy and metrics; sharing; memory
///   task_life.cpp    image, input, computing, result; loss and requeue
///   copies.cpp       further copies of a task, votes on their results
///   checkpoints.cpp  inputs kept and progress committed on other hosts, restored from there
///   courier.cpp      how inputs and results travel
///   migration.cpp    checkpoint, transfer, restore
///   faults.cpp       injection of every kind of fault and its bookkeeping
///   liveness.cpp     daemons, probes, failure, reboot, promotion, rejoin
///   brokers.cpp      observation, exchange of reports, decisions and their cost
///   world.cpp        set-up, intervals, sampling, the end
///
/// Concurrency: actors share one thread and switch only inside SimGrid calls. Whatever changes the
/// state below runs inside sgc::atomically (or in a timer), where nothing switches; functions marked
/// [actor] may switch and so keep no reference into containers across their SimGrid calls.
#pragma once

#include "broker/forecaster.hpp"
#include "model/topology.hpp"
#include "scenario/scenario.hpp"
#include "world/sim/oracle.hpp"
#include "world/sim/simulation.hpp"
#include "world/sim/state.hpp"

#include <deque>
#include <exception>
#include <memory>
#include <set>
#include <vector>

namespace lair::world::sim {

class World {
public:
  World(const Scenario& scenario, const PolicyFactory& policy, EventSink& sink,
        const SimulationOptions& options, sgc::s4u::Engine& engine);
  SimulationResult run();
  /// Asks this oracle at the beginning of every interval (oracle.hpp). Before run().
  void consult(Oracle& oracle) {
    oracle_ = &oracle;
    oracle.attach(*this);
  }

private:
  friend class Oracle; // it reads what it compares
  // --- host_meter.cpp
  void settle(HostState& h);
  /// A state: mean metrics since the meters stood at `since`. Shares are within [0, 1].
  static void mean_state(const double* total, const double* since, double seconds, double* state);
  /// New bounds, rates and power after any change; re-issues executions whose bound changed.
  void reshare(HostState& h);
  /// settle + reshare + liveness, after memory or attacks changed.
  void conditions_changed(HostState& h);
  HostConditions conditions(const HostState& h) const;
  void add_resident(HostState& h, Task& t);
  void remove_resident(HostState& h, Task& t);
  void kill_for_memory(HostState& h);
  void register_transfer(Transfer& transfer);
  void finish_transfer(Transfer& transfer);
  /// Cancels an activity and keeps it until SimGrid has let go of it: dropping the last reference
  /// to one that was just cancelled crashes 3.32.
  void retire(sgc::s4u::ActivityPtr activity);
  /// Stops a transfer whose actor is gone or will not see it through.
  void drop_transfer(Transfer& transfer);
  void credit(Transfer& transfer);
  /// Runs `cut`, which turns links or a host off. Of transfers that fail by it counts what had
  /// arrived until now.
  template <class F> void cutting(F&& cut) {
    for (Transfer* t : transfers_) credit(*t);
    cut();
    for (Transfer* t : transfers_)
      t->cut |= t->network && t->activity != nullptr && t->credited < t->size &&
                t->activity->get_remaining() <= 0;
  }

  // --- task_life.cpp
  void arrive(const Arrival& arrival);
  Reason place(LeiState& lei, TaskId task, HostId host);
  /// Can a task of this application start on the host now, for a broker of LEI `from`?
  Reason admits(const HostState& h, LeiId from, const Application& app) const;
  void start_actor(Task& t);
  void task_main(TaskId id, unsigned serial); // [actor]
  void fetch_input(Task& t); // [actor]
  void finish_task(Task& t);
  bool ensure_image(HostState& h); // [actor]
  void stop_fetch(HostState& h);
  HostState* image_source(const HostState& h);
  void compute(Task& t); // [actor]
  bool send(Transfer& transfer, sgc::s4u::Host* from, sgc::s4u::Host* to, double bytes,
            HostState* source, HostState* target); // [actor]
  bool use_card(Transfer& transfer, HostState& h, double bytes, bool write); // [actor]
  /// Core-seconds of an attempt: what is lost of it, and what a checkpoint keeps or was delivered.
  struct Work {
    double lost = 0, kept = 0;
  };
  /// Takes the copy away from its host and stops its actor.
  Work stop_task(Task& t);
  /// Another copy goes on, or the task queues again.
  void lose_task(Task& t, Reason reason);
  void requeue(Task& t, Reason reason, const Work& work);
  double flops_now(const Task& t) const; ///< left, read from SimGrid
  bool reachable(const HostState& h, LeiId from) const;

  // --- copies.cpp
  Bundle& bundle(Task& primary); ///< made if there is none
  void drop_bundle(Task& primary);
  static unsigned most_equal(const Bundle& shared); ///< digests, each of another host
  Task* find_copy(TaskId id, unsigned serial) const;
  /// Its copy on this host, or on its way there.
  Task* copy_on(Task& primary, HostId host) const;
  std::size_t copies(const Task& primary) const { ///< now
    if (primary.state == TaskState::queued) return 0;
    return 1 + (primary.bundle ? primary.bundle->others.size() : 0);
  }
  /// f(Task&, number) for the primary and the further copies.
  template <class F> void each_copy(Task& primary, F&& f) const {
    f(primary, 0u);
    if (primary.bundle == nullptr) return;
    unsigned number = 1;
    for (const auto& other : primary.bundle->others) f(*other, number++);
  }
  bool concerns(LeiId lei, Task& primary) const;
  /// May a broker of this LEI ask for more of the task? Reason::none if so.
  Reason may_ask(const LeiState& lei, TaskId task) const;
  Reason replicate(LeiState& lei, TaskId task, HostId host);
  Reason cancel(LeiState& lei, TaskId task, HostId host);
  Reason vote(LeiState& lei, TaskId task, double quorum);
  /// It has been stopped, or has delivered, and another one is left; it is no more after this.
  void drop_copy(Task& t, Reason reason, const Work& work);
  /// Its result is at the gateway. False: it does not end the task, and `t` is gone or queued again.
  bool result_suffices(Task& t);
  void tell(Task& primary, lair_event_kind kind, HostId host);

  // --- checkpoints.cpp
  Reason checkpoint(LeiState& lei, TaskId task, HostId host, double period);
  void store_main(TaskId id, Checkpoint* checkpoint); // [actor]
  void drop_checkpoint(Checkpoint& checkpoint);
  /// The newest from which a task can start now; null if there is none.
  Checkpoint* newest_checkpoint(const Task& t) const;
  bool restore(Task& t); // [actor]
  /// Commits what was done until now; before its rate, or what can be reached, changes.
  void commit(Task& t);
  void commit_all();

  // --- courier.cpp
  void start_couriers();
  Courier& courier(const HostState& h);
  /// The task's input or result, between its entry's gateway and its host. False if it failed.
  bool deliver(Task& t, bool input, double bytes); // [actor]
  void end_delivery(Task& t);
  void courier_main(Courier& c); // [actor]
  void take_up(Courier& c, Delivery& d);

  // --- migration.cpp
  Reason start_migration(LeiState& lei, TaskId task, HostId target);
  void freeze(Task& t);
  void migrate(Task& t); // [actor]
  void abort_migration(Task& t, Reason reason);

  // --- faults.cpp
  void schedule_faults();
  void start_fault(const Fault& fault);
  void mask_fault(const Fault& fault, Reason reason);
  /// Those that were to start after the run's end.
  void mask_late_faults();
  void sum_attacks(HostState& h);
  void attack_main(ActiveFault* active); // [actor]
  void set_level(ActiveFault& active, double level); // [actor]
  void hold(ActiveFault& active, double until); // [actor]
  void start_flows(ActiveFault& active); // [actor]
  void stop_flows(ActiveFault& active);
  /// Their attackers begin again: the way to their host, which was cut, is free.
  void resume_floods(HostState& h);
  void stop_load(ActiveFault& active);
  void end_fault(ActiveFault& active, Reason reason);
  void mark_truth(const Fault& fault, bool starts);
  void apply_links(HostState& h);
  void apply_wan(LeiState& lei);
  double fault_end(const Fault& fault) const;

  // --- liveness.cpp
  double probe_seconds(const HostState& h) const;
  void update_liveness(HostState& h);
  /// Records that a host fell silent or answers again, and tells its broker.
  void announce(const HostState& h, EventKind kind, lair_event_kind told);
  void charge_probes();
  void probe_round();
  void host_failed(HostState& h);
  void power_off(HostState& h, Reason reason);
  void power_on(HostState& h);
  void promote(LeiState& lei);
  bool watched(const HostState& h) const;
  void install_broker(LeiState& lei, HostState& h);
  void remove_broker(LeiState& lei);

  // --- brokers.cpp
  void broker_main(BrokerRuntime* broker); // [actor]
  void broker_interval(BrokerRuntime& broker); // [actor]
  void observe(BrokerRuntime& broker, bool with_reports);
  /// What an observation tells of a task beyond what every one has.
  void show_bundle(const Task& t, lair_task& out) const;
  void publish(BrokerRuntime& broker, const DetectionCopy* detection);
  double exchange_delay(const BrokerRuntime& broker) const;
  double report_seconds(LeiId from, LeiId to, double bytes) const;
  void warn_of_cost(const BrokerRuntime& broker, double flops);
  void apply(BrokerRuntime& broker, const ValidDecision& decision);
  void keep_for_learning(BrokerRuntime& broker);
  double policy_memory() const;
  /// Of the interval's calls, as measured or as recorded. `before`, `sensed`: the meter as it stood when
  /// they began and after sense().
  PolicyCharge policy_charge(const BrokerRuntime& broker, const PolicyCost& before,
                             const PolicyCost& sensed);

  // --- world.cpp
  void tick(std::uint64_t sample);
  void begin_interval(std::uint32_t interval);
  void end_interval(std::uint32_t interval);
  void push_window(HostState& h, const double* state);
  void check_invariants();
  void finish();
  void fail(std::exception_ptr error);
  /// Is there memory for one more actor's stack? If not, the run fails.
  bool room_for_actor();
  Event event(EventKind kind) const {
    Event e;
    e.time = sgc::now();
    e.kind = kind;
    return e;
  }
  void emit(const Event& e) {
    if (!stopping_) sink_.on(e);
  }
  Task* find(TaskId id) const { return tasks_[id.index()].get(); }
  HostState& host(HostId id) { return *hosts_[id.index()]; }
  const HostState& host(HostId id) const { return *hosts_[id.index()]; }
  HostId broker_of(const HostState& h) const { return topology_.broker(h.lei); }
  const Application& application(const Task& t) const {
    return scenario_.workload.applications[t.application.index()];
  }

  const Scenario& scenario_;
  const PolicyFactory& policy_;
  EventSink& sink_;
  const SimulationOptions& options_;
  sgc::s4u::Engine& engine_;
  Platform platform_;
  Topology topology_; ///< who is in which LEI and speaks to whom, now
  std::vector<std::unique_ptr<HostState>> hosts_;
  std::vector<std::unique_ptr<LeiState>> leis_;
  std::deque<Arrival> arrivals_; ///< those to come; a deque gives the memory of the past back
  std::vector<std::unique_ptr<Task>> tasks_; ///< by id; null once ended
  std::set<TaskId> bundled_; ///< tasks with a bundle
  std::vector<Fault> plan_;
  std::vector<std::unique_ptr<ActiveFault>> active_faults_;
  /// What killed actors may still unwind over, and cancelled activities: freed two samples later.
  /// Keeping them would keep their actors' stacks.
  struct Retired {
    std::vector<std::unique_ptr<ActiveFault>> faults;
    std::vector<std::unique_ptr<BrokerRuntime>> brokers;
    std::vector<sgc::s4u::ActivityPtr> activities;
  };
  Retired retired_, retiring_;
  PolicyCost retired_cost_; ///< measured, of the brokers that are gone
  std::size_t recorded_used_ = 0; ///< of options_.recorded_costs
  std::vector<Transfer*> transfers_;
  std::vector<std::unique_ptr<Courier>> couriers_;
  std::vector<HostState*> silent_; ///< hosts that do not answer, by id
  std::vector<lair_application> applications_;
  Forecaster forecaster_{scenario_.federation, scenario_.liveness.probe_rate()};
  Oracle* oracle_ = nullptr;
  bool without_new_faults_ = false; ///< in an oracle's child
  std::uint32_t interval_ = 0;
  bool stopping_ = false, finished_ = false, completed_ = false;
  bool cost_warned_ = false;
  std::uint32_t intervals_done_ = 0;
  std::exception_ptr failure_;
  std::size_t most_actors_ = 0; ///< alive at once
  std::uint64_t arrived_ = 0, ended_ = 0, failed_ = 0;
  // Scratch of reshare(); it never runs inside itself.
  std::vector<ComputeDemand> demands_;
  std::vector<double> weights_, bounds_, rates_, waits_;
};

} // namespace lair::world::sim
