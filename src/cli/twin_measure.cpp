#include "cli/twin_measure.hpp"

#include "cli/interrupt.hpp"
#include "cli/run.hpp"
#include "core/error.hpp"
#include "policy/policy_factory.hpp"
#include "world/sim/simulation.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace lair::cli {

namespace {

using world::sim::HostPassage;
using world::sim::OracleInterval;
using world::sim::Passage;
using world::sim::TaskForecastRow;

class NoSink : public EventSink {
public:
  void on(const Event&) override {}
};

const HostPassage* host_in(const Passage& passage, std::uint32_t host) {
  for (const HostPassage& p : passage.hosts)
    if (p.host == host) return &p;
  return nullptr;
}

double response_in(const Passage& passage, std::uint64_t task) {
  for (const auto& t : passage.tasks)
    if (t.task == task) return t.response;
  return unknown;
}

double migration_in(const Passage& passage, std::uint64_t task) {
  for (const auto& m : passage.migrations)
    if (m.task == task) return m.duration;
  return unknown;
}

void add_faults(TwinRow& row, const OracleInterval& interval, std::uint32_t host) {
  if (const HostPassage* p = host_in(interval.exact, host)) {
    row.fault_active |= p->fault_active;
    row.fault_ended |= p->fault_active && p->fault_ended;
    row.foreign_move |= p->foreign_move;
  }
  if (const HostPassage* p = host_in(interval.actual, host)) row.new_fault |= p->new_fault;
}

void add_hosts(TwinMeasurement& out, const OracleInterval& interval) {
  for (std::size_t i = 0; i < interval.forecast.hosts.size(); ++i) {
    const auto& forecast = interval.forecast.hosts[i];
    const auto& joint = interval.joint.hosts[i];
    const HostPassage& exact = interval.exact.hosts[i];
    TwinRow row;
    row.interval = interval.interval;
    row.host = forecast.host;
    add_faults(row, interval, forecast.host);
    const HostPassage* actual = host_in(interval.actual, forecast.host);
    const auto state = [&](lair_metric m) {
      return Values{forecast.state[m], joint.state[m], exact.state[m],
                    actual ? actual->state[m] : unknown};
    };
    row.metric = TwinMetric::cpu;
    row.value = state(LAIR_CPU);
    out.rows.push_back(row);
    row.metric = TwinMetric::ram;
    row.value = state(LAIR_RAM);
    out.rows.push_back(row);
    row.metric = TwinMetric::energy;
    row.value = {forecast.energy, joint.energy, exact.energy, actual ? actual->energy : unknown};
    out.rows.push_back(row);
  }
}

void add_tasks(TwinMeasurement& out, const OracleInterval& interval) {
  for (std::size_t i = 0; i < interval.forecast.tasks.size(); ++i) {
    const TaskForecastRow& task = interval.forecast.tasks[i];
    const TaskForecastRow& joint = interval.joint.tasks[i];
    TwinRow row;
    row.interval = interval.interval;
    row.task = task.task;
    row.host = task.host;
    add_faults(row, interval, task.host);
    if (task.ends_on != task.host) add_faults(row, interval, task.ends_on);
    row.metric = TwinMetric::response;
    row.value = {task.response, joint.response, response_in(interval.exact, task.task),
                 response_in(interval.actual, task.task)};
    out.rows.push_back(row);
    // Those under way already began before this forecast; their duration is not its matter.
    if (task.state == LAIR_TASK_MIGRATING) continue;
    row.metric = TwinMetric::migration;
    row.value = {task.migration > 0 ? task.migration : unknown,
                 joint.migration > 0 ? joint.migration : unknown,
                 migration_in(interval.exact, task.task), migration_in(interval.actual, task.task)};
    out.rows.push_back(row);
  }
}

template <class T> void append(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

} // namespace

std::string TwinMeasurement::bytes() const {
  std::string out;
  append(out, intervals);
  append(out, speed);
  for (const TwinRow& row : rows) append(out, row);
  return out;
}

TwinMeasurement TwinMeasurement::of(const std::string& bytes) {
  TwinMeasurement out;
  const std::size_t head = sizeof out.intervals + sizeof out.speed;
  if (bytes.size() < head || (bytes.size() - head) % sizeof(TwinRow) != 0)
    throw RunError("a run of `lair twin` left no measurement");
  std::memcpy(&out.intervals, bytes.data(), sizeof out.intervals);
  std::memcpy(&out.speed, bytes.data() + sizeof out.intervals, sizeof out.speed);
  out.rows.resize((bytes.size() - head) / sizeof(TwinRow));
  for (std::size_t i = 0; i < out.rows.size(); ++i)
    std::memcpy(&out.rows[i], bytes.data() + head + i * sizeof(TwinRow), sizeof(TwinRow));
  return out;
}

TwinMeasurement measure_twin(const Scenario& scenario, CallMark* mark) {
  const PolicyFactory policy(policy_choice(scenario.policy, scenario.federation, mark));
  TwinMeasurement out;
  world::sim::SimulationOptions options;
  options.oracle_times_twin = true;
  options.oracle = [&](const OracleInterval& interval) {
    ++out.intervals;
    add_hosts(out, interval);
    add_tasks(out, interval);
    const auto& speed = interval.speed;
    out.speed.forecasts += speed.forecasts;
    out.speed.forecast_seconds += speed.forecast_seconds;
    out.speed.changes += speed.changes;
    out.speed.change_seconds += speed.change_seconds;
    out.speed.hosts += speed.hosts;
    out.speed.tasks += speed.tasks;
    out.speed.observations += speed.observations;
  };
  NoSink sink;
  CatchInterrupts catching(sink);
  options.progress = [](std::uint32_t) { return !interrupted(); };
  try {
    world::sim::simulate(scenario, policy, catching, options);
  } catch (const RunError&) { // a fork of this process may have died within the policy
    if (mark == nullptr || mark->where == CallMark::Where::lair) throw;
    throw PluginError(mark->policy, mark->place() + "ended the process of the exact twin");
  }
  return out;
}

} // namespace lair::cli
