// Designs: their defining property, on sizes that divide nothing evenly.
#include "core/designs.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace lair;

TEST_CASE("a Latin hypercube has one point in every slice of every axis") {
  constexpr std::size_t points = 37, dimensions = 5;
  const Design design = latin_hypercube(points, dimensions, 11);
  REQUIRE(design.size() == points);
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    std::set<int> slices;
    double off_centre = 0;
    for (const auto& point : design) {
      REQUIRE(point.size() == dimensions);
      CHECK(point[axis] >= 0);
      CHECK(point[axis] < 1);
      slices.insert(static_cast<int>(std::floor(point[axis] * points)));
      off_centre += std::abs(std::fmod(point[axis] * points, 1.0) - 0.5);
    }
    CHECK(slices.size() == points);
    CHECK(off_centre > 0.1 * points); // not the slices' centres
  }
  CHECK(design == latin_hypercube(points, dimensions, 11));
  CHECK(design != latin_hypercube(points, dimensions, 12));
  const Design fewer = latin_hypercube(points, 2, 11);
  for (std::size_t i = 0; i < points; ++i) {
    CHECK(fewer[i][0] == design[i][0]);
    CHECK(fewer[i][1] == design[i][1]);
    CHECK(design[i][0] != design[i][1]);
  }
  CHECK(latin_hypercube(0, 3, 1).empty());
  CHECK(latin_hypercube(1, 1, 1).size() == 1);
}

TEST_CASE("Saltelli's design: each row between A and B takes one axis from B") {
  constexpr std::size_t n = 9, d = 3;
  const Design design = saltelli_design(n, d, 5);
  REQUIRE(design.size() == n * (d + 2));
  const Design base = latin_hypercube(n, 2 * d, 5);
  for (std::size_t row = 0; row < n; ++row) {
    const auto* group = &design[row * (d + 2)];
    const auto &a = group[0], &b = group[d + 1];
    for (std::size_t axis = 0; axis < d; ++axis) {
      CHECK(a[axis] == base[row][axis]);
      CHECK(b[axis] == base[row][d + axis]);
      for (std::size_t other = 0; other < d; ++other)
        CHECK(group[1 + axis][other] == (other == axis ? b[other] : a[other]));
    }
  }
}

TEST_CASE("Morris's design: each step moves one axis by half the grid, each axis once") {
  constexpr std::size_t trajectories = 40, d = 4;
  for (const std::uint32_t levels : {2u, 4u, 5u, 8u}) {
    CAPTURE(levels);
    const double step = (levels / 2) / static_cast<double>(levels - 1);
    const Design design = morris_design(trajectories, d, levels, 3);
    REQUIRE(design.size() == trajectories * (d + 1));
    std::set<double> values;
    std::set<std::size_t> first_axes;
    bool up = false, down = false;
    for (std::size_t t = 0; t < trajectories; ++t) {
      std::set<std::size_t> moved;
      for (std::size_t k = 0; k < d; ++k) {
        const auto &from = design[t * (d + 1) + k], &to = design[t * (d + 1) + k + 1];
        std::size_t differ = 0, which = 0;
        for (std::size_t axis = 0; axis < d; ++axis) {
          values.insert(to[axis]);
          if (from[axis] == to[axis]) continue;
          ++differ;
          which = axis;
          CHECK(std::abs(to[axis] - from[axis]) == doctest::Approx(step));
          (to[axis] > from[axis] ? up : down) = true;
        }
        CHECK(differ == 1);
        moved.insert(which);
        if (k == 0) first_axes.insert(which);
      }
      CHECK(moved.size() == d);
    }
    CHECK(values.size() == levels); // 40 trajectories reach every level
    CHECK(*values.begin() == 0);
    CHECK(*values.rbegin() == 1);
    CHECK(first_axes.size() == d);
    CHECK(up);
    CHECK(down);
    CHECK(design == morris_design(trajectories, d, levels, 3));
    CHECK(design != morris_design(trajectories, d, levels, 4));
  }
}
