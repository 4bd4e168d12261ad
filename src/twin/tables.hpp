/// The twin's own copy of an observation, laid out for random access, and the parts that work on
/// it. Internal to src/twin.
#pragma once

#include "model/power.hpp"

#include <lair/plugin.h>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace lair::twin {

inline constexpr std::uint32_t none = LAIR_NONE;
inline constexpr double never = std::numeric_limits<double>::infinity();

/// A flood is taken as this many flows, what a fault of strength 1 has: brokers measure its bytes only.
inline constexpr double flood_flows = 50;

/// A task whose end is further away than so many intervals, or not in sight, counts as that far.
inline constexpr double farthest = 10;

enum class Kind : std::uint8_t {
  waiting,   ///< queued, no place
  placed,    ///< queued, gets a place: input (after the image), then computes
  staying,   ///< computes where it is
  moving,    ///< frozen now (once the target has the image) and resumes at its target
  starting,  ///< its image or input was under way when the interval began
  arriving,  ///< its migration was under way when the interval began
  returning, ///< its result was under way when the interval began
  lost       ///< its host is not known to the observer
};

/// When the stages of a transfer end, seconds from the beginning of the interval. A stage that a
/// transfer does not have ends when it begins.
struct Times {
  double start = 0;      ///< first stage begins
  double source_written = 0, send_began = 0, sent = 0, written = 0, done = 0;
  double first_left = 1; ///< share of the first stage that is still to be done
  bool operator==(const Times&) const = default;
};

struct Device {
  PowerCurve power;
  double lan_latency = 2e-4; ///< seconds, host to gateway
};

/// One application on one class of hosts: contention.hpp, solved as far as it does not depend on
/// who else is there.
struct Cell {
  double compute = 0;   ///< s of computing per image beside the unexplained threads
  double card = 0;      ///< s of the card per image, not swapped
  double card_swap = 0; ///< additional s of the card per image, per swapped share
  double bound = 0;     ///< flop/s at most while the card is not contended
  double wait = 0;      ///< share of its time it waits for the card, likewise
};

struct App {
  double flops_per_image = 0, bytes_per_image = 0, weights = 0, activations = 0;
  double read_per_flop = 0; ///< bytes
  double threads = 0, input = 0, result = 0, image_size = 0, image_transfer = 0;
};

struct Task {
  double left = 0;   ///< flops
  double rate = 0;   ///< flop/s where it is when the interval begins, if nothing is moved
  double resident = 0, age = 0, deadline = 0, threads = 0;
  double lag = 0;    ///< seconds since it was as the observation shows it
  std::uint32_t app = 0;
  std::uint32_t home = none;   ///< row it computes on (or is frozen on) when the interval begins
  std::uint32_t target = none; ///< row it is placed on or moves to
  std::uint32_t next = none;   ///< next incoming task of the same target, by index
  std::uint32_t entry_lei = none;
  std::uint32_t planned = none; ///< row where a peer places it, unless an action says otherwise
  Kind kind = Kind::lost;
  bool fixed = false; ///< no action can change what becomes of it
  std::uint32_t copy = 0;
  bool further = false; ///< another copy of the task stands before it: load, and no task of its own
  bool fresh = false; ///< its transfer has begun with this interval's decision of another broker
};

struct Row {
  double capacity = 0, cores = 0, core_flops = 0;
  double other_threads = 0, other_bound = 0; ///< what no known task explains
  double streams = 0;       ///< requests out at the card, transfers queue behind them
  double touch_streams = 0; ///< of threads that touch swapped memory, while there is any
  double ram = 0, swap = 0, need = 0;
  double disk_read = 0, disk_write = 0, random_read = 0, random_write = 0;
  double nic = 0, latency = 0;
  double back_read = 0, back_write = 0, back_in = 0, back_out = 0; ///< bytes/s beside the transfers
  PowerCurve power;
  std::uint32_t id = none, lei = none;
  std::uint32_t image_source = none; ///< row it fetches the image from
  std::uint32_t cells = 0;           ///< first cell of its class
  std::uint32_t resident_first = 0, resident_count = 0; ///< in Tables::residents
  std::uint32_t incoming = none;     ///< first incoming task
  std::uint32_t image_users = 0;     ///< incoming tasks that need the image first
  bool on = false, reachable = false, takes_tasks = false, cold = false, fetching = false;
  bool image_underway = false; ///< it was being fetched when the interval began
  bool flooded = false; ///< flows from outside fill its NIC
};

struct Lei {
  double bandwidth = never, latency = 0;
  double flows = 0, flood = 0; ///< of its flooded hosts: how many come in, bytes/s they can take
  bool told = false; ///< its tasks are known: the observer's own, or of a report of this interval
};

