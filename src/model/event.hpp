/// What happens in a run. Events are the truth: every metric is a fold over them.
#pragma once

#include "core/ids.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <string_view>

#include <lair/plugin.h>

namespace lair {

enum class EventKind : std::uint8_t {
  task_arrived,      ///< task, application, lei; value = images
  task_placed,       ///< task, host; the action took effect, the task left the queue
  task_started,      ///< task, host; computing began (image and input are there)
  task_finished,     ///< task, host, application, lei; value = response [s], extra = deadline [s]
  task_requeued,     ///< task, host; reason; value = lost work [core-s], extra = kept by checkpoints
  task_failed,       ///< task, host; reason; value = lost work [core-s], extra = kept by checkpoints
  task_corrupted,    ///< task, host: finished with a wrong result, nobody noticed
  migration_started, ///< task, host -> target; bytes
  migration_finished,///< task, host -> target; value = duration [s]; bytes
  migration_aborted, ///< task, host -> target; reason; value = duration [s]
  action_refused,    ///< task, target; reason
  image_fetched,     ///< host <- target (source); value = duration [s]; bytes
  fault_started,     ///< fault, fault_kind, host or lei; value = strength
  fault_ended,       ///< fault; value = measured integral, extra = closed form of it
  fault_masked,      ///< fault; reason
  host_down,         ///< host; reason: crash, reboot
  host_up,           ///< host
  host_unresponsive, ///< host, lei of the watcher: a probe was missed
  host_responsive,   ///< host
  host_failed,       ///< host: declared failed by its watchers; value = seconds since its first miss
  broker_promoted,   ///< host, lei
  host_rejoined,     ///< host, lei: back as worker, or as broker of its own LEI
  report_lost,       ///< lei (sender), target lei in value: did not arrive before the deadline
  decision_made,     ///< lei, host; value = modelled decision time [s], extra = actions
  decision_skipped,  ///< lei: the previous decision was still running
  task_killed,       ///< task, host: out of memory (followed by requeued or failed)
  policy_learned,    ///< lei, host; value = modelled time of its learning [s]
  copy_placed,       ///< task, host, lei (that asked): a further copy of a task
  copy_started,      ///< task, host; its computing began
  copy_ended,        ///< task, host; reason; value = work of no use, extra = kept by checkpoints or
                     ///< delivered [core-s]. Another copy is left
  copy_promoted,     ///< task, host; reason: why the primary has ended. That copy is the primary now
  result_delivered,  ///< task, host, lei; value = digest (0: right), extra = equal ones so far
  task_reopened,     ///< task, host, lei; value = results, extra = its work [core-s]. The last copy has delivered, no quorum is
                     ///< there: it waits again
  checkpoint_stored, ///< task, host; value = duration [s]; bytes: the input is on that host's card
  task_restored      ///< task, host <- target (where the checkpoint was); value = images
};
inline constexpr std::size_t event_kind_count = 35;
std::string_view to_string(EventKind);

enum class Reason : std::uint8_t {
  none,
  crash,
  reboot,
  out_of_memory,
  host_off,
  unreachable,
  not_enough_memory,
  not_running,
  already_moving,
  same_host,
  unknown_task,
  not_own_task,
  unknown_host,
  duplicate,
  not_queued,
  target_lost,
  source_lost,
  link_lost,
  past_horizon,
  restarts_exhausted,
  too_late,
  no_tasks_allowed,
  no_copy,    ///< none of the task is there
  last_copy,
  bad_value,
  too_many,   ///< checkpoints of one task
  cancelled,  ///< by a decision
  done,       ///< another copy was first
  delivered   ///< its result has arrived, and does not suffice
};
inline constexpr std::size_t reason_count = 29;
std::string_view to_string(Reason);

struct Event {
  double time = 0; ///< seconds since the run began
  EventKind kind{};
  Reason reason = Reason::none;
  std::uint8_t fault_kind = 0;
  HostId host, target;
  TaskId task;
  LeiId lei;
  ApplicationId application;
  FaultId fault;
  double value = 0, extra = 0, bytes = 0;
};

/// One host over one interval, handed over at the interval's end.
struct HostInterval {
  std::uint32_t interval = 0;
  HostId host;
  LeiId lei;
  bool broker = false;
  double state[LAIR_METRICS]{}; ///< means over the interval
  double energy = 0;            ///< joules in the interval
  std::uint32_t tasks = 0;      ///< on it at the end
  double fault_share = 0;       ///< share of the samples with a fault (ground truth)
  std::uint32_t fault_kinds = 0;///< bit per FaultKind active in it
  double score = 0, threshold = 0; ///< of its detector at the interval's start
  std::int8_t label = -1;       ///< predicted; -1 without a detector
  double migration_in = 0, migration_out = 0; ///< bytes
  double policy_memory = 0; ///< bytes that the policy holds on it, at the interval's end
};

/// State of the whole run at an interval's end.
struct IntervalTotals {
  std::uint32_t interval = 0;
  double time = 0;
  std::uint64_t arrived = 0, finished = 0, failed = 0, active = 0, queued = 0;
  double energy = 0; ///< joules since the run began
};

struct HostSample { ///< one host, one sample; only when record.samples
  double time = 0;
  HostId host;
  double state[LAIR_METRICS]{};
  bool faulty = false;
};

/// One decision's cost where costs are measured (overhead.mode): the only figures of a run that come
/// from a clock.
struct PolicyCharge {
  double time = 0; ///< when the decision was made; its cost is paid from then on
  LeiId lei;
  HostId host; ///< the broker
  double learn = 0, sense = 0, decide = 0; ///< CPU seconds of the machine on which the run was made
  double flops = 0;                        ///< what the broker is charged for all three
};

/// What a policy says beside its decisions (lair_services.log, level 0): a line for whoever studies it.
struct PolicyNote {
  double time = 0;
  LeiId lei;
  std::string_view text; ///< valid during the call
};

/// Where the world sends what happens. Calls come in order of time.
class EventSink {
public:
  virtual ~EventSink() = default;
  virtual void on(const Event&) = 0;
  virtual void on(const HostInterval&) {}
  virtual void on(const IntervalTotals&) {}
  virtual void on(const HostSample&) {}
  virtual void on(const PolicyCharge&) {}
  virtual void on(const PolicyNote&) {}
};

} // namespace lair
