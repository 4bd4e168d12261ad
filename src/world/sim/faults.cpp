// Every fault takes real resources: executions that compete for the CPU, requests on the card, flows
// on the links, bytes of memory, a switch. What it obtained is compared with its closed form.
#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace lair::world::sim {

namespace this_actor = sgc::s4u::this_actor;

namespace {
constexpr double past_horizon_slack = 1e-6; ///< s: the last sample may come this much early
bool is_host_attack(FaultKind kind) {
  return kind == FaultKind::cpu_overload || kind == FaultKind::ram_contention ||
         kind == FaultKind::disk_attack || kind == FaultKind::ddos;
}
bool is_link_fault(FaultKind kind) {
  return kind == FaultKind::link_loss || kind == FaultKind::partition;
}
} // namespace

double World::fault_end(const Fault& fault) const {
  return std::min(fault.start.value + fault.length.value, scenario_.horizon().value);
}

void World::schedule_faults() {
  const double horizon = scenario_.horizon().value;
  for (const Fault& fault : plan_) {
    if (fault.start.value >= horizon - past_horizon_slack) continue; // masked at the end
    sgc::at(fault.start.value, [this, &fault, horizon] {
      if (stopping_ || without_new_faults_) return;
      const double length = fault_end(fault) - fault.start.value;
      const double needed = std::min(scenario_.sampling.value, 0.9 * fault.length.value);
      Reason mask = Reason::none;
      if (length < needed) mask = Reason::past_horizon;
      else if (fault.host.valid() && !is_link_fault(fault.kind) && !host(fault.host).on)
        mask = Reason::host_off;
      if (mask == Reason::none) start_fault(fault);
      else mask_fault(fault, mask);
    });
  }
}

void World::mask_fault(const Fault& fault, Reason reason) {
  Event e = event(EventKind::fault_masked);
  e.fault = fault.id;
  e.fault_kind = static_cast<std::uint8_t>(fault.kind);
  e.host = fault.host;
  e.lei = fault.lei;
  e.reason = reason;
  emit(e);
}

void World::mask_late_faults() {
  for (const Fault& fault : plan_)
    if (fault.start.value >= scenario_.horizon().value - past_horizon_slack)
      mask_fault(fault, Reason::past_horizon);
}

void World::mark_truth(const Fault& fault, bool starts) {
  const auto mark = [&](HostState& h) {
    h.fault_in_sample = true;
    h.fault_kinds |= 1u << static_cast<unsigned>(fault.kind);
    (void)starts;
  };
  if (fault.host.valid()) mark(host(fault.host));
  else if (fault.lei.valid())
    for (const HostId id : topology_.members(fault.lei)) mark(host(id));
}

void World::start_fault(const Fault& fault) {
  if (is_host_attack(fault.kind) && !room_for_actor()) return; // the run ends
  active_faults_.push_back(std::make_unique<ActiveFault>());
  ActiveFault& active = *active_faults_.back();
  active.fault = &fault;
  active.start = active.mark_time = sgc::now();
  Event e = event(EventKind::fault_started);
  e.fault = fault.id;
  e.fault_kind = static_cast<std::uint8_t>(fault.kind);
  e.host = fault.host;
  e.lei = fault.lei;
  e.value = fault.strength;
  emit(e);
  if (fault.host.valid()) host(fault.host).faults.push_back(&active);
  mark_truth(fault, true);
  const double end = fault_end(fault);
  ActiveFault* pointer = &active;
  if (is_host_attack(fault.kind)) {
    if (fault.kind == FaultKind::ddos) active.link_back = sgc::s4u::Semaphore::create(0);
    active.actor = sgc::add_small_actor("attack", host(fault.host).sim.host,
                                  [this, pointer] { attack_main(pointer); });
    return;
  }
  switch (fault.kind) {
  case FaultKind::crash:
    power_off(host(fault.host), Reason::crash);
    break;
  case FaultKind::silent_corruption:
    ++host(fault.host).corruption;
    break;
  case FaultKind::partition:
    ++leis_[fault.lei.index()]->cuts;
    apply_wan(*leis_[fault.lei.index()]);
    break;
  default: // link_loss
    active.level = fault.strength;
    if (fault.host.valid()) apply_links(host(fault.host));
    else apply_wan(*leis_[fault.lei.index()]);
  }
  sgc::at(end, [this, pointer] {
    if (!stopping_) end_fault(*pointer, Reason::none);
  });
}

