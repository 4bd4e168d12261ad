// Brokers: what they see, what they tell one another, what their decisions cost and do.
#include "core/error.hpp"
#include "policy/paper_memory.hpp"
#include "world/sim/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace lair::world::sim {

namespace this_actor = sgc::s4u::this_actor;

double policy_memory(const OverheadModel& overhead, const PolicyDescription& policy) {
  if (overhead.mode == OverheadMode::none) return 0;
  if (overhead.memory.value >= 0) return overhead.memory.value;
  // `none` is in no table of the paper's; it stands beside the policies that are with its own memory.
  if (overhead.mode != OverheadMode::paper || policy.name == "none") return policy.memory;
  if (const auto memory = paper_memory(policy.name)) return *memory;
  throw InputError("", "overhead.mode",
                   fmt::format("the paper's Table III has no memory for policy '{}'", policy.name),
                   fmt::format("one of {}; or \"modelled\"; or overhead.memory",
                               paper_memory_names()));
}

namespace {
/// Does what the policy charges as it runs count? Not beside a figure that takes the place of its own.
bool charges_memory(const OverheadModel& overhead) {
  return (overhead.mode == OverheadMode::modelled || overhead.mode == OverheadMode::measured) &&
         overhead.memory.value < 0;
}
} // namespace

double World::policy_memory() const {
  return sim::policy_memory(scenario_.overhead, policy_.description());
}

PolicyCharge World::policy_charge(const BrokerRuntime& broker, const PolicyCost& before,
                                  const PolicyCost& sensed) {
  PolicyCharge charge;
  charge.time = sgc::now();
  charge.lei = broker.lei;
  charge.host = broker.host;
  if (const auto* recorded = options_.recorded_costs; recorded == nullptr) {
    const PolicyCost& now = broker.broker->cost();
    charge.learn = sensed.fine_tuning_cpu_s - before.fine_tuning_cpu_s;
    charge.sense = sensed.decision_cpu_s - before.decision_cpu_s;
    charge.decide = now.decision_cpu_s - sensed.decision_cpu_s;
  } else if (recorded_used_ < recorded->size()) {
    // A record of another run fits nowhere: no cost then, and another result, which is what counts.
    const PolicyCharge& then = (*recorded)[recorded_used_];
    if (then.lei == charge.lei && then.host == charge.host) {
      ++recorded_used_;
      charge.learn = then.learn;
      charge.sense = then.sense;
      charge.decide = then.decide;
    }
  }
  return charge;
}

void World::broker_main(BrokerRuntime* broker) {
  for (;;) {
    broker->wake->acquire();
    if (stopping_) return;
    broker->busy = true;
    broker_interval(*broker);
    broker->busy = false;
  }
}

