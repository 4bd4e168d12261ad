/// Experiment designs: which points of the unit cube are run, so that an effect of each axis can be
/// told from the results (core/sensitivity.hpp). A design depends on its arguments only; the same
/// seed gives the same points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lair {

/// One row per point, one column per axis, every value in [0, 1].
using Design = std::vector<std::vector<double>>;

/// Latin hypercube (McKay, Beckman and Conover 1979): each of the `points` equal slices of every
/// axis holds exactly one point, at a random place in it; values in [0, 1). An axis's values do not
/// depend on how many axes follow it.
Design latin_hypercube(std::size_t points, std::size_t dimensions, std::uint64_t seed);

/// n (d + 2) points for Sobol indices of first order and total (Saltelli et al. 2010), in n groups
/// of d + 2: a row of A, that row with axis 0 from B, ..., with axis d - 1 from B, the row of B. A
/// and B are the two halves of one Latin hypercube of 2 d axes: any n will do, where a Sobol
/// sequence wants a power of 2, and it keeps the mean as exact on every axis.
Design saltelli_design(std::size_t n, std::size_t dimensions, std::uint64_t seed);

/// `trajectories` times d + 1 points for elementary effects (Morris 1991), on a grid of `levels`
/// (at least 2; even ones keep all levels equally likely) values 0, 1/(levels-1), ..., 1. Along a
/// trajectory each point differs from the one before in one axis, by levels/2 steps (rounded down)
/// of the grid up or down; the axes come in random order.
Design morris_design(std::size_t trajectories, std::size_t dimensions, std::uint32_t levels,
                     std::uint64_t seed);

} // namespace lair
