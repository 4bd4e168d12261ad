#include "learn/adam.hpp"

#include "core/error.hpp"

#include <cmath>

namespace lair::learn {

void adam_step(const AdamOptions& options, const std::vector<std::vector<float>>& gradients,
               AdamState& state, Weights& weights) {
  LAIR_ASSERT(gradients.size() == weights.tensors.size(), "a gradient for each tensor");
  if (state.mean.empty())
    for (const Tensor& tensor : weights.tensors) {
      state.mean.emplace_back(tensor.values.size(), 0.0f);
      state.square.emplace_back(tensor.values.size(), 0.0f);
    }
  ++state.steps;
  const auto t = static_cast<double>(state.steps);
  const auto rate = static_cast<float>(options.rate / (1 - std::pow(options.beta1, t)));
  const auto unbias = static_cast<float>(1 / std::sqrt(1 - std::pow(options.beta2, t)));
  const auto decay = static_cast<float>(options.decay), epsilon = static_cast<float>(options.epsilon);
  const auto new1 = static_cast<float>(1 - options.beta1), new2 = static_cast<float>(1 - options.beta2);
  for (std::size_t k = 0; k < gradients.size(); ++k) {
    float* w = weights.tensors[k].values.data();
    float* mean = state.mean[k].data();
    float* square = state.square[k].data();
    const float* gradient = gradients[k].data();
    for (std::size_t i = 0; i < gradients[k].size(); ++i) {
      const float g = gradient[i] + decay * w[i];
      mean[i] += new1 * (g - mean[i]);
      square[i] += new2 * (g * g - square[i]);
      w[i] -= rate * mean[i] / (std::sqrt(square[i]) * unbias + epsilon);
    }
  }
}

} // namespace lair::learn
