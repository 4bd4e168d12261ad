#include "world/sim/courier.hpp"

#include "core/error.hpp"
#include "world/sim/world.hpp"

#include <utility>

namespace lair::world::sim {

Courier& World::courier(const HostState& h) {
  return *couriers_[h.id.index() / Courier::hosts_served];
}

void World::start_couriers() {
  for (std::size_t first = 0; first < hosts_.size(); first += Courier::hosts_served) {
    couriers_.push_back(std::make_unique<Courier>(couriers_.size()));
    Courier* c = couriers_.back().get();
    c->actor = sgc::add_small_actor("courier", leis_[hosts_[first]->lei.index()]->sim.gateway,
                                    [this, c] { courier_main(*c); });
    c->actor->daemonize();
  }
}

bool World::deliver(Task& t, bool input, double bytes) {
  HostState& h = host(t.host);
  if (bytes <= 0) return true;
  if (!h.sim.host->is_on()) return false;
  Delivery& d = courier(h).take();
  d.stage = Delivery::Stage::offered;
  d.task = &t;
  d.host = h.sim.host;
  d.gateway = leis_[t.entry.index()]->sim.gateway;
  d.input = input;
  d.bytes = bytes;
  t.delivery = &d;
  // The task's end is the host's, the courier's the gateway's: SimGrid ends an actor whose end of a
  // transfer goes off, so that the courier's must never do.
  const auto comm = input ? d.box->get_async(&d.received)
                          : d.box->put_async(&d, static_cast<std::uint64_t>(bytes));
  sgc::atomically([&] {
    d.task_end = comm;
    // SimGrid takes the ends from where both actors are when they meet; the courier sends it back.
    t.actor->set_host(d.host);
    d.stage = Delivery::Stage::asked;
    Courier& c = courier(h);
    c.asked.push_back(&d);
    if (std::exchange(c.idle, false)) c.wake->release();
  });
  bool done = false;
  try {
    comm->wait();
    done = true;
  } catch (const simgrid::Exception&) {
    // The link failed: a value, see below.
  }
  if (done) t.transfer.activity = nullptr; // all of it was sent
  else t.transfer.cut |= comm->get_remaining() <= 0; // begun on a link that is off
  sgc::atomically([&] {
    if (t.actor->get_host() != d.gateway) t.actor->set_host(d.gateway);
    if (t.transfer.active) credit(t.transfer);
    finish_transfer(t.transfer);
    if (done) d.task_end = nullptr;
    end_delivery(t);
  });
  return done;
}

void World::end_delivery(Task& t) {
  if (t.delivery == nullptr) return;
  Delivery& d = *std::exchange(t.delivery, nullptr);
  Courier& c = courier(host(t.host));
  d.task = nullptr;
  if (d.stage == Delivery::Stage::offered) c.give_back(d);
  else if (d.stage == Delivery::Stage::moving) c.over.push_back(&d);
  // Ended transfers keep their memory until the courier comes by.
  if (c.over.size() >= Courier::most_over && std::exchange(c.idle, false)) c.wake->release();
  // Those asked for are still in the courier's hands: it will see that nobody waits.
}

void World::courier_main(Courier& c) {
  std::vector<Delivery*> batch;
  for (;;) {
    batch.swap(c.asked);
    for (Delivery* d : batch) {
      if (d->task == nullptr) continue;
      if (c.actor->get_host() != d->gateway) sgc::s4u::this_actor::set_host(d->gateway);
      d->courier_end = d->input ? d->box->put_async(d, static_cast<std::uint64_t>(d->bytes))
                                : d->box->get_async(&d->received);
    }
    if (!batch.empty()) sgc::atomically([&] {
      for (Delivery* d : batch) take_up(c, *d);
    });
    batch.clear();
    // What has ended leaves SimGrid's list of this actor's transfers only by being waited for.
    batch.swap(c.over);
    for (Delivery* d : batch) {
      try {
        d->courier_end->wait();
      } catch (const simgrid::Exception&) {
        // Failed or called off; the task knows. SimGrid may still have to let go of it (retire()).
        retired_.activities.push_back(d->courier_end);
        retired_.activities.push_back(d->task_end);
      }
      c.give_back(*d);
    }
    batch.clear();
    if (!c.asked.empty()) continue;
    c.idle = true;
    c.wake->acquire();
  }
}

void World::take_up(Courier& c, Delivery& d) {
  if (d.courier_end == nullptr) { // its task was lost before the courier came
    c.give_back(d);
    return;
  }
  d.stage = Delivery::Stage::moving;
  if (d.task == nullptr) { // lost or failed in between; if it never met its task, it waits in the box
    d.courier_end->cancel();
    c.free_box(d);
    c.over.push_back(&d);
    return;
  }
  c.free_box(d);
  Task& t = *d.task;
  t.actor->set_host(d.gateway);
  HostState& h = host(t.host);
  Transfer& transfer = t.transfer;
  transfer.network = true;
  transfer.writer = d.input ? nullptr : &h;
  transfer.reader = d.input ? &h : nullptr;
  transfer.activity = d.task_end;
  transfer.size = d.bytes;
  transfer.scale = 1;
  register_transfer(transfer);
  transfer.cut = transfer.activity->get_remaining() <= 0; // begun on a link that is off
}

} // namespace lair::world::sim
