/// From recorded traces to what the network sees: the samples that a detector would have made of the
/// same observations, and what was true.
#pragma once

#include "learn/model_file.hpp"
#include "learn/sample_builder.hpp"
#include "trace/trace.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace lair::learn {

/// One observation of one broker. Rows of hosts are the own hosts, as in the sample.
struct TraceSample {
  Sample sample;
  std::uint32_t run = 0, interval = 0, stream = 0;
  std::vector<std::uint32_t> hosts;     ///< ids
  std::vector<double> newest, forecast; ///< hosts x LAIR_METRICS, raw
  std::vector<std::uint8_t> faulty;     ///< in the interval that begins here
  std::vector<std::uint8_t> was_faulty; ///< in the one before; 0 in the first
};

/// Least and largest value of each metric among all states of the traces; a metric that never changes
/// gets a range above it, as wide as its value (or 1).
Normalisation ranges_of(std::span<const trace::Trace* const>,
                        const std::vector<std::uint32_t>& metrics);

/// Every observation, in the order of the trace, with the task histories of its own stream.
std::vector<TraceSample> samples_of(const trace::Trace&, const NetworkOptions&, const Normalisation&,
                                    GraphFeatures = GraphFeatures::all);

} // namespace lair::learn