void World::attack_main(ActiveFault* active) {
  if (active->actor == nullptr) return; // killed before it first ran
  const FaultModel& model = scenario_.faults;
  const double end = fault_end(*active->fault);
  const double onset = std::min(model.onset.value, end - active->start);
  const unsigned steps = onset > 0 ? std::max(1u, model.onset_steps) : 1;
  for (unsigned step = 1; step <= steps; ++step) {
    // A ramp in equal steps: at step i of n the strength is i / n of the fault's.
    set_level(*active, active->fault->strength * step / steps);
    if (step < steps) hold(*active, active->start + onset * step / steps);
  }
  hold(*active, end);
  sgc::atomically([&] {
    if (!stopping_) end_fault(*active, Reason::none);
  });
}

void World::hold(ActiveFault& active, double until) {
  if (until <= sgc::now()) return;
  if (active.link_back == nullptr) return this_actor::sleep_until(until);
  // A timer, since SimGrid 3.32 aborts when an actor is killed at the instant at which its
  // acquire_timeout() ends. The fault may be gone by then; the semaphore is not.
  const auto over = std::make_shared<bool>(false);
  sgc::at(until, [over, wake = active.link_back] {
    *over = true;
    wake->release();
  });
  for (;;) {
    active.link_back->acquire();
    if (*over) return;
    // Who floods goes on when the way is free again.
    sgc::atomically([&] { stop_flows(active); });
    start_flows(active);
  }
}

void World::stop_flows(ActiveFault& active) {
  if (active.flows.empty()) return;
  credit(active.flow_transfer);
  finish_transfer(active.flow_transfer);
  for (auto& flow : active.flows) retire(flow);
  active.flows.clear();
  const auto sender = active.sender;
  active.sender = nullptr;
  sender->kill();
}

void World::resume_floods(HostState& h) {
  for (ActiveFault* f : h.faults)
    if (f->link_back != nullptr) f->link_back->release();
}

void World::stop_load(ActiveFault& active) {
  HostState& h = host(active.fault->host);
  settle(h);
  const double core = h.spec->core_speed.value;
  const double elapsed = sgc::now() - active.mark_time;
  if (active.exec != nullptr) {
    const double obtained = (active.exec_size - sgc::flops_left(*active.exec)) / core;
    const double expected = active.threads * (h.thread_integral - active.mark_thread) / core;
    if (active.fault->kind == FaultKind::cpu_overload || active.fault->kind == FaultKind::ddos) {
      active.measured += obtained;
      active.closed_form += expected;
    }
    retire(std::move(active.exec));
    active.exec = nullptr;
  }
  if (active.io != nullptr) {
    const double moved = active.io_size - active.io->get_remaining();
    const double expected = active.streams * (h.stream_integral - active.mark_stream);
    active.measured += std::abs(moved - expected) <= 1 ? expected : moved; // whole bytes only
    active.closed_form += expected;
    retire(std::move(active.io));
    active.io = nullptr;
  }
  if (active.fault->kind == FaultKind::ddos && scenario_.faults.effects.ddos_threads <= 0) {
    // Flows and requests only, which no core-second measures: the time they lasted at their strength.
    active.measured += active.level * elapsed;
    active.closed_form += active.level * elapsed;
  }
  if (active.fault->kind == FaultKind::ram_contention) {
    active.measured += active.ram * elapsed;
    active.closed_form += scenario_.faults.effects.ram_share * active.level * h.spec->ram.value * elapsed;
  }
  stop_flows(active);
  active.threads = active.streams = active.ram = active.requests = 0;
  sum_attacks(h);
}

