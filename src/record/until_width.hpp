/// `lair compare --until-width`: seeds are added until a metric's mean is known well enough.
#pragma once

#include "record/summary.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lair::record {

struct ComparedPolicy;

/// Of what the interval is to be narrow.
enum class WidthOf : std::uint8_t {
  mean,      ///< every policy's mean, as a share of it
  difference ///< every paired difference to the baseline, as a share of the baseline's mean
};

struct WidthGoal {
  Metric metric = Metric::response_mean_s;
  WidthOf of = WidthOf::mean;
  double width = 0.05;         ///< of the 95 % interval, relative
  std::size_t most_seeds = 200; ///< the given ones included
};

/// An interval of fewer seeds may be narrow by luck: none is believed before this many (Law,
/// Simulation Modeling and Analysis, 9.4.1, begins with 10 as well).
inline constexpr std::size_t least_seeds = 10;
/// Fewer than this are never added at once: each look at the width is a chance to stop by luck.
inline constexpr std::size_t least_block = 5;

struct PolicyWidth {
  std::size_t policy = 0;
  double width = 0;       ///< relative; NaN if the policy has no value of the metric
  std::size_t needed = 0; ///< seeds guessed from the present ones (core/precision.hpp)
};

struct WidthReport {
  WidthGoal goal;
  std::size_t given = 0, seeds = 0; ///< before, and with those added
  bool reached = false;
  std::vector<PolicyWidth> widths; ///< with WidthOf::difference, the baseline has none
};

/// How wide the intervals are by now. Policies without any value do not count; if none has one, the
/// goal is not reached.
WidthReport look_at_width(const WidthGoal&, const std::vector<ComparedPolicy>&, std::size_t given);

/// With how many seeds to look again; as many as there are now: stop. Half of what is guessed to be
/// missing, so that a poor guess does not overshoot. Depends on results only.
std::size_t next_look(const WidthReport&);

/// One sentence: reached or not, with what.
std::string width_text(const WidthReport&, const std::vector<std::string>& policies);

} // namespace lair::record