void World::broker_interval(BrokerRuntime& broker) {
  // Reading a task's remaining work is a SimGrid call: without this another actor could end the task.
  sgc::atomically([&] { observe(broker, false); });
  // sense: pure computation, no SimGrid call between here and the sleep.
  const DetectionCopy* detection = nullptr;
  const PolicyCost cost_before = broker.broker->cost();
  try {
    if (broker.has_before) broker.broker->learn(broker.before.raw, broker.observation.raw);
    detection = broker.broker->sense(broker.observation.raw);
  } catch (...) {
    fail(std::current_exception());
  }
  if (failure_) return;
  const PolicyCost cost_sensed = broker.broker->cost();
  if (detection != nullptr)
    for (std::size_t i = 0; i < detection->hosts.size(); ++i) {
      HostState& h = host(HostId(detection->hosts[i]));
      h.score = detection->scores[i];
      h.threshold = detection->thresholds[i];
      h.label = detection->labels[i];
    }
  publish(broker, detection);
  // After this all that woke at this instant have told their peers: it is known how long to wait.
  this_actor::yield();
  if (stopping_) return;
  if (const double wait = exchange_delay(broker); wait > 0) this_actor::sleep_for(wait);
  if (stopping_) return;

  const double began = sgc::now();
  Broker::Decided decided;
  sgc::atomically([&] { observe(broker, true); });
  try {
    decided = broker.broker->decide(broker.observation.raw);
  } catch (...) {
    fail(std::current_exception());
  }
  if (failure_) return;
  if (oracle_ != nullptr) oracle_->decided(broker, decided.decision);
  keep_for_learning(broker);

  const OverheadModel& overhead = scenario_.overhead;
  const bool measured = overhead.mode == OverheadMode::measured;
  PolicyCharge charge;
  if (measured) {
    charge = policy_charge(broker, cost_before, cost_sensed);
    decided.flops = (charge.sense + charge.decide) * overhead.machine_speed.value;
    decided.learn_flops = charge.learn * overhead.machine_speed.value;
  }
  double flops = (overhead.decision.value >= 0 ? overhead.decision.value : decided.flops) +
                 decided.learn_flops;
  if (overhead.mode == OverheadMode::none) flops = 0;
  if (measured) {
    charge.flops = flops;
    if (!stopping_) sink_.on(charge);
  }
  warn_of_cost(broker, flops);
  if (flops > 0) {
    auto exec = sgc::make_exec();
    HostState& h = host(broker.host);
    sgc::atomically([&] {
      settle(h);
      h.policy_threads += 1;
      exec->set_flops_amount(flops)->set_host(h.sim.host);
      exec->set_bound(h.spec->core_speed.value);
      exec->set_priority(1);
      exec->start();
      reshare(h);
    });
    exec->wait(); // it fails only with the host, and then this actor is gone too
    sgc::atomically([&] {
      settle(h);
      h.policy_threads -= 1;
      reshare(h);
    });
  }
  sgc::atomically([&] {
    if (stopping_) return;
    if (charges_memory(overhead) && broker.broker->extra_memory() != broker.charged_memory) {
      HostState& h = host(broker.host);
      h.ram_policy += broker.broker->extra_memory() - broker.charged_memory;
      broker.charged_memory = broker.broker->extra_memory();
      conditions_changed(h);
    }
    Event e = event(EventKind::decision_made);
    e.lei = broker.lei;
    e.host = broker.host;
    e.value = sgc::now() - began;
    if (flops > 0 && decided.learn_flops > 0) { // its share of what both took together
      Event learned = e;
      learned.kind = EventKind::policy_learned;
      learned.value *= decided.learn_flops / flops;
      emit(learned);
    }
    e.extra = static_cast<double>(decided.decision.actions.size());
    emit(e);
    apply(broker, decided.decision);
  });
}

/// A cost may be a slip of the policy's author, and all that shows of it is a broker that decides less
/// often, or never again.
void World::warn_of_cost(const BrokerRuntime& broker, double flops) {
  const double seconds = flops / host(broker.host).spec->core_speed.value;
  if (cost_warned_ || seconds <= scenario_.interval.value || !options_.log) return;
  cost_warned_ = true;
  options_.log(2, fmt::format("policy '{}': the decision of interval {} in {} is charged {:.3g} operations, "
                              "at least {:.3g} s of its broker; an interval has {:g} s, and while it "
                              "decides it skips the next decisions (said once)",
                              policy_.description().name, interval_,
                              scenario_.federation.leis[broker.lei.index()].name, flops, seconds,
                              scenario_.interval.value));
}

void World::apply(BrokerRuntime& broker, const ValidDecision& decision) {
  LeiState& lei = *leis_[broker.lei.index()];
  const auto refuse = [&](const lair_action& action, Reason reason) {
    Event e = event(EventKind::action_refused);
    e.lei = lei.id;
    e.task = TaskId(action.task);
    e.target = HostId(action.host);
    e.reason = reason;
    emit(e);
    broker.events.push_back({sgc::now(), LAIR_EVENT_ACTION_REFUSED, action.host, action.task});
  };
  for (const Refusal& r : decision.refusals) refuse(r.action, r.reason);
  const auto take = [&](const lair_action& action, double value) {
    const TaskId task(action.task);
    const HostId on(action.host);
    switch (action.kind) {
    case LAIR_PLACE: return place(lei, task, on);
    case LAIR_MIGRATE: return start_migration(lei, task, on);
    case LAIR_REPLICATE: return replicate(lei, task, on);
    case LAIR_CANCEL: return cancel(lei, task, on);
    case LAIR_CHECKPOINT: return checkpoint(lei, task, on, value);
    case LAIR_VOTE: return vote(lei, task, value);
    default: break;
    }
    LAIR_ASSERT(false, "a decision holds known actions");
    return Reason::none;
  };
  for (std::size_t i = 0; i < decision.actions.size(); ++i) {
    const lair_action& action = decision.actions[i];
    const Reason reason = take(action, decision.values[i]);
    if (reason != Reason::none) refuse(action, reason);
  }
}

