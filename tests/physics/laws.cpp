#include "laws.hpp"

#include "core/error.hpp"
#include "faults/fault_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lair::physics {

namespace {
void require(bool law, const std::string& why) { LAIR_ASSERT(law, why.c_str()); }
} // namespace

Laws::Laws(const Scenario& scenario, EventSink& next) : scenario_(scenario), next_(next) {
  on_.assign(scenario.federation.hosts.size(), true);
  was_corrupting_.assign(on_.size(), false);
  moved_in_.assign(on_.size(), 0);
  moved_out_.assign(on_.size(), 0);
  for (const auto& host : scenario.federation.hosts) {
    const auto& watts = host.spec.power.watts;
    least_.push_back(*std::min_element(watts.begin(), watts.end()));
    most_.push_back(*std::max_element(watts.begin(), watts.end()));
  }
}

void Laws::on(const Event& e) {
  next_.on(e);
  invariants_.on(e);
  const std::string what = fmt::format("{} of task {} on host {} at {} s", to_string(e.kind),
                                       e.task.value, e.host.value, e.time);
  require(e.time <= scenario_.horizon().value * (1 + 1e-12), what + ": after the end");
  if (e.kind == EventKind::host_down || e.kind == EventKind::host_up) {
    const bool up = e.kind == EventKind::host_up;
    require(on_[e.host.index()] != up, what + ": it was so already");
    on_[e.host.index()] = up;
    if (up) // nothing may have been there while it was off
      for (std::size_t i = 0; i < tasks_.size(); ++i)
        for (const Copy& copy : tasks_[i].copies)
          require(copy.host != e.host && copy.target != e.host,
                  fmt::format("{}: task {} is on it", what, i));
  }
  if (static_cast<FaultKind>(e.fault_kind) == FaultKind::silent_corruption) {
    if (e.kind == EventKind::fault_started) {
      corrupting_[e.fault.value] = e.host;
      was_corrupting_[e.host.index()] = true;
    }
    if (e.kind == EventKind::fault_ended || e.kind == EventKind::fault_masked)
      corrupting_.erase(e.fault.value);
  }
  if (e.task.valid() && e.kind != EventKind::action_refused) on_task(e);
}

void Laws::on_task(const Event& e) {
  if (tasks_.size() <= e.task.index()) tasks_.resize(e.task.index() + 1);
  TaskLife& t = tasks_[e.task.index()];
  const std::string what = fmt::format("{} of task {} on host {} at {} s", to_string(e.kind),
                                       e.task.value, e.host.value, e.time);
  const auto needs = [&](bool condition) { require(condition, what + ": out of order"); };
  const bool leaves = e.kind == EventKind::task_requeued || e.kind == EventKind::task_failed ||
                      e.kind == EventKind::migration_aborted || e.kind == EventKind::copy_ended;
  if (e.host.valid() && !leaves) require(on_[e.host.index()], what + ": the host is off");
  if (e.kind == EventKind::checkpoint_stored) {
    t.several = true;
    return needs(t.life != Life::ended);
  }
  for (const Copy& copy : t.copies)
    require(!copy.killed || (leaves && copy.host == e.host), what + ": a killed copy stayed");
  Copy* const copy = t.on(e.host);
  const bool comes = e.kind == EventKind::task_arrived || e.kind == EventKind::task_placed ||
                     e.kind == EventKind::copy_placed;
  require(comes || copy != nullptr, what + ": it is not there");
  const auto work = [&](HostId host, double core_seconds) {
    return core_seconds * scenario_.federation.host(host).spec.core_speed.value;
  };
  const auto stopped = [&] { // its work is lost
    require(!copy->target.valid(), what + ": it is still moving");
    require(e.value >= -1e-6, what + ": negative work lost");
    require(e.value == 0 || copy->computing, what + ": lost work it had not done");
    ended_work_ += work(e.host, e.value);
  };
  switch (e.kind) {
  case EventKind::task_arrived:
    needs(t.life == Life::none);
    t.life = Life::queued;
    break;
  case EventKind::task_placed:
    needs(t.life == Life::queued && t.copies.empty());
    t.life = Life::active;
    t.copies = {{e.host, {}, false, false}};
    break;
  case EventKind::copy_placed:
    needs(t.life == Life::active && copy == nullptr);
    t.copies.push_back({e.host, {}, false, false});
    t.several = true;
    break;
  case EventKind::task_started:
  case EventKind::copy_started:
    needs(!copy->computing && (copy == t.copies.data()) == (e.kind == EventKind::task_started));
    copy->computing = true;
    break;
  case EventKind::copy_ended:
    needs(t.copies.size() > 1 && (e.reason != Reason::delivered || copy->computing));
    stopped();
    t.copies.erase(t.copies.begin() + (copy - t.copies.data()));
    break;
  case EventKind::copy_promoted: needs(copy == t.copies.data()); break;
  case EventKind::result_delivered:
    needs(copy->computing);
    t.several = true;
    break;
  case EventKind::task_reopened:
    needs(t.copies.size() == 1 && copy->computing);
    t.life = Life::queued;
    t.copies.clear();
    break;
  case EventKind::task_restored:
    needs(!copy->computing);
    require(on_[e.target.index()], what + ": its source is off");
    require(e.value > 0, what + ": nothing");
    break;
  case EventKind::task_finished: {
    needs(t.copies.size() == 1 && copy->computing && !copy->target.valid());
    t.life = Life::ended;
    t.copies.clear();
    const Application& a = scenario_.workload.applications[e.application.index()];
    ended_work_ += a.flops().value;
    break;
  }
  case EventKind::task_requeued:
  case EventKind::task_failed:
    needs(t.copies.size() == 1);
    stopped();
    t.life = e.kind == EventKind::task_failed ? Life::ended : Life::queued;
    t.copies.clear();
    break;
  case EventKind::task_killed: copy->killed = true; break;
  case EventKind::task_corrupted:
    needs(copy->computing);
    require(was_corrupting_[e.host.index()], what + ": no fault has corrupted it");
    // Others may have to confirm it: then it is told when the result has arrived.
    require(t.several || std::any_of(corrupting_.begin(), corrupting_.end(),
                                     [&](const auto& fault) { return fault.second == e.host; }),
            what + ": no fault corrupts it");
    break;
  case EventKind::migration_started:
    needs(copy->computing && !copy->target.valid() && t.on(e.target) == nullptr);
    require(on_[e.target.index()], what + ": the target is off");
    copy->target = e.target;
    break;
  case EventKind::migration_finished:
    needs(copy->computing && copy->target == e.target);
    require(on_[e.target.index()], what + ": the target is off");
    require(e.value >= 0, what + ": took negative time");
    moved_out_[e.host.index()] += e.bytes;
    moved_in_[e.target.index()] += e.bytes;
    copy->host = e.target;
    copy->target = HostId{};
    break;
  case EventKind::migration_aborted:
    needs(copy->target.valid() && copy->target == e.target);
    copy->target = HostId{};
    break;
  default:
    break;
  }
}

