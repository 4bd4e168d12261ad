/// Means along an axis compare its values only if all of them ran with the same of everything else.
#pragma once

#include "report/sweep_numbers.hpp"

#include <cstddef>
#include <string>

namespace lair::report {

/// What of a group a mean is taken of.
struct Matched {
  Group points;
  std::size_t all = 0;  ///< points of the group
  bool possible = true; ///< false: no combination is there at every value, so `points` are all
};

/// The points whose seed and levels of the axes that all policies have are there at every level of `axis`
/// for every policy that has it, with every level of its own axes: so all means weigh the same things alike.
/// Constraints and unfinished sweeps leave combinations out, and the mean over what is left would mix the
/// axis with the others. Where policies have nothing in common each is matched by itself. Where an axis
/// of the rest was drawn at random (in bins) it is balanced by its design, and all points are taken.
Matched matched_along(const LoadedSweep&, const Group&, std::size_t axis);

/// The same for the policies themselves.
Matched matched_over_policies(const LoadedSweep&, const Group&);

/// What to say of it behind "Mean over ..."; empty if all points are in. `every` such as "every value of
/// faults.rate".
std::string matched_text(const Matched&, const std::string& every);

} // namespace lair::report
