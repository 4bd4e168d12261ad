#include "learn/graph_lstm.hpp"

#include "core/error.hpp"
#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace lair::learn {
namespace {

/// Metrics of one state, whether they are known, and whether the host is a broker: by these and its place in
/// the graph hosts differ, not by weights of their own.
std::uint32_t inputs_of(const NetworkOptions& network) { return network.metric_count() + 2; }

std::vector<Tensor> graph_lstm_layout(const NetworkOptions& network, const Sizes& sizes) {
  std::vector<Tensor> all;
  const std::uint32_t h = sizes.at("hidden"), n = network.metric_count();
  const auto dense = [&](const std::string& name, std::uint32_t inputs, std::uint32_t outputs) {
    all.push_back({name + ".weight", {inputs, outputs}, {}});
    all.push_back({name + ".bias", {outputs}, {}});
  };
  for (const char* part : {"encoder.", "decoder."})
    for (std::uint32_t l = 0; l < sizes.at("layers"); ++l)
      dense(part + std::to_string(l), (l == 0 ? inputs_of(network) : h) + h, 4 * h);
  dense("latent.mean", h, h);
  dense("latent.spread", h, h);
  dense("output.mean", h, n);
  dense("output.spread", h, n);
  return all;
}

/// One state of all nodes, with what else the network is told of them; `values` overrides the metrics.
Matrix input_of(const Sample& s, const NetworkOptions& network, std::size_t state, const Matrix* values) {
  const std::size_t n = network.metric_count(), inputs = network.node_inputs(), features = network.features();
  Matrix x(s.nodes, n + 2);
  for (std::size_t i = 0; i < s.nodes; ++i) {
    const float* from = s.node_inputs.data() + i * inputs;
    for (std::size_t m = 0; m < n; ++m) x(i, m) = values != nullptr ? (*values)(i, m) : from[state * n + m];
    x(i, n) = from[features + n];         // known
    x(i, n + 1) = from[features + n + 1]; // broker
  }
  return x;
}

} // namespace

const ModelKind& topomad_kind() {
  static const ModelKind kind{
      "lair-topomad", "a TopoMAD", {{"hidden", 1, 1024}, {"layers", 1, 8}}, graph_lstm_layout};
  return kind;
}

Weights initial_graph_lstm(const NetworkOptions& network, const Sizes& sizes, RandomStream& random) {
  Weights weights{graph_lstm_layout(network, sizes)};
  double bound = 0; // a bias follows its weight and has the same bound
  for (Tensor& tensor : weights.tensors) {
    tensor.values.resize(tensor.count());
    if (tensor.shape.size() == 2) bound = 1 / std::sqrt(static_cast<double>(tensor.shape[0]));
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-bound, bound));
  }
  return weights;
}

HostGraph::HostGraph(const Sample& s) : hub_(s.hub) {
  LAIR_ASSERT(s.groups <= 1, "one broker's view");
  std::vector<double> degree(s.nodes, 2.0); // "improved": a node is its own neighbour twice
  double brokers = 0;
  for (std::uint32_t i = 0; i < s.nodes; ++i) brokers += s.is_broker(i);
  for (std::uint32_t i = 0; i < s.nodes; ++i) {
    if (s.is_isolated(i)) continue;
    if (s.is_broker(i)) {
      degree[i] += brokers - 1;
    } else {
      degree[i] += 1;
      degree[s.hub[i]] += 1;
    }
  }
  for (const double d : degree) root_.push_back(static_cast<float>(1 / std::sqrt(d)));
}

void HostGraph::convolve(const Matrix& x, Matrix& to) const {
  to.resize(x.rows, x.cols);
  std::vector<float> brokers(x.cols, 0.0f);
  for (std::size_t i = 0; i < x.rows; ++i)
    if (hub_[i] == i) add_scaled(root_[i], x.row(i), brokers.data(), x.cols);
  for (std::size_t i = 0; i < x.rows; ++i) {
    if (hub_[i] == i) { // its own share of the brokers' sum, and once more
      add_scaled(1, brokers.data(), to.row(i), x.cols);
      add_scaled(root_[i], x.row(i), to.row(i), x.cols);
      continue;
    }
    add_scaled(2 * root_[i], x.row(i), to.row(i), x.cols);
    if (hub_[i] == nowhere) continue;
    add_scaled(root_[hub_[i]], x.row(hub_[i]), to.row(i), x.cols);
    add_scaled(root_[i], x.row(i), to.row(hub_[i]), x.cols);
  }
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < x.cols; ++j) to(i, j) *= root_[i];
}

