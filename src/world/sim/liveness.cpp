// Daemons and their watchers. A probe's answer time is a closed form of the host's contention, so a
// host stops answering because of what runs on it, never by dice (docs/model.md, "Liveness").
#include "core/error.hpp"
#include "core/random.hpp"
#include "world/sim/world.hpp"

#include <algorithm>

namespace lair::world::sim {

double World::probe_seconds(const HostState& h) const {
  const LivenessModel& model = scenario_.liveness;
  const HostConditions c = conditions(h);
  double runnable = h.attack_threads + h.policy_threads, waiting = 0;
  for (const Task* t : h.computing) {
    const double threads = application(*t).threads;
    runnable += threads * (1 - t->wait_share);
    waiting += t->wait_share;
  }
  // One more thread of weight 1 among the runnable ones.
  const double slowdown = std::max(1.0, (runnable + 1) / c.cores);
  const double cpu = model.probe_cpu.value +
                     h.ddos_requests * scenario_.faults.effects.ddos_request.value;
  double seconds = cpu * slowdown;
  if (const double swapped = swapped_share(c.ram_need, c.ram); swapped > 0)
    seconds += swapped * model.probe_memory.value / c.disk_random_read *
               (1 + c.attack_streams + waiting);
  return seconds;
}

void World::update_liveness(HostState& h) {
  const bool answers =
      h.on && h.reachable && probe_seconds(h) <= scenario_.liveness.probe_deadline.value;
  if (answers == h.responsive) return;
  h.responsive = answers;
  const auto place = std::lower_bound(silent_.begin(), silent_.end(), &h,
                                      [](auto* a, auto* b) { return a->id < b->id; });
  if (!answers) {
    h.unresponsive_since = sgc::now();
    if (place == silent_.end() || *place != &h) silent_.insert(place, &h);
  }
  // A host that answers again is taken off the list by the next round of probes.
}

void World::announce(const HostState& h, EventKind kind, lair_event_kind told) {
  Event e = event(kind);
  e.host = h.id;
  e.lei = h.lei;
  emit(e);
  LeiState& lei = *leis_[h.lei.index()];
  if (lei.runtime != nullptr)
    lei.runtime->events.push_back({sgc::now(), told, h.id.value, TaskId::none_value});
}

/// Bytes of one round, in closed form: request and reply are half each. A host that is overloaded
/// still replies, though too late to count as alive.
void World::charge_probes() {
  const double bytes = scenario_.liveness.probe_bytes.value / 2;
  if (bytes <= 0) return;
  const auto probe = [&](HostState& watcher, HostState& watched) {
    if (!watcher.on || !watcher.reachable) return;
    watcher.total[LAIR_NET_OUT] += bytes;
    if (!watched.on || !reachable(watched, watcher.lei)) return;
    watched.total[LAIR_NET_IN] += bytes;
    watched.total[LAIR_NET_OUT] += bytes;
    watcher.total[LAIR_NET_IN] += bytes;
  };
  for (const Topology::Lei& lei : topology_.leis()) {
    if (!lei.broker.valid()) continue;
    HostState& broker = host(lei.broker);
    for (const HostId id : lei.members) {
      if (id == lei.broker) continue;
      probe(broker, host(id));
      probe(host(id), broker);
    }
    for (const LeiId peer : lei.peers)
      if (const HostId other = topology_.broker(peer); other.valid()) probe(broker, host(other));
  }
}

void World::probe_round() {
  charge_probes();
  const LivenessModel& model = scenario_.liveness;
  const double sent = sgc::now() - model.probe_deadline.value;
  const std::vector<HostState*> silent = silent_; // power_off() changes the list
  for (HostState* h : silent) {
    const bool missed = !h->responsive && h->unresponsive_since <= sent;
    if (missed) {
      if (h->missed++ == 0) announce(*h, EventKind::host_unresponsive, LAIR_EVENT_HOST_LOST);
      if (h->missed >= model.probes && !h->failed) host_failed(*h);
    } else if (h->responsive) {
      if (h->missed > 0) announce(*h, EventKind::host_responsive, LAIR_EVENT_HOST_BACK);
      h->missed = 0;
      h->failed = false;
      std::erase(silent_, h);
    }
  }
}

/// Hosts are watched by their neighbours: a broker by its peers, and by its own workers; a worker by
/// its broker. All reachable watchers must agree that one is silent; what they can see is the same
/// for all of them here, so one that exists is enough. A host never declares itself failed.
bool World::watched(const HostState& h) const {
  const LeiState& lei = *leis_[h.lei.index()];
  for (const HostId id : topology_.neighbours(h.id)) {
    const HostState& other = host(id);
    const LeiState& its = *leis_[other.lei.index()];
    if (broker_of(other) != id) { // a worker
      if (other.on && other.reachable && other.responsive) return true;
    } else if (its.runtime != nullptr && (&its == &lei || (its.wan_up && lei.wan_up))) {
      return true;
    }
  }
  return false;
}

void World::host_failed(HostState& h) {
  if (!watched(h)) return; // asked again at the next round
  LeiState& lei = *leis_[h.lei.index()];
  const bool was_broker = broker_of(h) == h.id;
  h.failed = true;
  Event e = event(EventKind::host_failed);
  e.host = h.id;
  e.lei = h.lei;
  e.value = sgc::now() - h.unresponsive_since;
  emit(e);
  if (h.on) {
    power_off(h, Reason::reboot);
    // A stream of its own for each host, so that one policy's reboots do not move another's.
    RandomStream random(scenario_.seed, "reboot." + std::to_string(h.id.value) + "." +
                                            std::to_string(h.reboots++));
    const double back = random.uniform(scenario_.faults.min_reboot.value,
                                       scenario_.faults.max_reboot.value);
    HostState* pointer = &h;
    sgc::at(sgc::now() + back, [this, pointer] {
      if (!stopping_ && !pointer->on) power_on(*pointer);
    });
  }
  if (was_broker) {
    topology_.set_broker(lei.id, HostId{});
    promote(lei);
  }
}

void World::promote(LeiState& lei) {
  HostState* best = nullptr;
  for (const HostId id : topology_.members(lei.id)) {
    HostState& h = host(id);
    if (!h.on || !h.responsive) continue;
    const auto load = [](const HostState& x) {
      return x.window_filled ? x.window[x.window.size() - LAIR_METRICS + LAIR_CPU] : 0.0;
    };
    if (best == nullptr || load(h) < load(*best)) best = &h;
  }
  if (best == nullptr) return; // until one of its hosts is back
  Event e = event(EventKind::broker_promoted);
  e.host = best->id;
  e.lei = lei.id;
  emit(e);
  install_broker(lei, *best);
}

void World::power_off(HostState& h, Reason reason) {
  LAIR_ASSERT(h.on, "a host that is off was turned off");
  commit_all();
  settle(h);
  Event down = event(EventKind::host_down);
  down.host = h.id;
  down.lei = h.lei;
  down.reason = reason;
  emit(down);
  h.going_down = true;
  // Tasks on their way here lose their reservation; tasks that are here lose their work.
  // Each step can take more than one off the list (memory that is freed, a kill for memory).
  while (!h.residents.empty()) {
    Task& t = *h.residents.front();
    if (t.host == h.id) lose_task(t, reason);
    else abort_migration(t, Reason::target_lost);
  }
  LAIR_ASSERT(h.residents.empty() && h.computing.empty(), "a task stayed on a host that is off");
  for (const std::vector<ActiveFault*> faults = h.faults; ActiveFault* f : faults) {
    if (f->actor == nullptr) continue; // crash, corruption and link faults do not need the host
    const auto actor = f->actor;
    f->actor = nullptr;
    end_fault(*f, reason);
    actor->kill();
  }
  // Trap 6: input and output of a card survive its host; stop what is left (image fetches of others).
  for (const std::vector<Transfer*> transfers = transfers_; Transfer* t : transfers)
    if (t->active && !t->network && (t->reader == &h || t->writer == &h)) drop_transfer(*t);
  if (h.fetching) stop_fetch(h);
  h.card_transfers = 0;
  h.policy_threads = 0;
  LeiState& lei = *leis_[h.lei.index()];
  if (lei.runtime != nullptr && lei.runtime->host == h.id) remove_broker(lei);
  h.ram_policy = 0;
  h.on = false;
  reshare(h);
  update_liveness(h);
  cutting([&] { h.sim.host->turn_off(); });
  h.going_down = false;
}

void World::power_on(HostState& h) {
  commit_all();
  settle(h);
  h.on = true;
  h.sim.host->turn_on();
  reshare(h);
  update_liveness(h);
  Event up = event(EventKind::host_up);
  up.host = h.id;
  up.lei = h.lei;
  emit(up);
  LeiState& lei = *leis_[h.lei.index()];
  // Back as a worker where its LEI has another broker (the nearest live one), else as its broker.
  const HostId broker = broker_of(h);
  if (!broker.valid() || broker == h.id) install_broker(lei, h);
  Event e = event(EventKind::host_rejoined);
  e.host = h.id;
  e.lei = lei.id;
  emit(e);
}

void World::install_broker(LeiState& lei, HostState& h) {
  topology_.set_broker(lei.id, h.id);
  if (lei.runtime != nullptr) remove_broker(lei);
  auto runtime = std::make_unique<BrokerRuntime>();
  BrokerRuntime* broker = runtime.get();
  broker->lei = lei.id;
  broker->host = h.id;
  broker->inbox.resize(topology_.peers(lei.id).size());
  broker->wake = sgc::s4u::Semaphore::create(0);
  const auto log = [this, lei = lei.id](int level, const std::string& message) {
    if (level < 1 && !stopping_) sink_.on(PolicyNote{sgc::now(), lei, message});
    if (options_.log) options_.log(level, message);
  };
  try {
    broker->broker = std::make_unique<Broker>(
        lei.id, policy_, static_cast<std::uint32_t>(hosts_.size()), scenario_.seed, log,
        &forecaster_);
    if (options_.watch_broker) broker->broker->watch_sensing(options_.watch_broker());
  } catch (...) {
    fail(std::current_exception());
    return;
  }
  lei.runtime = std::move(runtime);
  h.ram_policy = policy_memory();
  broker->charged_memory = 0;
  conditions_changed(h);
  broker->actor = sgc::add_actor("broker", h.sim.host, [this, broker] { broker_main(broker); });
  broker->actor->daemonize();
}

void World::remove_broker(LeiState& lei) {
  if (lei.runtime == nullptr) return;
  HostState& h = host(lei.runtime->host);
  h.ram_policy = 0;
  h.policy_threads = 0;
  const auto actor = lei.runtime->actor;
  lei.runtime->actor = nullptr;
  if (lei.runtime->broker != nullptr) retired_cost_ += lei.runtime->broker->cost();
  retired_.brokers.push_back(std::move(lei.runtime));
  if (actor != nullptr) actor->kill();
}

} // namespace lair::world::sim
