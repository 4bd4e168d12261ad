/// Training of a learned detector from recorded traces to a model file: what all kinds share. Traces are read
/// and split, windows normalised, epochs run, checkpoints kept and taken up, thresholds calibrated on
/// fault-free scores, the model written with where it came from. What learns is a Lesson.
#pragma once

#include "learn/model_file.hpp"
#include "learn/trace_samples.hpp"
#include "learn/trainer.hpp"
#include "policy/neural_module.hpp"

#include <lair/policy.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lair::train {

/// What a lesson learns from.
struct Material {
  std::vector<learn::Sample> training, validation;
  learn::Normalisation normalisation;
};

/// One kind of model.
class Lesson {
public:
  virtual ~Lesson() = default;
  virtual const learn::NetworkOptions& network() const = 0; ///< metrics and window, at least
  virtual learn::GraphFeatures graph() const { return learn::GraphFeatures::all; }
  virtual std::vector<learn::Tensor> layout() const = 0;
  virtual learn::Weights initial() const = 0;
  /// Adds what decides a byte of the outcome, beside what all kinds have.
  virtual void ask(std::map<std::string, std::string>& asked) const = 0;
  virtual std::unique_ptr<learn::EpochTrainer> begin(const Material&, learn::TrainingState) const = 0;
  /// The network of the best epoch as a model: kind, sizes, weights and what is made of them at the end.
  virtual learn::Model model(const Material&, const learn::Weights&) const = 0;
  /// The detector that uses it, and the options that a model may bring values for.
  virtual const char* detector_name() const = 0;
  virtual std::unique_ptr<Detector> detector(PolicyContext&) const = 0;
  virtual std::span<const std::string_view> detector_options() const = 0;
};

TrainOutcome run(const Lesson&, const TrainRequest&, const TrainListener&);

/// Metrics and window of the request.
learn::NetworkOptions seen_by(const TrainRequest&);

/// A trainer's options with what all kinds are asked for.
template <class Options> Options usual(const TrainRequest& request) {
  Options options;
  options.batch = request.batch;
  options.epochs = request.epochs;
  options.patience = request.patience;
  options.seed = request.seed;
  return options;
}
/// The first of two words, or the second; InputError for any other.
bool chosen(const char* option, const std::string& value, const char* first, const char* second);
/// The shortest text that gives the number back.
std::string text_of(double);

/// What learns, of the list in list.cpp.
TrainOutcome train_dragon(const TrainRequest&, const TrainListener&);
TrainOutcome train_awgg(const TrainRequest&, const TrainListener&);
TrainOutcome train_gobi(const TrainRequest&, const TrainListener&);
TrainOutcome train_stepgan(const TrainRequest&, const TrainListener&);
TrainOutcome train_topomad(const TrainRequest&, const TrainListener&);

} // namespace lair::train
