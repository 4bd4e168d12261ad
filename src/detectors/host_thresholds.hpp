/// One SPOT threshold per host, all of them started from one set of scores: of a trained model's
/// calibration, or else the first scores of all own hosts together, since a host alone has too few.
#pragma once

#include "core/extremes.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

namespace lair {

class HostThresholds {
public:
  /// `first`: scores that begin the thresholds when start() is not called.
  HostThresholds(const PeakOptions& options, std::size_t first) : first_(first), start_(options) {}

  void start(std::span<const double> calibration) { start_.begin(calibration); }

  struct Verdict {
    double threshold; ///< the largest number while nothing is known
    bool alarm;
  };
  /// The threshold before this score, and what the score is by it (eq. 14); then learns from it.
  Verdict judge(std::uint32_t host, double score) {
    if (!start_.begun()) {
      waiting_.push_back(score);
      return {std::numeric_limits<double>::max(), false};
    }
    PeakThreshold& own = hosts_.try_emplace(host, start_).first->second;
    const double threshold = own.threshold();
    return {threshold, own.step(score)};
  }
  /// Call when all hosts of an interval are judged: thresholds begin between intervals.
  void end_interval() {
    if (!start_.begun() && waiting_.size() >= first_) start_.begin(waiting_);
  }

private:
  std::size_t first_;
  std::vector<double> waiting_;
  PeakThreshold start_;
  std::map<std::uint32_t, PeakThreshold> hosts_; ///< by id
};

} // namespace lair
