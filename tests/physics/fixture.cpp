#include "fixture.hpp"

#include "laws.hpp"
#include "world/sim/simulation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair {

namespace physics {

namespace {

enum class Tag : char { event, host, totals, sample, charge, note, failure };

class PipeSink : public EventSink {
public:
  explicit PipeSink(std::FILE* out) : out_(out) {}
  void on(const Event& e) override { put(Tag::event, &e, sizeof e); }
  void on(const HostInterval& h) override { put(Tag::host, &h, sizeof h); }
  void on(const IntervalTotals& t) override { put(Tag::totals, &t, sizeof t); }
  void on(const HostSample& s) override { put(Tag::sample, &s, sizeof s); }
  void on(const PolicyCharge& c) override { put(Tag::charge, &c, sizeof c); }
  void put(Tag tag, const void* data, std::size_t size) {
    std::fputc(static_cast<char>(tag), out_);
    std::fwrite(data, size, 1, out_);
  }

private:
  std::FILE* out_;
};

/// Runs `child` in a child, which writes into a pipe, and `parent`, which reads it to its end. Returns
/// the signal that the child died of, or 0.
template <class Child, class Parent> int fork_to_pipe(Child&& child, Parent&& parent) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    std::FILE* out = fdopen(ends[1], "w");
    child(out);
    _exit(std::fflush(out) == 0 ? 0 : 1);
  }
  close(ends[1]);
  std::FILE* in = fdopen(ends[0], "r");
  parent(in);
  std::fclose(in);
  int status = 0;
  waitpid(process, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/// A child that dies may leave half a record: then nothing more is read.
template <class T> void read_into(std::vector<T>& list, std::FILE* in) {
  T value;
  if (std::fread(&value, sizeof value, 1, in) == 1) list.push_back(value);
}

} // namespace

std::vector<Event> Recording::of(EventKind kind) const {
  std::vector<Event> out;
  for (const Event& e : events)
    if (e.kind == kind) out.push_back(e);
  return out;
}

Event Recording::only(EventKind kind) const {
  const auto all = of(kind);
  if (all.size() == 1) return all.front();
  Event none;
  none.time = none.value = none.extra = std::numeric_limits<double>::quiet_NaN();
  return none;
}

double Recording::response(std::uint64_t task) const {
  for (const Event& e : events)
    if (e.kind == EventKind::task_finished && e.task.value == task) return e.value;
  return std::numeric_limits<double>::quiet_NaN();
}

double Recording::energy(std::uint32_t host) const {
  double sum = 0;
  for (const HostInterval& h : hosts)
    if (h.host.value == host) sum += h.energy;
  return sum;
}

Scenario make_scenario(std::vector<unsigned> leis) {
  Scenario s;
  s.name = "physics";
  s.intervals = 10;
  s.federation.name = "hand-made";
  HostSpec spec;
  spec.kind = "test";
  spec.core_speed = FlopsPerSecond(1e9);
  spec.ram = Bytes(4e9);
  spec.swap = Bytes(2e9);
  spec.ram_system = Bytes(0);
  spec.lan_latency = Seconds(0);
  for (int i = 0; i <= 10; ++i) spec.power.watts[static_cast<std::size_t>(i)] = 2 + 0.4 * i;
  for (std::size_t l = 0; l < leis.size(); ++l) {
    LeiDescription lei;
    lei.name = "lei" + std::to_string(l);
    lei.wan_latency = Seconds(0);
    for (unsigned h = 0; h < leis[l]; ++h) {
      const HostId id(static_cast<std::uint32_t>(s.federation.hosts.size()));
      s.federation.hosts.push_back({"host" + std::to_string(id.value), spec,
                                    LeiId(static_cast<std::uint32_t>(l))});
      lei.hosts.push_back(id);
    }
    lei.broker = lei.hosts.front();
    s.federation.leis.push_back(lei);
  }
  s.workload.image_size = Bytes(0);
  s.workload.image_transfer = Bytes(0);
  s.overhead.mode = OverheadMode::none;
  s.liveness.probe_bytes = Bytes(0);
  s.policy.name = "none";
  use_script(s);
  return s;
}

Application make_application(double images, double flops, unsigned threads) {
  Application a;
  a.name = "app";
  a.images = images;
  a.macs_per_image = flops / 2;
  a.threads = threads;
  a.bytes_per_image = Bytes(0);
  a.input = a.result = Bytes(0);
  a.resident = Bytes(100e6);
  return a;
}

void add_task(Scenario& s, double time, std::uint32_t lei, std::uint32_t app) {
  s.workload.trace.push_back({Seconds(time), LeiId(lei), ApplicationId(app)});
}

void add_fault(Scenario& s, FaultKind kind, double start, double length, std::uint32_t host,
               double strength) {
  Fault f;
  f.kind = kind;
  f.start = Seconds(start);
  f.length = Seconds(length);
  f.strength = strength;
  f.host = HostId(host);
  s.faults.script.push_back(f);
}

void use_script(Scenario& s, std::vector<std::pair<std::string, std::string>> options) {
  s.policy.scheduler = "scripted";
  s.policy.remediator = "";
  for (const auto& [name, value] : options)
    if (name[0] == 'm' || name == "flops") s.policy.remediator = "scripted";
  s.policy.options = std::move(options);
}

void use_actions(Scenario& s, std::vector<std::string> actions,
                 std::vector<std::pair<std::string, std::string>> options) {
  use_script(s, std::move(options));
  s.policy.remediator = "acting";
  for (std::size_t i = 0; i < actions.size(); ++i)
    s.policy.options.emplace_back(fmt::format("a{}", i), actions[i]);
}

namespace {
/// SIGXCPU ends a child that computes for ever, SIGALRM one that waits for ever.
void limit_time(unsigned seconds) {
  if (seconds == 0) return;
  const rlimit limit{seconds, seconds};
  setrlimit(RLIMIT_CPU, &limit);
  alarm(20 * seconds);
}

void run_child(const Scenario& scenario, const Forked& how, std::FILE* out) {
  for (const int crash : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGTERM, SIGINT})
    std::signal(crash, SIG_DFL); // doctest's handlers would print a report of the child's own
  limit_time(how.cpu_seconds);
  if (how.before) how.before();
  PipeSink pipe(out);
  Laws sink(scenario, pipe);
  std::string failure;
  try {
    PolicyFactory policy({scenario.policy.name, scenario.policy.scheduler, scenario.policy.detector,
                          scenario.policy.remediator, scenario.policy.options});
    world::sim::SimulationOptions options;
    options.thread_contexts = how.thread_contexts;
    options.most_actors = how.most_actors;
    options.recorded_costs = how.recorded_costs;
    options.log = [&](int, const std::string& text) {
      const std::size_t size = text.size();
      pipe.put(Tag::note, &size, sizeof size);
      std::fwrite(text.data(), 1, size, out);
    };
    if (how.oracle) options.oracle = [](const world::sim::OracleInterval&) {};
    const auto result = world::sim::simulate(scenario, policy, sink, options);
    sink.finish(result.completed);
  } catch (const std::exception& e) {
    failure = e.what();
  }
  const std::size_t size = failure.size();
  pipe.put(Tag::failure, &size, sizeof size);
  std::fwrite(failure.data(), 1, size, out);
}
} // namespace

