/// Scenarios drawn at random, as nasty as a scenario file may be.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>

namespace lair::physics {

/// The scenario of this seed: 1-40 hosts in 1-8 LEIs, 20 intervals, any workload, sizes of nothing and
/// of too much, faults of every kind at the worst moments, any policy.
Scenario random_scenario(std::uint64_t seed);

} // namespace lair::physics
