/// TopoMAD's network (He et al., IEEE TNNLS 34(4), 2023): an LSTM over the hosts' graph, whose gates are a graph
/// convolution, reads a window; of its last state a distribution is made (a VAE per host), and of a draw from
/// that a second one writes the window again, backward in time, as means and variances.
/// docs/baselines.md has what the paper leaves open, and how one set of weights serves any number of hosts.
#pragma once

#include "learn/adam.hpp"
#include "learn/matrix.hpp"
#include "learn/model_file.hpp"
#include "learn/sample.hpp"
#include "learn/trainer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lair::learn {

/// Kind of model: sizes hidden and layers.
const ModelKind& topomad_kind();

/// Uniform in +-1 / sqrt(inputs).
Weights initial_graph_lstm(const NetworkOptions&, const Sizes&, RandomStream&);

/// Log-variances are kept in here: finer than 1 % of a range tells nothing.
inline constexpr float least_log_variance = -9.2f, most_log_variance = 4.0f;

/// Who is whose neighbour, for a convolution by D^-1/2 (A + 2 I) D^-1/2 ("improved"): workers with their
/// broker, brokers with one another. Two sums a node, however many brokers there are.
class HostGraph {
public:
  explicit HostGraph(const Sample&);
  void convolve(const Matrix& x, Matrix& to) const;
  std::size_t nodes() const { return root_.size(); }

private:
  std::vector<std::uint32_t> hub_;   ///< as in the sample
  std::vector<float> root_;          ///< 1 / sqrt(degree)
};

/// What the network makes of a window: rows are nodes, columns as node windows, state after state.
struct Rewritten {
  Matrix mean, log_variance;
};

/// The whole network without torch. Copies what it needs.
class GraphLstm {
public:
  GraphLstm(const NetworkOptions&, const Sizes&, const Weights&);

  /// State of all layers, nodes x hidden each.
  struct State {
    std::vector<Matrix> hidden, cell;
  };
  /// What is read of a sample's windows: the end of the encoder.
  State read(const Sample&, const HostGraph&) const;
  /// Distribution of the code: rows are nodes.
  void latent(const State&, Matrix& mean, Matrix& log_variance) const;
  /// The window again, from a code and the other states of the encoder.
  Rewritten write(const Sample&, const HostGraph&, const State&, const Matrix& code) const;

  std::size_t hidden() const { return hidden_; }
  double read_flops(std::size_t nodes) const;
  double write_flops(std::size_t nodes) const;

private:
  struct Dense {
    Matrix weight;
    std::vector<float> bias;
    Matrix operator()(const Matrix&) const;
  };
  static Dense dense_of(const Weights&, const std::string& name);
  void step(const HostGraph&, const std::vector<Dense>& layers, Matrix input, State&) const;
  double step_flops(const std::vector<Dense>& layers, std::size_t nodes) const;

  NetworkOptions network_;
  std::size_t hidden_;
  std::vector<Dense> encoder_, decoder_;
  Dense latent_mean_, latent_spread_, output_mean_, output_spread_;
};

struct GraphLstmOptions : EpochOptions {
  AdamOptions adam{.rate = 1e-3, .decay = 1e-4};
  double clip = 5; ///< largest norm of a gradient
};

/// Loss of own hosts of which something is known: half the sum of (x - mean)^2 / variance + log variance over
/// the window, plus the divergence of the code's distribution from N(0, 1); mean over the hosts. By torch.
/// `noise`: nodes x hidden. `forced`: for each step backward, whether the decoder is told what really was.
double graph_lstm_loss(const NetworkOptions&, const Sizes&, const Weights&, const Sample&,
                       const Matrix& noise, const std::vector<bool>& forced,
                       std::vector<std::vector<float>>* gradients);
/// The same network by torch, told nothing: the oracle of GraphLstm.
Rewritten rewritten_by_torch(const NetworkOptions&, const Sizes&, const Weights&, const Sample&,
                             const Matrix& noise);

class GraphLstmTrainer : public EpochTrainer {
public:
  GraphLstmTrainer(const NetworkOptions&, const Sizes&, const GraphLstmOptions&,
                   std::span<const Sample> training, std::span<const Sample> validation, TrainingState);
  TrainingState state() const override { return {weights_, best(), adam_, history()}; }

private:
  Losses train(Chosen, RandomStream&, double&) override;
  Losses validate(Chosen, RandomStream&) override;
  const Weights& weights() const override { return weights_; }
  double teacher_forcing() const;

  NetworkOptions network_;
  Sizes sizes_;
  GraphLstmOptions options_;
  std::span<const Sample> training_, validation_;
  Weights weights_;
  AdamState adam_;
};

/// Normal numbers, nodes x hidden.
Matrix normal_noise(std::size_t nodes, std::size_t hidden, RandomStream&);

} // namespace lair::learn
