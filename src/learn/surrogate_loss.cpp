// What GOBI's surrogate learns from, by autograd.
#include "learn/surrogate.hpp"
#include "learn/torch_tools.hpp"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

namespace lair::learn {
namespace {

at::Tensor outputs_of(const Parameters& parameters, at::Tensor x) {
  const auto dense = [&](const std::string& name, const at::Tensor& in) {
    return at::addmm(parameters.at(name + ".bias"), in, parameters.at(name + ".weight"));
  };
  x = at::softplus(dense("hidden1", x));
  x = at::softplus(dense("hidden2", x));
  x = dense("hidden3", x);
  x = x - at::tanh(x);
  return at::sigmoid(dense("output", x));
}

Matrix matrix_of(const at::Tensor& from) {
  const at::Tensor t = from.contiguous();
  Matrix m(static_cast<std::size_t>(t.size(0)), static_cast<std::size_t>(t.size(1)));
  for (std::size_t i = 0; i < m.rows; ++i)
    std::copy_n(t.data_ptr<float>() + i * m.cols, m.cols, m.row(i));
  return m;
}

} // namespace

double surrogate_loss(const Weights& weights, const Matrix& rows, const Matrix& targets,
                      const std::vector<float>& counts, std::vector<std::vector<float>>* gradients) {
  use_one_thread();
  const torch::autograd::AutoGradMode on(gradients != nullptr);
  const Parameters parameters(weights);
  const at::Tensor error = (outputs_of(parameters, tensor_of(rows)) - tensor_of(targets)).square();
  const at::Tensor counted = tensor_of(counts, {static_cast<std::int64_t>(counts.size())});
  const at::Tensor loss = (error.select(1, 0) + counted * error.select(1, 1)).mean();
  if (gradients != nullptr) *gradients = parameters.gradients_of(loss);
  return loss.item<double>();
}

void surrogate_by_torch(const Weights& weights, const Matrix& rows, const Matrix& seeds, Matrix& outputs,
                        Matrix& slopes) {
  use_one_thread();
  const torch::autograd::AutoGradMode on(true);
  const Parameters parameters(weights);
  const at::Tensor x = tensor_of(rows).set_requires_grad(true);
  const at::Tensor y = outputs_of(parameters, x);
  slopes = matrix_of(torch::autograd::grad({(y * tensor_of(seeds)).sum()}, {x})[0]);
  outputs = matrix_of(y.detach());
}

} // namespace lair::learn
