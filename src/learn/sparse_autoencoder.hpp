/// Stacked sparse autoencoder: stage 1 of AWGG (Hu, Li, Jia and Qiu, IEEE TII 18(2), 2022). Each layer learns
/// to give back what it was given, with few units active; what the last one says of a window is its code.
/// docs/baselines.md has what the paper leaves open.
#pragma once

#include "learn/adam.hpp"
#include "learn/matrix.hpp"
#include "learn/model_file.hpp"
#include "learn/trainer.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace lair::learn {

inline constexpr std::size_t sparse_layers = 3;

/// Kind of model: sizes layer1, layer2, layer3 and clusters; its last tensors are the clusters of stage 2.
const ModelKind& awgg_kind();

/// Uniform in +-1 / sqrt(inputs); clusters are zeros until they are found.
Weights initial_autoencoder(const NetworkOptions&, const Sizes&, RandomStream&);

/// The encoder alone, without torch. Copies what it needs.
class SparseEncoder {
public:
  SparseEncoder(const NetworkOptions&, const Weights&, std::size_t layers = sparse_layers);
  /// Rows are windows in [0, 1]; of each its code.
  Matrix operator()(const Matrix& windows) const;
  double flops_per_window() const { return flops_; }

private:
  struct Layer {
    Matrix weight;
    std::vector<float> bias;
  };
  std::vector<Layer> layers_;
  double flops_ = 0;
};

struct SparseOptions : EpochOptions { ///< epochs and patience are of each layer
  AdamOptions adam{.rate = 1e-3, .decay = 0};
  double decay = 1e-4;   ///< lambda
  double sparsity = 0.05; ///< rho: wanted mean activity of a unit
  double weight = 3;      ///< beta
};

/// J of one layer: mean of half the squared error + lambda |W|^2 + beta sum_j KL(rho | mean activity of j),
/// on rows that are the layer's inputs. By torch. `gradients`, if given, lie as the tensors do.
double sparse_loss(const Weights&, std::size_t layer, const SparseOptions&, const Matrix& inputs,
                   std::vector<std::vector<float>>* gradients);

/// Greedy: one layer after the other, the ones before it fixed.
class SparseTrainer : public EpochTrainer {
public:
  SparseTrainer(const NetworkOptions&, const SparseOptions&, std::span<const Sample> training,
                std::span<const Sample> validation, TrainingState);
  bool ended() const override;
  TrainingState state() const override { return {weights_, best(), adam_, history()}; }

private:
  Losses train(Chosen, RandomStream&, double&) override;
  Losses validate(Chosen, RandomStream&) override;
  const Weights& weights() const override { return weights_; }
  void begin_epoch() override;
  std::size_t stage_began() const override { return stage().second; }
  /// The layer that the next epoch is of, and the epochs of those before it.
  std::pair<std::size_t, std::size_t> stage() const;
  Matrix inputs(std::span<const Sample> from, Chosen) const;

  NetworkOptions network_;
  SparseOptions options_;
  std::span<const Sample> training_, validation_;
  Weights weights_;
  AdamState adam_;
};

/// The own hosts' windows of some samples, a row each.
Matrix host_windows(std::span<const Sample> from, std::span<const std::size_t> chosen,
                    const NetworkOptions&);

} // namespace lair::learn
