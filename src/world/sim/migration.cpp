// Checkpoint, transfer, restore: the task stands still while its resident set is written to the
// source's card, sent, written to the target's card and read back. The target reserves memory from the
// start; the source keeps its copy until the target has resumed (docs/model.md, "Migration").
#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>

namespace lair::world::sim {

Reason World::start_migration(LeiState& lei, TaskId id, HostId target_id) {
  if (id.index() >= tasks_.size() || find(id) == nullptr) return Reason::unknown_task;
  Task* moving = find(id);
  if (moving->bundle != nullptr) { // of its copies the first that this broker may send away
    bool under_way = false;
    Task* first = nullptr;
    const auto consider = [&](Task& copy) {
      under_way |= copy.target.valid();
      if (first == nullptr && copy.state == TaskState::running && host(copy.host).lei == lei.id)
        first = &copy;
    };
    consider(*moving);
    for (const auto& other : moving->bundle->others) consider(*other);
    if (under_way) return Reason::already_moving; // one copy of a task at a time
    if (first == nullptr) return Reason::not_running;
    if (first->host != target_id && copy_on(*moving, target_id) != nullptr)
      return Reason::same_host;
    moving = first;
  }
  Task& t = *moving;
  if (t.target.valid()) return Reason::already_moving;
  if (t.state != TaskState::running) return Reason::not_running;
  HostState& source = host(t.host);
  HostState& target = host(target_id);
  if (source.lei != lei.id) return Reason::not_own_task;
  if (target_id == t.host) return Reason::same_host;
  if (!target.on) return Reason::host_off;
  if (!source.reachable || !reachable(target, source.lei)) return Reason::unreachable;
  if (!scenario_.federation.broker_runs_tasks && broker_of(target) == target_id)
    return Reason::no_tasks_allowed;
  const double resident = application(t).resident.value;
  if (target.ram_need() + resident > target.spec->ram.value + target.spec->swap.value)
    return Reason::not_enough_memory;
  if (!target.image_cached && !room_for_actor()) return Reason::none; // the run ends
  t.target = target_id;
  Event e = event(EventKind::migration_started);
  e.task = id;
  e.host = t.host;
  e.target = target_id;
  e.bytes = resident;
  emit(e);
  t.migration_start = sgc::now();
  add_resident(target, t);
  if (target.image_cached) {
    freeze(t);
  } else {
    // The task keeps running until its image is there.
    t.prefetch = sgc::add_small_actor("prefetch", target.sim.host, [this, id, target_id,
                                                                    serial = t.serial] {
      Task* const moving = find_copy(id, serial);
      if (moving == nullptr || moving->prefetch.get() != sgc::s4u::Actor::self())
        return; // killed before it first ran
      ensure_image(host(target_id));
      sgc::atomically([&] {
        Task* task = find_copy(id, serial);
        if (task == nullptr || task->target != target_id) return;
        task->prefetch = nullptr;
        freeze(*task);
      });
    });
  }
  return Reason::none;
}

void World::freeze(Task& t) {
  if (t.state != TaskState::running || !t.target.valid()) return;
  t.migration_due = true;
  if (t.exec == nullptr) return; // between two executions: compute() looks at migration_due
  const double left = sgc::flops_left(*t.exec);
  if (left <= 1e-9 * t.flops_total) return; // ends at this very instant: compute() aborts the move
  t.flops_left = left;
  retire(std::move(t.exec));
  t.exec = nullptr;
}

void World::migrate(Task& t) {
  HostState& source = host(t.host);
  HostState* target = nullptr;
  sgc::atomically([&] {
    t.migration_due = false;
    if (!t.target.valid()) return; // the target died between two SimGrid calls
    target = &host(t.target);
    settle(source);
    if (t.commits) commit(t);
    t.rate = 0;
    t.state = TaskState::migrating;
    t.computing = false;
    t.migration_start = sgc::now();
    source.computing.erase(std::find(source.computing.begin(), source.computing.end(), &t));
    reshare(source);
    update_liveness(source);
  });
  if (target == nullptr) return;
  const HostId to = target->id;
  const double resident = application(t).resident.value;
  const bool moved = use_card(t.transfer, source, resident, true) && t.target == to &&
                     send(t.transfer, source.sim.host, target->sim.host, resident, &source, target) &&
                     t.target == to && use_card(t.transfer, *target, resident, true) &&
                     t.target == to && use_card(t.transfer, *target, resident, false);
  sgc::atomically([&] {
    const double duration = sgc::now() - t.migration_start;
    HostState* home = &source;
    if (moved && t.target == to && target->on) {
      Event e = event(EventKind::migration_finished);
      e.task = t.id;
      e.host = source.id;
      e.target = to;
      e.value = duration;
      e.bytes = resident;
      emit(e);
      source.migration_out += resident;
      target->migration_in += resident;
      t.host = to;
      t.target = HostId{};
      remove_resident(source, t);
      home = target;
    } else if (t.target.valid()) {
      abort_migration(t, Reason::link_lost);
    }
    settle(*home);
    t.state = TaskState::running;
    t.computing = true;
    t.issued_bound = 0;
    home->computing.push_back(&t);
    reshare(*home);
    update_liveness(*home);
    // Its pages, only reserved until now, may be too many for a host that has filled up meanwhile. In
    // a timer: this actor cannot be killed in the middle of its own call.
    if (home->ram_need() > home->spec->ram.value + home->spec->swap.value)
      sgc::at(sgc::now(), [this, home] {
        if (!stopping_ && home->on) conditions_changed(*home);
      });
  });
}

void World::abort_migration(Task& t, Reason reason) {
  HostState& target = host(t.target);
  Event e = event(EventKind::migration_aborted);
  e.task = t.id;
  e.host = t.host;
  e.target = t.target;
  e.reason = reason;
  e.value = sgc::now() - t.migration_start;
  emit(e);
  t.target = HostId{};
  t.migration_due = false;
  if (t.prefetch != nullptr) {
    const auto prefetch = t.prefetch;
    t.prefetch = nullptr;
    if (target.fetching && target.fetcher == prefetch.get()) stop_fetch(target);
    prefetch->kill();
  }
  // Half-sent bytes are of no use; the task's actor wakes and resumes at the source.
  drop_transfer(t.transfer);
  remove_resident(target, t);
}

} // namespace lair::world::sim
