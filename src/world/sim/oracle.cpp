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
  const auto failed = [&](const char* what) {
    world_->fail(std::make_exception_ptr(
        RunError(std::string("exact twin: ") + what + ": " + std::strerror(errno))));
  };
  if (pipe(ends) != 0) return failed("no pipe");
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return failed("cannot fork");
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
  errno = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !receive(bytes))
    failed("the forked world did not reach the end of the interval");
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
  forecast(broker, decision);
  if (measure_speed_) time_twin(broker, decision);
}

void Oracle::forecast(const BrokerRuntime& broker, const ValidDecision& decision) {
  const lair_observation& o = broker.observation.raw;
  Twin& twin = world_->forecaster_.load(o);
  const Forecast& f = twin.forecast(decision.actions);
  for (std::uint32_t i = 0; i < o.own_count; ++i) {
    HostForecast row;
    row.host = o.hosts[i].id;
    std::copy_n(&f.states[std::size_t(i) * LAIR_METRICS], LAIR_METRICS, row.state);
    row.energy = twin.energy(i);
    report_.hosts.push_back(row);
  }
  for (std::uint32_t i = 0; i < o.task_count; ++i) {
    const TaskForecast task = twin.task(i);
    const std::uint32_t where = o.tasks[i].host;
    if (where != LAIR_NONE && world_->host(HostId(where)).lei != broker.lei)
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
    report_.tasks.push_back(row);
  }
}

void Oracle::time_twin(const BrokerRuntime& broker, const ValidDecision& decision) {
  const lair_observation& o = broker.observation.raw;
  constexpr int forecasts = 20, rounds = 200;
  TwinSpeed& speed = report_.speed;
  double began = cpu_seconds();
  for (int k = 0; k < forecasts; ++k) world_->forecaster_.load(o).forecast(decision.actions);
  speed.forecast_seconds += cpu_seconds() - began;
  speed.forecasts += forecasts;
  speed.hosts += o.host_count;
  speed.tasks += o.task_count;
  speed.observations += 1;
  Twin& twin = world_->forecaster_.load(o);
  twin.forecast(decision.actions);
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
    for (int m = 0; m < LAIR_METRICS; ++m) p.state[m] = (h.total[m] - p.state[m]) / (now - p.from);
    p.energy = h.energy - p.energy;
  }
  if (is_child()) send();
  report_.actual = std::move(now_);
  callback_(report_);
}

void Oracle::send() const {
  std::string out;
  put(out, now_.hosts);
  put(out, now_.tasks);
  put(out, now_.migrations);
  put(out, report_.hosts);
  put(out, report_.tasks);
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
         in.get(report_.exact.migrations) && in.get(report_.hosts) && in.get(report_.tasks) &&
         in.get(report_.speed) && in.at_end();
}

void Oracle::run_ended() const {
  if (is_child()) _exit(1);
}

} // namespace lair::world::sim