void World::sum_attacks(HostState& h) {
  // Added up afresh: adding and taking away by turns leaves less than nothing in the end.
  h.attack_threads = h.attack_streams = h.ram_attack = h.ram_attack_threads = h.ddos_requests = 0;
  for (const ActiveFault* f : h.faults) {
    h.attack_threads += f->threads;
    h.attack_streams += f->streams;
    h.ram_attack += f->ram;
    h.ddos_requests += f->requests;
    if (f->fault->kind == FaultKind::ram_contention) h.ram_attack_threads += f->threads;
  }
}

void World::set_level(ActiveFault& active, double level) {
  const Fault& fault = *active.fault;
  const FaultEffects& effects = scenario_.faults.effects;
  // Made by this actor, so that they die with it.
  sgc::s4u::ExecPtr exec;
  sgc::s4u::IoPtr io;
  if (fault.kind == FaultKind::disk_attack) io = sgc::s4u::Io::init();
  else exec = sgc::make_exec();
  sgc::atomically([&] {
    HostState& h = host(fault.host);
    stop_load(active);
    active.level = level;
    active.mark_time = sgc::now();
    switch (fault.kind) {
    case FaultKind::cpu_overload:
      active.threads = effects.cpu_threads * level;
      break;
    case FaultKind::ram_contention:
      active.threads = effects.ram_threads * level;
      active.ram = effects.ram_share * level * h.spec->ram.value;
      break;
    case FaultKind::ddos:
      active.threads = effects.ddos_threads * level;
      active.requests = effects.ddos_backlog * level;
      break;
    default: // disk_attack: each stream keeps one read and one write outstanding
      active.streams = 2 * effects.disk_streams * level;
    }
    if (exec != nullptr && active.threads > 0) {
      const double core = h.spec->core_speed.value;
      active.exec_size = 2 * h.spec->speed().value * scenario_.horizon().value; // never used up
      exec->set_flops_amount(active.exec_size)->set_host(h.sim.host);
      exec->set_bound(std::min(active.threads * core, h.spec->speed().value));
      exec->set_priority(active.threads);
      exec->start();
      active.exec = exec;
    }
    if (io != nullptr && active.streams > 0) {
      active.io_size =
          std::ceil(std::min(2 * h.spec->disk.read.value * scenario_.horizon().value, 1e18));
      io->set_disk(h.sim.disk)
          ->set_size(static_cast<sg_size_t>(active.io_size))
          ->set_op_type(sgc::s4u::Io::OpType::READ);
      io->set_priority(active.streams);
      io->start();
      active.io = io;
    }
    sum_attacks(h);
    conditions_changed(h);
    active.mark_thread = h.thread_integral;
    active.mark_stream = h.stream_integral;
  });
  if (fault.kind == FaultKind::ddos) start_flows(active);
}

void World::start_flows(ActiveFault& active) {
  HostState& h = host(active.fault->host);
  const auto flows =
      static_cast<std::size_t>(std::llround(scenario_.faults.effects.ddos_flows * active.level));
  if (flows == 0 || !h.reachable || !leis_[h.lei.index()]->wan_up) return;
  // Received by this actor and sent by one outside. (Comm::sendto would need no sender, but SimGrid
  // 3.32 searches the list of all such transfers whenever one of them ends.)
  auto* mailbox = sgc::s4u::Mailbox::by_name("flood" + std::to_string(active.fault->id.value) + "." +
                                             std::to_string(active.floods++));
  // More than the link can carry in the whole run, and no more, for the sake of precision.
  const double bytes = std::min(2 * h.spec->nic.value * scenario_.horizon().value, 1e18);
  active.sender = sgc::add_small_actor("flood", platform_.outside, [this, mailbox, flows, bytes] {
    static int request = 0; // what is sent does not matter
    std::vector<sgc::s4u::CommPtr> sent;
    for (std::size_t i = 0; i < flows; ++i)
      sent.push_back(mailbox->put_async(&request, static_cast<std::uint64_t>(bytes)));
    this_actor::sleep_for(scenario_.horizon().value);
  });
  active.received.assign(flows, nullptr);
  for (std::size_t i = 0; i < flows; ++i)
    active.flows.push_back(mailbox->get_async<int>(&active.received[i]));
  // All flows share one path and so one rate: one of them stands for all in the metrics.
  active.flow_transfer.activity = active.flows.front();
  active.flow_transfer.network = true;
  active.flow_transfer.reader = &h;
  active.flow_transfer.writer = nullptr;
  active.flow_transfer.size = bytes;
  active.flow_transfer.endless = true;
  active.flow_transfer.scale = static_cast<double>(flows);
  register_transfer(active.flow_transfer);
}

