#include "report/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

/// Powers of ten in [low, high], with 2 and 5 between where there are few of them.
std::vector<double> log_values(double low, double high, std::size_t wanted) {
  const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  const int decades = last - first;
  std::vector<double> out;
  const int every = std::max(1, static_cast<int>(std::ceil(decades / static_cast<double>(wanted))));
  for (int i = first; i <= last; ++i)
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && decades > 2) continue;
      if (factor == 1 && (i - first) % every != 0) continue;
      const double value = factor * std::pow(10.0, i);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) out.push_back(value);
    }
  return out;
}

} // namespace

double round_step(double span, std::size_t wanted) {
  const double least = span / static_cast<double>(std::max<std::size_t>(1, wanted));
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<Tick> labelled(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  double unit = 1;
  const char* suffix = "";
  if (largest >= 1e10) unit = 1e9, suffix = "G";
  else if (largest >= 1e7) unit = 1e6, suffix = "M";
  else if (largest >= 1e4) unit = 1e3, suffix = "k";
  std::vector<Tick> out;
  for (const double v : values) {
    // Ticks are sums and products of steps: without their last bits.
    const double rounded = std::abs(v) < 1e-12 * largest ? 0 : v / unit;
    std::string label = fmt::format("{:.6g}", rounded);
    out.push_back({v, rounded == 0 ? "0" : label + suffix});
  }
  return out;
}

Scale::Scale(double low, double high, std::size_t wanted, Spacing spacing)
    : low_(low), high_(high), spacing_(spacing) {
  if (spacing_ == Spacing::logarithmic) {
    if (low_ == high_) low_ /= 2, high_ *= 2;
    ticks_ = labelled(log_values(low_, high_, wanted));
    return;
  }
  if (low_ == high_) { // one value: an axis around it, or from zero
    if (low_ == 0) high_ = 1;
    else (low_ > 0 ? low_ : high_) = 0;
  }
  const double step = round_step(high_ - low_, wanted);
  const double first = std::floor(low_ / step + 1e-9), last = std::ceil(high_ / step - 1e-9);
  std::vector<double> values;
  for (double i = first; i <= last; ++i) values.push_back(i * step);
  low_ = first * step;
  high_ = last * step;
  ticks_ = labelled(values);
}

double Scale::operator()(double value) const {
  const double share = spacing_ == Spacing::logarithmic
                           ? (std::log(value) - std::log(low_)) / (std::log(high_) - std::log(low_))
                           : (value - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

} // namespace lair::report
