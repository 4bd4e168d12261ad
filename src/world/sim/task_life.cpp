#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>

namespace lair::world::sim {

using sgc::s4u::Comm;
namespace this_actor = sgc::s4u::this_actor;

namespace {
constexpr double retry_seconds = 10; ///< pause before a transfer over a cut link is tried again
}

void World::arrive(const Arrival& arrival) {
  const Application& app = scenario_.workload.applications[arrival.application.index()];
  auto task = std::make_unique<Task>();
  task->id = arrival.id;
  task->application = arrival.application;
  task->entry = arrival.lei;
  task->arrival = arrival.time.value;
  task->images = arrival.images;
  task->flops_total = task->flops_left = arrival.images * app.flops_per_image().value;
  Event e = event(EventKind::task_arrived);
  e.task = arrival.id;
  e.application = arrival.application;
  e.lei = arrival.lei;
  e.value = arrival.images;
  tasks_[arrival.id.index()] = std::move(task);
  leis_[arrival.lei.index()]->queue.push_back(arrival.id);
  ++arrived_;
  emit(e);
}

bool World::reachable(const HostState& h, LeiId from) const {
  if (!h.reachable) return false;
  return h.lei == from || (leis_[h.lei.index()]->wan_up && leis_[from.index()]->wan_up);
}

Reason World::admits(const HostState& h, LeiId from, const Application& app) const {
  if (!h.on) return Reason::host_off;
  if (!reachable(h, from)) return Reason::unreachable;
  if (!scenario_.federation.broker_runs_tasks && broker_of(h) == h.id)
    return Reason::no_tasks_allowed;
  if (h.ram_need() + app.resident.value > h.spec->ram.value + h.spec->swap.value)
    return Reason::not_enough_memory;
  return Reason::none;
}

Reason World::place(LeiState& lei, TaskId id, HostId target) {
  const auto queued = std::find(lei.queue.begin(), lei.queue.end(), id);
  if (queued == lei.queue.end()) return Reason::not_queued;
  HostState& h = host(target);
  Task& t = *find(id);
  if (const Reason reason = admits(h, lei.id, application(t)); reason != Reason::none) return reason;
  if (!room_for_actor()) return Reason::none; // the run ends
  lei.queue.erase(queued);
  t.state = TaskState::starting;
  t.host = target;
  t.target = HostId{};
  t.started = t.migration_due = false;
  t.flops_left = t.flops_total;
  Event e = event(EventKind::task_placed);
  e.task = id;
  e.host = target;
  e.lei = lei.id;
  emit(e);
  start_actor(t);
  add_resident(h, t); // nothing of the task is used after this: memory may run out
  return Reason::none;
}

/// On the gateway, which never fails: power_off() stops the actors of the tasks it takes, and one
/// that had to follow its task would take its ended executions with it, on which SimGrid crashes.
void World::start_actor(Task& t) {
  t.flops_begun = t.flops_left;
  t.actor = sgc::add_small_actor(
      "task", leis_[t.entry.index()]->sim.gateway,
      [this, id = t.id, serial = t.serial] { task_main(id, serial); });
}

HostState* World::image_source(const HostState& h) {
  const auto usable = [&](const HostState& other) {
    return &other != &h && other.on && other.image_cached && reachable(other, h.lei) && h.reachable;
  };
  if (const HostId broker = broker_of(h); broker.valid() && usable(host(broker)))
    return &host(broker);
  HostState* nearest = nullptr;
  double best = 0;
  for (const auto& candidate : hosts_) {
    if (!usable(*candidate)) continue;
    const double latency =
        candidate->lei == h.lei ? 0 : scenario_.federation.lei(candidate->lei).wan_latency.value;
    if (nearest == nullptr || latency < best) {
      nearest = candidate.get();
      best = latency;
    }
  }
  return nearest;
}

bool World::ensure_image(HostState& h) {
  while (!h.image_cached) {
    if (h.fetching) {
      ++h.image_waiters;
      h.image_ready->acquire();
      continue;
    }
    HostState* source = image_source(h);
    if (source == nullptr) {
      this_actor::sleep_for(retry_seconds);
      continue;
    }
    h.fetching = true;
    h.fetcher = sgc::s4u::Actor::self();
    const double began = sgc::now();
    const double wire = scenario_.workload.image_transfer.value;
    const bool fetched = send(h.fetch, source->sim.host, h.sim.host, wire, source, &h) &&
                         use_card(h.fetch, h, scenario_.workload.image_size.value, true);
    sgc::atomically([&] {
      h.fetching = false;
      h.fetcher = nullptr;
      h.image_cached = fetched;
      for (; h.image_waiters > 0; --h.image_waiters) h.image_ready->release();
      if (!fetched) return;
      Event e = event(EventKind::image_fetched);
      e.host = h.id;
      e.target = source->id;
      e.value = sgc::now() - began;
      e.bytes = wire;
      emit(e);
    });
    if (!fetched) this_actor::sleep_for(retry_seconds);
  }
  return true;
}

bool World::send(Transfer& transfer, sgc::s4u::Host* from, sgc::s4u::Host* to, double bytes,
                 HostState* source, HostState* target) {
  if (from == to || bytes <= 0) return true;
  // Trap 4: SimGrid aborts on an off host. Only timers turn hosts off, and none runs before start().
  if (!from->is_on() || !to->is_on()) return false;
  // Started by this actor: one that the kernel starts is never taken off the kernel's own list.
  const auto comm = Comm::sendto_init(from, to);
  comm->set_payload_size(static_cast<std::uint64_t>(bytes));
  comm->start();
  transfer.activity = comm;
  transfer.network = true;
  transfer.writer = source;
  transfer.reader = target;
  transfer.size = bytes;
  transfer.scale = 1;
  register_transfer(transfer);
  bool done = false;
  try {
    comm->wait();
    done = true;
  } catch (const simgrid::Exception&) {
    // The link or the other end failed: a value, see below.
  }
  if (done) transfer.activity = nullptr; // all of it was sent
  else transfer.cut |= transfer.active && comm->get_remaining() <= 0; // begun on a link that is off
  sgc::atomically([&] {
    if (transfer.active) credit(transfer);
    finish_transfer(transfer);
  });
  return done;
}

bool World::use_card(Transfer& transfer, HostState& h, double bytes, bool write) {
  if (bytes <= 0) return true;
  const double cost = write ? h.spec->disk.read.value / h.spec->disk.write.value : 1;
  bool begun = false, done = false;
  auto io = sgc::s4u::Io::init(); // of this actor: short-lived, so that trap 2's list stays short
  sgc::atomically([&] {
    if (!h.on) return;
    io->set_disk(h.sim.disk)
        ->set_size(static_cast<sg_size_t>(bytes * cost))
        ->set_op_type(sgc::s4u::Io::OpType::READ);
    io->start();
    settle(h);
    ++h.card_transfers;
    transfer.activity = io;
    transfer.network = false;
    transfer.reader = write ? nullptr : &h;
    transfer.writer = write ? &h : nullptr;
    transfer.size = bytes * cost;
    transfer.scale = 1 / cost;
    register_transfer(transfer);
    if (card_contended(conditions(h))) reshare(h);
    begun = true;
  });
  if (!begun) return false;
  try {
    io->wait();
    done = true;
  } catch (const simgrid::Exception&) {
    // Cancelled because its host went off.
  }
  sgc::atomically([&] {
    if (done) transfer.activity = nullptr;
    if (!transfer.active) { // its host went off and came back meanwhile
      done = false;
      return;
    }
    credit(transfer);
    finish_transfer(transfer);
    if (!h.on) {
      done = false;
      return;
    }
    settle(h);
    --h.card_transfers;
    if (card_contended(conditions(h))) reshare(h);
  });
  return done;
}

void World::compute(Task& t) {
  sgc::atomically([&] {
    HostState& h = host(t.host);
    settle(h);
    t.state = TaskState::running;
    t.computing = true;
    t.issued_bound = 0;
    t.rate = 0;
    t.progress_known = sgc::now();
    h.computing.push_back(&t);
    reshare(h);
    update_liveness(h);
    t.started = true;
    Event e = event(find(t.id) == &t ? EventKind::task_started : EventKind::copy_started);
    e.task = t.id;
    e.host = t.host;
    emit(e);
  });
  sgc::s4u::ExecPtr exec;
  for (;;) {
    if (t.migration_due) {
      migrate(t);
      continue;
    }
    // One that was not started is kept for the next turn: it would stay with the actor for ever (trap 21).
    if (exec == nullptr) exec = sgc::make_exec();
    sgc::atomically([&] {
      if (t.migration_due) return; // asked for between two SimGrid calls
      exec->set_flops_amount(t.flops_left)->set_host(host(t.host).sim.host);
      exec->set_bound(t.bound);
      exec->set_priority(application(t).threads);
      exec->start();
      t.issued_bound = t.bound;
      t.exec = exec;
    });
    if (t.migration_due) continue;
    bool done = false;
    try {
      exec->wait();
      done = true;
    } catch (const simgrid::Exception&) {
      // Re-issued with another bound, or frozen for a migration; t.flops_left is set.
    }
    exec = nullptr;
    if (done) break;
  }
  sgc::atomically([&] {
    HostState& h = host(t.host);
    settle(h);
    t.exec = nullptr;
    t.computing = false;
    t.flops_left = 0;
    t.state = TaskState::returning;
    h.computing.erase(std::find(h.computing.begin(), h.computing.end(), &t));
    t.migration_due = false;
    if (t.target.valid()) abort_migration(t, Reason::too_late);
    reshare(h);
    update_liveness(h);
    t.digest = h.corruption > 0 ? 1 + std::uint64_t(h.id.value) : 0;
    // Whether the result of one that others may outvote is the task's shows when it has arrived.
    if (h.corruption > 0 && find(t.id)->bundle == nullptr) {
      Event e = event(EventKind::task_corrupted);
      e.task = t.id;
      e.host = h.id;
      emit(e);
    }
  });
}

void World::task_main(TaskId id, unsigned serial) {
  // An actor that is killed before it first ran still runs up to its first SimGrid call.
  Task* const copy = find_copy(id, serial);
  if (copy == nullptr || copy->actor.get() != sgc::s4u::Actor::self()) return;
  Task& t = *copy;
  t.waiting_for_image = true;
  ensure_image(host(t.host));
  t.waiting_for_image = false;
  fetch_input(t);
  compute(t); // it may migrate
  while (!deliver(t, false, application(t).result.value)) this_actor::sleep_for(retry_seconds);
  sgc::atomically([&] {
    // Nothing of the task is used after either.
    if (result_suffices(t)) finish_task(t);
  });
}

void World::fetch_input(Task& t) {
  const double bytes = application(t).input.value;
  for (;;) {
    if (newest_checkpoint(t) != nullptr ? restore(t) : deliver(t, true, bytes)) return;
    this_actor::sleep_for(retry_seconds);
  }
}

/// By this copy.
void World::finish_task(Task& t) {
  const TaskId id = t.id;
  Event e = event(EventKind::task_finished);
  e.task = id;
  e.host = t.host;
  e.application = t.application;
  e.lei = t.entry;
  e.value = sgc::now() - t.arrival;
  e.extra = application(t).deadline.value;
  emit(e);
  remove_resident(host(t.host), t);
  ++ended_;
  drop_bundle(*find(id));
  tasks_[id.index()].reset();
}

void World::stop_fetch(HostState& h) {
  drop_transfer(h.fetch);
  h.fetching = false;
  h.fetcher = nullptr;
  for (; h.image_waiters > 0; --h.image_waiters) h.image_ready->release();
}

double World::flops_now(const Task& t) const {
  return t.exec != nullptr ? sgc::flops_left(*t.exec) : t.flops_left;
}

World::Work World::stop_task(Task& t) {
  HostState& h = host(t.host);
  settle(h);
  Work work;
  work.lost = t.started ? (t.flops_begun - flops_now(t)) / h.spec->core_speed.value : 0;
  if (t.commits) {
    commit(t);
    double saved = 0; // whether a start will find it or not
    for (const auto& c : find(t.id)->bundle->checkpoints) saved = std::max(saved, c->flops);
    saved -= t.flops_total - t.flops_begun; // of this attempt
    work.kept = std::clamp(saved / h.spec->core_speed.value, 0.0, work.lost);
    work.lost -= work.kept;
  }
  if (t.target.valid()) abort_migration(t, Reason::source_lost);
  if (t.computing) {
    h.computing.erase(std::find(h.computing.begin(), h.computing.end(), &t));
    t.computing = false;
  }
  if (t.exec != nullptr) {
    retire(std::move(t.exec));
    t.exec = nullptr;
  }
  if (t.transfer.active && !t.transfer.network) { // reads its input from a checkpoint's card
    HostState& card = t.transfer.reader != nullptr ? *t.transfer.reader : *t.transfer.writer;
    settle(card);
    drop_transfer(t.transfer);
    reshare(card);
  }
  drop_transfer(t.transfer);
  end_delivery(t);
  if (h.fetching && h.fetcher == t.actor.get()) stop_fetch(h);
  const auto actor = t.actor;
  t.actor = nullptr;
  h.residents.erase(std::find(h.residents.begin(), h.residents.end(), &t));
  h.ram_tasks -= application(t).resident.value;
  if (actor != nullptr) actor->kill();
  return work;
}

void World::lose_task(Task& t, Reason reason) {
  const Work work = stop_task(t);
  if (copies(*find(t.id)) > 1) drop_copy(t, reason, work);
  else requeue(t, reason, work);
}

void World::requeue(Task& t, Reason reason, const Work& work) {
  const HostId from = t.host;
  t.host = t.target = HostId{};
  t.flops_left = t.flops_total;
  t.state = TaskState::queued;
  t.started = t.migration_due = false;
  ++t.restarts;
  const bool gives_up = t.restarts > scenario_.migration.max_restarts;
  Event e = event(gives_up ? EventKind::task_failed : EventKind::task_requeued);
  e.task = t.id;
  e.host = from;
  e.lei = t.entry;
  e.application = t.application;
  e.reason = gives_up ? Reason::restarts_exhausted : reason;
  e.value = work.lost;
  e.extra = work.kept;
  emit(e);
  LeiState& lei = *leis_[t.entry.index()];
  if (lei.runtime != nullptr)
    lei.runtime->events.push_back({sgc::now(), LAIR_EVENT_TASK_LOST, from.value, t.id.value});
  if (gives_up) {
    ++failed_;
    drop_bundle(t);
    tasks_[t.id.index()].reset();
    return;
  }
  lei.queue.push_back(t.id);
}

} // namespace lair::world::sim
