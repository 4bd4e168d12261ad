/// A detector on recorded observations, as a broker would call it: learn, detect, and so on. What it asks
/// of Lair is answered from the trace: its randomness is the run's, its forecasts those that were
/// recorded. A test holds its scores equal to those of the run itself.
#pragma once

#include "trace/trace.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lair::trace {

/// One own host at the start of one interval.
struct JudgedHost {
  std::uint32_t run = 0, interval = 0, host = 0;
  double score = 0, threshold = 0;
  bool label = false;
  bool faulty = false;     ///< in the interval that begins
  bool was_faulty = false; ///< in the one before
};

struct ReplayOptions {
  std::vector<std::pair<std::string, std::string>> options; ///< of the detector
  /// Intervals that are judged: from the first, before the last. Memories begin empty at the first.
  std::uint32_t first = 0, last = 0xffffffffu;
};

using MakeDetector = std::function<std::unique_ptr<Detector>(PolicyContext&)>;

/// One detector for each stream of the trace. OptionError if it refuses an option; what it throws else
/// comes through. Look-ahead needs a twin that can be asked anew, which no trace has.
std::vector<JudgedHost> replay(const Trace&, const MakeDetector&, const ReplayOptions& = {});

} // namespace lair::trace
