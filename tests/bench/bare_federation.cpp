// What SimGrid alone costs: the same platform, arrivals, transfers, executions, attacks and crashes as
// a Lair run under policy `none`, one actor per task, the loads of hosts and links read every sample;
// and nothing else: no broker, energy, memory, contention of the card, liveness, records or checks.
// The floor that Lair's runs are compared with (docs/performance.md).
//   bare_federation SCENARIO [key=value]...
#include "scenario/reader.hpp"
#include "world/sim/platform.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <exception>
#include <malloc.h>
#include <memory>
#include <unistd.h>

namespace {

using namespace lair;
namespace sgc = lair::world::sim::sgc;
namespace s4u = sgc::s4u;

struct Bare {
  Scenario scenario;
  world::sim::Platform platform;
  std::vector<Arrival> arrivals;
  std::vector<Fault> faults;
  std::vector<unsigned> running;          // tasks per host
  std::vector<std::deque<std::size_t>> lost; // per LEI, to be placed again
  std::size_t next = 0;
  unsigned long finished = 0;
  double load = 0, traffic = 0, horizon = 0;

  void task(std::size_t i, HostId at) {
    const Arrival& a = arrivals[i];
    const Application& app = scenario.workload.applications[a.application.index()];
    s4u::Host* gateway = platform.leis[a.lei.index()].gateway;
    s4u::Host* host = platform.hosts[at.index()].host;
    auto ended = std::make_shared<bool>(false);
    s4u::this_actor::on_exit([this, i, at, ended](bool) {
      --running[at.index()];
      if (!*ended) lost[arrivals[i].lei.index()].push_back(i);
    });
    try {
      auto input = s4u::Comm::sendto_init(gateway, host);
      input->set_payload_size(static_cast<std::uint64_t>(app.input.value))->wait();
      auto exec = sgc::make_exec();
      exec->set_flops_amount(app.flops().value)->set_host(host);
      exec->set_bound(app.threads * scenario.federation.host(at).spec.core_speed.value);
      exec->set_priority(app.threads);
      exec->start()->wait();
      auto result = s4u::Comm::sendto_init(host, gateway);
      result->set_payload_size(static_cast<std::uint64_t>(app.result.value))->wait();
      *ended = true;
      ++finished;
    } catch (const simgrid::Exception&) {
    }
  }

  void attack(const Fault& f) {
    const auto& spec = scenario.federation.host(f.host).spec;
    const auto& target = platform.hosts[f.host.index()];
    const FaultEffects& e = scenario.faults.effects;
    const double threads = f.kind == FaultKind::cpu_overload     ? e.cpu_threads
                           : f.kind == FaultKind::ram_contention ? e.ram_threads
                           : f.kind == FaultKind::ddos           ? e.ddos_threads
                                                                 : 0;
    std::vector<s4u::ActivityPtr> load;
    if (threads > 0) {
      auto exec = sgc::make_exec();
      exec->set_flops_amount(1e18)->set_host(target.host);
      exec->set_bound(std::min(threads * spec.core_speed.value, spec.speed().value));
      exec->set_priority(threads);
      load.push_back(exec->start());
    } else {
      auto io = s4u::Io::init();
      io->set_disk(target.disk)->set_size(1000000000000000000ul)->set_op_type(s4u::Io::OpType::READ);
      io->set_priority(2 * e.disk_streams);
      load.push_back(io->start());
    }
    s4u::ActorPtr sender;
    static int nothing = 0;
    std::vector<int*> received(static_cast<std::size_t>(e.ddos_flows));
    if (f.kind == FaultKind::ddos) {
      auto* mailbox = s4u::Mailbox::by_name("flood" + std::to_string(f.id.value));
      const std::size_t flows = received.size();
      sender = sgc::add_small_actor("flood", platform.outside, [mailbox, flows] {
        std::vector<s4u::CommPtr> sent;
        for (std::size_t i = 0; i < flows; ++i)
          sent.push_back(mailbox->put_async(&nothing, 1000000000000000000ul));
        s4u::this_actor::sleep_for(1e18);
      });
      for (auto*& r : received) load.push_back(mailbox->get_async<int>(&r));
    }
    s4u::this_actor::sleep_for(f.length.value);
    for (auto& a : load) a->cancel();
    s4u::this_actor::sleep_for(1e-3); // SimGrid lets go of what was cancelled
    if (sender != nullptr) sender->kill();
  }

