#include "train/training.hpp"

#include "core/error.hpp"
#include "core/ranking.hpp"
#include "core/temporary_folder.hpp"
#include "trace/replay.hpp"
#include "trace/trace.hpp"
#include "train/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>

namespace lair::train {

using namespace learn;
using trace::Trace;

namespace {

namespace fs = std::filesystem;

/// Of every run, by time: the first part is learnt from, the last validates; between them as many
/// intervals are left out as a window is long, so that no state is in both.
constexpr double training_share = 0.8; ///< [paper] 80/20
/// Scores that a model keeps for its thresholds to begin with; more say nothing new.
constexpr std::size_t most_calibration = 1000;

Trace read_trace(const std::string& option, const std::string& path, std::uint32_t window,
                 bool fault_free) {
  Trace trace = Trace::read(path);
  const trace::Origin& origin = trace.origin();
  if (origin.window < window)
    throw InputError(path, "window",
                     "has windows of " + std::to_string(origin.window) + " states, fewer than --window " +
                         std::to_string(window),
                     "a trace recorded with --set window=" + std::to_string(window) + ", or a smaller --window");
  std::size_t faulty = 0;
  for (std::uint32_t run = 0; run < trace.seeds().size(); ++run)
    for (std::uint32_t interval = 0; interval < origin.intervals; ++interval)
      for (std::uint32_t host = 0; host < origin.hosts.size(); ++host)
        faulty += trace.faulty(run, interval, host);
  if (fault_free && faulty > 0)
    throw InputError(path, "", "holds " + std::to_string(faulty) + " faulty host-intervals",
                     option + " takes traces of runs without faults (--set faults.rate=0)");
  if (!fault_free && faulty == 0)
    throw InputError(path, "", "holds no faulty host-interval", option + " takes a trace with faults");
  return trace;
}

std::uint32_t training_end(const Trace& trace) {
  return static_cast<std::uint32_t>(training_share * trace.origin().intervals);
}
std::uint32_t validation_begin(const Trace& trace, std::uint32_t window) {
  return training_end(trace) + window;
}

/// One training, from the request to the model.
class Training {
public:
  Training(const Lesson& lesson, const TrainRequest& request, const TrainListener& listener)
      : lesson_(lesson), request_(request), listener_(listener), network_(lesson.network()),
        checkpoint_path_(request.out + ".checkpoint") {
    read_traces();
    make_samples();
    ask();
  }

  TrainOutcome run() {
    TrainOutcome outcome;
    outcome.samples = material_.training.size();
    outcome.validation_samples = material_.validation.size();
    Checkpoint checkpoint = begin();
    outcome.resumed_after = static_cast<std::uint32_t>(checkpoint.epochs.size());
    const auto trainer = lesson_.begin(material_, checkpoint.state);
    while (!trainer->ended()) {
      const auto epoch = static_cast<std::uint32_t>(trainer->history().size() + 1);
      const auto batch = [&](std::size_t done, std::size_t of) {
        return !listener_.batch || listener_.batch(epoch, done, of);
      };
      if (!trainer->run_epoch(batch)) return outcome; // stopped
      checkpoint.state = trainer->state();
      checkpoint.epochs.push_back(told(trainer->history().back(), checkpoint.state.weights));
      save_checkpoint(checkpoint, checkpoint_path_);
      if (listener_.epoch) listener_.epoch(checkpoint.epochs.back());
    }
    Model model = calibrated(trainer->best());
    const TrainedEpoch& best = best_of(checkpoint.epochs);
    outcome.best = best.number;
    outcome.f1 = best.f1;
    outcome.aupr = best.aupr;
    describe(model, checkpoint.epochs.size(), best);
    save_model(model, request_.out);
    outcome.hash = model.hash;
    std::error_code ignored;
    fs::remove(checkpoint_path_, ignored);
    outcome.completed = true;
    return outcome;
  }

private:
  void read_traces() {
    for (const std::string& path : request_.traces)
      traces_.push_back(read_trace("--trace", path, network_.window, true));
    for (const Trace& trace : traces_) {
      all_.push_back(&trace);
      if (validation_begin(trace, network_.window) >= trace.origin().intervals)
        throw InputError("--trace", "",
                         trace.origin().scenario + " has " + std::to_string(trace.origin().intervals) +
                             " intervals, too few for windows of " + std::to_string(network_.window),
                         "the last fifth of each run validates: at least " +
                             std::to_string(5 * (network_.window + 2)) + " intervals");
    }
    if (!request_.validate_on.empty())
      faulty_.push_back(read_trace("--validate-on", request_.validate_on, network_.window, false));
  }

