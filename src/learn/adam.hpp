/// Adam (Kingma and Ba 2015) with the weight decay added to the gradient, as torch::optim::Adam does
/// it; a test holds the two equal. Written out so that its state can be kept in a model file.
#pragma once

#include "learn/weights.hpp"

#include <cstdint>
#include <vector>

namespace lair::learn {

struct AdamOptions {
  double rate = 1e-4, decay = 1e-5; ///< DRAGON section VI-C
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};

struct AdamState {
  std::uint64_t steps = 0;
  std::vector<std::vector<float>> mean, square; ///< per tensor; empty before the first step
};

/// One step downhill; `gradients` lie as the tensors do.
void adam_step(const AdamOptions&, const std::vector<std::vector<float>>& gradients, AdamState&,
               Weights&);

} // namespace lair::learn
