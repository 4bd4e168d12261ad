// Adam against torch::optim::Adam.
#include "learn/adam.hpp"

#include <ATen/ATen.h>
#include <torch/optim/adam.h>

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::learn;

TEST_CASE("fifty steps of Adam with weight decay equal torch's") {
  RandomStream random(1, "adam");
  Weights weights{{{"w", {4, 3}, {}}, {"b", {3}, {}}}};
  std::vector<at::Tensor> theirs;
  for (Tensor& tensor : weights.tensors) {
    for (std::size_t i = 0; i < tensor.count(); ++i)
      tensor.values.push_back(static_cast<float>(random.normal()));
    theirs.push_back(
        at::from_blob(tensor.values.data(), {std::int64_t(tensor.count())}).clone().set_requires_grad(
            true));
  }
  AdamOptions options;
  options.rate = 0.01;
  options.decay = 0.1;
  torch::optim::Adam optimiser(theirs,
                               torch::optim::AdamOptions(options.rate).weight_decay(options.decay));
  AdamState state;
  for (int step = 0; step < 50; ++step) {
    std::vector<std::vector<float>> gradients;
    for (std::size_t k = 0; k < theirs.size(); ++k) {
      std::vector<float> gradient;
      for (std::size_t i = 0; i < weights.tensors[k].count(); ++i)
        gradient.push_back(static_cast<float>(random.normal()));
      theirs[k].mutable_grad() = at::from_blob(gradient.data(), {std::int64_t(gradient.size())}).clone();
      gradients.push_back(std::move(gradient));
    }
    adam_step(options, gradients, state, weights);
    optimiser.step();
  }
  CHECK(state.steps == 50);
  for (std::size_t k = 0; k < theirs.size(); ++k)
    for (std::size_t i = 0; i < weights.tensors[k].count(); ++i)
      CHECK(weights.tensors[k].values[i] ==
            doctest::Approx(theirs[k].data_ptr<float>()[i]).epsilon(1e-5).scale(1e-3));
}
