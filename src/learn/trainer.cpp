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

EpochTrainer::EpochTrainer(const EpochOptions& options, std::size_t training, std::size_t validation,
                           Weights best, std::vector<Epoch> history)
    : epochs_(options), training_count_(training), validation_count_(validation),
      best_(std::move(best)), history_(std::move(history)) {
  LAIR_ASSERT(options.batch > 0, "batches of no sample");
}

bool EpochTrainer::ran_out(std::size_t began) const {
  if (history_.size() - began >= epochs_.epochs) return true;
  std::uint32_t idle = 0;
  for (std::size_t i = began; i < history_.size(); ++i) idle = history_[i].best ? 0 : idle + 1;
  return idle >= epochs_.patience;
}

bool EpochTrainer::ended() const { return training_count_ == 0 || ran_out(0); }

bool EpochTrainer::run_epoch(const BatchDone& batch_done) {
  if (ended()) return false;
  begin_epoch();
  Epoch epoch;
  epoch.number = static_cast<std::uint32_t>(history_.size() + 1);
  // A stream of its own for every epoch, so that a resumed training draws the same.
  RandomStream random(epochs_.seed, "epoch." + std::to_string(epoch.number));
  std::vector<std::size_t> order(training_count_), as_they_are(validation_count_);
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::iota(as_they_are.begin(), as_they_are.end(), std::size_t(0));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);

  const auto count_of = [&](std::size_t samples) { return (samples + epochs_.batch - 1) / epochs_.batch; };
  const std::size_t all = count_of(training_count_) + count_of(validation_count_);
  std::size_t done = 0;
  bool stopped = false;
  // Means over the samples.
  const auto batches = [&](const std::vector<std::size_t>& from, Losses& mean, auto&& visit) {
    double seen = 0;
    for (std::size_t first = 0; first < from.size() && !stopped; first += epochs_.batch) {
      const Chosen chosen(from.data() + first, std::min<std::size_t>(epochs_.batch, from.size() - first));
      const auto size = static_cast<double>(chosen.size());
      const Losses losses = visit(chosen);
      mean.real += size * losses.real;
      mean.fake += size * losses.fake;
      mean.spoilt += size * losses.spoilt;
      seen += size;
      stopped = batch_done && !batch_done(++done, all);
    }
    if (seen == 0) return;
    mean.real /= seen;
    mean.fake /= seen;
    mean.spoilt /= seen;
  };
  double steps = 0;
  batches(order, epoch.training, [&](Chosen chosen) { return train(chosen, random, steps); });
  epoch.climb_steps = steps / static_cast<double>(count_of(training_count_));
  // The same seed for every epoch: validation differs by the weights only.
  RandomStream fixed(epochs_.seed, "validation");
  batches(as_they_are, epoch.validation, [&](Chosen chosen) { return validate(chosen, fixed); });
  if (stopped) return false;
  if (validation_count_ == 0) epoch.validation = epoch.training;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = stage_began(); i < history_.size(); ++i)
    if (history_[i].best) least = std::min(least, history_[i].validation.sum());
  epoch.best = epoch.validation.sum() < least - epochs_.better;
  if (epoch.best) best_ = weights();
  history_.push_back(epoch);
  return true;
}

namespace {

Sample packed(std::span<const Sample> from, std::span<const std::size_t> chosen) {
  std::vector<const Sample*> samples;
  for (const std::size_t i : chosen) samples.push_back(&from[i]);
  return pack(samples);
}

} // namespace

Trainer::Trainer(const NetworkOptions& network, const TrainOptions& options,
                 std::span<const Sample> training, std::span<const Sample> validation,
                 TrainingState state)
    : EpochTrainer(options, training.size(), validation.size(),
                   state.best.tensors.empty() ? state.weights : std::move(state.best),
                   std::move(state.history)),
      options_(options), training_(training), validation_(validation),
      learner_(network, std::move(state.weights), options.adam, std::move(state.adam)) {}

Matrix Trainer::generate(const Sample& batch, std::uint64_t seed, double& steps) const {
  if (!options_.generate) return {};
  const NetworkOptions& network = learner_.options();
  const PackedNetwork packed(network, learner_.weights());
  ScoreSurface surface(packed, batch);
  Matrix z = options_.window_start ? window_of(batch, network) : noise_for(batch, network, seed);
  steps += climb(surface, batch, options_.inner, seed, z).steps;
  return z;
}

std::optional<Spoilt> Trainer::spoil_some(const Sample& batch, RandomStream& from) const {
  return options_.spoilt > 0 ? std::optional(spoil(batch, learner_.options(), options_.spoilt, from))
                             : std::nullopt;
}

Losses Trainer::train(Chosen chosen, RandomStream& random, double& steps) {
  const Sample batch = packed(training_, chosen);
  const Matrix fake = generate(batch, random.next(), steps);
  const auto spoilt = spoil_some(batch, random);
  return learner_.step(batch, window_of(batch, learner_.options()), fake, spoilt ? &*spoilt : nullptr);
}

Losses Trainer::validate(Chosen chosen, RandomStream& random) {
  const Sample batch = packed(validation_, chosen);
  double ignored = 0;
  const Matrix fake = generate(batch, options_.seed, ignored);
  const auto spoilt = spoil_some(batch, random);
  return learner_.losses(batch, window_of(batch, learner_.options()), fake,
                         spoilt ? &*spoilt : nullptr);
}

TrainingState Trainer::state() const {
  return {learner_.weights(), best(), learner_.state(), history()};
}

} // namespace lair::learn
