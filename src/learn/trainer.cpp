#include "learn/trainer.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace lair::learn {

Learner::Learner(const NetworkOptions& options, Weights weights, const AdamOptions& adam,
                 AdamState state)
    : options_(options), adam_(adam), weights_(std::move(weights)), state_(std::move(state)) {}

Losses Learner::step(const Sample& sample, const Matrix& real, const Matrix& fake) {
  std::vector<std::vector<float>> gradients;
  const Losses before =
      Network(options_, weights_).losses_and_gradients(sample, real, fake, gradients);
  adam_step(adam_, gradients, state_, weights_);
  return before;
}

Losses Learner::losses(const Sample& sample, const Matrix& real, const Matrix& fake) const {
  return Network(options_, weights_).losses(sample, real, fake);
}

Trainer::Trainer(const NetworkOptions& network, const TrainOptions& options,
                 std::span<const Sample> training, std::span<const Sample> validation,
                 TrainingState state)
    : options_(options), training_(training), validation_(validation),
      learner_(network, std::move(state.weights), options.adam, std::move(state.adam)),
      best_(std::move(state.best)), history_(std::move(state.history)) {
  LAIR_ASSERT(options.batch > 0, "batches of no sample");
  if (best_.tensors.empty()) best_ = learner_.weights();
}

Matrix Trainer::generate(const Sample& batch, std::uint64_t seed, double& steps) const {
  const NetworkOptions& network = learner_.options();
  const PackedNetwork packed(network, learner_.weights());
  ScoreSurface surface(packed, batch);
  Matrix z = options_.window_start ? window_of(batch, network) : noise_for(batch, network, seed);
  steps += climb(surface, batch, options_.inner, seed, z).steps;
  return z;
}

bool Trainer::ended() const {
  if (training_.empty() || history_.size() >= options_.epochs) return true;
  std::uint32_t idle = 0;
  for (const Epoch& epoch : history_) idle = epoch.best ? 0 : idle + 1;
  return idle >= options_.patience;
}

bool Trainer::run_epoch() {
  if (ended()) return false;
  Epoch epoch;
  epoch.number = static_cast<std::uint32_t>(history_.size() + 1);
  // A stream of its own for every epoch, so that a resumed training draws the same.
  RandomStream random(options_.seed, "epoch." + std::to_string(epoch.number));
  std::vector<std::size_t> order(training_.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);

  const NetworkOptions& network = learner_.options();
  const auto batches = [&](std::span<const Sample> from, auto&& index, auto&& visit) {
    double seen = 0;
    for (std::size_t first = 0; first < from.size(); first += options_.batch) {
      std::vector<const Sample*> chosen;
      for (std::size_t i = first; i < std::min(from.size(), first + options_.batch); ++i)
        chosen.push_back(&from[index(i)]);
      visit(pack(chosen), static_cast<double>(chosen.size()));
      seen += static_cast<double>(chosen.size());
    }
    return seen;
  };
  double steps = 0, count = 0;
  const double trained = batches(
      training_, [&](std::size_t i) { return order[i]; },
      [&](const Sample& batch, double size) {
        const Matrix fake = generate(batch, random.next(), steps);
        const Losses losses = learner_.step(batch, window_of(batch, network), fake);
        epoch.training.real += size * losses.real;
        epoch.training.fake += size * losses.fake;
        ++count;
      });
  epoch.training.real /= trained;
  epoch.training.fake /= trained;
  epoch.climb_steps = steps / count;
  // The same seed for every epoch: validation differs by the weights only.
  const double validated = batches(
      validation_, [](std::size_t i) { return i; },
      [&](const Sample& batch, double size) {
        double ignored = 0;
        const Matrix fake = generate(batch, options_.seed, ignored);
        const Losses losses = learner_.losses(batch, window_of(batch, network), fake);
        epoch.validation.real += size * losses.real;
        epoch.validation.fake += size * losses.fake;
      });
  if (validated > 0) {
    epoch.validation.real /= validated;
    epoch.validation.fake /= validated;
  } else {
    epoch.validation = epoch.training;
  }
  double least = std::numeric_limits<double>::infinity();
  for (const Epoch& before : history_)
    if (before.best) least = std::min(least, before.validation.sum());
  epoch.best = epoch.validation.sum() < least - options_.better;
  if (epoch.best) best_ = learner_.weights();
  history_.push_back(epoch);
  return true;
}

TrainingState Trainer::state() const {
  return {learner_.weights(), best_, learner_.state(), history_};
}

} // namespace lair::learn
