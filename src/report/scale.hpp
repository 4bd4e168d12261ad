/// From values to pixels, with ticks at round numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lair::report {

enum class Spacing { linear, logarithmic };

struct Tick {
  double value = 0;
  std::string label;
};

class Scale {
public:
  /// Values from `low` to `high` onto pixels `from` to `to`. The ends move out to round numbers, about
  /// `wanted` of them; logarithmic needs low > 0.
  Scale(double low, double high, std::size_t wanted, Spacing = Spacing::linear);
  void place(double from, double to) { from_ = from, to_ = to; }
  double operator()(double value) const; ///< pixels
  double low() const { return low_; }
  double high() const { return high_; }
  const std::vector<Tick>& ticks() const { return ticks_; }

private:
  double low_, high_, from_ = 0, to_ = 1;
  Spacing spacing_;
  std::vector<Tick> ticks_;
};

/// 1, 2 or 5 times a power of ten: the smallest that parts the span into at most `wanted` steps.
double round_step(double span, std::size_t wanted);

/// Labels with as many decimals as tell them apart, thousands as k, M, G.
std::vector<Tick> labelled(const std::vector<double>& values);

} // namespace lair::report
