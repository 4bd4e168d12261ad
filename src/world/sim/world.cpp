#include "world/sim/world.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace lair::world::sim {

namespace {

/// Memory mappings the system lets a process have; Linux's default if it does not say.
std::size_t map_limit() {
  std::size_t limit = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> limit;
  return limit > 0 ? limit : 65530;
}

/// Thrown in the kernel to end a run that has failed.
struct Failed {};

/// Each stack takes two mappings, itself and its guard page; SimGrid aborts when there are no more.
std::size_t actors_with_stacks() {
  constexpr std::size_t others = 2048; ///< libraries, heap, policies; and what starts unasked
  const std::size_t limit = map_limit();
  return limit > 2 * others ? (limit - others) / 2 : others / 2;
}

} // namespace

World::World(const Scenario& scenario, const PolicyFactory& policy, EventSink& sink,
             const SimulationOptions& options, sgc::s4u::Engine& engine)
    : scenario_(scenario), policy_(policy), sink_(sink), options_(options), engine_(engine),
      platform_(build_platform(engine, scenario.federation)),
      topology_(scenario.federation,
                {scenario.liveness.all_peers_up_to, scenario.liveness.nearest_peers}) {
  const Federation& f = scenario.federation;
  for (std::size_t i = 0; i < f.hosts.size(); ++i) {
    auto h = std::make_unique<HostState>();
    h->id = HostId(static_cast<std::uint32_t>(i));
    h->lei = f.hosts[i].lei;
    h->spec = &f.hosts[i].spec;
    h->sim = platform_.hosts[i];
    h->image_ready = sgc::s4u::Semaphore::create(0);
    h->window.assign(std::size_t(scenario.window) * LAIR_METRICS, 0);
    hosts_.push_back(std::move(h));
  }
  for (const Topology::Lei& lei : topology_.leis()) {
    auto l = std::make_unique<LeiState>();
    l->id = lei.id;
    l->sim = platform_.leis[lei.id.index()];
    leis_.push_back(std::move(l));
    host(lei.broker).image_cached = true;
  }

  for (const Application& a : scenario.workload.applications) {
    lair_application x{};
    x.name = a.name.c_str();
    x.images = a.images;
    x.flops_per_image = a.flops_per_image().value;
    x.bytes_per_image = a.bytes_per_image.value;
    x.weights = a.weights.value;
    x.activations = a.activations.value;
    x.resident = a.resident.value;
    x.input = a.input.value;
    x.result = a.result.value;
    x.image_size = scenario.workload.image_size.value;
    x.image_transfer = scenario.workload.image_transfer.value;
    x.deadline = a.deadline.value;
    x.threads = a.threads;
    applications_.push_back(x);
  }
  most_actors_ = options.most_actors > 0 ? options.most_actors : actors_with_stacks();
  const auto arrivals =
      draw_arrivals(scenario.workload, f, scenario.interval, scenario.intervals, scenario.seed);
  arrivals_.assign(arrivals.begin(), arrivals.end());
  tasks_.resize(arrivals.size());
  plan_ = draw_fault_plan(scenario.faults, f, scenario.interval, scenario.intervals, scenario.seed);
}

void World::fail(std::exception_ptr error) {
  if (failure_) return;
  failure_ = std::move(error);
  stopping_ = true;
  // Out of the kernel's loop, past all that would still happen until the slice's end.
  sgc::at(sgc::now(), [] { throw Failed{}; });
}

bool World::room_for_actor() {
  if (failure_) return false;
  if (engine_.get_actor_count() < most_actors_) return true;
  std::size_t tasks = 0;
  for (const auto& h : hosts_)
    for (const Task* t : h->residents)
      if (t->host == h->id) ++tasks;
  fail(std::make_exception_ptr(RunError(fmt::format(
      "{} tasks are alive at {} s, and no more fit: each has a stack of its own, and this system "
      "lets a process have {} (vm.max_map_count = {}, two for each). Lower workload.rate, or raise "
      "the limit: sysctl -w vm.max_map_count={}",
      tasks, sgc::now(), most_actors_, map_limit(), 4 * map_limit()))));
  return false;
}

void World::push_window(HostState& h, const double* state) {
  const std::size_t k = scenario_.window;
  if (!h.window_filled) {
    for (std::size_t i = 0; i < k; ++i) std::copy_n(state, LAIR_METRICS, &h.window[i * LAIR_METRICS]);
    h.window_filled = true;
    return;
  }
  std::copy(h.window.begin() + LAIR_METRICS, h.window.end(), h.window.begin());
  std::copy_n(state, LAIR_METRICS, &h.window[(k - 1) * LAIR_METRICS]);
}