  void place(std::size_t i) {
    const LeiId lei = arrivals[i].lei;
    HostId best;
    for (const HostId h : scenario.federation.lei(lei).hosts)
      if (platform.hosts[h.index()].host->is_on() &&
          (!best.valid() || running[h.index()] < running[best.index()]))
        best = h;
    if (!best.valid()) {
      lost[lei.index()].push_back(i);
      return;
    }
    ++running[best.index()];
    sgc::add_small_actor("task", platform.hosts[best.index()].host, [this, i, best] { task(i, best); });
  }

  void interval(unsigned k) {
    const double now = k * scenario.interval.value;
    for (auto& queue : lost) {
      std::deque<std::size_t> again;
      again.swap(queue);
      for (const std::size_t i : again) place(i);
    }
    while (next < arrivals.size() && arrivals[next].time.value <= now + 1e-9) place(next++);
    if (k + 1 < scenario.intervals)
      sgc::at(now + scenario.interval.value, [this, k] { interval(k + 1); });
  }

  void sample(unsigned k) {
    for (const auto& h : platform.hosts) {
      load += h.host->get_load() / h.host->get_speed();
      traffic += sgc::link_load(h.up) + sgc::link_load(h.down);
    }
    const double at = (k + 1) * scenario.sampling.value;
    if (at <= horizon) sgc::at(at, [this, k] { sample(k + 1); });
  }

  int run(int argc, char** argv) {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    scenario = read_scenario(argv[1], {argv + 2, argv + argc});
    horizon = scenario.horizon().value;
    std::string name = "bare", quiet = "--log=root.thres:critical";
    char* arguments[] = {name.data(), quiet.data(), nullptr};
    int count = 2;
    auto* engine = new s4u::Engine(&count, arguments);
    world::sim::configure(false);
    platform = world::sim::build_platform(*engine, scenario.federation);
    arrivals = draw_arrivals(scenario.workload, scenario.federation, scenario.interval,
                             scenario.intervals, scenario.seed);
    faults = draw_fault_plan(scenario.faults, scenario.federation, scenario.interval,
                             scenario.intervals, scenario.seed);
    running.assign(platform.hosts.size(), 0);
    lost.resize(platform.leis.size());
    for (const Fault& f : faults)
      if (f.kind == FaultKind::crash)
        sgc::at(f.start.value, [this, &f] {
          s4u::Host* h = platform.hosts[f.host.index()].host;
          if (!h->is_on()) return;
          h->turn_off();
          sgc::at(sgc::now() + f.length.value, [h] { h->turn_on(); });
        });
      else if (f.kind < FaultKind::crash)
        sgc::at(f.start.value, [this, &f] {
          s4u::Host* h = platform.hosts[f.host.index()].host;
          if (h->is_on()) sgc::add_small_actor("attack", h, [this, &f] { attack(f); });
        });
    sgc::add_actor("clock", platform.outside, [this] {
      sgc::atomically([this] { interval(0); });
      s4u::this_actor::sleep_until(horizon);
    });
    sgc::at(scenario.sampling.value, [this] { sample(1); });
    engine->run_until(horizon);
    const double reads = static_cast<double>(platform.hosts.size()) * horizon / scenario.sampling.value;
    std::printf("bare: %zu arrived, %lu finished, mean load %.4f, mean traffic %.0f B/s\n", next,
                finished, load / reads, traffic / reads);
    std::fflush(stdout);
    _exit(0);
  }
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bare_federation SCENARIO [key=value]...\n");
    return 2;
  }
  static Bare bare;
  try {
    return bare.run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