struct Tables {
  double length = 0;  ///< seconds that are left of the interval
  double elapsed = 0; ///< seconds of it that have passed
  std::uint32_t observer_lei = none;
  std::uint32_t further = 0; ///< of task_count: copies that are no task of their own
  std::uint32_t row_count = 0, task_count = 0, app_count = 0, lei_count = 0;
  std::uint32_t own_tasks = 0; ///< of task_count: as in the observation; the others are of reports
  double image_size = 0, image_transfer = 0;
  std::vector<Row> rows;
  std::vector<Task> tasks;
  std::vector<App> apps;
  std::vector<Cell> cells;
  std::vector<std::uint32_t> class_row; ///< a row of each class
  std::uint32_t class_count = 0;
  std::vector<Lei> leis; ///< indexed by LEI id
  std::vector<std::uint32_t> residents, row_of_host, task_slots;
  std::uint32_t slot_mask = 0;
  /// Transfers: one per task (its index), then one per row (its image, task_count + row).
  std::vector<Times> times;
  std::vector<std::uint32_t> crossing; ///< tasks whose transfer crosses the WAN, by index
  std::uint32_t crossing_count = 0;
  std::vector<std::uint32_t> fetchers; ///< rows that fetch the image, ascending
  std::uint32_t fetcher_count = 0;
  std::int64_t waiting = 0;      ///< tasks without a place or host
  std::int64_t waiting_late = 0; ///< those of them that are late by the end
  double ages = 0;               ///< sum over all tasks, seconds

  /// `devices` by host id; a host without one is taken to use no power. `probe_rate`: bytes/s of one
  /// pair's probes on each of the two hosts, each way.
  void load(const lair_observation&, const std::vector<Device>& devices, double probe_rate = 0);
  void reserve(std::uint32_t hosts, std::uint32_t tasks, std::uint32_t applications,
               std::uint32_t leis);
  std::uint32_t row_of(std::uint32_t host) const {
    return host < row_of_host.size() ? row_of_host[host] : none;
  }
  /// Of several copies the primary if it is there.
  std::uint32_t task_of(std::uint64_t id) const;
  std::uint32_t row_like(const lair_task& view) const; ///< this very copy, likewise
  std::vector<std::uint64_t> task_ids;

  const Lei& lei(std::uint32_t id) const {
    static constexpr Lei unlimited{};
    return id < leis.size() ? leis[id] : unlimited;
  }
  /// Does it tell the sender's tasks, as they were in this interval? A missing one is replaced by an
  /// older one, whose age says so.
  bool tells(const lair_report& report) const {
    return report.size >= sizeof(lair_report) && report.task_stride > 0 &&
           report.age < elapsed + length;
  }
  bool crosses(const Task& task) const;
  void attach(std::uint32_t task, std::uint32_t row);  ///< to the row's incoming tasks
  void detach(std::uint32_t task);
  void refresh_fetch(std::uint32_t row);
  /// A task computes on until its target has the image. Does it then end before it is frozen? The
  /// estimate is local on purpose: target and source come to the same answer on their own.
  bool outruns(std::uint32_t i) const {
    const Task& task = tasks[i];
    return task.kind == Kind::moving && times[i].start > 0 && !(task.left > left_behind(i));
  }
  double left_behind(std::uint32_t i) const { return tasks[i].rate * times[i].start; }
  /// Row that forecasts the end of a task; `none` while it waits.
  std::uint32_t computes_on(std::uint32_t i) const {
    const Task& task = tasks[i];
    return task.target == none || outruns(i) ? task.home : task.target;
  }
  bool late_waiting(const Task& task) const {
    return !task.further && task.age + length > task.deadline;
  }
  std::uint32_t fetch_flow(std::uint32_t row) const { return task_count + row; }

private:
  void load_apps(const lair_observation&);
  void load_leis(const lair_observation&);
  void load_row(Row&, const lair_observation&, const lair_host&, const Device&);
  void load_tasks(const lair_observation&);
  void load_task(std::uint32_t i, const lair_task&);
  void load_probes(const lair_observation&, double rate);
  void classify(std::uint32_t row);
  void link_image_sources(const lair_observation&);
};