void World::show_bundle(const Task& t, lair_task& out) const {
  out.copies = t.state == TaskState::queued ? 0 : 1;
  out.quorum = 1;
  std::fill(std::begin(out.stores), std::end(out.stores), LAIR_NONE);
  Task& primary = *find(t.id);
  if (primary.bundle == nullptr) return;
  const Bundle& shared = *primary.bundle;
  out.copies = static_cast<std::uint32_t>(copies(primary));
  each_copy(primary, [&](const Task& copy, unsigned number) {
    if (&copy == &t) out.copy = number;
  });
  out.quorum = shared.quorum;
  out.digests = static_cast<std::uint32_t>(shared.digests.size());
  out.digests_equal = most_equal(shared);
  double committed = 0;
  for (const auto& c : shared.checkpoints) {
    out.stores[out.store_count++] = c->host.value;
    if (c->stored && host(c->host).on) committed = std::max(committed, c->flops);
  }
  out.images_committed = committed / application(t).flops_per_image().value;
}

void World::observe(BrokerRuntime& broker, bool with_reports) {
  ObservationBuffer& o = broker.observation;
  const LeiState& lei = *leis_[broker.lei.index()];
  const double now = sgc::now();
  o.hosts.clear();
  o.window_at.clear();
  o.tasks.clear();
  o.reports.clear();
  broker.seen.clear();
  if (!with_reports) {
    o.events = broker.events;
    broker.events.clear();
  }
  o.raw.interval = interval_;
  o.raw.now = now;
  o.raw.interval_length = scenario_.interval.value;
  o.raw.lei = lei.id.value;
  o.raw.broker = broker.host.value;
  o.raw.window_length = scenario_.window;
  if (o.applications.empty()) o.applications = applications_;

  const auto constants = [&](lair_host& x, const HostSpec& s, HostId id) {
    x.id = id.value;
    x.name = scenario_.federation.host(id).name.c_str();
    x.cores = s.cores;
    x.core_flops = s.core_speed.value;
    x.ram = s.ram.value;
    x.swap = s.swap.value;
    x.disk_read = s.disk.read.value;
    x.disk_write = s.disk.write.value;
    x.disk_random_read = s.disk.random_read.value;
    x.disk_random_write = s.disk.random_write.value;
    x.nic = s.nic.value;
    x.power_max = s.power.at(1).value;
  };
  const auto add_task = [&](Task& t) {
    commit(t);
    lair_task v{};
    const Application& app = application(t);
    v.id = t.id.value;
    v.application = t.application.value;
    v.host = t.host.valid() ? t.host.value : LAIR_NONE;
    v.target = t.target.valid() ? t.target.value : LAIR_NONE;
    v.entry_lei = t.entry.value;
    v.state = t.state == TaskState::queued      ? LAIR_TASK_QUEUED
              : t.state == TaskState::starting  ? LAIR_TASK_STARTING
              : t.state == TaskState::migrating ? LAIR_TASK_MIGRATING
              : t.state == TaskState::returning ? LAIR_TASK_RETURNING
              : t.target.valid()                ? LAIR_TASK_MIGRATING
                                                : LAIR_TASK_RUNNING;
    v.restarts = t.restarts;
    v.age = now - t.arrival;
    v.deadline = app.deadline.value;
    const double left = t.state == TaskState::queued
                            ? t.images
                            : flops_now(t) / app.flops_per_image().value;
    v.images_left = left;
    v.images_done = t.images - left;
    v.resident = app.resident.value;
    show_bundle(t, v);
    o.tasks.push_back(v);
  };
  const HostId own_broker = topology_.broker(lei.id);
  for (const HostId id : topology_.members(lei.id)) {
    const HostState& h = host(id);
    lair_host x{};
    constants(x, *h.spec, id);
    x.lei = lei.id.value;
    x.broker = own_broker.value;
    x.flags = LAIR_HOST_OWN | LAIR_HOST_KNOWN;
    if (h.missed == 0 && !h.failed) x.flags |= LAIR_HOST_ALIVE;
    if (id == own_broker) {
      x.flags |= LAIR_HOST_BROKER;
      if (!scenario_.federation.broker_runs_tasks) x.flags |= LAIR_HOST_NO_TASKS;
    }
    x.image_cached = h.image_cached;
    x.window = h.window.data();
    x.ram_system = h.spec->ram_system.value + h.ram_policy;
    x.ram_need = h.ram_need();
    // What the run queue, the memory map and the card's queue show beyond the known tasks and what
    // the broker itself computes.
    x.unexplained.threads = h.attack_threads;
    x.unexplained.ram = h.ram_attack;
    x.unexplained.streams = conditions(h).attack_streams;
    // Transfers of tasks and images are known.
    if (x.unexplained.streams > 0) x.unexplained.streams -= h.card_transfers;
    o.hosts.push_back(x);
    for (Task* t : h.residents) {
      // Its own tasks, and those that another LEI sends: a host knows for whom it has reserved memory.
      if (t->host != id && hosts_[t->host.index()]->lei == lei.id) continue;
      add_task(*t);
    }
  }
  // Copies elsewhere of what is here, or has entered here, as far as the way there is open.
  for (const TaskId id : bundled_) {
    Task& primary = *find(id);
    if (primary.state == TaskState::queued || !concerns(lei.id, primary)) continue;
    each_copy(primary, [&](Task& t, unsigned) {
      const HostState& at = host(t.host);
      const bool shown =
          at.lei == lei.id || (t.target.valid() && host(t.target).lei == lei.id);
      if (!shown && at.on && reachable(at, lei.id)) add_task(t);
    });
  }
  std::sort(o.tasks.begin(), o.tasks.end(),
            [](auto& a, auto& b) { return a.id != b.id ? a.id < b.id : a.copy < b.copy; });
  o.raw.own_count = static_cast<std::uint32_t>(o.hosts.size());

  for (const ReceivedReport& received : broker.inbox) {
    if (received.report == nullptr || received.arrival > now) continue;
    const Report& r = *received.report;
    // Its sender may publish the next one before this observation is used.
    broker.seen.push_back(received.report);
    const double age = now - r.time;
    const bool fresh = age <= scenario_.interval.value + scenario_.exchange.deadline.value;
    const std::size_t row = std::size_t(scenario_.window) * LAIR_METRICS;
    for (std::size_t i = 0; i < r.hosts.size(); ++i) {
      const ReportHost& rh = r.hosts[i];
      if (host(HostId(rh.id)).lei == lei.id) continue; // it has moved here since
      lair_host x{};
      constants(x, *host(HostId(rh.id)).spec, HostId(rh.id));
      x.lei = r.lei.value;
      x.broker = r.broker;
      x.flags = rh.flags & ~static_cast<std::uint32_t>(LAIR_HOST_OWN);
      if (!fresh) x.flags &= ~static_cast<std::uint32_t>(LAIR_HOST_ALIVE);
      x.image_cached = rh.image_cached;
      x.age = age;
      x.window = r.windows.data() + i * row;
      x.ram_system = rh.ram_system;
      x.ram_need = rh.ram_need;
      x.unexplained = rh.unexplained;
      o.hosts.push_back(x);
    }
    if (with_reports) {
      lair_report view{};
      view.size = sizeof view;
      view.lei = r.lei.value;
      view.age = age;
      view.detection = r.detection ? &r.detection_raw : nullptr;
      view.tasks = r.tasks.data();
      view.task_count = static_cast<std::uint32_t>(r.tasks.size());
      view.task_stride = sizeof(lair_task);
      o.reports.push_back(view);
    }
  }

  const std::size_t placed = o.tasks.size();
  for (const TaskId id : lei.queue) add_task(*find(id));
  std::rotate(o.tasks.begin(), o.tasks.begin() + static_cast<std::ptrdiff_t>(placed),
              o.tasks.end());

  o.leis.clear();
  // Beyond its peers a broker knows the federation's map only.
  std::vector<LeiId> known = topology_.peers(lei.id);
  known.insert(std::lower_bound(known.begin(), known.end(), lei.id), lei.id);
  for (const LeiId id : known) {
    const Topology::Lei& l = topology_.lei(id);
    lair_lei x{};
    x.id = id.value;
    x.broker = l.broker.valid() ? l.broker.value : LAIR_NONE;
    x.hosts = static_cast<std::uint32_t>(l.members.size());
    x.alive = l.broker.valid() && host(l.broker).missed == 0 ? 1 : 0;
    x.wan_bandwidth = l.wan_bandwidth.value;
    x.wan_latency = l.wan_latency.value;
    o.leis.push_back(x);
  }
  o.seal();
}

