/// Small runs as events, for the tests of src/record.
#pragma once

#include "core/random.hpp"
#include "model/event.hpp"
#include "record/run_record.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>

namespace lair::record {

inline RunIdentity identity(std::uint32_t hosts, std::uint32_t intervals) {
  RunIdentity run;
  run.scenario_name = "synthetic";
  run.scenario_hash = std::string(32, '0');
  run.resolved_scenario = "name = \"synthetic\"\n";
  run.seed = 7;
  run.policy = "test";
  run.scheduler = "least-loaded";
  run.detector = "threshold";
  run.remediator = "move";
  run.intervals = intervals;
  for (std::uint32_t h = 0; h < hosts; ++h) {
    run.hosts.push_back(fmt::format("host-{}", h));
    run.host_ram.push_back(h % 2 == 0 ? 4e9 : 8e9);
  }
  run.leis = {"a", "b"};
  run.applications = {"net", "best \"effort\", slow"};
  run.deadlines = {500, std::numeric_limits<double>::infinity()};
  run.fault_kinds = {"cpu_overload", "ram_contention", "disk_attack", "ddos",
                     "crash",        "link_loss",      "partition",   "silent_corruption"};
  return run;
}

/// A decision's measured cost.
inline PolicyCharge charge(double time, std::uint32_t lei, std::uint32_t host, double decide) {
  PolicyCharge c;
  c.time = time;
  c.lei = LeiId(lei);
  c.host = HostId(host);
  c.learn = 1e-3;
  c.sense = 0.1 + 0.2; // of which the shortest decimal is long
  c.decide = decide;
  c.flops = 1e9 * (c.learn + c.sense + c.decide);
  return c;
}
inline Event event(double time, EventKind kind) {
  Event e;
  e.time = time;
  e.kind = kind;
  return e;
}
inline Event task_event(double time, EventKind kind, std::uint64_t task, std::uint32_t host,
                        double value = 0) {
  Event e = event(time, kind);
  e.task = TaskId(task);
  if (host != LAIR_NONE) e.host = HostId(host);
  e.value = value;
  return e;
}
inline Event host_event(double time, EventKind kind, std::uint32_t host, double value = 0) {
  Event e = event(time, kind);
  e.host = HostId(host);
  e.value = value;
  return e;
}
inline Event arrival(double time, std::uint64_t task, std::uint32_t application,
                     std::uint32_t lei) {
  Event e = task_event(time, EventKind::task_arrived, task, LAIR_NONE, 800);
  e.application = ApplicationId(application);
  e.lei = LeiId(lei);
  return e;
}
inline Event finish(double time, std::uint64_t task, std::uint32_t host, std::uint32_t application,
                    std::uint32_t lei, double response, double deadline) {
  Event e = task_event(time, EventKind::task_finished, task, host, response);
  e.application = ApplicationId(application);
  e.lei = LeiId(lei);
  e.extra = deadline;
  return e;
}
inline Event migration(double time, EventKind kind, std::uint64_t task, std::uint32_t from,
                       std::uint32_t to, double duration, double bytes) {
  Event e = task_event(time, kind, task, from, duration);
  e.target = HostId(to);
  e.bytes = bytes;
  return e;
}
inline Event fault(double time, EventKind kind, std::uint32_t id, std::uint32_t host,
                   std::uint8_t fault_kind, double value = 0, double extra = 0) {
  Event e = event(time, kind);
  e.fault = FaultId(id);
  e.fault_kind = fault_kind;
  if (host != LAIR_NONE) e.host = HostId(host);
  e.value = value;
  e.extra = extra;
  return e;
}
inline HostInterval host_interval(std::uint32_t interval, std::uint32_t host, double cpu,
                                  double energy) {
  HostInterval row;
  row.interval = interval;
  row.host = HostId(host);
  row.lei = LeiId(host % 2);
  row.broker = host < 2;
  row.state[LAIR_CPU] = cpu;
  row.state[LAIR_RAM] = 0.25;
  row.state[LAIR_ALIVE] = 1;
  row.energy = energy;
  row.policy_memory = row.broker ? 40e6 + 20e6 * interval : 0; // it charges as it runs
  return row;
}

/// A run with a known answer: two hosts, two intervals of 300 s, five tasks, two faults and a
/// masked one. The metrics by hand stand in record_fold.cpp.
inline void play_small(EventSink& sink) {
  using enum EventKind;
  sink.on(arrival(0, 0, 0, 0));
  sink.on(arrival(0, 1, 0, 1));
  sink.on(arrival(0, 2, 1, 1));
  sink.on(arrival(0, 3, 0, 0));
  sink.on(task_event(1, task_placed, 0, 0));
  sink.on(task_event(1, task_placed, 1, 1));
  sink.on(task_event(1, task_placed, 2, 1));
  sink.on(task_event(3, task_started, 0, 0));
  Event decision = host_event(5, decision_made, 0, 0.5);
  decision.lei = LeiId(0);
  sink.on(decision);
  decision.lei = LeiId(1);
  decision.value = 1.5;
  sink.on(decision);
  sink.on(fault(100, fault_started, 0, 1, 0, 1.0));
  sink.on(migration(110, migration_started, 0, 0, 1, 0, 360e6));
  sink.on(migration(150, migration_finished, 0, 0, 1, 40, 360e6));
  sink.on(finish(200, 0, 1, 0, 0, 200, 500));
  Event lost = fault(210, fault_masked, 2, 0, 4);
  lost.reason = Reason::host_off;
  sink.on(lost);
  auto row = host_interval(0, 0, 0.25, 900);
  row.label = 1; // false alarm
  row.score = 0.6;
  row.threshold = 0.5;
  sink.on(row);
  row = host_interval(0, 1, 0.75, 1100);
  row.label = 0; // missed: the fault began after the interval did
  row.score = 0.2;
  row.threshold = 0.5;
  row.fault_share = 20.0 / 30;
  row.fault_kinds = 1;
  sink.on(row);
  IntervalTotals totals{0, 300, 4, 1, 0, 2, 1, 2000};
  sink.on(totals);

  sink.on(arrival(300, 4, 0, 0));
  sink.on(fault(400, fault_ended, 0, 1, 0, 2400, 2400));
  Event crash = host_event(410, host_down, 1);
  crash.reason = Reason::crash;
  sink.on(fault(410, fault_started, 1, 1, 4, 1.0));
  sink.on(crash);
  Event requeued = task_event(410, task_requeued, 1, 1, 700);
  requeued.reason = Reason::crash;
  sink.on(requeued);
  Event failed = task_event(410, task_failed, 2, 1, 300);
  failed.reason = Reason::restarts_exhausted;
  sink.on(failed);
  sink.on(host_event(470, host_failed, 1, 65));
  Event refused = task_event(480, action_refused, 1, LAIR_NONE);
  refused.target = HostId(1);
  refused.reason = Reason::host_off;
  sink.on(refused);
  sink.on(fault(530, fault_ended, 1, 1, 4, 120, 120));
  sink.on(host_event(530, host_up, 1));
  sink.on(task_event(540, task_placed, 1, 0));
  sink.on(migration(550, migration_started, 1, 0, 1, 0, 360e6));
  row = host_interval(1, 0, 0.5, 1000);
  row.label = 0;
  row.score = 0.1;
  row.threshold = 0.5;
  sink.on(row);
  row = host_interval(1, 1, 0.5, 600);
  row.label = 1; // right: 200 s after the first fault began
  row.score = 0.9;
  row.threshold = 0.5;
  row.fault_share = 22.0 / 30;
  row.fault_kinds = 1 | 1 << 4;
  row.state[LAIR_ALIVE] = 0.6;
  sink.on(row);
  totals = {1, 600, 5, 1, 1, 1, 2, 3600};
  sink.on(totals);
}

/// After play_small(): a copy of task 2 comes and goes.
inline void play_copy(EventSink& sink) {
  sink.on(task_event(600, EventKind::copy_placed, 2, 0));
  sink.on(task_event(600, EventKind::copy_started, 2, 0));
  Event ended = task_event(600, EventKind::copy_ended, 2, 0, 8);
  ended.reason = Reason::cancelled;
  sink.on(ended);
}

/// A random run of any size whose events obey the run's laws.
inline void play_random(EventSink& sink, std::uint32_t hosts, std::uint32_t intervals,
                        std::uint32_t tasks_per_interval, std::uint64_t seed) {
  using enum EventKind;
  RandomStream random(seed, "synthetic");
  std::uint64_t next = 0;
  double energy = 0;
  for (std::uint32_t i = 0; i < intervals; ++i) {
    const double start = i * 300.0;
    const std::uint64_t first = next;
    for (std::uint32_t t = 0; t < tasks_per_interval; ++t)
      sink.on(arrival(start, next++, t % 2, t % 2));
    for (std::uint64_t task = first; task < next; ++task) {
      const std::uint32_t host = random.below(hosts);
      const double time = start + 290.0 * static_cast<double>(task - first) / tasks_per_interval;
      const double response = random.uniform(100, 2000);
      sink.on(task_event(time, task_placed, task, host));
      sink.on(task_event(time + 1e-4, task_started, task, host));
      sink.on(migration(time + 2e-4, migration_started, task, host, (host + 1) % hosts, 0, 360e6));
      sink.on(migration(time + 3e-4, migration_finished, task, host, (host + 1) % hosts,
                        response / 9, 360e6));
      sink.on(finish(time + 4e-4, task, host, task % 2, task % 2, response, 1000));
    }
    for (std::uint32_t h = 0; h < hosts; ++h) {
      HostInterval row = host_interval(i, h, random.uniform(), random.uniform(700, 1500));
      for (int m = LAIR_DISK_READ; m <= LAIR_IO_WAIT; ++m) row.state[m] = random.uniform(0, 1e7);
      row.label = random.uniform() < 0.1;
      row.score = random.uniform();
      row.threshold = 0.9;
      row.fault_share = random.uniform() < 0.1 ? 0.5 : 0;
      energy += row.energy;
      sink.on(row);
    }
    sink.on(IntervalTotals{i, start + 300, next, next, 0, 0, 0, energy});
  }
}

} // namespace lair::record
