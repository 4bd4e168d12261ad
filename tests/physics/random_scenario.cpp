#include "random_scenario.hpp"

#include "fixture.hpp"

#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace lair::physics {

namespace {

class Dice {
public:
  explicit Dice(std::uint64_t seed) : random_(seed, "swarm") {}
  bool chance(double p) { return random_.uniform() < p; }
  double between(double low, double high) { return random_.uniform(low, high); }
  std::uint32_t below(std::size_t n) { return random_.below(static_cast<std::uint32_t>(n)); }
  double of(std::initializer_list<double> choices) {
    return *(choices.begin() + below(choices.size()));
  }

private:
  RandomStream random_;
};

HostSpec random_host(Dice& dice) {
  HostSpec spec = make_scenario({1}).federation.hosts[0].spec;
  spec.cores = static_cast<unsigned>(dice.of({1, 2, 4, 4, 8}));
  spec.core_speed = FlopsPerSecond(dice.of({0.3e9, 1e9, 3.2e9}));
  spec.ram = Bytes(dice.of({0.3e9, 1e9, 4e9, 8e9}));
  spec.swap = Bytes(dice.of({0, 0.1e9, 2e9}));
  spec.ram_system = Bytes(dice.of({0, 0.2e9, 0.65e9}));
  spec.disk.read = BytesPerSecond(dice.of({2e6, 40e6, 500e6}));
  spec.disk.write = BytesPerSecond(dice.of({1e6, 20e6, 900e6}));
  spec.disk.random_read = BytesPerSecond(dice.of({0.5e6, 8e6}));
  spec.disk.random_write = BytesPerSecond(dice.of({0.5e6, 4e6}));
  spec.nic = BytesPerSecond(dice.of({0.2e6, 12.5e6, 125e6}));
  spec.lan_latency = Seconds(dice.of({0, 2e-4, 0.7}));
  for (double& watts : spec.power.watts) watts = dice.between(0, 6); // need not rise
  spec.power.off = dice.of({0, 0, 0.3});
  return spec;
}

void random_platform(Dice& dice, Scenario& s) {
  std::vector<unsigned> leis(1 + dice.below(8));
  const unsigned most = dice.chance(0.3) ? 1 : std::max<unsigned>(1, 40 / leis.size());
  for (unsigned& hosts : leis) hosts = 1 + dice.below(std::min(most, 1 + dice.below(most)));
  s.federation = make_scenario(leis).federation;
  const HostSpec common = random_host(dice);
  const bool mixed = dice.chance(0.5);
  for (auto& host : s.federation.hosts) host.spec = mixed ? random_host(dice) : common;
  for (auto& lei : s.federation.leis) {
    lei.wan_latency = Seconds(dice.of({0, 5e-3, 1.5}));
    lei.wan_bandwidth = BytesPerSecond(dice.of({0.1e6, 12.5e6, 125e6}));
    lei.weight = dice.of({0, 0, 1, 7});
    lei.broker = lei.hosts[dice.below(lei.hosts.size())];
  }
  s.federation.broker_runs_tasks = dice.chance(0.85);
}

void random_workload(Dice& dice, Scenario& s) {
  Workload& w = s.workload;
  const double interval = s.interval.value;
  double room = 0;
  for (const auto& host : s.federation.hosts)
    room = std::max(room, (host.spec.ram + host.spec.swap - host.spec.ram_system).value);
  for (std::size_t n = 1 + dice.below(3); w.applications.size() < n;) {
    Application a = make_application(dice.of({1, 2, 100, 3000}), 1, 1 + dice.below(8));
    a.name = fmt::format("app{}", w.applications.size());
    const double seconds = interval * dice.of({1e-6, 0.01, 0.3, 1, 4}); // on one core of 1 Gflop/s
    a.macs_per_image = seconds * 1e9 / 2 / a.images;
    a.efficiency = dice.of({1, 0.3});
    a.weight = dice.of({1, 5});
    a.bytes_per_image = Bytes(dice.of({0, 0, 160e3, 3e6}));
    a.weights = Bytes(dice.of({0, 40e6, 300e6}));
    a.activations = Bytes(dice.of({0, 20e6}));
    a.resident = Bytes(std::min(dice.of({1, 100e6, 360e6, 1.5e9}), std::max(1.0, room)));
    a.input = Bytes(dice.of({0, 1, 20e6, 200e6}));
    a.result = Bytes(dice.of({0, 1, 1e6}));
    a.deadline = Seconds(dice.of({1, interval, 10 * interval}));
    w.applications.push_back(a);
  }
  w.image_size = Bytes(dice.of({0, 1, 50e6, 500e6}));
  w.image_transfer = Bytes(dice.of({0, 1, 20e6, 200e6}));
  w.uniform_over_leis = dice.chance(0.2);
  w.arrivals = dice.chance(0.5) ? ArrivalProcess::bag : ArrivalProcess::continuous;
  const auto hosts = static_cast<double>(s.federation.hosts.size());
  w.rate = hosts * dice.of({0.1, 0.5, 1, 3});
  if (dice.chance(0.25)) // recorded arrivals, on the edges of samples and intervals
    for (std::size_t n = 1 + dice.below(60); w.trace.size() < n;) {
      const double grid = dice.chance(0.5) ? interval : s.sampling.value;
      w.trace.push_back({Seconds(grid * dice.below(static_cast<std::size_t>(20 * interval / grid))),
                         LeiId(dice.below(s.federation.leis.size())),
                         ApplicationId(dice.below(w.applications.size()))});
    }
}

/// A moment at which something else happens too, or just before or after it.
double bad_moment(Dice& dice, const Scenario& s, const std::vector<Arrival>& arrivals) {
  const double interval = s.interval.value, k = dice.below(20);
  const double nudge = dice.chance(0.6) ? 0 : dice.of({-1e-6, 1e-9, 1e-6, 0.5, 5});
  const double probe = s.liveness.probe_period.value;
  switch (dice.below(6)) {
  case 0: return std::max(0.0, k * interval + nudge);
  case 1: return k * interval + std::min(interval, dice.of({1e-3, 0.1, 1, 5, 10, 18, 21, 40}));
  case 2: return k * interval + s.sampling.value * dice.below(10);
  case 3: return probe * (1 + dice.below(20)) + dice.of({0, s.liveness.probe_deadline.value});
  case 4:
    if (!arrivals.empty())
      return std::max(0.0, arrivals[dice.below(arrivals.size())].time.value + nudge);
    return k * interval;
  default: return dice.between(0, 20 * interval);
  }
}

void random_faults(Dice& dice, Scenario& s) {
  FaultModel& f = s.faults;
  const double interval = s.interval.value;
  f.rate = dice.of({0, 0.5, 2, 6});
  for (double& share : f.shares) share = dice.of({0, 1, 1, 3});
  f.shares[0] += 0.1;
  f.strength = dice.of({0.01, 1, 1, 4, 20});
  if (dice.chance(0.3)) {
    f.min_length = Seconds(interval * dice.of({1e-6, 0.1}));
    f.max_length = Seconds(interval * dice.of({0.1, 3}));
  }
  f.min_reboot = Seconds(interval * dice.of({1e-3, 0.2}));
  f.max_reboot = Seconds(interval * dice.of({0.2, 1, 3}));
  f.onset = Seconds(dice.of({0, 0, 1, 100, 1e5}));
  f.onset_steps = 1 + dice.below(10);
  f.effects.cpu_threads = dice.of({1, 8, 100});
  f.effects.ram_share = dice.of({0.1, 0.9, 1, 2});
  f.effects.ram_threads = dice.of({0, 1, 9});
  f.effects.disk_streams = dice.of({1, 64, 1000});
  f.effects.ddos_flows = dice.of({1, 20, 50});
  f.effects.ddos_threads = dice.of({0, 4, 90});
  f.effects.ddos_backlog = dice.of({0, 512, 1e5});
  f.effects.link_loss_share = dice.of({0.1, 0.9, 1});
  const auto arrivals =
      draw_arrivals(s.workload, s.federation, s.interval, s.intervals, s.seed);
  // Bursts: several faults at one moment, on one host or LEI and on others.
  for (unsigned bursts = dice.below(8); bursts > 0; --bursts) {
    const double start = bad_moment(dice, s, arrivals);
    const auto victim = dice.below(s.federation.hosts.size());
    const double length = interval * dice.of({1e-6, 0.05, 0.5, 1, 2, 30});
    for (unsigned n = 1 + dice.below(5); n > 0; --n) {
      Fault fault;
      fault.kind = dice.chance(0.4) ? FaultKind::crash
                                    : static_cast<FaultKind>(dice.below(fault_kind_count));
      fault.start = Seconds(start + (dice.chance(0.7) ? 0 : dice.between(0, interval)));
      fault.length = Seconds(dice.chance(0.7) ? length : interval * dice.between(0.01, 2));
      fault.strength = dice.of({0.01, 1, 1, 5, 20});
      const HostId host(dice.chance(0.6) ? victim : dice.below(s.federation.hosts.size()));
      if (fault.kind == FaultKind::partition ||
          (fault.kind == FaultKind::link_loss && dice.chance(0.5)))
        fault.lei = s.federation.host(host).lei;
      else
        fault.host = host;
      f.script.push_back(fault);
    }
  }
  // A LEI that loses one broker after the other, the new one while it takes over.
  if (dice.chance(0.3)) {
    const auto& lei = s.federation.leis[dice.below(s.federation.leis.size())];
    double start = bad_moment(dice, s, arrivals);
    add_fault(s, FaultKind::crash, start, interval * dice.of({0.5, 2}), lei.broker.value);
    for (const HostId id : lei.hosts) {
      start += s.liveness.probe_period.value * s.liveness.probes * dice.of({0, 0.5, 1, 1});
      if (id != lei.broker)
        add_fault(s, FaultKind::crash, start, interval * dice.of({0.5, 2}), id.value);
    }
  }
}

void random_policy(Dice& dice, Scenario& s) {
  const std::initializer_list<const char*> schedulers = {
      "shipped-least-loaded", "shipped-random", "shipped-round-robin", "shipped-first-fit"};
  s.policy.scheduler = *(schedulers.begin() + dice.below(schedulers.size()));
  s.policy.options.clear();
  switch (dice.below(4)) {
  case 0:
    s.policy.name = "none";
    break;
  case 1:
    s.policy.name = "overload-migration";
    break;
  default:
    s.policy.name = "none";
    s.policy.remediator = "hostile";
    if (dice.chance(0.5)) s.policy.detector = "threshold";
    s.policy.options = {{"share", dice.chance(0.5) ? "0.5" : "1"}};
    if (dice.chance(0.4)) // now and then a decision that takes longer than the interval
      s.policy.options.push_back({"flops", fmt::format("{}", 1.2e9 * s.interval.value)});
  }
}

} // namespace

