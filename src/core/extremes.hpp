/// Thresholds from extreme value theory: what lies far above a high quantile follows a generalised
/// Pareto distribution. Siffer, Fouque, Termier and Largouet, "Anomaly Detection in Streams with
/// Extreme Value Theory", KDD 2017; fit after Grimshaw, Technometrics 35 (1993).
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace lair {

/// Generalised Pareto distribution of excesses over a threshold: P(Y > y) = (1 + shape y / scale)
/// ^ (-1 / shape), and exp(-y / scale) for shape 0.
struct ParetoTail {
  double shape = 0, scale = 0;
  /// The y that is exceeded with probability p.
  double exceeded_with(double p) const;
  double log_likelihood(std::span<const double> excesses) const; ///< -inf outside its support
};

/// Fit by maximum likelihood over shapes >= -1 (all roots of Grimshaw's equation, shape 0 and the
/// border -1, below which the likelihood has no bound); by moments where there are fewer than 10
/// excesses. Below 30 the shape is kept within +-0.5. All must be >= 0; none gives scale 0.
ParetoTail fit_pareto_tail(std::span<const double> excesses);

struct PeakOptions {
  double risk = 1e-4;            ///< q: probability that a normal score lies above the threshold
  double level = 0.93;           ///< quantile of the first scores above which peaks begin
  std::uint32_t most_peaks = 500; ///< the newest are kept
  std::uint32_t refit = 10;       ///< new peaks that make a new fit worth its time
};

/// POT on a batch, then SPOT on a stream. The state is a few numbers and the peaks.
class PeakThreshold {
public:
  explicit PeakThreshold(const PeakOptions& options = {}) : options_(options) {}
  /// POT: sets the threshold from the first scores. With fewer than about 200 it is rough.
  void begin(std::span<const double> scores);
  bool begun() const { return count_ > 0; }
  /// z_q. A score at or above it is an alarm (eq. 14 of DRAGON).
  double threshold() const { return threshold_; }
  bool is_alarm(double score) const { return begun() && score >= threshold_; }
  /// One more score; true if it is an alarm. Alarms are not learned from. Before begin() nothing is.
  bool step(double score);

  double peaks_begin() const { return start_; } ///< t
  const ParetoTail& tail() const { return tail_; }
  std::size_t peaks() const { return peaks_.size(); }

private:
  void refit();
  void place();

  PeakOptions options_;
  double start_ = 0, threshold_ = 0;
  double count_ = 0, peak_count_ = 0; ///< scores and peaks ever seen
  std::uint32_t unfitted_ = 0;
  std::deque<double> peaks_;
  ParetoTail tail_;
};

} // namespace lair
