// TopoMAD's network by autograd: what training differentiates, and the oracle of the one without torch.
#include "learn/graph_lstm.hpp"
#include "learn/torch_tools.hpp"

#include <torch/csrc/autograd/grad_mode.h>

#include <optional>

namespace lair::learn {
namespace {

struct Torch {
  const NetworkOptions& network;
  std::int64_t hidden;
  std::uint32_t layers;
  Parameters parameters;
  // The sample's.
  at::Tensor windows, told;       ///< nodes x features; known and broker
  at::Tensor from, to, edge_root; ///< edges of D^-1/2 (A + 2 I) D^-1/2

  Torch(const NetworkOptions& network_, const Sizes& sizes, const Weights& weights, const Sample& s)
      : network(network_), hidden(sizes.at("hidden")), layers(sizes.at("layers")), parameters(weights) {
    const auto features = std::int64_t(network.features()), inputs = std::int64_t(network.node_inputs());
    const at::Tensor nodes = tensor_of(s.node_inputs, {std::int64_t(s.nodes), inputs});
    windows = nodes.slice(1, 0, features);
    told = nodes.slice(1, inputs - 2, inputs);
    const at::Tensor link = neighbours_of(s) + at::eye(s.nodes, at::kFloat);
    const at::Tensor root = link.sum(1).rsqrt(), edges = link.nonzero();
    from = edges.select(1, 1).contiguous();
    to = edges.select(1, 0).contiguous();
    edge_root = (link * root.unsqueeze(0) * root.unsqueeze(1)).index({to, from}).unsqueeze(1);
  }

  at::Tensor dense(const std::string& name, const at::Tensor& x) const {
    return at::addmm(parameters.at(name + ".bias"), x, parameters.at(name + ".weight"));
  }
  at::Tensor convolve(const at::Tensor& x) const {
    return at::zeros_like(x).index_add(0, to, x.index_select(0, from) * edge_root);
  }
  at::Tensor state(std::int64_t t) const {
    const auto n = std::int64_t(network.metric_count());
    return windows.slice(1, t * n, (t + 1) * n);
  }

  struct State {
    std::vector<at::Tensor> hidden, cell;
  };
  void step(const char* part, at::Tensor x, State& s) const {
    x = at::cat({x, told}, 1);
    for (std::uint32_t l = 0; l < layers; ++l) {
      const at::Tensor gates = dense(part + std::to_string(l), convolve(at::cat({x, s.hidden[l]}, 1)));
      const auto gate = [&](std::int64_t k) { return gates.slice(1, k * hidden, (k + 1) * hidden); };
      s.cell[l] = at::sigmoid(gate(1)) * s.cell[l] + at::sigmoid(gate(0)) * at::tanh(gate(3));
      s.hidden[l] = at::sigmoid(gate(2)) * at::tanh(s.cell[l]);
      x = s.hidden[l];
    }
  }

  struct Out {
    at::Tensor mean, log_variance;   ///< nodes x features
    at::Tensor divergence;           ///< nodes
  };
  Out run(const Matrix& noise, const std::vector<bool>& forced) const {
    State s;
    for (std::uint32_t l = 0; l < layers; ++l) {
      s.hidden.push_back(at::zeros({windows.size(0), hidden}));
      s.cell.push_back(s.hidden.back());
    }
    for (std::int64_t t = 0; t < std::int64_t(network.window); ++t) step("encoder.", state(t), s);
    const at::Tensor mean = dense("latent.mean", s.hidden.back()), spread = dense("latent.spread", s.hidden.back());
    Out out;
    out.divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(1);
    s.hidden.back() = mean + tensor_of(noise) * (0.5 * spread).exp();
    std::vector<at::Tensor> means(network.window), spreads(network.window);
    for (auto t = std::int64_t(network.window); t-- > 0;) {
      means[t] = dense("output.mean", s.hidden.back());
      spreads[t] = dense("output.spread", s.hidden.back()).clamp(least_log_variance, most_log_variance);
      if (t > 0) step("decoder.", forced[t] ? state(t) : means[t], s);
    }
    out.mean = at::cat(means, 1);
    out.log_variance = at::cat(spreads, 1);
    return out;
  }
};

void copy_to(const at::Tensor& from, Matrix& m) {
  const at::Tensor flat = from.contiguous();
  m.resize(static_cast<std::size_t>(flat.size(0)), static_cast<std::size_t>(flat.size(1)));
  for (std::size_t i = 0; i < m.rows; ++i) std::copy_n(flat.data_ptr<float>() + i * m.cols, m.cols, m.row(i));
}

} // namespace

double graph_lstm_loss(const NetworkOptions& network, const Sizes& sizes, const Weights& weights,
                       const Sample& sample, const Matrix& noise, const std::vector<bool>& forced,
                       std::vector<std::vector<float>>* gradients) {
  use_one_thread();
  const torch::autograd::AutoGradMode on(gradients != nullptr);
  std::vector<std::uint32_t> judged; // nodes
  for (std::uint32_t h = 0; h < sample.hosts; ++h)
    if (sample.present[std::size_t(h) * network.metric_count()] > 0) judged.push_back(sample.node_of_host[h]);
  const Torch torch(network, sizes, weights, sample);
  const Torch::Out out = torch.run(noise, forced);
  const at::Tensor error =
      ((torch.windows - out.mean).square() * (-out.log_variance).exp() + out.log_variance).sum(1);
  const at::Tensor of_nodes = (0.5 * error + out.divergence).index_select(0, indices_of(judged));
  const at::Tensor loss = judged.empty() ? of_nodes.sum() : of_nodes.mean();
  if (gradients != nullptr) *gradients = torch.parameters.gradients_of(loss);
  return loss.item<double>();
}

Rewritten rewritten_by_torch(const NetworkOptions& network, const Sizes& sizes, const Weights& weights,
                             const Sample& sample, const Matrix& noise) {
  use_one_thread();
  const torch::autograd::AutoGradMode off(false);
  const Torch::Out out =
      Torch(network, sizes, weights, sample).run(noise, std::vector<bool>(network.window, false));
  Rewritten to;
  copy_to(out.mean, to.mean);
  copy_to(out.log_variance, to.log_variance);
  return to;
}

} // namespace lair::learn
