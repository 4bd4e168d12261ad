/// Every difference between SimGrid 3.32 (Debian 12) and 4.x that Lair meets. The only file that looks
/// at SIMGRID_VERSION, and the only one to change for a new release.
#pragma once

#include <simgrid/Exception.hpp>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>
#include <simgrid/simix.hpp>
#include <simgrid/version.h>

#include <string>
#include <utility>
#include <vector>

namespace lair::world::sim::sgc {

namespace s4u = simgrid::s4u;
using LinkInRoute = s4u::LinkInRoute;

/// Runs `code` in the simulation kernel: no other actor runs meanwhile. SimGrid calls made inside do
/// not yield. From the kernel itself (timers) it is a plain call.
template <class F> void atomically(F&& code) {
  simgrid::kernel::actor::simcall_answered(std::forward<F>(code));
}

/// Runs `callback` in the kernel at simulated time `date`.
template <class F> void at(double date, F callback) {
  simgrid::kernel::timer::Timer::set(date, std::move(callback));
}

inline double now() { return s4u::Engine::get_clock(); }

/// Host::exec_init() ignores its host (trap 1 of tests/physics): always name the host.
inline s4u::ExecPtr make_exec() { return s4u::Exec::init(); }

/// What is left of an execution; call it in the kernel. Asking one that ends at this very instant, in
/// a timer and so before its actor has heard of it, aborts SimGrid (trap 19).
inline double flops_left(const s4u::Exec& exec) {
  for (auto* model : s4u::Engine::get_instance()->get_all_models())
    for (auto* ended : {model->get_finished_action_set(), model->get_failed_action_set()})
      for (const auto& action : *ended)
        if (action.get_activity() == exec.get_impl()) return 0;
  return exec.get_remaining();
}

#if SIMGRID_VERSION >= 33400
inline double link_load(const s4u::Link* link) { return link->get_load(); }
#else
inline double link_load(const s4u::Link* link) { return link->get_usage(); }
#endif

/// The links of a star's branch; none for a node that sits in the star's centre.
inline std::vector<LinkInRoute> branch(s4u::SplitDuplexLink* link) {
  if (link == nullptr) return {};
  return {LinkInRoute(link, LinkInRoute::Direction::UP)};
}

#if SIMGRID_VERSION >= 40000
inline s4u::NetZone* root_star(s4u::Engine& e) { return e.get_netzone_root()->add_netzone_star("wan"); }
inline s4u::NetZone* sub_star(s4u::NetZone* parent, const std::string& name) {
  return parent->add_netzone_star(name);
}
inline void attach(s4u::NetZone*, s4u::NetZone*) {}
inline void attach_to_root(s4u::NetZone*) {}
inline s4u::Host* add_host(s4u::NetZone* z, const std::string& name, double speed) {
  return z->add_host(name, speed);
}
inline s4u::Disk* add_disk(s4u::Host* h, const std::string& name, double read, double write) {
  return h->add_disk(name, read, write);
}
inline s4u::SplitDuplexLink* add_duplex(s4u::NetZone* z, const std::string& name, double bandwidth) {
  return z->add_split_duplex_link(name, bandwidth);
}
/// In 4.x the gateway must be set before seal().
inline auto* add_router(s4u::NetZone* z, const std::string& name) {
  auto* router = z->add_router(name);
  z->set_gateway(router);
  return router;
}
inline void star_route(s4u::NetZone* z, s4u::Host* h, s4u::SplitDuplexLink* l) {
  z->add_route(h, nullptr, branch(l), true);
}
template <class Gateway>
void star_route(s4u::NetZone* z, s4u::NetZone* sub, Gateway*, s4u::SplitDuplexLink* l) {
  z->add_route(sub, nullptr, branch(l), true);
}
template <class... A> s4u::ActorPtr add_actor(const std::string& name, s4u::Host* h, A... a) {
#if SIMGRID_VERSION >= 40100
  return h->add_actor(name, a...);
#else
  return s4u::Engine::get_instance()->add_actor(name, h, a...);
#endif
}
#else
// Every new host and link, and every zone that is sealed, makes 3.32 search all zones below the root.
// So zones are filled while they hang below none, with the root's models given by hand, and the root,
// the first zone made, is an empty one until the end. (At 16,384 hosts: 12 s against 0.3 s.)
inline s4u::NetZone* unattached_star(const std::string& name) {
  auto* z = s4u::create_star_zone(name);
  auto* root = s4u::Engine::get_instance()->get_netzone_root()->get_impl();
  auto* impl = z->get_impl();
  impl->set_network_model(root->get_network_model());
  impl->set_cpu_pm_model(root->get_cpu_pm_model());
  impl->set_cpu_vm_model(root->get_cpu_vm_model());
  impl->set_disk_model(root->get_disk_model());
  impl->set_host_model(root->get_host_model());
  return z;
}
inline s4u::NetZone* root_star(s4u::Engine&) {
  s4u::create_star_zone("root");
  return unattached_star("wan");
}
inline s4u::NetZone* sub_star(s4u::NetZone*, const std::string& name) { return unattached_star(name); }
/// When it is full, and its parent's own hosts and links are made.
inline void attach(s4u::NetZone* zone, s4u::NetZone* parent) { zone->set_parent(parent); }
inline void attach_to_root(s4u::NetZone* zone) {
  zone->set_parent(s4u::Engine::get_instance()->get_netzone_root());
}
inline s4u::Host* add_host(s4u::NetZone* z, const std::string& name, double speed) {
  return z->create_host(name, speed);
}
inline s4u::Disk* add_disk(s4u::Host* h, const std::string& name, double read, double write) {
  return h->create_disk(name, read, write);
}
inline s4u::SplitDuplexLink* add_duplex(s4u::NetZone* z, const std::string& name, double bandwidth) {
  return z->create_split_duplex_link(name, bandwidth);
}
inline auto* add_router(s4u::NetZone* z, const std::string& name) { return z->create_router(name); }
inline void star_route(s4u::NetZone* z, s4u::Host* h, s4u::SplitDuplexLink* l) {
  z->add_route(h->get_netpoint(), nullptr, nullptr, nullptr,
               branch(l), true);
}
template <class Gateway>
void star_route(s4u::NetZone* z, s4u::NetZone* sub, Gateway* gateway, s4u::SplitDuplexLink* l) {
  z->add_route(sub->get_netpoint(), nullptr, gateway, nullptr,
               branch(l), true);
}
template <class... A> s4u::ActorPtr add_actor(const std::string& name, s4u::Host* h, A... a) {
  return s4u::Actor::create(name, h, a...);
}
#endif

/// An actor that runs no policy and so needs little stack: tasks, attacks, fetches. What the world
/// records runs on the kernel's stack (atomically).
template <class F> s4u::ActorPtr add_small_actor(const std::string& name, s4u::Host* h, F code) {
  return s4u::Actor::init(name, h)->set_stacksize(16 /* KiB */)->start(std::move(code));
}

} // namespace lair::world::sim::sgc
