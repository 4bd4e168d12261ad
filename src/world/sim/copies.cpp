// Further copies of a task. All run at once and each sends its result to the entry LEI's gateway; the
// first result ends the task, or, after a vote, the one that as many others equal. What stands for the
// task is its primary (World::find), which owns the bundle; any of them can become it.
#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lair::world::sim {

namespace {
/// Hosts that have delivered this digest: one that says it twice confirms nothing.
unsigned supporters(const Bundle& shared, std::uint64_t value) {
  std::set<HostId> hosts;
  for (const Digest& digest : shared.digests)
    if (digest.value == value) hosts.insert(digest.host);
  return static_cast<unsigned>(hosts.size());
}
} // namespace

unsigned World::most_equal(const Bundle& shared) {
  unsigned most = 0;
  for (const Digest& digest : shared.digests) most = std::max(most, supporters(shared, digest.value));
  return most;
}

Bundle& World::bundle(Task& primary) {
  if (primary.bundle == nullptr) {
    primary.bundle = std::make_unique<Bundle>();
    bundled_.insert(primary.id);
  }
  return *primary.bundle;
}

void World::drop_bundle(Task& primary) {
  if (primary.bundle == nullptr) return;
  for (const auto& checkpoint : primary.bundle->checkpoints) drop_checkpoint(*checkpoint);
  bundled_.erase(primary.id);
}

Task* World::find_copy(TaskId id, unsigned serial) const {
  Task* const primary = find(id);
  if (primary == nullptr || primary->serial == serial) return primary;
  if (primary->bundle != nullptr)
    for (const auto& other : primary->bundle->others)
      if (other->serial == serial) return other.get();
  return nullptr;
}

Task* World::copy_on(Task& primary, HostId host) const {
  const auto is = [&](const Task& t) { return t.host == host || t.target == host; };
  if (primary.state != TaskState::queued && is(primary)) return &primary;
  if (primary.bundle != nullptr)
    for (const auto& other : primary.bundle->others)
      if (is(*other)) return other.get();
  return nullptr;
}

/// Its entry LEI's and those of its copies: results go to the one, the others hold the work.
bool World::concerns(LeiId lei, Task& primary) const {
  if (primary.entry == lei) return true;
  bool here = false;
  each_copy(primary, [&](const Task& t, unsigned) {
    here |= t.host.valid() && host(t.host).lei == lei;
    here |= t.target.valid() && host(t.target).lei == lei;
  });
  return here;
}

Reason World::may_ask(const LeiState& lei, TaskId id) const {
  if (id.index() >= tasks_.size() || find(id) == nullptr) return Reason::unknown_task;
  Task& primary = *find(id);
  if (!concerns(lei.id, primary)) return Reason::not_own_task;
  bool returning = false;
  each_copy(primary,
            [&](const Task& t, unsigned) { returning |= t.state == TaskState::returning; });
  // A result that nobody has to confirm is on its way.
  if (returning && (primary.bundle == nullptr || primary.bundle->quorum <= 1))
    return Reason::too_late;
  return Reason::none;
}

Reason World::replicate(LeiState& lei, TaskId id, HostId target) {
  if (const Reason reason = may_ask(lei, id); reason != Reason::none) return reason;
  Task& primary = *find(id);
  if (primary.state == TaskState::queued) return place(lei, id, target);
  if (copy_on(primary, target) != nullptr) return Reason::same_host;
  HostState& h = host(target);
  if (const Reason reason = admits(h, lei.id, application(primary)); reason != Reason::none)
    return reason;
  if (!room_for_actor()) return Reason::none; // the run ends
  Bundle& shared = bundle(primary);
  auto copy = std::make_unique<Task>();
  Task& t = *copy;
  t.id = id;
  t.application = primary.application;
  t.entry = primary.entry;
  t.arrival = primary.arrival;
  t.images = primary.images;
  t.flops_total = t.flops_left = primary.flops_total;
  t.restarts = primary.restarts;
  t.commits = primary.commits;
  t.state = TaskState::starting;
  t.host = target;
  t.serial = shared.copies_started++;
  shared.others.push_back(std::move(copy));
  Event e = event(EventKind::copy_placed);
  e.task = id;
  e.host = target;
  e.lei = lei.id;
  emit(e);
  start_actor(t);
  add_resident(h, t); // nothing of the task is used after this: memory may run out
  return Reason::none;
}

Reason World::cancel(LeiState& lei, TaskId id, HostId on) {
  if (id.index() >= tasks_.size() || find(id) == nullptr) return Reason::unknown_task;
  Task& primary = *find(id);
  if (!concerns(lei.id, primary)) return Reason::not_own_task;
  Task* const t = copy_on(primary, on);
  if (t == nullptr) return Reason::no_copy;
  if (copies(primary) <= 1) return Reason::last_copy;
  HostState& h = host(t->host);
  const Work work = stop_task(*t);
  drop_copy(*t, Reason::cancelled, work);
  conditions_changed(h);
  return Reason::none;
}

