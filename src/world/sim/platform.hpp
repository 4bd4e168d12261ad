/// The federation's hosts, cards and links as SimGrid resources.
#pragma once

#include "model/federation.hpp"
#include "world/sim/sg_compat.hpp"

#include <vector>

namespace lair::world::sim {

/// What SimGrid holds for one host. The CPU is one resource of all cores' speed; a task's weight and
/// bound are its threads'. The card is one resource of its read speed: a write of X bytes costs
/// X * read / write of it.
struct SimHost {
  sgc::s4u::Host* host = nullptr;
  sgc::s4u::Disk* disk = nullptr;
  sgc::s4u::Link *up = nullptr, *down = nullptr; ///< LAN link, host -> switch and back
};

struct SimLei {
  sgc::s4u::Host* gateway = nullptr; ///< where inputs enter and results leave; never fails
  sgc::s4u::Link *up = nullptr, *down = nullptr; ///< WAN link, LEI -> WAN and back
};

struct Platform {
  std::vector<SimHost> hosts; ///< by HostId
  std::vector<SimLei> leis;   ///< by LeiId
  sgc::s4u::Host* outside = nullptr; ///< where attack traffic comes from
};

/// Global settings of SimGrid for every run: 1 MiB stacks with guard (for raw contexts), CM02 network without cross-traffic, so that closed forms hold.
void configure(bool thread_contexts);

/// Star zone per LEI, star WAN. The federation must have been validated: SimGrid takes nonsense.
Platform build_platform(sgc::s4u::Engine& engine, const Federation& federation);

} // namespace lair::world::sim
