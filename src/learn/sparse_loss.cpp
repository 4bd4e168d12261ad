// What the sparse autoencoder learns from, by autograd.
#include "learn/sparse_autoencoder.hpp"
#include "learn/torch_tools.hpp"

#include <torch/csrc/autograd/grad_mode.h>

namespace lair::learn {

double sparse_loss(const Weights& weights, std::size_t layer, const SparseOptions& options,
                   const Matrix& inputs, std::vector<std::vector<float>>* gradients) {
  use_one_thread();
  const torch::autograd::AutoGradMode on(gradients != nullptr);
  const Parameters parameters(weights);
  const std::string number = "." + std::to_string(layer);
  const auto dense = [&](const std::string& name, const at::Tensor& x) {
    return at::sigmoid(at::addmm(parameters.at(name + number + ".bias"), x,
                                 parameters.at(name + number + ".weight")));
  };
  const at::Tensor x = tensor_of(inputs);
  const at::Tensor code = dense("encoder", x);
  const at::Tensor error = 0.5 * (dense("decoder", code) - x).square().sum(1).mean();
  const at::Tensor size = parameters.at("encoder" + number + ".weight").square().sum() +
                          parameters.at("decoder" + number + ".weight").square().sum();
  const at::Tensor active = code.mean(0).clamp(1e-6, 1 - 1e-6);
  const double rho = options.sparsity;
  const at::Tensor divergence =
      (rho * (std::log(rho) - active.log()) + (1 - rho) * (std::log(1 - rho) - (1 - active).log())).sum();
  const at::Tensor loss = error + options.decay * size + options.weight * divergence;
  if (gradients != nullptr) *gradients = parameters.gradients_of(loss);
  return loss.item<double>();
}

} // namespace lair::learn
