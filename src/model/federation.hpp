/// The federation as values: hosts, LEIs, links. What a platform file describes; no simulator type.
#pragma once

#include "core/ids.hpp"
#include "core/units.hpp"
#include "model/power.hpp"

#include <string>
#include <vector>

namespace lair {

/// A storage card. Requests share its time: each outstanding request gets an equal part.
struct DiskSpec {
  BytesPerSecond read{40e6}, write{20e6};             ///< sequential, one stream alone
  BytesPerSecond random_read{8e6}, random_write{4e6}; ///< swap and other small requests
  bool operator==(const DiskSpec&) const = default;
};

/// A kind of device; a platform names its kinds once and its hosts refer to them.
struct HostSpec {
  std::string kind; ///< for example pi4b-8gb
  unsigned cores = 4;
  FlopsPerSecond core_speed{3.2e9}; ///< effective for inference
  Bytes ram{}, swap{};
  Bytes ram_system{650e6}; ///< base system
  DiskSpec disk;
  BytesPerSecond nic{125e6};
  Seconds lan_latency{2e-4}; ///< one way, host to gateway
  PowerCurve power;
  FlopsPerSecond speed() const { return core_speed * cores; } ///< of all cores
};

struct HostDescription {
  std::string name;
  HostSpec spec;
  LeiId lei; ///< at the start of the run
};

struct LeiDescription {
  std::string name;
  HostId broker;              ///< at the start of the run
  std::vector<HostId> hosts;  ///< brokers included, ascending
  Seconds wan_latency{5e-3};  ///< a_i: one way from the gateway into the WAN; a pair's is a_i + a_j
  BytesPerSecond wan_bandwidth{125e6};
  double weight = 0; ///< arrivals weight; 0 = number of hosts
};

struct Federation {
  std::string name;
  std::vector<HostDescription> hosts; ///< indexed by HostId
  std::vector<LeiDescription> leis;   ///< indexed by LeiId
  bool broker_runs_tasks = true;

  const HostDescription& host(HostId id) const { return hosts[id.index()]; }
  const LeiDescription& lei(LeiId id) const { return leis[id.index()]; }
};

} // namespace lair