Reason World::vote(LeiState& lei, TaskId id, double quorum) {
  if (const Reason reason = may_ask(lei, id); reason != Reason::none) return reason;
  Task& primary = *find(id);
  if (!(quorum >= 1 && quorum <= static_cast<double>(hosts_.size()))) return Reason::bad_value;
  const auto wanted = static_cast<unsigned>(quorum);
  if (primary.bundle != nullptr && most_equal(*primary.bundle) >= wanted)
    return Reason::too_late; // what it asks for was delivered, and did not suffice then
  if (wanted == 1 && primary.bundle == nullptr) return Reason::none; // as it is
  bundle(primary).quorum = wanted;
  return Reason::none;
}

void World::tell(Task& primary, lair_event_kind kind, HostId about) {
  std::set<LeiId> leis{primary.entry};
  if (about.valid()) leis.insert(host(about).lei);
  each_copy(primary, [&](const Task& t, unsigned) {
    if (t.host.valid()) leis.insert(host(t.host).lei);
  });
  for (const LeiId lei : leis)
    if (BrokerRuntime* broker = leis_[lei.index()]->runtime.get(); broker != nullptr)
      broker->events.push_back({sgc::now(), kind, about.value, primary.id.value});
}

void World::drop_copy(Task& t, Reason reason, const Work& work) {
  const TaskId id = t.id;
  const HostId from = t.host;
  Task* primary = find(id);
  Bundle& shared = *primary->bundle;
  LAIR_ASSERT(!shared.others.empty(), "the last copy of a task is no copy");
  Event e = event(EventKind::copy_ended);
  e.task = id;
  e.host = from;
  e.reason = reason;
  e.value = work.lost;
  e.extra = work.kept;
  emit(e);
  const bool lost_it = reason != Reason::cancelled && reason != Reason::delivered;
  if (lost_it) tell(*primary, LAIR_EVENT_COPY_LOST, from);
  if (&t != primary) {
    std::erase_if(shared.others, [&](const auto& other) { return other.get() == &t; });
    return;
  }
  auto next = std::move(shared.others.front());
  shared.others.erase(shared.others.begin());
  next->restarts = primary->restarts;
  next->bundle = std::move(primary->bundle);
  primary = next.get();
  tasks_[id.index()] = std::move(next);
  e = event(EventKind::copy_promoted);
  e.task = id;
  e.host = primary->host;
  e.reason = reason;
  emit(e);
  if (lost_it) tell(*primary, LAIR_EVENT_COPY_PROMOTED, primary->host);
}

bool World::result_suffices(Task& t) {
  Task& primary = *find(t.id);
  if (primary.bundle == nullptr) return true;
  Bundle& shared = *primary.bundle;
  const TaskId id = t.id;
  const HostId on = t.host;
  shared.digests.push_back({on, t.digest});
  const unsigned equal = supporters(shared, t.digest);
  if (shared.quorum > 1 || !shared.others.empty()) {
    Event e = event(EventKind::result_delivered);
    e.task = id;
    e.host = on;
    e.lei = t.entry;
    e.value = static_cast<double>(t.digest);
    e.extra = static_cast<double>(equal);
    emit(e);
    tell(primary, LAIR_EVENT_RESULT, on);
  }
  if (equal >= shared.quorum) {
    for (const Digest& digest : shared.digests)
      if (digest.value != t.digest) tell(primary, LAIR_EVENT_RESULT_REJECTED, digest.host);
    // The others end; this copy is the task from now on.
    while (copies(*find(id)) > 1) {
      Task& first = *find(id);
      Task& other = &first != &t ? first : *first.bundle->others.back();
      HostState& h = host(other.host);
      const Work work = stop_task(other);
      Event e = event(EventKind::copy_ended);
      e.task = id;
      e.host = other.host;
      e.reason = Reason::done;
      e.value = work.lost;
      e.extra = work.kept;
      emit(e);
      auto& others = first.bundle->others;
      if (&other != &first) {
        others.pop_back();
      } else {
        const auto self = std::find_if(others.begin(), others.end(),
                                       [&](const auto& copy) { return copy.get() == &t; });
        auto next = std::move(*self);
        others.erase(self);
        next->restarts = first.restarts;
        next->bundle = std::move(first.bundle);
        tasks_[id.index()] = std::move(next);
      }
      conditions_changed(h);
    }
    if (t.digest != 0) {
      Event e = event(EventKind::task_corrupted);
      e.task = id;
      e.host = on;
      emit(e);
    }
    return true;
  }
  if (std::any_of(shared.digests.begin(), shared.digests.end(),
                  [&](const Digest& digest) { return digest.value != t.digest; }))
    tell(primary, LAIR_EVENT_DIGESTS_DIFFER, on);
  const double done = t.flops_begun / host(on).spec->core_speed.value;
  if (copies(primary) > 1) {
    remove_resident(host(on), t);
    drop_copy(t, Reason::delivered, {0, done});
    return false;
  }
  remove_resident(host(on), t);
  t.actor = nullptr;
  t.host = t.target = HostId{};
  t.flops_left = t.flops_total;
  t.state = TaskState::queued;
  t.started = t.migration_due = false;
  Event e = event(EventKind::task_reopened);
  e.task = id;
  e.host = on;
  e.lei = t.entry;
  e.value = static_cast<double>(shared.digests.size());
  e.extra = done;
  emit(e);
  leis_[t.entry.index()]->queue.push_back(id);
  return false;
}

} // namespace lair::world::sim