/// Stage 1: every transfer that a decision starts, with the card and link shares of all transfers
/// that it meets, directly or through others. Does not depend on what computes.
class TransferRun {
public:
  void reserve(std::uint32_t hosts, std::uint32_t tasks, std::uint32_t leis);
  /// Collects into `flows()` all transfers connected with a row (or crossing the WAN), ascending.
  void begin_group();
  void add_row(std::uint32_t row);
  void add_crossing() { want_crossing_ = true; }
  void close_group(const Tables&);
  std::uint32_t group_size() const { return count_; }
  std::uint32_t flow(std::uint32_t i) const { return flows_[i]; }
  /// Fills the times of the group.
  void run(Tables&);
  /// All groups of the current decision.
  void run_all(Tables&);

private:
  enum class Stage : std::uint8_t { held, source_write, send, write, read, done };
  struct Live {
    double left = 0, rate = 0, since = 0, end = 0;
    double cap = 0;            ///< of the route alone
    std::uint32_t flow = 0, source = none, target = none; ///< rows
    std::uint32_t up_lei = none, down_lei = none;         ///< set if it crosses the WAN
    std::uint32_t links[4] = {}, link_count = 0;          ///< of its route
    double card_bytes = 0, net_bytes = 0, latency = 0;
    double first_left = 1;
    Stage stage = Stage::done;
    bool fetch = false, reads_back = false;
  };
  void collect(const Tables&, std::uint32_t flow);
  bool describe(const Tables&, std::uint32_t flow, Live&) const;
  void skip_elapsed(const Tables&, Live&, bool fresh) const;
  void begin(Tables&, Live&) const;
  void enter(const Tables&, Live&, Stage, double now, Times&) const;
  void finish(const Tables&, Live&, double now, Times&) const;
  void alone(Tables&, Live&) const;
  void share_cards(const Tables&, double now);
  void share_links(const Tables&, double now);
  void list_links(const Tables&, Live&) const;
  double width(const Tables&, std::uint32_t link) const;
  void set_rate(Live&, double rate, double now) const;

  std::vector<std::uint32_t> flows_, stack_, row_mark_, flow_mark_, card_users_;
  std::uint32_t count_ = 0, depth_ = 0, epoch_ = 0;
  bool want_crossing_ = false, took_crossing_ = false;
  std::vector<Live> live_;
  std::vector<std::uint32_t> net_, playing_, used_links_; ///< of live_: those that send, are not done
  std::uint32_t live_count_ = 0;                          ///< in playing_
  std::vector<double> link_left_;
  std::vector<std::uint32_t> link_users_;
};

struct HostResult {
  double energy = 0, response = 0, migration = 0; ///< response, migration: sums
  double outlook = 0; ///< sum over its tasks of seconds to their end, at most `farthest` intervals each
  std::uint32_t finished = 0, violations = 0;
};

struct TaskEnd {
  double end = never;
  bool finished = false;
};

/// Stage 2: one host over the interval, given the times of stage 1. Knows no other host.
class HostRun {
public:
  void reserve(std::uint32_t tasks);
  /// Rates of a row's tasks at the beginning if none is moved.
  void initial_rates(Tables&, std::uint32_t row);
  /// `state`: LAIR_METRICS values. Writes `ends` of the tasks that compute on this row.
  void run(const Tables&, std::uint32_t row, HostResult&, double* state, TaskEnd* ends);
  /// From now on run() writes, by task, the flops that are left at the interval's end of those that
  /// compute there then, and 0 of those that have computed; null: no longer.
  void record_left(double* left) { left_at_end_ = left; }

private:
  template <bool contended>
  void loop(const Tables&, const Row&, HostResult&, double* state, TaskEnd* ends);
  void begin(const Tables&, std::uint32_t task, double left);
  bool frozen(std::uint32_t task, double now);
  double share(const Row&, std::uint32_t active); ///< sets rates_; flop/s of all together
  void bounds(const Row&, const Tables&, std::uint32_t active, double need, double streams);
  void conclude(const Tables&, const Row&, std::uint32_t task, double computed, HostResult&,
                TaskEnd*);

  // The active tasks come first, in order of their index; then there is room for the unexplained
  // load.
  std::vector<double> left_, rate_, rest_, weight_, bound_, wait_, compute_, card_;
  std::vector<std::uint32_t> task_;
  std::uint32_t active_ = 0;
  const double* rates_ = nullptr; ///< bound_ if everyone gets all it can use, else rate_
  struct Join {
    double time;
    std::uint32_t task;
  };
  std::vector<Join> joins_, freezes_;
  std::uint32_t join_count_ = 0, freeze_count_ = 0;
  struct Span { ///< a transfer at the card
    double begin, end;
  };
  struct Copy { ///< of a task that has left, kept in RAM until it has resumed elsewhere
    double until, bytes;
  };
  std::vector<Span> card_spans_;
  std::vector<Copy> copies_;
  std::uint32_t span_count_ = 0, copy_count_ = 0;
  double results_out_ = 0; ///< bytes
  double* left_at_end_ = nullptr;
};

} // namespace lair::twin
