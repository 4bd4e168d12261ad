#include "learn/trainer.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace lair::learn {

Learner::Learner(const NetworkOptions& options, Weights weights, const AdamOptions& adam,
                 AdamState state)
    : options_(options), adam_(adam), weights_(std::move(weights)), state_(std::move(state)) {}

Losses Learner::step(const Sample& sample, const Matrix& real, const Matrix& fake,
                     const Spoilt* spoilt) {
  std::vector<std::vector<float>> gradients;
  const Losses before =
      Network(options_, weights_).losses_and_gradients(sample, real, fake, gradients, spoilt);
  adam_step(adam_, gradients, state_, weights_);
  return before;
}

Losses Learner::losses(const Sample& sample, const Matrix& real, const Matrix& fake,
                       const Spoilt* spoilt) const {
  return Network(options_, weights_).losses(sample, real, fake, spoilt);
}

Spoilt spoil(const Sample& sample, const NetworkOptions& options, double share,
             RandomStream& random) {
  const std::uint32_t metrics = options.metric_count(), k = options.window;
  Spoilt out{window_of(sample, options), Matrix(sample.rows(), options.features())};
  for (std::uint32_t i = 0; i < sample.rows(); ++i) {
    if (random.uniform() >= share) continue;
    // Faults that are over stand in windows too: D is not to blame later states for them.
    const std::uint32_t first = random.below(k);
    const std::uint32_t end = random.uniform() < 0.5 ? first + 1 + random.below(k - first) : k;
    const std::uint32_t raised = 1 + random.below(std::min(3u, metrics));
    for (std::uint32_t r = 0; r < raised; ++r) {
      const std::uint32_t metric = random.below(metrics);
      const auto part = static_cast<float>(random.uniform());
      for (std::uint32_t s = first; s < end; ++s) {
        float& value = out.window(i, s * metrics + metric);
        value += part * (1 - value);
        out.changed(i, s * metrics + metric) = 1;
      }
    }
  }
  return out;
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
  if (!options_.generate) return {};
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

bool Trainer::run_epoch(const BatchDone& batch_done) {
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
  const auto count_of = [&](std::span<const Sample> from) {
    return (from.size() + options_.batch - 1) / options_.batch;
  };
  const std::size_t all = count_of(training_) + count_of(validation_);
  std::size_t done = 0;
  bool stopped = false;
  const auto batches = [&](std::span<const Sample> from, auto&& index, auto&& visit) {
    double seen = 0;
    for (std::size_t first = 0; first < from.size() && !stopped; first += options_.batch) {
      std::vector<const Sample*> chosen;
      for (std::size_t i = first; i < std::min(from.size(), first + options_.batch); ++i)
        chosen.push_back(&from[index(i)]);
      visit(pack(chosen), static_cast<double>(chosen.size()));
      seen += static_cast<double>(chosen.size());
      stopped = batch_done && !batch_done(++done, all);
    }
    return seen;
  };
  const auto spoil_some = [&](const Sample& batch, RandomStream& from) {
    return options_.spoilt > 0 ? std::optional(spoil(batch, network, options_.spoilt, from))
                               : std::nullopt;
  };
  double steps = 0, count = 0;
  const double trained = batches(
      training_, [&](std::size_t i) { return order[i]; },
      [&](const Sample& batch, double size) {
        const Matrix fake = generate(batch, random.next(), steps);
        const auto spoilt = spoil_some(batch, random);
        const Losses losses =
            learner_.step(batch, window_of(batch, network), fake, spoilt ? &*spoilt : nullptr);
        epoch.training.real += size * losses.real;
        epoch.training.fake += size * losses.fake;
        epoch.training.spoilt += size * losses.spoilt;
        ++count;
      });
  epoch.training.real /= trained;
  epoch.training.fake /= trained;
  epoch.training.spoilt /= trained;
  epoch.climb_steps = steps / count;
  // The same seed for every epoch: validation differs by the weights only.
  RandomStream fixed(options_.seed, "validation");
  const double validated = batches(
      validation_, [](std::size_t i) { return i; },
      [&](const Sample& batch, double size) {
        double ignored = 0;
        const Matrix fake = generate(batch, options_.seed, ignored);
        const auto spoilt = spoil_some(batch, fixed);
        const Losses losses =
            learner_.losses(batch, window_of(batch, network), fake, spoilt ? &*spoilt : nullptr);
        epoch.validation.real += size * losses.real;
        epoch.validation.fake += size * losses.fake;
        epoch.validation.spoilt += size * losses.spoilt;
      });
  if (stopped) return false;
  if (validated > 0) {
    epoch.validation.real /= validated;
    epoch.validation.fake /= validated;
    epoch.validation.spoilt /= validated;
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
