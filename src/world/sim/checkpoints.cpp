// Checkpoints: a task's input on the card of other hosts, and its progress committed there. The input
// travels as an image does, from the entry LEI's gateway. A commit is a few bytes: a closed form, at
// each multiple of the period, evaluated when the rate changes or somebody asks.
#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>
#include <cmath>

namespace lair::world::sim {

namespace {
constexpr double retry_seconds = 10; ///< pause before an input that did not arrive is sent again
constexpr double numbers_per_commit = 2; ///< task, images done
constexpr double shortest_period = 0.1;  ///< s; one that commits more often is a slip
} // namespace

Reason World::checkpoint(LeiState& lei, TaskId id, HostId where, double period) {
  if (const Reason reason = may_ask(lei, id); reason != Reason::none) return reason;
  if (!(period == 0 || period >= shortest_period) || !std::isfinite(period))
    return Reason::bad_value;
  Task& primary = *find(id);
  HostState& h = host(where);
  if (!h.on) return Reason::host_off;
  if (!reachable(h, lei.id)) return Reason::unreachable;
  Bundle& shared = bundle(primary);
  const auto same = std::find_if(shared.checkpoints.begin(), shared.checkpoints.end(),
                                 [&](const auto& c) { return c->host == where; });
  const bool fresh = same == shared.checkpoints.end();
  if (fresh && shared.checkpoints.size() >= LAIR_TASK_STORES) return Reason::too_many;
  if (fresh && !room_for_actor()) return Reason::none; // the run ends
  each_copy(primary, [&](Task& t, unsigned) { commit(t); }); // to those there are, as they were
  if (fresh) shared.checkpoints.push_back(std::make_unique<Checkpoint>());
  Checkpoint& c = fresh ? *shared.checkpoints.back() : **same;
  c.host = where;
  c.period = period;
  c.since = sgc::now();
  each_copy(primary, [&](Task& t, unsigned) {
    t.commits = true;
    t.progress_known = sgc::now();
    if (!t.host.valid()) return;
    if (host(t.host).reachable && reachable(h, host(t.host).lei))
      c.flops = std::max(c.flops, t.flops_total - flops_now(t));
  });
  if (!fresh) return Reason::none;
  c.actor = sgc::add_small_actor("store", leis_[primary.entry.index()]->sim.gateway,
                                 [this, id, pointer = &c] { store_main(id, pointer); });
  return Reason::none;
}

void World::store_main(TaskId id, Checkpoint* checkpoint) {
  const Task* const primary = find(id);
  // An actor that is killed before it first ran still runs up to its first SimGrid call; then the
  // checkpoint is gone.
  if (primary == nullptr || primary->bundle == nullptr ||
      std::none_of(primary->bundle->checkpoints.begin(), primary->bundle->checkpoints.end(),
                   [&](const auto& c) {
                     return c.get() == checkpoint && c->actor.get() == sgc::s4u::Actor::self();
                   }))
    return;
  Checkpoint& c = *checkpoint;
  HostState& h = host(c.host);
  const double bytes = application(*primary).input.value, began = sgc::now();
  sgc::s4u::Host* const gateway = leis_[primary->entry.index()]->sim.gateway;
  while (!(send(c.transfer, gateway, h.sim.host, bytes, nullptr, &h) &&
           use_card(c.transfer, h, bytes, true)))
    sgc::s4u::this_actor::sleep_for(retry_seconds);
  sgc::atomically([&] {
    c.stored = true;
    c.actor = nullptr;
    Event e = event(EventKind::checkpoint_stored);
    e.task = id;
    e.host = c.host;
    e.value = sgc::now() - began;
    e.bytes = bytes;
    emit(e);
  });
}

void World::drop_checkpoint(Checkpoint& c) {
  if (c.actor == nullptr) return;
  HostState& h = host(c.host);
  const bool card = c.transfer.active && !c.transfer.network;
  if (card) settle(h);
  drop_transfer(c.transfer);
  if (card && h.on) reshare(h);
  const auto actor = c.actor;
  c.actor = nullptr;
  actor->kill();
}

Checkpoint* World::newest_checkpoint(const Task& t) const {
  const Task* const primary = find(t.id);
  if (primary->bundle == nullptr) return nullptr;
  Checkpoint* newest = nullptr;
  for (const auto& c : primary->bundle->checkpoints) {
    const HostState& store = host(c->host);
    if (!c->stored || !store.on || !reachable(store, host(t.host).lei) || !host(t.host).reachable)
      continue;
    if (newest == nullptr || c->flops > newest->flops) newest = c.get();
  }
  return newest;
}

bool World::restore(Task& t) {
  Checkpoint& c = *newest_checkpoint(t);
  HostState& store = host(c.host);
  HostState& h = host(t.host);
  const double bytes = application(t).input.value;
  if (!use_card(t.transfer, store, bytes, false) ||
      !send(t.transfer, store.sim.host, h.sim.host, bytes, &store, &h))
    return false;
  sgc::atomically([&] {
    t.flops_left = t.flops_begun = t.flops_total - c.flops;
    if (c.flops <= 0) return;
    Event e = event(EventKind::task_restored);
    e.task = t.id;
    e.host = t.host;
    e.target = c.host;
    e.value = c.flops / application(t).flops_per_image().value;
    emit(e);
  });
  return true;
}

void World::commit(Task& t) {
  if (!t.commits || !t.host.valid()) return;
  const double now = sgc::now(), before = t.progress_known;
  t.progress_known = now;
  if (now <= before) return;
  const double done = t.flops_total - flops_now(t);
  const double rate = t.computing ? t.rate : 0;
  HostState& h = host(t.host);
  const double bytes =
      scenario_.exchange.header.value + numbers_per_commit * scenario_.exchange.bytes_per_number;
  for (const auto& c : find(t.id)->bundle->checkpoints) {
    if (c->period <= 0) continue;
    HostState& store = host(c->host);
    if (!store.on || !h.reachable || !reachable(store, h.lei)) continue;
    const double last = std::floor((now - c->since) / c->period);
    const double times = last - std::floor((std::max(before, c->since) - c->since) / c->period);
    if (times <= 0) continue;
    const double then = done - rate * (now - (c->since + last * c->period));
    c->flops = std::max(c->flops, std::min(then, done));
    if (&store == &h) continue;
    h.total[LAIR_NET_OUT] += times * bytes;
    store.total[LAIR_NET_IN] += times * bytes;
  }
}

void World::commit_all() {
  for (const TaskId id : bundled_)
    each_copy(*find(id), [&](Task& t, unsigned) { commit(t); });
}

} // namespace lair::world::sim