GraphLstm::Dense GraphLstm::dense_of(const Weights& weights, const std::string& name) {
  const Tensor& weight = weights.at(name + ".weight");
  Dense dense{Matrix(weight.shape[0], weight.shape[1]), weights.at(name + ".bias").values};
  for (std::size_t i = 0; i < dense.weight.rows; ++i)
    std::copy_n(weight.values.data() + i * dense.weight.cols, dense.weight.cols, dense.weight.row(i));
  return dense;
}

Matrix GraphLstm::Dense::operator()(const Matrix& x) const {
  Matrix y(x.rows, weight.cols);
  for (std::size_t i = 0; i < y.rows; ++i) std::copy(bias.begin(), bias.end(), y.row(i));
  multiply_add(x, weight, y);
  return y;
}

GraphLstm::GraphLstm(const NetworkOptions& network, const Sizes& sizes, const Weights& weights)
    : network_(network), hidden_(sizes.at("hidden")) {
  for (std::uint32_t l = 0; l < sizes.at("layers"); ++l) {
    encoder_.push_back(dense_of(weights, "encoder." + std::to_string(l)));
    decoder_.push_back(dense_of(weights, "decoder." + std::to_string(l)));
  }
  latent_mean_ = dense_of(weights, "latent.mean");
  latent_spread_ = dense_of(weights, "latent.spread");
  output_mean_ = dense_of(weights, "output.mean");
  output_spread_ = dense_of(weights, "output.spread");
}

/// One step in time of all layers.
void GraphLstm::step(const HostGraph& graph, const std::vector<Dense>& layers, Matrix x, State& state) const {
  const std::size_t h = hidden_;
  Matrix both, gathered;
  std::vector<float> ignored(3 * h);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    Matrix &hidden = state.hidden[l], &cell = state.cell[l];
    both.resize(x.rows, x.cols + h);
    for (std::size_t i = 0; i < x.rows; ++i) {
      std::copy_n(x.row(i), x.cols, both.row(i));
      std::copy_n(hidden.row(i), h, both.row(i) + x.cols);
    }
    graph.convolve(both, gathered);
    Matrix gates = layers[l](gathered); // in, forget, out, then what is new
    for (std::size_t i = 0; i < x.rows; ++i) {
      float* g = gates.row(i);
      sigmoids_of(g, g, ignored.data(), 3 * h);
      tanh_of(g + 3 * h, h);
      for (std::size_t j = 0; j < h; ++j) {
        cell(i, j) = g[h + j] * cell(i, j) + g[j] * g[3 * h + j];
        hidden(i, j) = cell(i, j);
      }
      tanh_of(hidden.row(i), h);
      for (std::size_t j = 0; j < h; ++j) hidden(i, j) *= g[2 * h + j];
    }
    x = hidden;
  }
}

GraphLstm::State GraphLstm::read(const Sample& sample, const HostGraph& graph) const {
  State state;
  state.hidden.assign(encoder_.size(), Matrix(sample.nodes, hidden_));
  state.cell = state.hidden;
  for (std::size_t t = 0; t < network_.window; ++t)
    step(graph, encoder_, input_of(sample, network_, t, nullptr), state);
  return state;
}

void GraphLstm::latent(const State& state, Matrix& mean, Matrix& log_variance) const {
  mean = latent_mean_(state.hidden.back());
  log_variance = latent_spread_(state.hidden.back());
}

Rewritten GraphLstm::write(const Sample& sample, const HostGraph& graph, const State& read,
                           const Matrix& code) const {
  const std::size_t n = network_.metric_count();
  Rewritten out{Matrix(sample.nodes, network_.features()), Matrix(sample.nodes, network_.features())};
  State state = read;
  state.hidden.back() = code;
  for (std::size_t t = network_.window; t-- > 0;) {
    const Matrix mean = output_mean_(state.hidden.back()), spread = output_spread_(state.hidden.back());
    for (std::size_t i = 0; i < sample.nodes; ++i)
      for (std::size_t m = 0; m < n; ++m) {
        out.mean(i, t * n + m) = mean(i, m);
        out.log_variance(i, t * n + m) = std::clamp(spread(i, m), least_log_variance, most_log_variance);
      }
    if (t > 0) step(graph, decoder_, input_of(sample, network_, t, &mean), state);
  }
  return out;
}

