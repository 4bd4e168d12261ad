#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <algorithm>
#include <cmath>

namespace lair::world::sim {

void World::settle(HostState& h) {
  const double now = sgc::now();
  const double dt = now - h.settled;
  if (dt <= 0) return;
  for (int m = 0; m < LAIR_METRICS; ++m) h.total[m] += h.rate[m] * dt;
  h.energy += h.power * dt;
  h.thread_integral += h.thread_rate * dt;
  h.stream_integral += h.stream_rate * dt;
  if (h.on) h.on_time += dt;
  h.settled = now;
}

void World::mean_state(const double* total, const double* since, double seconds, double* state) {
  for (int m = 0; m < LAIR_METRICS; ++m) state[m] = (total[m] - since[m]) / seconds;
  // Sums of many small integrals: the last bits of a meter may leave a share above the whole, nothing
  // more may. They weigh the more, the further the meter stands and the shorter the time is.
  for (const int m : {LAIR_CPU, LAIR_RAM, LAIR_SWAP, LAIR_ALIVE}) {
    const double rounding = 1e-9 + 1e-12 * total[m] / seconds;
    LAIR_ASSERT(state[m] >= -rounding && state[m] <= 1 + rounding, "a mean share is not one");
    state[m] = std::clamp(state[m], 0.0, 1.0);
  }
}

HostConditions World::conditions(const HostState& h) const {
  HostConditions c;
  c.cores = h.spec->cores;
  c.core_flops = h.spec->core_speed.value;
  c.disk_read = h.spec->disk.read.value;
  c.disk_random_read = h.spec->disk.random_read.value;
  c.disk_random_write = h.spec->disk.random_write.value;
  c.ram = h.spec->ram.value;
  c.swap = h.spec->swap.value;
  c.ram_need = h.ram_need();
  c.attack_threads = h.attack_threads;
  c.attack_streams = h.attack_streams;
  const bool swapping = c.ram_need > c.ram;
  // A thread that touches swapped memory always has one request out.
  if (swapping && h.ram_attack > 0) c.attack_streams += h.ram_attack_threads;
  // Image fetches and migrations count once the card is contended; alone they cost a task < 2 %.
  if (swapping || h.attack_streams > 0) c.attack_streams += h.card_transfers;
  return c;
}

void World::reshare(HostState& h) {
  const HostConditions c = conditions(h);
  const std::size_t n = h.computing.size();
  demands_.resize(n);
  weights_.resize(n + 2);
  bounds_.resize(n + 2);
  rates_.resize(n + 2);
  waits_.resize(n + 2);
  for (std::size_t i = 0; i < n; ++i) {
    const Application& app = application(*h.computing[i]);
    demands_[i] = {static_cast<double>(app.threads), app.flops_per_image().value,
                   app.bytes_per_image.value, app.weights.value, app.activations.value};
    weights_[i] = app.threads;
  }
  compute_bounds(demands_, c, {bounds_.data(), n}, {waits_.data(), n});
  weights_[n] = h.attack_threads;
  bounds_[n] = std::min(h.attack_threads * c.core_flops, c.capacity());
  weights_[n + 1] = h.policy_threads;
  bounds_[n + 1] = std::min(h.policy_threads * c.core_flops, c.capacity());
  share_cpu(c.capacity(), weights_, bounds_, rates_);

  const double swapped = swapped_share(c.ram_need, c.ram);
  double load = 0, pressure = h.attack_threads + h.policy_threads, waiting = 0, read = 0, write = 0;
  for (std::size_t i = 0; i < n + 2; ++i) load += rates_[i];
  for (std::size_t i = 0; i < n; ++i) {
    Task& t = *h.computing[i];
    const ComputeDemand& d = demands_[i];
    t.bound = bounds_[i];
    if (t.commits) commit(t);
    t.rate = rates_[i];
    t.wait_share = waits_[i];
    pressure += d.threads * (1 - waits_[i]);
    waiting += d.threads * waits_[i];
    const double images = rates_[i] / d.flops_per_image;
    read += images * (d.bytes_per_image + swapped * (d.weights + d.activations));
    write += images * swapped * d.activations;
  }
  if (h.attack_streams > 0) {
    // Each stream has one read and one write out; the card's time is shared by requests.
    h.stream_rate = c.disk_read / (h.attack_streams + h.card_transfers);
    const double device = h.stream_rate * h.attack_streams;
    read += device / 2;
    write += device / 2 * h.spec->disk.write.value / h.spec->disk.read.value;
    waiting += h.attack_streams;
  } else {
    h.stream_rate = 0;
  }
  h.thread_rate = h.attack_threads > 0 ? rates_[n] / h.attack_threads : 0;
  const double need = c.ram_need;
  auto& r = h.rate;
  if (h.on) {
    r[LAIR_CPU] = load / c.capacity();
    r[LAIR_CPU_PRESSURE] = pressure / c.cores;
    r[LAIR_RAM] = std::min(need, c.ram) / c.ram;
    r[LAIR_SWAP] = c.swap > 0 ? std::clamp((need - c.ram) / c.swap, 0.0, 1.0) : 0;
    r[LAIR_DISK_READ] = read;
    r[LAIR_DISK_WRITE] = write;
    r[LAIR_IO_WAIT] = waiting;
    r[LAIR_ALIVE] = 1;
    h.power = h.spec->power.at(std::min(1.0, load / c.capacity())).value;
  } else {
    r.fill(0);
    h.power = h.spec->power.off;
  }

  // Executions that run with another bound than is right now are stopped; their actors go on with the
  // remaining work. Those that just ended are left alone. Cancelling does not change `computing`.
  for (Task* t : h.computing) {
    if (t->exec == nullptr || std::abs(t->bound - t->issued_bound) <= 1e-9 * t->issued_bound) continue;
    const double left = sgc::flops_left(*t->exec);
    if (left <= 1e-9 * t->flops_total) continue;
    t->flops_left = left;
    retire(std::move(t->exec));
    t->exec = nullptr;
  }
}

void World::conditions_changed(HostState& h) {
  settle(h);
  kill_for_memory(h);
  reshare(h);
  update_liveness(h);
}

void World::add_resident(HostState& h, Task& t) {
  h.residents.push_back(&t);
  h.ram_tasks += application(t).resident.value;
  conditions_changed(h);
}

void World::remove_resident(HostState& h, Task& t) {
  const auto it = std::find(h.residents.begin(), h.residents.end(), &t);
  LAIR_ASSERT(it != h.residents.end(), "a task left a host it was not on");
  h.residents.erase(it);
  h.ram_tasks -= application(t).resident.value;
  conditions_changed(h);
}

void World::kill_for_memory(HostState& h) {
  if (h.going_down) return;
  // One byte of slack: sums of the same terms in another order differ in their last bits.
  while (h.ram_need() > h.spec->ram.value + h.spec->swap.value + 1) {
    Task* largest = nullptr;
    for (Task* t : h.residents) {
      if (t->host != h.id) continue; // a reservation holds no pages yet
      if (largest == nullptr ||
          application(*t).resident.value > application(*largest).resident.value ||
          (application(*t).resident.value == application(*largest).resident.value &&
           t->id > largest->id))
        largest = t;
    }
    if (largest == nullptr) return; // nothing to kill: the attack itself fills the swap
    Event e = event(EventKind::task_killed);
    e.task = largest->id;
    e.host = h.id;
    e.reason = Reason::out_of_memory;
    emit(e);
    lose_task(*largest, Reason::out_of_memory);
  }
}

void World::register_transfer(Transfer& transfer) {
  transfer.slot = transfers_.size();
  transfer.active = true;
  transfer.cut = false;
  transfer.credited = 0;
  transfers_.push_back(&transfer);
}

void World::credit(Transfer& transfer) {
  if (transfer.cut) return;
  double left = 0;
  if (transfer.activity != nullptr) left = std::max(0.0, transfer.activity->get_remaining());
  if (transfer.endless && left <= 0) return;
  const double done = std::max(transfer.credited, transfer.size - left);
  const double bytes = (done - transfer.credited) * transfer.scale;
  transfer.credited = done;
  if (transfer.reader != nullptr && transfer.reader->on)
    transfer.reader->total[transfer.network ? LAIR_NET_IN : LAIR_DISK_READ] += bytes;
  if (transfer.writer != nullptr && transfer.writer->on)
    transfer.writer->total[transfer.network ? LAIR_NET_OUT : LAIR_DISK_WRITE] += bytes;
}

void World::drop_transfer(Transfer& transfer) {
  if (!transfer.active) return;
  if (!transfer.network) {
    HostState& h = transfer.reader != nullptr ? *transfer.reader : *transfer.writer;
    if (h.card_transfers > 0) --h.card_transfers;
  }
  credit(transfer);
  const auto activity = transfer.activity;
  finish_transfer(transfer);
  if (activity != nullptr) retire(activity);
}

void World::retire(sgc::s4u::ActivityPtr activity) {
  activity->cancel();
  retired_.activities.push_back(std::move(activity));
}

void World::finish_transfer(Transfer& transfer) {
  if (!transfer.active) return;
  transfer.active = false;
  transfer.activity = nullptr;
  transfers_.back()->slot = transfer.slot;
  transfers_[transfer.slot] = transfers_.back();
  transfers_.pop_back();
  transfer.reader = transfer.writer = nullptr;
}

} // namespace lair::world::sim