void World::end_fault(ActiveFault& active, Reason reason) {
  const auto it = std::find_if(active_faults_.begin(), active_faults_.end(),
                               [&](const auto& p) { return p.get() == &active; });
  if (it == active_faults_.end()) return; // ended early, for example because its host went off
  const Fault& fault = *active.fault;
  const double now = sgc::now();
  std::unique_ptr<ActiveFault> keep = std::move(*it);
  active_faults_.erase(it);
  HostState* h = fault.host.valid() ? &host(fault.host) : nullptr;
  if (h != nullptr) std::erase(h->faults, &active);
  mark_truth(fault, false);
  if (is_host_attack(fault.kind)) {
    stop_load(active);
    if (h->on) conditions_changed(*h);
  } else {
    const double lasted = now - active.start;
    active.measured = lasted;
    active.closed_form = fault_end(fault) - fault.start.value;
    if (fault.kind == FaultKind::crash) {
      if (!h->on) power_on(*h);
    } else if (fault.kind == FaultKind::silent_corruption) {
      --h->corruption;
    } else if (fault.kind == FaultKind::partition) {
      --leis_[fault.lei.index()]->cuts;
      apply_wan(*leis_[fault.lei.index()]);
    } else if (h != nullptr) {
      active.level = 0;
      apply_links(*h);
    } else {
      active.level = 0;
      apply_wan(*leis_[fault.lei.index()]);
    }
  }
  Event e = event(EventKind::fault_ended);
  e.fault = fault.id;
  e.fault_kind = static_cast<std::uint8_t>(fault.kind);
  e.host = fault.host;
  e.lei = fault.lei;
  e.reason = reason;
  e.value = active.measured;
  e.extra = active.closed_form;
  const double lived = now - active.start;
  if (lived < std::min(scenario_.sampling.value, 0.9 * fault.length.value)) {
    // Too short to count as applied: its host went off at once.
    e.kind = EventKind::fault_masked;
    e.reason = Reason::host_off;
  }
  emit(e);
  active.actor = nullptr;
  retired_.faults.push_back(std::move(keep));
}

void World::apply_links(HostState& h) {
  commit_all();
  double share = 1;
  for (const ActiveFault* f : h.faults)
    if (f->fault->kind == FaultKind::link_loss)
      share = std::min(share, 1 - scenario_.faults.effects.link_loss_share * f->level);
  const bool up = share > 1e-9;
  for (auto* link : {h.sim.up, h.sim.down}) {
    if (up) {
      link->set_bandwidth(h.spec->nic.value * share);
      if (!link->is_on()) link->turn_on();
    } else if (link->is_on()) {
      cutting([&] { link->turn_off(); });
    }
  }
  const bool back = up && !h.reachable;
  h.reachable = up;
  if (back) resume_floods(h);
  update_liveness(h);
}

void World::apply_wan(LeiState& lei) {
  commit_all();
  double share = lei.cuts > 0 ? 0 : 1;
  for (const auto& f : active_faults_)
    if (f->fault->kind == FaultKind::link_loss && !f->fault->host.valid() && f->fault->lei == lei.id)
      share = std::min(share, 1 - scenario_.faults.effects.link_loss_share * f->level);
  const bool back = share > 1e-9 && !lei.wan_up;
  lei.wan_up = share > 1e-9;
  lei.wan_share = share;
  for (auto* link : {lei.sim.up, lei.sim.down}) {
    if (lei.wan_up) {
      link->set_bandwidth(scenario_.federation.lei(lei.id).wan_bandwidth.value * share);
      if (!link->is_on()) link->turn_on();
    } else if (link->is_on()) {
      cutting([&] { link->turn_off(); });
    }
  }
  if (back)
    for (const HostId id : topology_.members(lei.id)) resume_floods(host(id));
}

} // namespace lair::world::sim
