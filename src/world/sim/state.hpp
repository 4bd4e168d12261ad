/// What the simulated world remembers of hosts, tasks, faults and brokers. Plain data; the functions
/// that change it are World's.
#pragma once

#include "broker/broker.hpp"
#include "faults/fault_plan.hpp"
#include "model/contention.hpp"
#include "model/event.hpp"
#include "model/federation.hpp"
#include "model/observation.hpp"
#include "workload/workload.hpp"
#include "world/sim/courier.hpp"
#include "world/sim/platform.hpp"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace lair::world::sim {

struct HostState;

/// A transfer over links or to and from a card that is under way; its bytes are credited to the hosts'
/// metrics at every sample and at its end.
struct Transfer {
  sgc::s4u::ActivityPtr activity; ///< null when idle
  HostState* reader = nullptr;    ///< card read / network in
  HostState* writer = nullptr;    ///< card write / network out
  bool network = false;
  double size = 0;       ///< as given to SimGrid
  double scale = 1;      ///< real bytes per simulated byte (cards: writes cost more), times flows
  double credited = 0;   ///< simulated bytes already credited
  bool endless = false;  ///< never done; nothing is left of it only before it has begun
  bool cut = false;      ///< failed: SimGrid then says that nothing is left, as if all had arrived
  std::size_t slot = 0;  ///< index in World's list
  bool active = false;
};

enum class TaskState : std::uint8_t { queued, starting, running, migrating, returning };

struct Task;

/// Where a task's input is kept and its progress committed to.
struct Checkpoint {
  HostId host;
  double period = 0;  ///< seconds between commits; 0: none but the first
  double since = 0;   ///< time of the first commit
  double flops = 0;   ///< done, as of the newest commit
  bool stored = false; ///< the input is on its card
  sgc::s4u::ActorPtr actor; ///< brings the input
  Transfer transfer;
};

/// A result that did not suffice.
struct Digest {
  HostId host;
  std::uint64_t value = 0; ///< 0: right; hosts that are wrong differ from one another
};

/// What the copies of one task have in common; only tasks have one for which a policy has asked for
/// more than to run once.
struct Bundle {
  std::vector<std::unique_ptr<Task>> others; ///< copies beside the primary, in order of their start
  unsigned copies_started = 1;
  unsigned quorum = 1; ///< equal results that end the task
  std::vector<Digest> digests;
  std::vector<std::unique_ptr<Checkpoint>> checkpoints;
};

/// A task, and one copy of it: the primary, which stands for it, owns what they have in common.
struct Task {
  TaskId id;
  ApplicationId application;
  LeiId entry;
  double arrival = 0; ///< seconds
  double images = 0;
  double flops_total = 0;
  double flops_left = 0; ///< as of the last time its execution was issued
  TaskState state = TaskState::queued;
  HostId host, target; ///< target: reserved by a migration
  unsigned restarts = 0;
  unsigned serial = 0;     ///< of this copy, among all that the task ever had
  double flops_begun = 0;  ///< left when this attempt began
  double progress_known = 0; ///< time up to which its progress is committed
  bool commits = false;    ///< there are checkpoints
  std::unique_ptr<Bundle> bundle; ///< of the primary; null for most
  bool started = false;         ///< task_started was sent for this attempt
  bool computing = false;       ///< among its host's computing tasks
  bool migration_due = false;   ///< the next interruption of its execution is a migration
  bool waiting_for_image = false;
  double bound = 0, issued_bound = 0, rate = 0, wait_share = 0;
  double migration_start = 0;
  sgc::s4u::ActorPtr actor;
  sgc::s4u::ActorPtr prefetch; ///< fetches the image for a migration
  sgc::s4u::ExecPtr exec;
  Transfer transfer;
  Delivery* delivery = nullptr; ///< its input or result, from the offer to its end
  std::uint64_t digest = 0;     ///< of its result
};

/// A fault that is at work now.
struct ActiveFault {
  const Fault* fault = nullptr;
  double start = 0;
  double level = 0; ///< strength now (ramps up with onset)
  sgc::s4u::ActorPtr actor;
  sgc::s4u::ExecPtr exec;
  sgc::s4u::IoPtr io;
  std::vector<sgc::s4u::CommPtr> flows;
  std::vector<int*> received;  ///< where the flows would put what they carry; they never end
  sgc::s4u::ActorPtr sender;   ///< of the flows
  sgc::s4u::SemaphorePtr link_back; ///< released when a link that was cut is back; floods only
  unsigned floods = 0;
  Transfer flow_transfer;
  double threads = 0, streams = 0, ram = 0, requests = 0; ///< what it asks for at the moment
  double exec_size = 0, io_size = 0;
  double measured = 0;      ///< integral obtained (core-s, bytes, off-s, ...)
  double closed_form = 0;   ///< the same from the closed forms
  double mark_thread = 0, mark_stream = 0, mark_time = 0; ///< integrals when the level last changed
  bool link_applied = false;
};

