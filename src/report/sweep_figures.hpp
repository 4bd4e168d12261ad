/// Figures of a sweep.
#pragma once

#include "report/figure.hpp"
#include "report/load_sweep.hpp"
#include "report/sweep_numbers.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lair::report {

/// Bars by policy.
Figure policy_figure(const LoadedSweep&, record::Metric);

/// The metric against one axis, a line per policy that has it; bars for an axis of names.
Figure axis_figure(const LoadedSweep&, std::size_t axis, record::Metric);

/// The metric over two axes, for one policy.
Figure pair_figure(const LoadedSweep&, std::size_t x, std::size_t y, const std::string& policy, record::Metric);

/// What share of the variance each axis explains, over the points of a policy; of all if empty.
Figure share_figure(const std::vector<AxisShare>&, const std::string& policy, record::Metric);

/// "faults.rate, 1/interval"
std::string axis_label(const SweptAxis&);

} // namespace lair::report
