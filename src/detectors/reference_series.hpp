/// The series that the public code of the baselines measures states by. The code has a column for each of its 16
/// hosts and three metrics, from 202 intervals of its own world; here a column for each metric, of all hosts of
/// our world: configuration 2, medium load, `none`, no fault, seed 500, 200 intervals (the first table of
/// results/reference/reference-style/README.md).
#pragma once

#include "detectors/reference_rule.hpp"

#include <array>
#include <cstddef>

namespace lair::reference_series {

inline constexpr TwoClusters::Point largest{1, 0.571, 2.10e6}; ///< CPU and RAM share, disk in bytes/s
/// 98th percentiles over the largest; the CPU's would be 1 - 1e-5 at most.
inline constexpr TwoClusters::Point limit{0.998, 0.696, 0.397};

/// What an optimiser that always moves by its whole rate adds in the 12 steps that the code's generation takes:
/// rate 0.01, down a cosine to nothing in ten steps and up again; 0.055.
double generated_shift();

/// The greatest share of its limit that a metric of the state has, each moved by `shift` before.
double excess(const TwoClusters::Point& state, const TwoClusters::Point& shift);

} // namespace lair::reference_series
