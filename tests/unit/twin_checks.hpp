/// What the tests of the twin against closed forms have in common.
#pragma once

#include "twin_builder.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

namespace twin_test {

inline constexpr double inf = std::numeric_limits<double>::infinity();

inline lair_action place(std::uint64_t task, std::uint32_t host) { return {LAIR_PLACE, host, task}; }
inline lair_action migrate(std::uint64_t task, std::uint32_t host) {
  return {LAIR_MIGRATE, host, task};
}

inline double state(const lair::Forecast& f, std::uint32_t row, lair_metric metric) {
  return f.states[std::size_t(row) * LAIR_METRICS + metric];
}

inline doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9); }

} // namespace twin_test