void World::tick(std::uint64_t sample) {
  if (stopping_) return;
  const double length = scenario_.sampling.value;
  retiring_ = std::move(retired_);
  retired_ = {};
  for (Transfer* t : transfers_) credit(*t);
  const double now = sgc::now();
  for (const auto& h : hosts_) {
    settle(*h);
    ++h->samples;
    const bool faulty = h->fault_in_sample;
    if (faulty) ++h->faulty_samples;
    if (scenario_.record.samples) {
      HostSample row;
      row.time = now;
      row.host = h->id;
      mean_state(h->total.data(), h->at_sample.data(), length, row.state);
      row.faulty = faulty;
      sink_.on(row);
    }
    h->at_sample = h->total;
    h->fault_in_sample = false;
  }
  // Faults at work reach into the sample that begins now.
  for (const auto& f : active_faults_)
    if (now < fault_end(*f->fault)) mark_truth(*f->fault, false);

  const double interval_end = (interval_ + 1) * scenario_.interval.value;
  if (now >= interval_end - 1e-6) {
    end_interval(interval_);
    if (!stopping_ && interval_ + 1 < scenario_.intervals) begin_interval(interval_ + 1);
  }
  if (!stopping_)
    sgc::at(static_cast<double>(sample + 1) * length, [this, sample] { tick(sample + 1); });
}

void World::begin_interval(std::uint32_t interval) {
  interval_ = interval;
  set_assertion_context(fmt::format("scenario {}, seed {}, interval {}", scenario_.name,
                                    scenario_.seed, interval));
  if (oracle_ != nullptr) oracle_->interval_begins();
  const double end = (interval + 1) * scenario_.interval.value;
  for (const auto& h : hosts_) {
    h->faulty_samples = h->samples = 0;
    h->fault_kinds = 0;
    h->label = -1;
    h->score = h->threshold = 0;
  }
  for (const auto& f : active_faults_) mark_truth(*f->fault, true);
  while (!arrivals_.empty() && arrivals_.front().time.value < end) {
    const Arrival a = arrivals_.front();
    arrivals_.pop_front();
    if (a.time.value <= sgc::now()) arrive(a);
    else
      sgc::at(a.time.value, [this, a] {
        if (!stopping_) arrive(a);
      });
  }
  // All are marked before the first runs: who sends this interval decides how long others wait.
  for (const auto& l : leis_)
    if (l->runtime != nullptr && !l->runtime->busy) l->runtime->woken = interval;
  for (const auto& l : leis_) {
    if (l->runtime == nullptr) continue;
    if (l->runtime->busy) {
      Event e = event(EventKind::decision_skipped);
      e.lei = l->id;
      e.host = l->runtime->host;
      emit(e);
    } else {
      l->runtime->wake->release();
    }
  }
}

void World::end_interval(std::uint32_t interval) {
  if (oracle_ != nullptr) oracle_->interval_ends();
  const double length = scenario_.interval.value;
  IntervalTotals totals;
  totals.interval = interval;
  totals.time = sgc::now();
  for (const auto& h : hosts_) {
    HostInterval row;
    row.interval = interval;
    row.host = h->id;
    row.lei = h->lei;
    row.broker = broker_of(*h) == h->id;
    mean_state(h->total.data(), h->at_interval.data(), length, row.state);
    row.energy = h->energy - h->energy_at_interval;
    for (const Task* t : h->residents)
      if (t->host == h->id) ++row.tasks;
    row.fault_share = h->samples > 0 ? static_cast<double>(h->faulty_samples) / h->samples : 0;
    row.fault_kinds = h->faulty_samples > 0 ? h->fault_kinds : 0;
    row.score = h->score;
    row.threshold = h->threshold;
    row.label = static_cast<std::int8_t>(h->label);
    row.migration_in = h->migration_in;
    row.migration_out = h->migration_out;
    row.policy_memory = h->ram_policy;
    totals.energy += h->energy;
    push_window(*h, row.state);
    h->at_interval = h->total;
    h->energy_at_interval = h->energy;
    h->migration_in = h->migration_out = 0;
    const PowerCurve& power = h->spec->power; // it need not rise
    const double watts = std::max(power.off, *std::max_element(power.watts.begin(), power.watts.end()));
    const double most = watts * length * (1 + 1e-9) + 1e-9;
    LAIR_ASSERT(row.energy >= -1e-9 && row.energy <= most, "a host's energy left its bounds");
    sink_.on(row);
  }
  totals.arrived = arrived_;
  totals.finished = ended_;
  totals.failed = failed_;
  for (const auto& l : leis_) totals.queued += l->queue.size();
  for (const auto& h : hosts_)
    for (const Task* t : h->residents)
      if (t->host == h->id && find(t->id) == t) ++totals.active; // of its copies the primary
  LAIR_ASSERT(totals.arrived == totals.finished + totals.failed + totals.active + totals.queued,
              "a task was lost or doubled");
  check_invariants();
  sink_.on(totals);
  ++intervals_done_;
  const bool last = interval + 1 == scenario_.intervals;
  if (last) {
    // Faults still at work end here, so that every planned one is accounted for.
    while (!active_faults_.empty()) {
      ActiveFault& f = *active_faults_.front();
      const auto actor = f.actor;
      f.actor = nullptr;
      const bool crash = f.fault->kind == FaultKind::crash;
      if (crash) host(f.fault->host).on = true; // keeps end_fault() from booting it at the horizon
      end_fault(f, Reason::past_horizon);
    }
    mask_late_faults();
    completed_ = true;
  }
  if (options_.progress && !options_.progress(intervals_done_) && !last) stopping_ = true;
  if (last) stopping_ = true;
}

