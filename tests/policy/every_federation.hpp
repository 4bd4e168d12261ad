// Observations of every size and oddity that a policy must answer.
#pragma once

#include "policy/synthetic_observation.hpp"

#include <cstdint>
#include <vector>

/// What a broker sees of federations of 1, 16, 100 and 1,000 hosts in LEIs of one and of four (which are its own
/// hosts), each own host with so many running tasks.
inline std::vector<lair::SyntheticSpec> every_federation(std::uint32_t tasks_per_host) {
  std::vector<lair::SyntheticSpec> all;
  for (const std::uint32_t hosts : {1u, 16u, 100u, 1000u})
    for (const std::uint32_t per_lei : {1u, 4u}) {
      if (per_lei > hosts) continue;
      lair::SyntheticSpec& spec = all.emplace_back();
      spec.own_hosts = per_lei;
      spec.other_hosts = hosts - per_lei;
      spec.hosts_per_lei = per_lei;
      spec.running = tasks_per_host * per_lei;
    }
  return all;
}

/// A usual one, nobody, one host, nothing alive, absurd numbers, a lone host without tasks.
inline std::vector<lair::SyntheticSpec> odd_observations(std::uint32_t queued) {
  lair::SyntheticSpec usual, empty, one, dead, extreme, lone;
  usual.running = 20;
  if (queued > 0) usual.queued = queued;
  empty.own_hosts = empty.other_hosts = empty.queued = 0;
  one.own_hosts = 1;
  one.other_hosts = 0;
  lone.own_hosts = 1;
  lone.running = 0;
  dead.dead = true;
  extreme.extreme = true;
  return {usual, empty, one, dead, extreme, lone};
}