namespace {
// What a report tells. A host: its newest state; id, flags, image; RAM of the system, RAM needed;
// unexplained threads, bytes, streams. A task: id, application, host, target, entry, state, restarts,
// age, images done and left; the rest follows from its application.
constexpr double numbers_per_host = LAIR_METRICS + 8, numbers_per_task = 10;
/// Of a task with copies, a quorum or a checkpoint: these as in lair_task.
constexpr double numbers_per_bundle = 7 + LAIR_TASK_STORES;
/// SimGrid may end a sleep that much before its time.
constexpr double sleep_precision = 1e-5; // seconds
} // namespace

double World::report_seconds(LeiId from, LeiId to, double bytes) const {
  const auto left = [&](LeiId lei) { // a faulty link is slower for reports too
    return topology_.lei(lei).wan_bandwidth.value * leis_[lei.index()]->wan_share;
  };
  return topology_.wan(from, to).latency.value + bytes / std::min(left(from), left(to));
}

void World::publish(BrokerRuntime& broker, const DetectionCopy* detection) {
  const LeiState& lei = *leis_[broker.lei.index()];
  const std::vector<LeiId>& peers = topology_.peers(lei.id);
  if (peers.empty()) return;
  auto report = std::make_shared<Report>();
  report->lei = lei.id;
  report->interval = interval_;
  report->time = sgc::now();
  report->broker = topology_.broker(lei.id).value;
  const std::size_t row = std::size_t(scenario_.window) * LAIR_METRICS;
  for (std::uint32_t i = 0; i < broker.observation.raw.own_count; ++i) {
    const lair_host& x = broker.observation.hosts[i];
    report->hosts.push_back(
        {x.id, x.flags, x.image_cached, x.ram_system, x.ram_need, x.unexplained});
    report->windows.insert(report->windows.end(), x.window, x.window + row);
  }
  report->tasks = broker.observation.tasks;
  std::erase_if(report->tasks, [&](const lair_task& t) { // copies elsewhere are others' to tell
    const auto here = [&](std::uint32_t id) {
      return id != LAIR_NONE && host(HostId(id)).lei == lei.id;
    };
    return t.host != LAIR_NONE && !here(t.host) && !here(t.target);
  });
  std::size_t at = 0; // schedulers take the queue in its order
  for (const lair_action& action : broker.broker->placement())
    for (std::size_t n = 0; n < report->tasks.size(); ++n, ++at) {
      lair_task& t = report->tasks[at % report->tasks.size()];
      if (t.id != action.task) continue;
      if (t.state == LAIR_TASK_QUEUED) t.target = action.host;
      break;
    }
  if (detection != nullptr) {
    report->detection = *detection;
    report->detection_raw = report->detection->raw();
  }
  const double hosts = static_cast<double>(report->hosts.size());
  const auto bundles =
      std::count_if(report->tasks.begin(), report->tasks.end(), [](const lair_task& t) {
        return t.copies > 1 || t.quorum > 1 || t.store_count > 0;
      });
  const double numbers = hosts * numbers_per_host +
                         static_cast<double>(report->tasks.size()) * numbers_per_task +
                         static_cast<double>(bundles) * numbers_per_bundle +
                         (detection != nullptr ? detection->numbers() : 0);
  HostState& self = host(broker.host);
  for (const LeiId peer : peers) {
    LeiState& other = *leis_[peer.index()];
    const std::vector<LeiId>& senders = topology_.peers(peer);
    const auto slot = std::lower_bound(senders.begin(), senders.end(), lei.id);
    if (other.runtime == nullptr || !self.reachable || !lei.wan_up || !other.wan_up ||
        !host(other.runtime->host).reachable || !host(other.runtime->host).responsive) {
      Event e = event(EventKind::report_lost);
      e.lei = lei.id;
      e.value = static_cast<double>(peer.value);
      emit(e);
      continue;
    }
    ReceivedReport& box =
        other.runtime->inbox[static_cast<std::size_t>(slot - senders.begin())];
    // The newest state each interval; a newcomer gets the whole window.
    const double sent = box.report == nullptr ? numbers + hosts * static_cast<double>(row) : numbers;
    const double bytes = scenario_.exchange.header.value + sent * scenario_.exchange.bytes_per_number;
    box.report = report;
    box.arrival = sgc::now() + report_seconds(lei.id, peer, bytes);
    self.total[LAIR_NET_OUT] += bytes;
    host(other.runtime->host).total[LAIR_NET_IN] += bytes;
  }
}