double GraphLstm::step_flops(const std::vector<Dense>& layers, std::size_t nodes) const {
  double sum = 0;
  for (const Dense& layer : layers)
    // Convolution: six a number; product; gates: about ten for each of five curves, four operations more.
    sum += 6.0 * static_cast<double>(layer.weight.rows) +
           2.0 * static_cast<double>(layer.weight.rows * layer.weight.cols) + 54.0 * static_cast<double>(hidden_);
  return sum * static_cast<double>(nodes);
}

double GraphLstm::read_flops(std::size_t nodes) const {
  return static_cast<double>(network_.window) * step_flops(encoder_, nodes) +
         4.0 * static_cast<double>(nodes * hidden_ * hidden_);
}

double GraphLstm::write_flops(std::size_t nodes) const {
  return static_cast<double>(network_.window) *
         (step_flops(decoder_, nodes) +
          4.0 * static_cast<double>(nodes * hidden_ * network_.metric_count()));
}

Matrix normal_noise(std::size_t nodes, std::size_t hidden, RandomStream& random) {
  Matrix noise(nodes, hidden);
  for (std::size_t i = 0; i < nodes; ++i)
    for (std::size_t j = 0; j < hidden; ++j) noise(i, j) = static_cast<float>(random.normal());
  return noise;
}

GraphLstmTrainer::GraphLstmTrainer(const NetworkOptions& network, const Sizes& sizes,
                                   const GraphLstmOptions& options, std::span<const Sample> training,
                                   std::span<const Sample> validation, TrainingState state)
    : EpochTrainer(options, training.size(), validation.size(),
                   state.best.tensors.empty() ? state.weights : std::move(state.best),
                   std::move(state.history)),
      network_(network), sizes_(sizes), options_(options), training_(training), validation_(validation),
      weights_(std::move(state.weights)), adam_(std::move(state.adam)) {}

/// Share of the steps in which the decoder is told what was: 1 at first, 1 / epochs less after an epoch that was
/// better, half after one that was not.
double GraphLstmTrainer::teacher_forcing() const {
  double ratio = 1;
  for (const Epoch& epoch : history())
    ratio = epoch.best ? std::max(0.0, ratio - 1.0 / options_.epochs) : 0.5 * ratio;
  return ratio;
}

namespace {

Sample packed(std::span<const Sample> from, std::span<const std::size_t> chosen) {
  std::vector<const Sample*> samples;
  for (const std::size_t i : chosen) samples.push_back(&from[i]);
  return pack(samples);
}

void clip(std::vector<std::vector<float>>& gradients, double most) {
  double squares = 0;
  for (const auto& one : gradients)
    for (const float g : one) squares += double(g) * g;
  const double norm = std::sqrt(squares);
  if (!(norm > most)) return;
  for (auto& one : gradients)
    for (float& g : one) g = static_cast<float>(g * most / norm);
}

} // namespace

Losses GraphLstmTrainer::train(Chosen chosen, RandomStream& random, double&) {
  const Sample batch = packed(training_, chosen);
  const Matrix noise = normal_noise(batch.nodes, sizes_.at("hidden"), random);
  const double ratio = teacher_forcing();
  std::vector<bool> forced;
  for (std::uint32_t t = 0; t < network_.window; ++t) forced.push_back(random.uniform() < ratio);
  std::vector<std::vector<float>> gradients;
  const double loss = graph_lstm_loss(network_, sizes_, weights_, batch, noise, forced, &gradients);
  clip(gradients, options_.clip);
  adam_step(options_.adam, gradients, adam_, weights_);
  return {.real = loss};
}

Losses GraphLstmTrainer::validate(Chosen chosen, RandomStream& random) {
  const Sample batch = packed(validation_, chosen);
  const Matrix noise = normal_noise(batch.nodes, sizes_.at("hidden"), random);
  return {.real = graph_lstm_loss(network_, sizes_, weights_, batch, noise,
                                  std::vector<bool>(network_.window, false), nullptr)};
}

} // namespace lair::learn