struct HostState {
  HostId id;
  LeiId lei;
  const HostSpec* spec = nullptr;
  SimHost sim;
  bool on = true;
  bool going_down = false; ///< during power_off(): memory is no matter any more
  bool image_cached = false;
  bool fetching = false;
  sgc::s4u::Actor* fetcher = nullptr;
  Transfer fetch; ///< of the container image
  unsigned image_waiters = 0;
  sgc::s4u::SemaphorePtr image_ready;
  std::vector<Task*> residents; ///< tasks that occupy or have reserved RAM
  std::vector<Task*> computing;
  std::vector<ActiveFault*> faults;
  double ram_tasks = 0, ram_attack = 0, ram_policy = 0; ///< bytes
  double attack_threads = 0, attack_streams = 0;        ///< attack_streams: disk attacks only
  double ram_attack_threads = 0; ///< of those threads, the ones that touch the attack's memory
  double ddos_requests = 0;      ///< queued before the daemon
  double policy_threads = 0;     ///< decisions being computed
  unsigned card_transfers = 0;
  unsigned corruption = 0; ///< silent corruptions at work

  // Meters: rates are constant between changes, so integrals are exact (settle()).
  double settled = 0; ///< time up to which the integrals are complete
  std::array<double, LAIR_METRICS> rate{}, total{}, at_interval{}, at_sample{};
  double power = 0, energy = 0, energy_at_interval = 0;
  double thread_rate = 0, thread_integral = 0; ///< flop/s of one attack thread, and its integral
  double stream_rate = 0, stream_integral = 0; ///< read-equivalent bytes/s of one attack stream
  double on_time = 0;

  // Liveness, as its watchers see it.
  bool responsive = true;
  double unresponsive_since = 0;
  unsigned missed = 0; ///< probes missed in a row
  bool failed = false; ///< declared failed, until it answers again
  bool reachable = true; ///< its LAN link is up
  unsigned reboots = 0;

  // Ground truth of the interval under way.
  bool fault_in_sample = false;
  unsigned faulty_samples = 0, samples = 0;
  std::uint32_t fault_kinds = 0;
  double migration_in = 0, migration_out = 0;

  // What detectors said last.
  double score = 0, threshold = 0;
  int label = -1;

  std::vector<double> window; ///< k x LAIR_METRICS, oldest first
  bool window_filled = false;

  double ram_need() const {
    return spec->ram_system.value + ram_tasks + ram_attack + ram_policy;
  }
};

/// What a broker sends to its peers each interval.
struct ReportHost {
  std::uint32_t id;
  std::uint32_t flags;
  std::uint32_t image_cached;
  double ram_system, ram_need;
  lair_unexplained unexplained;
};
struct Report {
  LeiId lei;
  std::uint32_t interval = 0;
  double time = 0;
  std::uint32_t broker = LAIR_NONE;
  std::vector<ReportHost> hosts;
  std::vector<double> windows; ///< hosts x k x LAIR_METRICS
  std::vector<lair_task> tasks; ///< a queued one's target: where its broker places it
  std::optional<DetectionCopy> detection;
  lair_detection detection_raw{};
};

struct ReceivedReport {
  std::shared_ptr<const Report> report;
  double arrival = 0;
};

/// One living broker. A promotion or a reboot makes a new one.
struct BrokerRuntime {
  LeiId lei;
  HostId host;
  std::unique_ptr<Broker> broker;
  sgc::s4u::ActorPtr actor;
  sgc::s4u::SemaphorePtr wake;
  bool busy = false;
  std::uint32_t woken = 0xffffffff; ///< last interval it was woken for
  std::vector<ReceivedReport> inbox; ///< by position among the LEI's peers
  ObservationBuffer observation, before;
  std::vector<std::shared_ptr<const Report>> seen; ///< what `observation` points into
  std::vector<double> own_windows, before_windows; ///< copies, so that `before` outlives the interval
  bool has_before = false;
  std::vector<lair_observed_event> events;
  double charged_memory = 0;
};

struct LeiState {
  LeiId id;
  SimLei sim;
  std::deque<TaskId> queue;
  std::unique_ptr<BrokerRuntime> runtime;
  unsigned cuts = 0; ///< partitions at work
  bool wan_up = true;
  double wan_share = 1; ///< of its WAN link's bandwidth that is left
};

} // namespace lair::world::sim