  void make_samples() {
    material_.normalisation = ranges_of(all_, network_.metrics);
    if (!chosen("--curve", request_.curve, "linear", "knee"))
      material_.normalisation.curve = Curve::knee;
    for (const Trace& trace : traces_)
      for (TraceSample& one : samples_of(trace, network_, material_.normalisation, lesson_.graph())) {
        if (one.interval < training_end(trace)) material_.training.push_back(std::move(one.sample));
        else if (one.interval >= validation_begin(trace, network_.window))
          material_.validation.push_back(std::move(one.sample));
      }
  }

  /// Options that a model brings along; others would be kept in it and never asked for.
  void check_detector_options() const {
    const auto options = lesson_.detector_options();
    for (const auto& [key, value] : request_.detector)
      if (std::find(options.begin(), options.end(), key) == options.end()) {
        std::string known;
        for (const auto one : options) known += (known.empty() ? "" : ", ") + std::string(one);
        throw InputError("--detector", "", "'" + key + "' cannot be a model's default", known);
      }
  }

  /// Everything that decides a byte of the outcome.
  void ask() {
    const auto add = [&](const char* key, std::string value) { asked_[key] = std::move(value); };
    std::string metrics, traces;
    for (const std::uint32_t metric : network_.metrics)
      metrics += (metrics.empty() ? "" : ",") + std::string(metric_name(metric));
    for (const Trace& trace : traces_) traces += (traces.empty() ? "" : ", ") + trace.hash();
    add("lair", request_.version);
    add("traces", traces);
    add("validate_on", faulty_.empty() ? "none" : faulty_.front().hash());
    add("window", std::to_string(request_.window));
    add("metrics", metrics);
    add("seed", std::to_string(request_.seed));
    add("epochs", std::to_string(request_.epochs));
    add("patience", std::to_string(request_.patience));
    add("batch", std::to_string(request_.batch));
    add("rate", text_of(request_.rate));
    add("decay", text_of(request_.decay));
    add("curve", request_.curve);
    for (const auto& [key, value] : request_.detector) asked_["detector." + key] = value;
    for (const auto& [key, value] : request_.options) asked_["option." + key] = text_of(value);
    asked_["command"] = request_.command;
    lesson_.ask(asked_);
  }

  Checkpoint begin() {
    if (request_.resume)
      if (auto found = load_checkpoint(checkpoint_path_, lesson_.layout(), asked_)) return *found;
    Checkpoint fresh;
    fresh.asked = asked_;
    fresh.state.weights = lesson_.initial();
    // Before hours of training: an option that the detector refuses.
    check_detector_options();
    (void)calibrated(fresh.state.weights);
    return fresh;
  }

  Model model_with(const Weights& weights) const {
    Model model = lesson_.model(material_, weights);
    model.network = network_;
    model.normalisation = material_.normalisation;
    for (const auto& [key, value] : request_.detector) model.detector[key] = value;
    return model;
  }

  /// What the detector says of a trace with this model, all by its own defaults.
  std::vector<trace::JudgedHost> judged(Model model, const Trace& trace, std::uint32_t first) const {
    const TemporaryFolder folder("train");
    const std::string path = folder.path + "/candidate.json";
    save_model(model, path);
    const auto make = [this](PolicyContext& context) { return lesson_.detector(context); };
    try {
      return trace::replay(trace, make,
                           {.options = {{"model", path}, {"window", std::to_string(network_.window)}},
                            .first = first});
    } catch (const OptionError& error) {
      throw InputError("--detector", "", error.what(),
                       "an option of " + std::string(lesson_.detector_name()) + " (docs/" +
                           (std::string_view(lesson_.detector_name()) == "gon" ? "dragon" : "baselines") + ".md)");
    }
  }

  /// With the scores of the validation windows, which thresholds begin with.
  Model calibrated(const Weights& weights) const {
    Model model = model_with(weights);
    std::vector<double> scores;
    for (const Trace& trace : traces_)
      for (const auto& host : judged(model, trace, validation_begin(trace, network_.window)))
        scores.push_back(host.score);
    const std::size_t kept = std::min(scores.size(), most_calibration);
    for (std::size_t i = 0; i < kept; ++i)
      model.calibration.push_back(scores[i * scores.size() / kept]);
    return model;
  }