double World::exchange_delay(const BrokerRuntime& broker) const {
  const LeiState& lei = *leis_[broker.lei.index()];
  double delay = 0;
  for (const LeiId peer : topology_.peers(lei.id)) {
    const LeiState& sender = *leis_[peer.index()];
    const HostId from = topology_.broker(peer);
    if (!from.valid() || host(from).failed) continue; // none is expected
    const bool sends = sender.runtime != nullptr && sender.runtime->woken == interval_ &&
                       sender.wan_up && lei.wan_up && host(from).reachable &&
                       host(broker.host).reachable;
    double arrives = std::numeric_limits<double>::infinity();
    if (sends) {
      const std::vector<LeiId>& senders = topology_.peers(lei.id);
      const auto slot = std::lower_bound(senders.begin(), senders.end(), peer) - senders.begin();
      const ReceivedReport& box = broker.inbox[static_cast<std::size_t>(slot)];
      if (box.report != nullptr && box.report->interval == interval_) {
        arrives = box.arrival - sgc::now();
      } else { // a broker that came into being at this instant is about to send; it knows no window
        const double hosts = static_cast<double>(topology_.members(peer).size());
        const double bytes =
            scenario_.exchange.header.value +
            hosts * (2 * numbers_per_host + scenario_.window * LAIR_METRICS) *
                scenario_.exchange.bytes_per_number;
        arrives = report_seconds(sender.id, lei.id, bytes);
      }
    }
    delay = std::max(delay, std::min(arrives, scenario_.exchange.deadline.value));
  }
  return delay > 0 ? delay + sleep_precision : 0;
}

void World::keep_for_learning(BrokerRuntime& broker) {
  if (!broker.broker->wants_learning()) return;
  ObservationBuffer& from = broker.observation;
  ObservationBuffer& to = broker.before;
  to = from;
  to.reports.clear(); // peers' detections do not outlive the interval
  const std::size_t row = std::size_t(scenario_.window) * LAIR_METRICS;
  broker.before_windows.clear();
  for (const lair_host& h : from.hosts)
    broker.before_windows.insert(broker.before_windows.end(), h.window, h.window + row);
  for (std::size_t i = 0; i < to.hosts.size(); ++i)
    to.hosts[i].window = broker.before_windows.data() + i * row;
  to.seal();
  broker.has_before = true;
}

} // namespace lair::world::sim
