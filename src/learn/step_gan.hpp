/// StepGAN's networks (after Feng et al., IEEE IoT-J 9(4), 2022; reconstructed): of a host's metrics a matrix of
/// their correlations is made for each of three lags, a generator G writes that image again, a critic D tells
/// real images from written ones. Both grow with the training, from the coarsest resolution to the finest.
/// docs/baselines.md has what the paper leaves open.
#pragma once

#include "learn/adam.hpp"
#include "learn/matrix.hpp"
#include "learn/model_file.hpp"
#include "learn/sample.hpp"
#include "learn/trainer.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lair::learn {

/// Resolutions, of the coarsest 1; each next one has twice the side.
inline constexpr std::size_t step_levels = 3;
/// Matrices of a host, one for each lag.
inline constexpr std::size_t step_lags = 3;
/// Channels after the encoder's convolution of each level, the coarsest first.
inline constexpr std::array<std::size_t, step_levels> step_channels{64, 32, 16};
/// Slope of a leaky ReLU below 0.
inline constexpr float leak = 0.2f;

/// Kind of model: sizes lag1, lag2, lag3 (states) and code (channels of the narrowest place).
const ModelKind& stepgan_kind();

/// Uniform, so that a leaky ReLU keeps the size of what it is given (He et al. 2015); 1 / sqrt(inputs) at most where
/// none follows. What is added to a network that has learnt already begins with zeros: a level more changes
/// nothing at first.
Weights initial_step_gan(const NetworkOptions&, const Sizes&, RandomStream&);
/// The level that brings the tensor into the network, from 1.
std::size_t level_of(const std::string& tensor);

/// Square images side by side: a row is a pixel, a column a channel.
struct Images {
  std::size_t side = 0, count = 0;
  Matrix pixels; ///< count * side * side x channels
};
/// The side that `metrics` need: a multiple of 8, since three convolutions halve it.
std::size_t step_side(std::size_t metrics);

/// M_ij = sum over the last `lag` states of x_i x_j / lag, for each lag, into the image at `to`. `window`: states
/// x metrics, the oldest first; a lag longer than the window is as long as it.
void correlate(const double* window, std::size_t states, std::size_t metrics, const Sizes& lags, std::size_t at,
               Images& to);
/// Means of 2 x 2 pixels.
Images halved(const Images&);

/// The whole network without torch. Copies what it needs.
class StepGan {
public:
  StepGan(const NetworkOptions&, const Sizes&, const Weights&);
  /// G's images of these.
  Images written(const Images&) const;
  /// D's probability that each is real.
  std::vector<double> real(const Images&) const;
  /// Of each image (1 - critic) |M - G(M')| + critic (1 - D(M')): the distance is the mean over the host's rows of
  /// a row's sum of absolute differences, mean over the lags. `seen` is M' is `raw` with states clipped.
  std::vector<double> scores(const Images& raw, const Images& seen, double critic) const;
  double flops_per_image() const { return flops_; }

private:
  struct Convolution {
    Matrix weight;
    std::vector<float> bias; ///< empty: none
    std::size_t window = 3;
  };
  struct Encoder {
    std::vector<Convolution> image, finer; ///< by level
  };
  static Convolution convolution_of(const Weights&, const std::string& name, const std::string& bias);
  static Encoder encoder_of(const Weights&, const std::string& part);
  static Images encode(const Encoder&, const Images&);
  void count_flops(const Convolution&, std::size_t side);

  std::size_t metrics_;
  Encoder generator_, critic_;
  Convolution code_, open_, head_;
  std::vector<Convolution> decoder_, output_; ///< by level
  double flops_ = 0;
};

struct StepGanOptions : EpochOptions { ///< epochs are of each level
  AdamOptions adam{.rate = 1e-4, .decay = 0, .beta1 = 0.5};
  double weight = 10; ///< of |M - G(M)| in G's loss
};

/// Losses of both at a level, on images of the finest resolution, by torch. `gradients`, if given: of
/// L_G = BCE(D(G(M)), 1) + weight |M - G(M)|_1 by G's weights, of L_D = BCE(D(M), 1) + BCE(D(G(M)), 0) by D's.
struct StepLosses {
  double generator = 0, critic = 0, distance = 0; ///< distance: |M - G(M)|_1, mean over the numbers
};
StepLosses step_gan_losses(const NetworkOptions&, const Sizes&, const Weights&, std::size_t level,
                           const StepGanOptions&, const Images&, std::vector<std::vector<float>>* gradients);
/// The same network by torch, all levels: the oracle of StepGan. G's images and D's probabilities of `images`.
std::pair<Matrix, std::vector<double>> step_gan_by_torch(const NetworkOptions&, const Sizes&, const Weights&,
                                                         const Images& images);

/// One level after the other. Of each but the first a quarter of the epochs teaches what is new alone, all
/// else frozen; the rest everything. The best epoch is the one with the least distance on validation images.
class StepGanTrainer : public EpochTrainer {
public:
  /// `training`, `validation`: images of the finest resolution, of which each is one to learn from.
  StepGanTrainer(const NetworkOptions&, const Sizes&, const StepGanOptions&, Images training, Images validation,
                 TrainingState);
  bool ended() const override;
  TrainingState state() const override { return {weights_, best(), adam_, history()}; }
  struct Stage {
    std::size_t level, began; ///< from 1; the epochs before the stage
    bool frozen;
  };
  /// The stage that the next epoch is of.
  Stage stage() const;

private:
  Losses train(Chosen, RandomStream&, double&) override;
  Losses validate(Chosen, RandomStream&) override;
  const Weights& weights() const override { return weights_; }
  void begin_epoch() override;
  std::size_t stage_began() const override { return stage().began; }

  NetworkOptions network_;
  Sizes sizes_;
  StepGanOptions options_;
  Images training_, validation_;
  Weights weights_;
  AdamState adam_;
};

/// Images of the own hosts' windows, of every `every`th host and instant of which something is known.
Images images_of(std::span<const Sample>, const NetworkOptions&, const Sizes&, std::size_t every = 1);

} // namespace lair::learn
