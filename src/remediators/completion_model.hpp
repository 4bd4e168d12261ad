/// How long a run of a task takes on a LEI: a linear regression on its size, on the load it meets and on
/// what is sent to it, by recursive least squares with forgetting. It begins with the sum of working alone,
/// waiting for others and sending, each as it is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace lair {

class CompletionModel {
public:
  static constexpr std::size_t size = 3;
  using Features = std::array<double, size>; ///< seconds: alone; alone times load; of transfer
  static constexpr double flops = 60;        ///< of one learn()

  /// Never below a tenth of the time that the work takes alone.
  double predict(const Features& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += weights_[i] * x[i];
    return std::max(sum, 0.1 * x[0]);
  }
  /// `seconds`: what it took.
  void learn(const Features& raw, double seconds, double forgetting) {
    Features x;
    for (std::size_t i = 0; i < size; ++i) x[i] = raw[i] / unit;
    const double error = seconds / unit - predict_plain(x);
    Features px{};
    double denominator = forgetting;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) px[i] += p_[i][j] * x[j];
      denominator += px[i] * x[i];
    }
    for (std::size_t i = 0; i < size; ++i) weights_[i] += px[i] / denominator * error;
    // What is never seen is never forgotten beyond what was known at first: else its gain would blow up.
    double trace = 0;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) p_[i][j] -= px[i] * px[j] / denominator;
      trace += p_[i][i];
    }
    if (trace / forgetting > size) return;
    for (auto& row : p_)
      for (double& value : row) value /= forgetting;
  }
  const Features& weights() const { return weights_; }

private:
  static constexpr double unit = 300; ///< seconds; a run takes a few of them
  double predict_plain(const Features& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += weights_[i] * x[i];
    return sum;
  }
  Features weights_{1, 1, 1};
  std::array<Features, size> p_{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
};

} // namespace lair
