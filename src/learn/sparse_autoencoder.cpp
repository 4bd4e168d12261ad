#include "learn/sparse_autoencoder.hpp"

#include "core/error.hpp"
#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace lair::learn {
namespace {

std::uint32_t width_of(const Sizes& sizes, std::size_t layer) {
  return sizes.at("layer" + std::to_string(layer + 1));
}

std::vector<Tensor> autoencoder_layout(const NetworkOptions& network, const Sizes& sizes) {
  std::vector<Tensor> all;
  std::uint32_t inputs = network.features();
  for (std::size_t l = 0; l < sparse_layers; ++l) {
    const std::uint32_t units = width_of(sizes, l);
    const std::string number = std::to_string(l);
    all.push_back({"encoder." + number + ".weight", {inputs, units}, {}});
    all.push_back({"encoder." + number + ".bias", {units}, {}});
    all.push_back({"decoder." + number + ".weight", {units, inputs}, {}});
    all.push_back({"decoder." + number + ".bias", {inputs}, {}});
    inputs = units;
  }
  const std::uint32_t clusters = sizes.at("clusters");
  all.push_back({"cluster.mean", {clusters, inputs}, {}});
  all.push_back({"cluster.covariance", {clusters, inputs, inputs}, {}});
  all.push_back({"cluster.share", {clusters}, {}});
  all.push_back({"cluster.load", {clusters}, {}});
  all.push_back({"cluster.weights", {inputs}, {}});
  return all;
}

} // namespace

const ModelKind& awgg_kind() {
  static const ModelKind kind{"lair-awgg",
                              "an AWGG",
                              {{"layer1", 1, 4096}, {"layer2", 1, 4096}, {"layer3", 1, 256}, {"clusters", 2, 16}},
                              autoencoder_layout};
  return kind;
}

Weights initial_autoencoder(const NetworkOptions& network, const Sizes& sizes, RandomStream& random) {
  Weights weights{autoencoder_layout(network, sizes)};
  double bound = 0; // a bias follows its weight and has the same bound
  for (Tensor& tensor : weights.tensors) {
    tensor.values.resize(tensor.count());
    if (tensor.name.starts_with("cluster.")) continue;
    if (tensor.shape.size() == 2) bound = 1 / std::sqrt(static_cast<double>(tensor.shape[0]));
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-bound, bound));
  }
  return weights;
}

SparseEncoder::SparseEncoder(const NetworkOptions& network, const Weights& weights, std::size_t layers) {
  std::size_t inputs = network.features();
  for (std::size_t l = 0; l < layers; ++l) {
    const Tensor& weight = weights.at("encoder." + std::to_string(l) + ".weight");
    const std::size_t units = weight.shape[1];
    Layer layer{Matrix(inputs, units), weights.at("encoder." + std::to_string(l) + ".bias").values};
    for (std::size_t i = 0; i < inputs; ++i)
      std::copy_n(weight.values.data() + i * units, units, layer.weight.row(i));
    layers_.push_back(std::move(layer));
    flops_ += static_cast<double>(2 * inputs * units + 10 * units); // a sigmoid is about ten
    inputs = units;
  }
}

Matrix SparseEncoder::operator()(const Matrix& windows) const {
  Matrix x = windows;
  std::vector<float> ignored;
  for (const Layer& layer : layers_) {
    Matrix y(x.rows, layer.weight.cols);
    for (std::size_t i = 0; i < y.rows; ++i) std::copy(layer.bias.begin(), layer.bias.end(), y.row(i));
    multiply_add(x, layer.weight, y);
    ignored.resize(y.cols);
    for (std::size_t i = 0; i < y.rows; ++i) sigmoids_of(y.row(i), y.row(i), ignored.data(), y.cols);
    x = std::move(y);
  }
  return x;
}

Matrix host_windows(std::span<const Sample> from, std::span<const std::size_t> chosen,
                    const NetworkOptions& network) {
  std::size_t rows = 0;
  for (const std::size_t i : chosen) rows += from[i].hosts;
  Matrix all(rows, network.features());
  std::size_t row = 0;
  for (const std::size_t i : chosen)
    for (std::uint32_t h = 0; h < from[i].hosts; ++h, ++row)
      std::copy_n(from[i].window.data() + std::size_t(h) * all.cols, all.cols, all.row(row));
  return all;
}

SparseTrainer::SparseTrainer(const NetworkOptions& network, const SparseOptions& options,
                             std::span<const Sample> training, std::span<const Sample> validation,
                             TrainingState state)
    : EpochTrainer(options, training.size(), validation.size(),
                   state.best.tensors.empty() ? state.weights : std::move(state.best),
                   std::move(state.history)),
      network_(network), options_(options), training_(training), validation_(validation),
      weights_(std::move(state.weights)), adam_(std::move(state.adam)) {}

std::pair<std::size_t, std::size_t> SparseTrainer::stage() const {
  // Told from the epochs alone, so that a resumed training finds the same.
  std::size_t layer = 0, began = 0, idle = 0;
  for (std::size_t i = 0; i < history().size(); ++i) {
    idle = history()[i].best ? 0 : idle + 1;
    if (i + 1 - began < options_.epochs && idle < options_.patience) continue;
    ++layer;
    began = i + 1;
    idle = 0;
  }
  return {layer, began};
}

bool SparseTrainer::ended() const { return training_.empty() || stage().first >= sparse_layers; }

void SparseTrainer::begin_epoch() {
  if (stage().second != history().size() || history().empty()) return;
  weights_ = best(); // the layer before stays as it was at its best
  adam_ = {};
}

Matrix SparseTrainer::inputs(std::span<const Sample> from, Chosen chosen) const {
  return SparseEncoder(network_, weights_, stage().first)(host_windows(from, chosen, network_));
}

Losses SparseTrainer::train(Chosen chosen, RandomStream&, double&) {
  const Matrix x = inputs(training_, chosen);
  std::vector<std::vector<float>> gradients;
  const double loss = sparse_loss(weights_, stage().first, options_, x, &gradients);
  adam_step(options_.adam, gradients, adam_, weights_);
  return {.real = loss};
}

Losses SparseTrainer::validate(Chosen chosen, RandomStream&) {
  return {.real = sparse_loss(weights_, stage().first, options_, inputs(validation_, chosen), nullptr)};
}

} // namespace lair::learn
