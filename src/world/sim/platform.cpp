#include "world/sim/platform.hpp"

#include "core/error.hpp"

#include <cmath>

namespace lair::world::sim {

using sgc::s4u::Engine;

void configure(bool thread_contexts) {
  Engine::set_config("contexts/nthreads", 1);
  if (!thread_contexts) {
    Engine::set_config("contexts/stack-size", 1024); // KiB; 48 suffice for the heaviest policy
    Engine::set_config("contexts/guard-size", 1);    // pages: an overflow is a clean SIGSEGV
  }
  Engine::set_config("network/model", std::string("CM02"));
  Engine::set_config("network/crosstraffic", 0);
  Engine::set_config("network/TCP-gamma", 0.0); // no window bound: shares are the links' alone
}

Platform build_platform(Engine& engine, const Federation& federation) {
  Platform platform;
  platform.hosts.resize(federation.hosts.size());
  platform.leis.resize(federation.leis.size());
  auto* wan = sgc::root_star(engine);
  for (std::size_t l = 0; l < federation.leis.size(); ++l) {
    const LeiDescription& lei = federation.leis[l];
    const std::string id = std::to_string(l);
    auto* zone = sgc::sub_star(wan, "lei" + id);
    auto* router = sgc::add_router(zone, "router" + id);
    for (const HostId h : lei.hosts) {
      const HostSpec& spec = federation.host(h).spec;
      LAIR_ASSERT(std::isfinite(spec.speed().value) && spec.speed().value > 0 &&
                      spec.disk.read.value > 0 && spec.disk.write.value > 0 && spec.nic.value > 0,
                  "an unvalidated host reached the simulator");
      const std::string name = "h" + std::to_string(h.value);
      auto* host = sgc::add_host(zone, name, spec.speed().value);
      auto* disk = sgc::add_disk(host, name + "_card", spec.disk.read.value, spec.disk.read.value);
      auto* lan = sgc::add_duplex(zone, name + "_lan", spec.nic.value);
      lan->set_latency(spec.lan_latency.value);
      sgc::star_route(zone, host, lan);
      host->seal();
      platform.hosts[h.index()] = {host, disk, lan->get_link_up(), lan->get_link_down()};
    }
    // The gateway's own port is not a bottleneck of the model: the WAN and LAN links are.
    auto* gateway = sgc::add_host(zone, "g" + id, 1e9);
    sgc::star_route(zone, gateway, nullptr);
    gateway->seal();
    sgc::attach(zone, wan);
    zone->seal();
    auto* uplink = sgc::add_duplex(wan, "wan" + id, lei.wan_bandwidth.value);
    uplink->set_latency(lei.wan_latency.value);
    sgc::star_route(wan, zone, router, uplink);
    platform.leis[l] = {gateway, uplink->get_link_up(), uplink->get_link_down()};
  }
  // A zone of its own: a star zone routes between its sub-zones, not to a host beside them.
  auto* abroad = sgc::sub_star(wan, "abroad");
  auto* router = sgc::add_router(abroad, "router_abroad");
  platform.outside = sgc::add_host(abroad, "outside", 1e9);
  sgc::star_route(abroad, platform.outside, nullptr);
  platform.outside->seal();
  sgc::attach(abroad, wan);
  abroad->seal();
  // No link of its own: one that all floods share would tie all LEIs into one system to solve.
  sgc::star_route(wan, abroad, router, nullptr);
  sgc::attach_to_root(wan);
  wan->seal();
  return platform;
}

} // namespace lair::world::sim