void World::check_invariants() {
  for (const auto& h : hosts_) {
    double resident = 0;
    for (const Task* t : h->residents) {
      resident += application(*t).resident.value;
      LAIR_ASSERT(find_copy(t->id, t->serial) == t, "a copy is on a host that belongs to no task");
    }
    LAIR_ASSERT(std::abs(resident - h->ram_tasks) < 1, "a host's memory does not add up");
    LAIR_ASSERT(h->on || h->residents.empty(), "a task is on a host that is off");
    LAIR_ASSERT(topology_.lei_of(h->id) == h->lei, "a host is in two LEIs");
    double load = h->rate[LAIR_CPU];
    LAIR_ASSERT(load <= 1 + 1e-9, "a host's load exceeds its capacity");
  }
  for (const TaskId id : bundled_) {
    const Task* primary = find(id);
    LAIR_ASSERT(primary != nullptr && primary->bundle != nullptr, "what has ended kept its copies");
    LAIR_ASSERT(primary->state != TaskState::queued || primary->bundle->others.empty(),
                "a task that waits has a copy");
  }
  for (const auto& l : leis_) {
    LAIR_ASSERT(l->runtime == nullptr || topology_.broker(l->id) == l->runtime->host,
                "a broker runs on a host that is not its LEI's broker");
  }
}

SimulationResult World::run() {
  start_couriers();
  for (const auto& l : leis_) install_broker(*l, host(topology_.broker(l->id)));
  if (failure_) std::rethrow_exception(failure_);
  for (const auto& h : hosts_) reshare(*h);
  schedule_faults();
  const double period = scenario_.liveness.probe_period.value;
  const double deadline = scenario_.liveness.probe_deadline.value;
  struct Rounds {
    World& world;
    double period, deadline;
    void next(std::uint64_t k) const {
      sgc::at(static_cast<double>(k) * period + deadline, [self = *this, k] {
        if (self.world.stopping_) return;
        self.world.probe_round();
        self.next(k + 1);
      });
    }
  };
  Rounds{*this, period, deadline}.next(1);
  sgc::at(scenario_.sampling.value, [this] { tick(1); });
  // A clock that outlives every task: SimGrid ends a simulation in which no actor is left.
  auto clock = sgc::add_actor("clock", platform_.outside, [this] {
    sgc::atomically([this] { begin_interval(0); });
    sgc::s4u::this_actor::sleep_until(scenario_.horizon().value + scenario_.interval.value);
  });
  // Slices end half-way through intervals, so that no slice's end coincides with an interval's.
  try {
    for (std::uint32_t i = 0; i <= scenario_.intervals && !stopping_; ++i)
      engine_.run_until((i + 0.5) * scenario_.interval.value);
  } catch (const Failed&) {
    // The engine is not used any more.
  }
  finished_ = true;
  if (failure_) std::rethrow_exception(failure_);
  SimulationResult result{completed_, intervals_done_, {}};
  result.policy_cost += retired_cost_;
  for (const auto& l : leis_)
    if (l->runtime != nullptr) result.policy_cost += l->runtime->broker->cost();
  return result;
}

} // namespace lair::world::sim