void Laws::on(const HostInterval& row) {
  next_.on(row);
  invariants_.on(row);
  const double length = scenario_.interval.value;
  const double on = row.state[LAIR_ALIVE] * length;
  const HostSpec& spec = scenario_.federation.host(row.host).spec;
  const double off = (length - on) * spec.power.off;
  const double slack = 1e-6 * (1 + most_[row.host.index()] * length);
  const std::string what = fmt::format("host {} in interval {}", row.host.value, row.interval);
  for (const int m : {LAIR_CPU, LAIR_RAM, LAIR_SWAP, LAIR_ALIVE})
    require(row.state[m] >= 0 && row.state[m] <= 1, // to the last bit
            fmt::format("{}: share {} is {}", what, m, row.state[m]));
  require(row.energy >= least_[row.host.index()] * on + off - slack, what + ": too little energy");
  require(row.energy <= most_[row.host.index()] * on + off + slack, what + ": too much energy");
  for (int m = 0; m < LAIR_METRICS; ++m)
    require(row.state[m] >= -1e-9 && row.state[m] < 1e18,
            fmt::format("{}: metric {} is {}", what, m, row.state[m]));
  for (const int m : {LAIR_CPU, LAIR_RAM, LAIR_SWAP})
    require(row.state[m] <= row.state[LAIR_ALIVE] + 1e-9,
            fmt::format("{}: metric {} is {} of {}", what, m, row.state[m], row.state[LAIR_ALIVE]));
  require(row.migration_out == moved_out_[row.host.index()], what + ": sent other than moved off");
  require(row.migration_in == moved_in_[row.host.index()], what + ": got other than moved here");
  moved_out_[row.host.index()] = moved_in_[row.host.index()] = 0;
  cpu_work_ += row.state[LAIR_CPU] * length * spec.speed().value;
}

void Laws::on(const IntervalTotals& totals) {
  next_.on(totals);
  invariants_.on(totals);
  require(ended_work_ <= cpu_work_ * (1 + 1e-6) + 1,
          fmt::format("interval {}: tasks that ended took {} flops, the CPUs did {}",
                      totals.interval, ended_work_, cpu_work_));
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    for (const Copy& copy : tasks_[i].copies) {
      require(!copy.killed, fmt::format("task {} was killed and stayed", i));
      require(on_[copy.host.index()],
              fmt::format("interval {}: task {} is on host {}, which is off", totals.interval, i,
                          copy.host.value));
    }
}

void Laws::on(const HostSample& sample) { next_.on(sample); }

void Laws::finish(bool completed) const {
  invariants_.finish(completed,
                     draw_fault_plan(scenario_.faults, scenario_.federation, scenario_.interval,
                                     scenario_.intervals, scenario_.seed)
                         .size());
}

} // namespace lair::physics
