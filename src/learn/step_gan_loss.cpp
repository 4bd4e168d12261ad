// StepGAN's networks by autograd: what training differentiates, and the oracle of the one without torch.
#include "learn/step_gan.hpp"
#include "learn/torch_tools.hpp"

#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

namespace lair::learn {
namespace {

struct Torch {
  Parameters parameters;
  std::vector<at::Tensor> pyramid; ///< of the coarsest resolution first; images x lags x side x side
  std::size_t level;

  Torch(const Weights& weights, std::size_t level_, const Images& x) : parameters(weights), level(level_) {
    const auto side = std::int64_t(x.side);
    at::Tensor images = tensor_of(x.pixels)
                            .reshape({std::int64_t(x.count), side, side, std::int64_t(x.pixels.cols)})
                            .permute({0, 3, 1, 2})
                            .contiguous();
    pyramid.resize(step_levels);
    for (std::size_t l = step_levels; l-- > 0; images = at::avg_pool2d(images, 2)) pyramid[l] = images;
  }

  /// Rows of a weight are pixels of its window, of each its channels.
  at::Tensor convolve(const std::string& name, const at::Tensor& x, std::int64_t stride, bool bias) const {
    const at::Tensor flat = parameters.at(name + ".weight");
    const std::int64_t channels = x.size(1), window = flat.size(0) == channels ? 1 : 3;
    const at::Tensor weight = flat.t().reshape({flat.size(1), window, window, channels}).permute({0, 3, 1, 2});
    return at::conv2d(x, weight, bias ? parameters.at(name + ".bias") : at::Tensor(), stride, window / 2);
  }
  static at::Tensor leaky(const at::Tensor& x) { return at::leaky_relu(x, leak); }
  static at::Tensor twice(const at::Tensor& x) {
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3);
  }

  at::Tensor encode(const std::string& part, const std::vector<at::Tensor>& images) const {
    at::Tensor h;
    for (std::size_t l = level; l-- > 0;) {
      at::Tensor next = convolve(part + "image" + std::to_string(l + 1), images[l], 2, true);
      if (l + 1 < level) next = next + convolve(part + "finer" + std::to_string(l + 1), h, 2, false);
      h = leaky(next);
    }
    return h;
  }
  at::Tensor written() const {
    at::Tensor h = encode("generator.", pyramid), out;
    h = leaky(convolve("generator.open", convolve("generator.code", h, 1, true), 1, true));
    for (std::size_t l = 0; l < level; ++l) {
      h = leaky(convolve("generator.write" + std::to_string(l + 1), twice(h), 1, true));
      const at::Tensor added = convolve("generator.output" + std::to_string(l + 1), h, 1, true);
      out = l == 0 ? added : twice(out) + added;
    }
    return out;
  }
  /// D's logits of images of this level.
  at::Tensor believed(at::Tensor images) const {
    std::vector<at::Tensor> all(level);
    for (std::size_t l = level; l-- > 0; images = at::avg_pool2d(images, 2)) all[l] = images;
    return at::addmm(parameters.at("critic.head.bias"), encode("critic.", all).mean({2, 3}),
                     parameters.at("critic.head.weight"));
  }
};

/// Mean of -log of the probability that is meant.
at::Tensor cross_entropy(const at::Tensor& logits, bool real) {
  return at::softplus(real ? -logits : logits).mean();
}

} // namespace

StepLosses step_gan_losses(const NetworkOptions& network, const Sizes&, const Weights& weights, std::size_t level,
                           const StepGanOptions& options, const Images& images,
                           std::vector<std::vector<float>>* gradients) {
  use_one_thread();
  const torch::autograd::AutoGradMode on(gradients != nullptr);
  const Torch torch(weights, level, images);
  const at::Tensor real = torch.pyramid[level - 1], written = torch.written();
  // Of a coarse image the pixels that hold something.
  const std::int64_t per = std::int64_t(1) << (step_levels - level);
  const std::int64_t used = (std::int64_t(network.metric_count()) + per - 1) / per;
  const at::Tensor distance = (real - written).abs().slice(2, 0, used).slice(3, 0, used).mean();
  const at::Tensor generator = cross_entropy(torch.believed(written), true) + options.weight * distance;
  const at::Tensor critic =
      cross_entropy(torch.believed(real), true) + cross_entropy(torch.believed(written.detach()), false);
  if (gradients != nullptr) {
    *gradients = torch.parameters.gradients_of(critic);
    auto of_generator = torch.parameters.gradients_of(generator);
    for (std::size_t k = 0; k < weights.tensors.size(); ++k)
      if (weights.tensors[k].name.starts_with("generator.")) (*gradients)[k] = std::move(of_generator[k]);
  }
  return {generator.item<double>(), critic.item<double>(), distance.item<double>()};
}

std::pair<Matrix, std::vector<double>> step_gan_by_torch(const NetworkOptions&, const Sizes&, const Weights& weights,
                                                         const Images& images) {
  use_one_thread();
  const torch::autograd::AutoGradMode off(false);
  const Torch torch(weights, step_levels, images);
  const at::Tensor flat = torch.written().permute({0, 2, 3, 1}).contiguous();
  const at::Tensor probability = at::sigmoid(torch.believed(torch.pyramid.back())).contiguous();
  std::pair<Matrix, std::vector<double>> out{Matrix(images.pixels.rows, step_lags), {}};
  for (std::size_t i = 0; i < out.first.rows; ++i)
    std::copy_n(flat.data_ptr<float>() + i * step_lags, step_lags, out.first.row(i));
  for (std::size_t i = 0; i < images.count; ++i) out.second.push_back(probability.data_ptr<float>()[i]);
  return out;
}

} // namespace lair::learn
