#include "fixture.hpp"

#include "policy/builtin.hpp"
#include "world/sim/simulation.hpp"

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <sys/wait.h>
#include <unistd.h>

namespace lair {

namespace {

class ScriptedScheduler : public Scheduler {
public:
  explicit ScriptedScheduler(PolicyContext& c) : Scheduler(c) {
    for (int i = 0; i < 64; ++i)
      hosts_.push_back(static_cast<int>(c.number("t" + std::to_string(i), 0)));
  }
  void place(const Observation& o, Decision& out) override {
    for (const TaskView& t : o.tasks())
      if (t.state == LAIR_TASK_QUEUED && t.id < 64 && hosts_[t.id] >= 0)
        out.place(t.id, static_cast<std::uint32_t>(hosts_[t.id]));
  }

private:
  std::vector<int> hosts_;
};

class ScriptedRemediator : public Remediator {
public:
  explicit ScriptedRemediator(PolicyContext& c) : Remediator(c) {
    flops_ = c.number("flops", 0);
    for (int i = 0; i < 64; ++i) moves_.push_back(c.text("m" + std::to_string(i), ""));
  }
  void decide(const Observation& o, Actions, const DetectionView*, Decision& out) override {
    context().charge_flops(flops_);
    for (const TaskView& t : o.tasks()) {
      unsigned interval = 0, host = 0;
      if (t.id < 64 && std::sscanf(moves_[t.id].c_str(), "%u:%u", &interval, &host) == 2 &&
          interval == o.interval())
        out.migrate(t.id, host);
    }
  }

private:
  double flops_ = 0;
  std::vector<std::string> moves_;
};

} // namespace

// The tests' own tables of built-ins take the place of the shipped ones at link time.
std::span<const BuiltinRole<Scheduler>> builtin_schedulers() {
  static constexpr BuiltinRole<Scheduler> list[] = {
      {"scripted", "", "", 0, make_role<Scheduler, ScriptedScheduler>},
      {"least-loaded", "", "", 0, make_role<Scheduler, ScriptedScheduler>}};
  return list;
}
std::span<const BuiltinRole<Remediator>> builtin_remediators() {
  static constexpr BuiltinRole<Remediator> list[] = {
      {"scripted", "", "", 0, make_role<Remediator, ScriptedRemediator>}};
  return list;
}

namespace physics {

namespace {

enum class Tag : char { event, host, totals, sample, failure };

class PipeSink : public EventSink {
public:
  explicit PipeSink(std::FILE* out) : out_(out) {}
  void on(const Event& e) override { put(Tag::event, &e, sizeof e); }
  void on(const HostInterval& h) override { put(Tag::host, &h, sizeof h); }
  void on(const IntervalTotals& t) override { put(Tag::totals, &t, sizeof t); }
  void on(const HostSample& s) override { put(Tag::sample, &s, sizeof s); }
  void put(Tag tag, const void* data, std::size_t size) {
    std::fputc(static_cast<char>(tag), out_);
    std::fwrite(data, size, 1, out_);
  }

private:
  std::FILE* out_;
};

template <class T> T read_one(std::FILE* in) {
  T value;
  if (std::fread(&value, sizeof value, 1, in) != 1) std::abort();
  return value;
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

Recording simulate_forked(const Scenario& scenario) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::FILE* out = fdopen(ends[1], "w");
    PipeSink sink(out);
    std::string failure;
    try {
      PolicyFactory policy({scenario.policy.name, scenario.policy.scheduler,
                            scenario.policy.detector, scenario.policy.remediator,
                            scenario.policy.options});
      world::sim::simulate(scenario, policy, sink);
    } catch (const std::exception& e) {
      failure = e.what();
    }
    const std::size_t size = failure.size();
    sink.put(Tag::failure, &size, sizeof size);
    std::fwrite(failure.data(), 1, size, out);
    std::fflush(out);
    _exit(0);
  }
  close(ends[1]);
  std::FILE* in = fdopen(ends[0], "r");
  Recording r;
  for (int tag; (tag = std::fgetc(in)) != EOF;) {
    switch (static_cast<Tag>(tag)) {
    case Tag::event:
      r.events.push_back(read_one<Event>(in));
      break;
    case Tag::host:
      r.hosts.push_back(read_one<HostInterval>(in));
      break;
    case Tag::totals:
      r.totals.push_back(read_one<IntervalTotals>(in));
      break;
    case Tag::sample:
      r.samples.push_back(read_one<HostSample>(in));
      break;
    case Tag::failure: {
      r.failure.resize(read_one<std::size_t>(in));
      if (std::fread(r.failure.data(), 1, r.failure.size(), in) != r.failure.size()) std::abort();
    }
    }
  }
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) r.signal = WTERMSIG(status);
  return r;
}

std::vector<double> in_child(const std::function<std::vector<double>()>& code, int* signal) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const std::vector<double> out = code();
    if (write(ends[1], out.data(), out.size() * sizeof(double)) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  std::vector<double> out;
  double value;
  while (read(ends[0], &value, sizeof value) == sizeof value) out.push_back(value);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (signal != nullptr) *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return out;
}

} // namespace physics
} // namespace lair
