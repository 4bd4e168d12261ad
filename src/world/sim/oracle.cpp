#include "world/sim/oracle.hpp"

#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/wait.h>
#include <type_traits>
#include <unistd.h>

namespace lair::world::sim {

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Parent and child are one program, so values cross the pipe as they lie in memory.
template <class T> void put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T> void put(std::string& out, const std::vector<T>& values) {
  put(out, values.size());
  for (const T& value : values) put(out, value);
}

class Reader {
public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  template <class T> bool get(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (bytes_.size() - at_ < sizeof value) return false;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return true;
  }
  template <class T> bool get(std::vector<T>& values) {
    std::size_t count = 0;
    if (!get(count) || count > (bytes_.size() - at_) / sizeof(T)) return false;
    values.resize(count);
    for (T& value : values) get(value);
    return true;
  }
  bool at_end() const { return at_ == bytes_.size(); }

private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

} // namespace

void Oracle::interval_begins() {
  now_ = Passage{};
  report_ = OracleInterval{};
  report_.interval = world_->interval_;
  int ends[2];
  const auto failed = [&](const std::string& what) {
    world_->fail(std::make_exception_ptr(RunError("exact twin: " + what)));
  };
  const auto by_system = [&](const char* what) {
    return failed(std::string(what) + ": " + std::strerror(errno));
  };
  if (pipe(ends) != 0) return by_system("no pipe");
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return by_system("cannot fork");
  }
  if (child == 0) {
    close(ends[0]);
    pipe_ = ends[1];
    world_->without_new_faults_ = true;
    return; // and goes on to the interval's end
  }
  close(ends[1]);
  std::string bytes;
  char part[1 << 16];
  for (;;) {
    const ssize_t n = read(ends[0], part, sizeof part);
    if (n > 0) bytes.append(part, static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR) break;
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  // If a policy is to blame it fails here too, and is named; else interval_ends() says so.
  child_lost_ = !WIFEXITED(status) || WEXITSTATUS(status) != 0 || !receive(bytes);
}

HostPassage* Oracle::passage(std::uint32_t host) {
  const auto it = std::find_if(now_.hosts.begin(), now_.hosts.end(),
                               [&](const HostPassage& p) { return p.host == host; });
  return it == now_.hosts.end() ? nullptr : &*it;
}

/// The meters as they are now. Reads only: settling them here would round the run's integrals at
/// another place, and asking SimGrid for the rest of a transfer does the same to that transfer. So
/// bytes moved since the last sample count as moved after the decision.
void Oracle::decided(const BrokerRuntime& broker, const ValidDecision& decision) {
  const double now = sgc::now();
  const lair_observation& o = broker.observation.raw;
  const double end = (world_->interval_ + 1) * world_->scenario_.interval.value;
  for (std::uint32_t i = 0; i < o.own_count; ++i) {
    const HostState& h = world_->host(HostId(broker.observation.hosts[i].id));
    HostPassage p;
    p.host = h.id.value;
    p.from = now;
    const double since = now - h.settled;
    for (int m = 0; m < LAIR_METRICS; ++m) p.state[m] = h.total[m] + h.rate[m] * since;
    p.energy = h.energy + h.power * since;
    p.fault_active = !h.on;
    for (const auto& f : world_->active_faults_) {
      if (f->fault->host.valid() ? f->fault->host != h.id : f->fault->lei != h.lei) continue;
      if (f->start > world_->interval_ * world_->scenario_.interval.value) {
        p.new_fault = true; // while the brokers waited for one another
        continue;
      }
      p.fault_active = true;
      if (world_->fault_end(*f->fault) < end) p.fault_ended = true;
    }
    now_.hosts.push_back(p);
  }
  if (!is_child()) return;
  keep(broker, decision);
  forecast(decided_.back(), report_.forecast);
  if (measure_speed_) time_twin(decided_.back());
}

void Oracle::keep(const BrokerRuntime& broker, const ValidDecision& decision) {
  Decided& kept = decided_.emplace_back();
  kept.lei = broker.lei;
  kept.actions = decision.actions;
  kept.observation = broker.observation;
  ObservationBuffer& o = kept.observation;
  kept.seen = broker.seen;
  // The windows of own hosts are the world's, which goes on.
  o.windows.clear();
  o.window_at.clear();
  const std::size_t row = std::size_t(o.raw.window_length) * LAIR_METRICS;
  for (const lair_host& h : o.hosts) {
    o.window_at.push_back(h.window == nullptr ? -1 : std::ptrdiff_t(o.windows.size()));
    if (h.window != nullptr) o.windows.insert(o.windows.end(), h.window, h.window + row);
  }
  o.seal();
}

/// Adds the other brokers' moves to what this one observed.
void Oracle::tell_others(Decided& decided) const {
  ObservationBuffer& o = decided.observation;
  const auto known = [&](std::uint64_t id) {
    return std::any_of(o.tasks.begin(), o.tasks.end(), [&](const auto& t) { return t.id == id; });
  };
  const auto reported = [&](std::uint64_t id) {
    return std::any_of(o.reports.begin(), o.reports.end(), [&](const lair_report& report) {
      return report.age < o.raw.interval_length &&
             std::any_of(report.tasks, report.tasks + report.task_count,
                         [&](const lair_task& t) { return t.id == id; });
    });
  };
  for (const Decided& other : decided_) {
    if (&other == &decided) continue;
    for (const lair_action& action : other.actions) {
      if (action.kind > LAIR_MIGRATE) continue; // the twin leaves them out
      if (!known(action.task) && reported(action.task)) {
        decided.actions.push_back(action); // the twin moves a peer's task as it does an own one
        continue;
      }
      const auto host = std::find_if(o.hosts.begin(), o.hosts.end(),
                                     [&](const lair_host& h) { return h.id == action.host; });
      if (host == o.hosts.end() || known(action.task)) continue;
      const bool own = world_->host(HostId(action.host)).lei == decided.lei;
      if (action.kind == LAIR_PLACE && !own) continue;
      for (lair_task t : other.observation.tasks) {
        if (t.id != action.task) continue;
        t.state = action.kind == LAIR_PLACE ? LAIR_TASK_STARTING : LAIR_TASK_MIGRATING;
        (action.kind == LAIR_PLACE ? t.host : t.target) = action.host;
        host->ram_need += t.resident;
        o.tasks.push_back(t);
        break;
      }
    }
  }
  o.seal();
}

void Oracle::forecast(const Decided& decided, Forecasts& out) {
  const lair_observation& o = decided.observation.raw;
  Twin& twin = world_->forecaster_.load(o);
  const Forecast& f = twin.forecast(decided.actions);
  for (std::uint32_t i = 0; i < o.own_count; ++i) {
    HostForecast row;
    row.host = o.hosts[i].id;
    std::copy_n(&f.states[std::size_t(i) * LAIR_METRICS], LAIR_METRICS, row.state);
    row.energy = twin.energy(i);
    out.hosts.push_back(row);
  }
  for (std::uint32_t i = 0; i < o.task_count; ++i) {
    const TaskForecast task = twin.task(i);
    const std::uint32_t where = o.tasks[i].host;
    if (where != LAIR_NONE && world_->host(HostId(where)).lei != decided.lei)
      continue; // on its way from another LEI, whose broker forecasts it
    TaskForecastRow row;
    row.task = task.id;
    row.ends_on = task.host;
    row.host = o.tasks[i].host;
    row.state = o.tasks[i].state;
    if (row.host == LAIR_NONE) row.host = task.host;
    row.end = o.now + task.end;
    row.response = task.response;
    row.migration = task.migration;
    row.finished = task.finished;
    out.tasks.push_back(row);
  }
}

void Oracle::time_twin(const Decided& decided) {
  const lair_observation& o = decided.observation.raw;
  constexpr int forecasts = 20, rounds = 200;
  TwinSpeed& speed = report_.speed;
  double began = cpu_seconds();
  for (int k = 0; k < forecasts; ++k) world_->forecaster_.load(o).forecast(decided.actions);
  speed.forecast_seconds += cpu_seconds() - began;
  speed.forecasts += forecasts;
  speed.hosts += o.host_count;
  speed.tasks += o.task_count;
  speed.observations += 1;
  Twin& twin = world_->forecaster_.load(o);
  twin.forecast(decided.actions);
  std::vector<std::uint64_t> movable;
  for (std::uint32_t i = 0; i < o.task_count; ++i)
    if (twin.movable(i)) movable.push_back(o.tasks[i].id);
  if (movable.empty() || o.host_count < 2) return;
  began = cpu_seconds();
  double energy = 0; // used, so that nothing is left out
  for (int k = 0; k < rounds; ++k)
    energy += twin.evaluate_change(movable[static_cast<std::size_t>(k) % movable.size()],
                                   o.hosts[static_cast<std::uint32_t>(k) % o.host_count].id)
                  .energy;
  speed.change_seconds += cpu_seconds() - began;
  speed.changes += energy >= 0 ? rounds : 0;
}

void Oracle::on(const Event& e) {
  switch (e.kind) {
  case EventKind::task_finished:
    now_.tasks.push_back({e.task.value, e.time, e.value});
    break;
  case EventKind::migration_finished:
    now_.migrations.push_back({e.task.value, e.host.value, e.target.value, e.time, e.value});
    break;
  case EventKind::migration_started:
    if (world_->host(e.host).lei != world_->host(e.target).lei)
      if (HostPassage* p = passage(e.target.value)) p->foreign_move = true;
    break;
  case EventKind::task_placed:
    if (e.lei != world_->host(e.host).lei)
      if (HostPassage* p = passage(e.host.value)) p->foreign_move = true;
    break;
  case EventKind::host_up:
    if (HostPassage* p = passage(e.host.value)) p->fault_ended = true;
    break;
  case EventKind::host_down:
    if (HostPassage* p = passage(e.host.value)) p->went_down = true;
    break;
  case EventKind::fault_started:
    for (HostPassage& p : now_.hosts)
      if (e.host.valid() ? e.host.value == p.host
                         : world_->host(HostId(p.host)).lei == e.lei)
        p.new_fault = true;
    break;
  default: break;
  }
  pass_on(e);
}

/// Every host is settled and every transfer credited: the world's sampling did it just before.
void Oracle::interval_ends() {
  const double now = sgc::now();
  for (HostPassage& p : now_.hosts) {
    const HostState& h = world_->host(HostId(p.host));
    World::mean_state(h.total.data(), p.state, now - p.from, p.state);
    p.energy = h.energy - p.energy;
  }
  if (is_child()) {
    for (Decided& decided : decided_) {
      tell_others(decided);
      forecast(decided, report_.joint);
    }
    send();
  }
  if (child_lost_)
    return world_->fail(std::make_exception_ptr(
        RunError("exact twin: the forked world did not reach the end of the interval")));
  report_.actual = std::move(now_);
  callback_(report_);
}

void Oracle::send() const {
  std::string out;
  put(out, now_.hosts);
  put(out, now_.tasks);
  put(out, now_.migrations);
  for (const Forecasts* f : {&report_.forecast, &report_.joint}) {
    put(out, f->hosts);
    put(out, f->tasks);
  }
  put(out, report_.speed);
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t n = write(pipe_, out.data() + at, out.size() - at);
    if (n > 0) at += static_cast<std::size_t>(n);
    else if (errno != EINTR) _exit(1);
  }
  _exit(0); // nothing is flushed, nothing destroyed: all of it is the parent's
}

bool Oracle::receive(const std::string& bytes) {
  Reader in(bytes);
  return in.get(report_.exact.hosts) && in.get(report_.exact.tasks) &&
         in.get(report_.exact.migrations) && in.get(report_.forecast.hosts) &&
         in.get(report_.forecast.tasks) && in.get(report_.joint.hosts) &&
         in.get(report_.joint.tasks) && in.get(report_.speed) && in.at_end();
}

void Oracle::run_ended() const {
  if (is_child()) _exit(1);
}

} // namespace lair::world::sim