Recording simulate_forked(const Scenario& scenario, const Forked& how) {
  Recording r;
  r.signal = fork_to_pipe([&](std::FILE* out) { run_child(scenario, how, out); }, [&](std::FILE* in) {
    for (int tag; (tag = std::fgetc(in)) != EOF;) {
      switch (static_cast<Tag>(tag)) {
      case Tag::event:
        read_into(r.events, in);
        break;
      case Tag::host:
        read_into(r.hosts, in);
        break;
      case Tag::totals:
        read_into(r.totals, in);
        break;
      case Tag::sample:
        read_into(r.samples, in);
        break;
      case Tag::charge:
        read_into(r.charges, in);
        break;
      case Tag::note: {
        std::size_t size = 0;
        std::string& text = r.notes.emplace_back();
        if (std::fread(&size, sizeof size, 1, in) == 1) text.resize(size);
        text.resize(std::fread(text.data(), 1, text.size(), in));
        break;
      }
      case Tag::failure: {
        std::size_t size = 0;
        if (std::fread(&size, sizeof size, 1, in) == 1) r.failure.resize(size);
        r.failure.resize(std::fread(r.failure.data(), 1, r.failure.size(), in));
      }
      }
    }
  });
  return r;
}

std::string difference(const Recording& a, const Recording& b) {
  std::string where;
  const auto rows = [&](const char* what, const auto& x, const auto& y, auto text) {
    if (!where.empty()) return;
    for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i) {
      const std::string left = i < x.size() ? text(x[i]) : "nothing";
      const std::string right = i < y.size() ? text(y[i]) : "nothing";
      if (left == right) continue;
      where = fmt::format("{} {}: {} against {}", what, i, left, right);
      return;
    }
  };
  // {:a} prints every bit of a double.
  rows("event", a.events, b.events, [](const Event& e) {
    return fmt::format("{:a} {} {} {} h{} t{} task{} lei{} app{} fault{} {:a} {:a} {:a}", e.time,
                       to_string(e.kind), to_string(e.reason), e.fault_kind, e.host.value,
                       e.target.value, e.task.value, e.lei.value, e.application.value,
                       e.fault.value, e.value, e.extra, e.bytes);
  });
  rows("host interval", a.hosts, b.hosts, [](const HostInterval& h) {
    return fmt::format("{} h{} lei{} {} {:a} {:a} {} {:a} {} {:a} {:a} {} {:a} {:a} {:a}", h.interval,
                       h.host.value, h.lei.value, h.broker, fmt::join(h.state, " "), h.energy,
                       h.tasks, h.fault_share, h.fault_kinds, h.score, h.threshold, int(h.label),
                       h.migration_in, h.migration_out, h.policy_memory);
  });
  rows("interval", a.totals, b.totals, [](const IntervalTotals& t) {
    return fmt::format("{} {:a} {} {} {} {} {} {:a}", t.interval, t.time, t.arrived, t.finished,
                       t.failed, t.active, t.queued, t.energy);
  });
  rows("sample", a.samples, b.samples, [](const HostSample& x) {
    return fmt::format("{:a} h{} {:a} {}", x.time, x.host.value, fmt::join(x.state, " "), x.faulty);
  });
  rows("charge", a.charges, b.charges, [](const PolicyCharge& c) {
    return fmt::format("{:a} lei{} h{} {:a} {:a} {:a} {:a}", c.time, c.lei.value, c.host.value,
                       c.learn, c.sense, c.decide, c.flops);
  });
  if (where.empty() && (a.signal != b.signal || a.failure != b.failure)) where = "how they ended";
  return where;
}

std::vector<double> in_child(const std::function<std::vector<double>()>& code, int* signal) {
  std::vector<double> out;
  const auto child = [&](std::FILE* to) {
    const std::vector<double> values = code();
    std::fwrite(values.data(), sizeof(double), values.size(), to);
  };
  const int died = fork_to_pipe(child, [&](std::FILE* from) {
    for (double value; std::fread(&value, sizeof value, 1, from) == 1;) out.push_back(value);
  });
  if (signal != nullptr) *signal = died;
  return out;
}

} // namespace physics
} // namespace lair
