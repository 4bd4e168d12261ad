/// Training of the GON (Alg. 1) and its fine-tuning on a broker (Alg. 2, lines 15 and 16).
#pragma once

#include "learn/adam.hpp"
#include "learn/inner_loop.hpp"
#include "learn/network.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace lair::learn {

/// Weights that learn, with their optimiser's state. Torch's copy of the weights lives for a step only:
/// a broker that tunes its own weights keeps 12 bytes a parameter.
class Learner {
public:
  Learner(const NetworkOptions&, Weights, const AdamOptions&, AdamState = {});
  /// One step of Adam down the sum of both losses; returns the losses before it.
  Losses step(const Sample&, const Matrix& real, const Matrix& fake,
              const Spoilt* spoilt = nullptr);
  Losses losses(const Sample&, const Matrix& real, const Matrix& fake,
                const Spoilt* spoilt = nullptr) const;
  const Weights& weights() const { return weights_; }
  const AdamState& state() const { return state_; }
  const NetworkOptions& options() const { return options_; }

private:
  NetworkOptions options_;
  AdamOptions adam_;
  Weights weights_;
  AdamState state_;
};

/// Real windows in which some entities' metrics are raised for some states, as a fault would.
/// `share` of the entities, one to three metrics each, by a uniform part of the way to 1, from a random
/// state on; half of them until a random later state, the others to the end.
Spoilt spoil(const Sample&, const NetworkOptions&, double share, RandomStream&);

/// Of every training, whatever learns.
struct EpochOptions {
  std::uint32_t batch = 10;      ///< m of Alg. 1
  std::uint32_t epochs = 50;     ///< at most
  std::uint32_t patience = 5;    ///< epochs without a better validation loss that end the training
  double better = 1e-4;          ///< by this much
  std::uint64_t seed = 1;
};

struct TrainOptions : EpochOptions {
  AdamOptions adam;
  InnerOptions inner{.small = 1e-3};
  bool window_start = true;      ///< generation starts at the window (else at noise)
  /// Share of the entities spoilt in a third kind of window, whose raised numbers D is to reject and
  /// whose others it is to accept; 0 as printed. Generated windows alone teach D nothing far from the
  /// data (docs/dragon.md).
  double spoilt = 0;
  bool generate = true; ///< false: no generated windows; ours, with spoilt ones in their place
};

struct Epoch {
  std::uint32_t number = 0; ///< from 1
  Losses training, validation; ///< a network with one loss only has it in `real`
  double climb_steps = 0; ///< mean steps of generation per batch
  bool best = false;
};

/// Everything that a stopped training needs to go on as if it had not been stopped.
struct TrainingState {
  Weights weights, best;
  AdamState adam;
  std::vector<Epoch> history;
};

/// Epochs over shuffled batches until patience ends: the same for every network. What one batch teaches is
/// the deriving class's.
class EpochTrainer {
public:
  virtual ~EpochTrainer() = default;
  /// Told how many batches of the epoch are done, of how many; false stops in the middle.
  using BatchDone = std::function<bool(std::size_t done, std::size_t of)>;
  /// One epoch; false if the training has ended and nothing was done, or if it was stopped: then this
  /// object is good for nothing any more.
  bool run_epoch(const BatchDone& batch_done = {});
  virtual bool ended() const;
  virtual TrainingState state() const = 0;
  const std::vector<Epoch>& history() const { return history_; }
  const Weights& best() const { return best_; }

protected:
  EpochTrainer(const EpochOptions&, std::size_t training, std::size_t validation, Weights best,
               std::vector<Epoch> history);
  using Chosen = std::span<const std::size_t>; ///< samples of a batch
  /// Learns from a batch; returns the losses before. Draws from `random` only.
  virtual Losses train(Chosen, RandomStream& random, double& climb_steps) = 0;
  virtual Losses validate(Chosen, RandomStream& random) = 0;
  virtual const Weights& weights() const = 0;
  /// Called before an epoch: a training in stages begins its next one here.
  virtual void begin_epoch() {}
  /// Epochs before the stage under way, whose losses are of another kind.
  virtual std::size_t stage_began() const { return 0; }
  bool ran_out(std::size_t began) const; ///< of epochs, or of patience, since `began`
  void set_best(const Weights& best) { best_ = best; }

private:
  EpochOptions epochs_;
  std::size_t training_count_, validation_count_;
  Weights best_;
  std::vector<Epoch> history_;
};

class Trainer : public EpochTrainer {
public:
  /// Samples must outlive this object. `state`: of a checkpoint, or one with initial weights.
  Trainer(const NetworkOptions&, const TrainOptions&, std::span<const Sample> training,
          std::span<const Sample> validation, TrainingState state);
  TrainingState state() const override;

private:
  Losses train(Chosen, RandomStream&, double& climb_steps) override;
  Losses validate(Chosen, RandomStream&) override;
  const Weights& weights() const override { return learner_.weights(); }
  Matrix generate(const Sample& batch, std::uint64_t seed, double& steps) const;
  std::optional<Spoilt> spoil_some(const Sample& batch, RandomStream&) const;

  TrainOptions options_;
  std::span<const Sample> training_, validation_;
  Learner learner_;
};

} // namespace lair::learn