  TrainedEpoch told(const Epoch& epoch, const Weights& weights) const {
    if (!std::isfinite(epoch.training.sum()) || !std::isfinite(epoch.validation.sum()))
      throw RunError("the loss is no finite number after epoch " + std::to_string(epoch.number) +
                     ": nothing was learnt; a smaller --rate may help");
    TrainedEpoch out{epoch.number, epoch.training.sum(), epoch.validation.sum(),
                     std::numeric_limits<double>::quiet_NaN(),
                     std::numeric_limits<double>::quiet_NaN(), epoch.best};
    if (faulty_.empty()) return out;
    std::vector<Scored> scored;
    std::size_t hit = 0, missed = 0, wrong = 0;
    for (const auto& host : judged(calibrated(weights), faulty_.front(), 0)) {
      scored.push_back({host.score, host.faulty});
      hit += host.label && host.faulty;
      missed += !host.label && host.faulty;
      wrong += host.label && !host.faulty;
    }
    out.f1 = 2.0 * static_cast<double>(hit) / static_cast<double>(2 * hit + missed + wrong);
    out.aupr = average_precision(scored);
    return out;
  }

  static const TrainedEpoch& best_of(const std::vector<TrainedEpoch>& epochs) {
    const TrainedEpoch* best = &epochs.front();
    for (const TrainedEpoch& epoch : epochs)
      if (epoch.best) best = &epoch;
    return *best;
  }

  void describe(Model& model, std::size_t epochs, const TrainedEpoch& best) const {
    auto& said = model.provenance;
    said = asked_;
    for (std::size_t i = 0; i < traces_.size(); ++i) said["trace." + std::to_string(i + 1)] = named(traces_[i]);
    if (!faulty_.empty()) {
      said["validation_trace"] = named(faulty_.front());
      said["validation_f1"] = text_of(best.f1);
      said["validation_aupr"] = text_of(best.aupr);
    }
    said["epochs_run"] = std::to_string(epochs);
    said["best_epoch"] = std::to_string(best.number);
    said["validation_loss"] = text_of(best.validation);
  }

  static std::string named(const Trace& trace) {
    const trace::Origin& origin = trace.origin();
    std::string seeds;
    for (const std::uint64_t seed : trace.seeds()) seeds += (seeds.empty() ? "" : ",") + std::to_string(seed);
    return origin.scenario + " (" + origin.scenario_hash + "), seeds " + seeds + ", " +
           std::to_string(origin.intervals) + " intervals, policy " + origin.policy + ", lair " + origin.lair;
  }

  const Lesson& lesson_;
  const TrainRequest& request_;
  const TrainListener& listener_;
  NetworkOptions network_;
  std::string checkpoint_path_;
  std::vector<Trace> traces_, faulty_; ///< `faulty_`: at most one
  std::vector<const Trace*> all_;
  Material material_;
  std::map<std::string, std::string> asked_;
};

} // namespace

std::string text_of(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

bool chosen(const char* option, const std::string& value, const char* first, const char* second) {
  if (value != first && value != second)
    throw InputError(option, "", "'" + value + "' is not known", std::string(first) + " or " + second);
  return value == first;
}

learn::NetworkOptions seen_by(const TrainRequest& request) {
  NetworkOptions network;
  network.window = request.window;
  if (request.metrics.empty()) return network;
  network.metrics.clear();
  std::string known;
  for (std::uint32_t m = 0; m < LAIR_ALIVE; ++m) known += (m > 0 ? ", " : "") + std::string(metric_name(m));
  for (const std::string& name : request.metrics) {
    std::uint32_t m = 0;
    while (m < LAIR_ALIVE && name != metric_name(m)) ++m; // not alive: it gives the answer away
    if (m == LAIR_ALIVE)
      throw InputError("--metrics", "", "'" + name + "' is no metric of a detector", known);
    if (std::find(network.metrics.begin(), network.metrics.end(), m) != network.metrics.end())
      throw InputError("--metrics", "", "'" + name + "' stands there twice", "each metric once");
    network.metrics.push_back(m);
  }
  return network;
}

TrainOutcome run(const Lesson& lesson, const TrainRequest& request, const TrainListener& listener) {
  return Training(lesson, request, listener).run();
}

} // namespace lair::train