Scenario random_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario s = make_scenario({1});
  s.name = fmt::format("swarm-{}", seed);
  s.seed = seed;
  s.intervals = 20;
  s.interval = Seconds(dice.of({17, 60, 300, 300}));
  s.sampling = Seconds(s.interval.value / dice.of({1, 2, 10, 30}));
  s.window = 1 + dice.below(10);
  s.liveness.probe_period = Seconds(dice.of({1, 30, 30, s.interval.value}));
  s.liveness.probes = 1 + dice.below(5);
  s.liveness.probe_deadline = Seconds(dice.of({0.1, 10, 10, 45}));
  s.liveness.all_peers_up_to = dice.chance(0.8) ? 32 : 3;
  s.liveness.nearest_peers = 2;
  s.exchange.deadline = Seconds(std::min(s.interval.value / 2, dice.of({0.01, 5, 100})));
  s.migration.max_restarts = dice.below(4);
  s.record.samples = dice.chance(0.2);
  random_platform(dice, s);
  random_workload(dice, s);
  if (!dice.chance(0.1)) random_faults(dice, s);
  random_policy(dice, s);
  s.overhead.mode = dice.chance(0.6) ? OverheadMode::modelled : OverheadMode::none;
  s.overhead.memory = Bytes(dice.of({-1, -1, 0, 0.2e9, 7e9}));
  s.overhead.decision = Flops(dice.of({-1, -1, 0, 1e9, 2e9 * s.interval.value}));
  return s;
}

} // namespace lair::physics
