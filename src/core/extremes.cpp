#include "core/extremes.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {
namespace {

/// Grimshaw's u and v at x = shape / scale.
struct Profile {
  double mean_log, mean_inverse;
  double equation() const { return (1 + mean_log) * mean_inverse - 1; }
};

Profile profile(std::span<const double> y, double x) {
  Profile p{0, 0};
  for (const double value : y) {
    p.mean_log += std::log1p(x * value);
    p.mean_inverse += 1 / (1 + x * value);
  }
  p.mean_log /= static_cast<double>(y.size());
  p.mean_inverse /= static_cast<double>(y.size());
  return p;
}

/// Root between a and b, which differ in sign: bisection to the last bits.
double root(std::span<const double> y, double a, double b) {
  const bool rising = profile(y, a).equation() < 0;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (a + b);
    if (middle == a || middle == b) break;
    ((profile(y, middle).equation() < 0) == rising ? a : b) = middle;
  }
  return 0.5 * (a + b);
}

constexpr int grid = 40; ///< points per side, evenly in the logarithm of the distance to the border

} // namespace

double ParetoTail::exceeded_with(double p) const {
  if (std::fabs(shape) < 1e-9) return -scale * std::log(p);
  return scale / shape * std::expm1(-shape * std::log(p));
}

double ParetoTail::log_likelihood(std::span<const double> excesses) const {
  constexpr double impossible = -std::numeric_limits<double>::infinity();
  if (!(scale > 0)) return impossible;
  double sum = 0;
  for (const double y : excesses) {
    const double inside = 1 + shape * y / scale;
    if (inside <= 0) return impossible;
    sum += std::fabs(shape) < 1e-9 ? y / scale : (1 + 1 / shape) * std::log(inside);
  }
  return -static_cast<double>(excesses.size()) * std::log(scale) - sum;
}

ParetoTail fit_pareto_tail(std::span<const double> y) {
  const auto n = static_cast<double>(y.size());
  if (y.empty()) return {};
  double sum = 0, squares = 0, least = y[0], most = y[0];
  for (const double value : y) {
    sum += value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const double mean = sum / n;
  for (const double value : y) squares += (value - mean) * (value - mean);
  const double variance = n > 1 ? squares / (n - 1) : 0;
  if (!(most > 0)) return {};
  ParetoTail best{0, mean}; // shape 0: exponential
  const double ratio = variance > 0 ? mean * mean / variance : 1;
  const ParetoTail moments{0.5 * (1 - ratio), 0.5 * mean * (ratio + 1)};
  if (y.size() < 10 || !(variance > 1e-18 * mean * mean)) {
    if (variance > 1e-18 * mean * mean) best = moments;
  } else {
    double found = best.log_likelihood(y);
    const auto consider = [&](const ParetoTail& tail) {
      const double likelihood = tail.log_likelihood(y);
      if (tail.shape >= -1 && likelihood > found) {
        found = likelihood;
        best = tail;
      }
    };
    const auto search = [&](double from, double to) { // same sign, |from| < |to|
      double a = from, value = profile(y, a).equation();
      for (int i = 1; i <= grid; ++i) {
        const double b = from * std::pow(to / from, static_cast<double>(i) / grid);
        const double next = profile(y, b).equation();
        if ((value < 0) != (next < 0)) {
          const double x = root(y, a, b), shape = profile(y, x).mean_log;
            consider({shape, shape / x});
        }
        a = b;
        value = next;
      }
    };
    // Left: shape < 0, x > -1 / max. Right: Grimshaw's bounds.
    search(-1e-6 / mean, -(1 - 1e-9) / most);
    const double upper = least > 0 ? 2 * (mean - least) / (least * least) : 1e6 / mean;
    search(1e-6 / mean, std::min(upper, 1e9 / mean));
    // Where the likelihood only grows towards shape -1 (uniform scores): its best is the border.
    double outside = -(1 - 1e-12) / most, inside = -1e-6 / mean;
    if (profile(y, outside).mean_log < -1) {
      for (int i = 0; i < 200; ++i) {
        const double middle = 0.5 * (outside + inside);
        (profile(y, middle).mean_log < -1 ? outside : inside) = middle;
      }
      consider({-1, -1 / inside});
    }
  }
  if (y.size() < 30 && std::fabs(best.shape) > 0.5) {
    best.shape = std::clamp(best.shape, -0.5, 0.5);
    best.scale = mean * (1 - best.shape); // keeps the mean, scale / (1 - shape)
  }
  return best;
}

void PeakThreshold::begin(std::span<const double> scores) {
  peaks_.clear();
  unfitted_ = 0;
  count_ = static_cast<double>(scores.size());
  peak_count_ = 0;
  if (scores.empty()) return;
  start_ = percentile(scores, options_.level);
  for (const double score : scores)
    if (score > start_) {
      peaks_.push_back(score - start_);
      ++peak_count_;
    }
  while (peaks_.size() > options_.most_peaks) peaks_.pop_front();
  refit();
}

void PeakThreshold::refit() {
  unfitted_ = 0;
  tail_ = fit_pareto_tail(std::vector<double>(peaks_.begin(), peaks_.end()));
  place();
}

void PeakThreshold::place() {
  // Scores that are all equal have no tail: whatever is above them is an alarm.
  const double least = start_ + 1e-9 * std::max(1.0, std::fabs(start_));
  threshold_ = least;
  if (peak_count_ > 0 && tail_.scale > 0)
    threshold_ =
        std::max(least, start_ + tail_.exceeded_with(std::min(1.0, options_.risk * count_ /
                                                                       peak_count_)));
}

bool PeakThreshold::step(double score) {
  if (!begun()) return false;
  if (is_alarm(score)) return true;
  ++count_;
  if (score > start_) {
    peaks_.push_back(score - start_);
    ++peak_count_;
    if (peaks_.size() > options_.most_peaks) peaks_.pop_front();
    ++unfitted_;
  }
  if (unfitted_ >= options_.refit) refit();
  else place();
  return false;
}

} // namespace lair
