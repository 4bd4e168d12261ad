#include "detectors/gon.hpp"

#include "detectors/learned_model.hpp"
#include "learn/model_path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

namespace lair {

using namespace learn;

namespace {

/// States of a window where nothing says another number [paper].
constexpr std::uint32_t usual_window = 10;

/// Where a score is no distance (Score::likelihood): a state that lies this many training ranges above
/// what is expected is anomalous for whoever judges it by `expected` and `scale`. Ours; with a quarter, every
/// migration made its target anomalous by the bytes that it brings.
constexpr double usual_rise = 1;

/// Below it a float's D is 0.
constexpr double least_validity = 1e-30;

/// Operations of one step of generation per number of the window, beside the surface's: probe,
/// average, both moving averages, step.
constexpr double step_flops = 25;

Sample with_window(const Sample& sample, const Sample& later, Matrix& real, std::size_t features) {
  // The same entities with what came of them; those that are gone count as missing.
  Sample out = sample;
  std::map<std::uint64_t, std::uint32_t> row_of;
  for (std::uint32_t i = 0; i < later.rows(); ++i) row_of[later.keys[i]] = i;
  const std::size_t metrics = sample.present.size() / std::max(1u, sample.rows());
  real.resize(sample.rows(), features);
  for (std::uint32_t i = 0; i < sample.rows(); ++i) {
    const auto found = row_of.find(sample.keys[i]);
    if (found == row_of.end()) {
      std::fill_n(out.present.begin() + std::ptrdiff_t(i * metrics), metrics, 0.0f);
      continue;
    }
    std::copy_n(later.window.data() + found->second * features, features, real.row(i));
    for (std::size_t m = 0; m < metrics; ++m)
      out.present[i * metrics + m] *= later.present[found->second * metrics + m];
  }
  return out;
}

} // namespace

GonDetector::Ablation GonDetector::ablation_of(PolicyContext& context) {
  const std::string name = context.choice(
      "ablation", "none", {"none", "no-window-init", "no-adahessian", "no-topology"});
  if (name == "no-window-init") return Ablation::window_init;
  if (name == "no-adahessian") return Ablation::adahessian;
  return name == "no-topology" ? Ablation::topology : Ablation::none;
}

Model GonDetector::model_of(PolicyContext& context) const {
  // 0: the paper's 10 where there is a choice, else the model's.
  const auto asked = static_cast<std::uint32_t>(context.whole("window", 0, 0, 1000));
  const std::uint32_t window = asked > 0 ? asked : usual_window;
  const bool topology = ablation_ != Ablation::topology;
  std::string name = context.text("model", automatic);
  if (name == untrained) {
    NetworkOptions network;
    network.window = window;
    network.topology = topology;
    return untrained_model(network);
  }
  if (name == automatic || name == contrast) {
    name = name == automatic ? automatic_model(context.platform(), window, topology)
                             : contrast_model(context.platform());
    // Once for all brokers; LEIs are counted from 0.
    if (context.lei() == 0 && !name.starts_with("dragon-" + context.platform() + "-"))
      context.log(1, "no model was trained for " +
                         (context.platform().empty() ? "this platform"
                                                     : "'" + context.platform() + "'") +
                         ": gon uses " + name);
  }
  Model model = find_model(name);
  if (asked > 0 && model.network.window != asked)
    throw OptionError("option 'window' is '" + std::to_string(asked) + "', but model '" + name +
                      "' has windows of " + std::to_string(model.network.window) + " states");
  if (!topology && model.network.topology)
    throw OptionError("option 'ablation' is 'no-topology', but model '" + name +
                      "' was trained with topology");
  // Once in a run; `lair verify` looks for it.
  if (context.lei() == 0) context.log(0, "gon model=" + name + " manifest=" + model.identity);
  return model;
}

std::string GonDetector::usual(const char* option, const char* otherwise) const {
  return lair::usual(model_, option, otherwise);
}
double GonDetector::usual(const char* option, double otherwise) const {
  return lair::usual(model_, option, otherwise);
}

GonDetector::GonDetector(PolicyContext& context)
    : Detector(context), ablation_(ablation_of(context)),
      look_ahead_(static_cast<std::uint32_t>(context.whole("look_ahead", 1, 1, 100))),
      model_(model_of(context)),
      inner_{.climber = context.choice("climber",
                                       ablation_ == Ablation::adahessian
                                           ? "adam"
                                           : usual("climber", "adahessian"),
                                       {"adahessian", "adam"}) == "adam"
                            ? Climber::adam
                            : Climber::adahessian,
             .rate = context.number("rate", usual("rate", 1e-3), 1e-9, 1),
             .epsilon = context.number("epsilon", usual("epsilon", 1e-4), 1e-12, 1e6),
             .restart = static_cast<std::uint32_t>(context.whole("restart", usual("restart", 10.0), 1, 1000)),
             .most_steps = static_cast<std::uint32_t>(context.whole("steps", usual("steps", 100.0), 0, 10000)),
             .small = context.number("small", usual("small", 1e-4), 0, 1),
             .probes = static_cast<std::uint32_t>(context.whole("probes", usual("probes", 1.0), 1, 1000)),
             .probe_every = static_cast<std::uint32_t>(context.whole("probe_every", usual("probe_every", 1.0), 1, 1000))},
      start_(Start::window), judged_(Judged::forecast), rows_(Rows::last), score_(Score::residual),
      graph_(context.choice("graph", usual("graph", "all"), {"all", "peers"}) == "all" ? GraphFeatures::all
                                                                       : GraphFeatures::peers),
      thresholds_({.risk = context.number("risk", usual("risk", 1e-4), 1e-12, 0.5),
                   .level = context.number("level", usual("level", 0.93), 0.5, 0.9999)},
                  static_cast<std::size_t>(context.whole("first", usual("first", 50.0), 10, 100000))),
      fine_tune_(context.choice("fine_tune", usual("fine_tune", "yes"), {"yes", "no"}) == "yes"),
      tune_rate_(context.number("tune_rate", usual("tune_rate", 1e-4), 0, 1)),
      builder_(model_.network, model_.normalisation, graph_) {
  const std::string start =
      context.choice("start",
                     ablation_ == Ablation::window_init ? "noise" : usual("start", "window"),
                     {"window", "noise", "forecast"});
  if (start == "noise") start_ = Start::noise;
  if ((ablation_ == Ablation::window_init && start_ != Start::noise) ||
      (ablation_ == Ablation::adahessian && inner_.climber != Climber::adam))
    throw OptionError("option 'ablation' is '" + context.text("ablation", "") +
                      "', and option '" +
                      (ablation_ == Ablation::adahessian ? "climber" : "start") +
                      "' says otherwise");
  if (start == "forecast") start_ = Start::forecast;
  if (context.choice("judged", usual("judged", "forecast"), {"forecast", "observed"}) == "observed")
    judged_ = Judged::observed;
  if (context.choice("rows", usual("rows", "last"), {"last", "window"}) == "window") rows_ = Rows::window;
  if (context.choice("score", usual("score", "residual"), {"residual", "likelihood"}) == "likelihood")
    score_ = Score::likelihood;
  if (score_ == Score::likelihood && model_.network.head == Head::scalar)
    throw OptionError("option 'score' is 'likelihood', but model '" + context.text("model", automatic) +
                      "' has one probability per window, not one per host");
  if (score_ == Score::likelihood && rows_ == Rows::window)
    throw OptionError("option 'rows' is 'window', but option 'score' is 'likelihood', of one state");
  refuse_unknown(model_, context, "gon");
  if (!model_.calibration.empty()) thresholds_.start(model_.calibration);
  learner_.emplace(model_.network, std::move(model_.weights),
                   AdamOptions{.rate = tune_rate_});
  // Weights, and for tuning both of Adam's averages: float32.
  const auto parameters = static_cast<double>(learner_->weights().parameters());
  context.charge_memory(4 * parameters * (fine_tune_ ? 3 : 1));
}

Matrix GonDetector::start_of(const Sample& sample, const Observation& seen, const double* forecast,
                             std::uint64_t seed) const {
  if (start_ == Start::noise) return noise_for(sample, model_.network, seed);
  if (start_ == Start::window || forecast == nullptr) return window_of(sample, model_.network);
  return window_with_forecast(sample, seen, forecast);
}

/// One state later: the oldest goes, the forecast of the hosts comes.
Matrix GonDetector::window_with_forecast(const Sample& sample, const Observation& seen,
                                         const double* forecast) const {
  Matrix z = window_of(sample, model_.network);
  const std::size_t metrics = model_.network.metric_count();
  std::uint32_t row = 0;
  for (std::uint32_t h = 0; h < seen.hosts().size(); ++h) {
    if (!is_own(seen.hosts()[h])) continue;
    float* values = z.row(row++);
    std::copy(values + metrics, values + z.cols, values);
    const auto next = builder_.unit_state(forecast + std::size_t(h) * LAIR_METRICS);
    for (std::size_t m = 0; m < metrics; ++m)
      values[z.cols - metrics + m] = static_cast<float>(std::clamp(next[m], 0.0, 1.0));
  }
  return z;
}

/// || ReLU(W_t+1 - generated) || of one host (eq. 13): only what is above counts.
double GonDetector::score(const Observation& seen, std::uint32_t row, const Host& host,
                          const double* next, const Matrix& generated) const {
  const std::size_t metrics = model_.network.metric_count(), k = model_.network.window;
  const std::uint32_t have = seen.window_length();
  double squares = 0;
  for (std::size_t s = rows_ == Rows::last ? k - 1 : 0; s < k; ++s) {
    // State s of W_t+1: the last one is `next`, the others are the observed ones, one later.
    const double* raw = next;
    if (s + 1 < k) {
      const std::size_t back = k - 1 - s; // 1 = newest observed
      raw = host.window + std::size_t(have > back ? have - back : 0) * LAIR_METRICS;
    }
    const auto unit = builder_.unit_state(raw);
    for (std::size_t m = 0; m < metrics; ++m) {
      const double above = std::min(unit[m], most_above) - generated(row, s * metrics + m);
      if (above > 0) squares += above * above;
    }
  }
  return std::sqrt(squares);
}

GonDetector::Generated GonDetector::generate(const Sample& sample, const Observation& seen,
                                             const double* forecast, std::uint64_t seed) {
  // Packed anew each time (0.1 ms), so that a broker keeps its weights once.
  const PackedNetwork packed(model_.network, learner_->weights());
  ScoreSurface surface(packed, sample);
  Generated out;
  if (score_ == Score::likelihood) {
    surface.value(judged_ == Judged::forecast ? window_with_forecast(sample, seen, forecast)
                                              : window_of(sample, model_.network));
    const std::size_t features = model_.network.features(), metrics = model_.network.metric_count();
    for (std::uint32_t row = 0; row < sample.hosts; ++row) {
      double unlikely = 0;
      for (std::size_t j = features - metrics; j < features; ++j)
        unlikely -= std::log(std::max(least_validity, static_cast<double>(surface.validity()(row, j))));
      out.likelihood.push_back(unlikely);
    }
  }
  const double likelihood_flops = surface.flops();
  Matrix z = start_of(sample, seen, forecast, seed);
  surface.value(z);
  // One evaluation with all that comes before it, also where the likelihood was one already.
  forward_flops_ = out.likelihood.empty() ? surface.flops() : likelihood_flops;
  const Climb climbed = climb(surface, sample, inner_, seed, z);
  context().charge_flops(surface.flops() + step_flops * climbed.steps *
                                               static_cast<double>(z.rows) *
                                               static_cast<double>(z.cols));
  out.window = std::move(z);
  return out;
}

/// The generated last state as the world measures it; what the network does not see is `otherwise`.
std::vector<double> GonDetector::expected_of(const Matrix& generated, std::uint32_t row,
                                             const double* otherwise) const {
  const std::size_t metrics = model_.network.metric_count();
  std::vector<double> expected(otherwise, otherwise + LAIR_METRICS);
  for (std::size_t m = 0; m < metrics; ++m)
    expected[model_.network.metrics[m]] =
        model_.normalisation.from_unit(m, generated(row, generated.cols - metrics + m));
  return expected;
}

void GonDetector::detect(const Observation& seen, Actions placement, Detection& out) {
  const NetworkOptions& network = model_.network;
  history_.update(seen, network.window);
  sample_ = builder_.build(seen, placement, history_);
  // One draw a decision: the stream of policies moves alike, however long generation takes.
  const auto seed = static_cast<std::uint64_t>(context().uniform() * 0x1p53);
  std::optional<TwinView> twin;
  std::vector<double> forecast;
  if (look_ahead_ > 1 || judged_ == Judged::forecast || start_ == Start::forecast) {
    if (look_ahead_ > 1) twin = context().twin(seen);
    const double* states =
        twin ? twin->forecast(placement).states : context().forecast(placement).states;
    if (states == nullptr && seen.hosts().size() > 0)
      throw std::runtime_error("the twin forecasts no states");
    forecast.assign(states, states + std::size_t(seen.hosts().size()) * LAIR_METRICS);
  }
  generated_ = generate(*sample_, seen, forecast.empty() ? nullptr : forecast.data(), seed);
  const double forward_flops = forward_flops_; // what learning from it will cost

  Judgement judged = judge(seen, forecast, generated_);
  std::vector<double> thresholds;
  std::vector<bool> alarms;
  for (std::uint32_t row = 0; row < judged.scores.size(); ++row) {
    if (!judged.known[row]) {
      thresholds.push_back(std::numeric_limits<double>::max());
      alarms.push_back(false);
      continue;
    }
    const auto [threshold, alarm] =
        thresholds_.judge(seen.own_hosts()[row].id, judged.scores[row]);
    thresholds.push_back(threshold);
    alarms.push_back(alarm);
  }
  thresholds_.end_interval();
  std::vector<Judgement> later;
  if (twin) look_ahead(*twin, seed, later);
  forward_flops_ = forward_flops;
  for (std::uint32_t row = 0; row < judged.scores.size(); ++row) {
    double score = judged.scores[row];
    bool alarm = alarms[row];
    for (const Judgement& one : later) {
      score = std::max(score, one.scores[row]);
      alarm = alarm || one.scores[row] >= thresholds[row];
    }
    out.add(seen.own_hosts()[row].id, score, thresholds[row], alarm, judged.expected[row],
            scale_of(judged, row, thresholds[row], alarms[row]));
  }
  for (std::uint32_t k = 0; k < later.size(); ++k)
    for (const auto& expected : later[k].expected) out.ahead(k, expected);
}

/// Scores of the own hosts, rows as the observation's.
GonDetector::Judgement GonDetector::judge(const Observation& seen,
                                          const std::vector<double>& forecast,
                                          const Generated& generated) const {
  Judgement out;
  for (std::uint32_t row = 0; row < seen.own_hosts().size(); ++row) {
    const Host& host = seen.own_hosts()[row];
    out.known.push_back(host.window != nullptr && seen.window_length() > 0);
    if (!out.known.back()) { // nothing was ever seen of it
      out.scores.push_back(0);
      out.above.push_back(0);
      out.expected.emplace_back(LAIR_METRICS);
      continue;
    }
    const double* newest = host.window + std::size_t(seen.window_length() - 1) * LAIR_METRICS;
    const double* next = judged_ == Judged::forecast
                             ? forecast.data() + std::size_t(row) * LAIR_METRICS
                             : newest;
    out.scores.push_back(score_ == Score::residual
                             ? score(seen, row, host, next, generated.window)
                             : generated.likelihood[row]);
    out.expected.push_back(expected_of(generated.window, row, next));
    const std::vector<double> share = shares_of_ranges();
    double squares = 0;
    for (std::size_t m = 0; m < LAIR_METRICS; ++m) {
      const double above = std::max(0.0, next[m] - out.expected.back()[m]) * share[m];
      squares += above * above;
    }
    out.above.push_back(std::sqrt(squares));
  }
  return out;
}

/// One over the width of each metric's training range; 0 for metrics that the network does not see.
std::vector<double> GonDetector::shares_of_ranges() const {
  std::vector<double> shares(LAIR_METRICS, 0.0);
  const Normalisation& ranges = model_.normalisation;
  for (std::size_t m = 0; m < model_.network.metric_count(); ++m)
    shares[model_.network.metrics[m]] = 1 / (ranges.high[m] - ranges.low[m]);
  return shares;
}

/// One metric's share of the score per its own unit, so that others can judge other states of the host
/// (what migrations would make of it) without the network. The score of all k states is no such norm:
/// none then. A likelihood, or a residual on a bent scale, is none either; what the norm has to say is
/// then fixed at two points: 0 at what was generated, and the threshold a usual rise above it, or where
/// the host is now if that is less and it has an alarm, or more and it has none.
std::vector<double> GonDetector::scale_of(const Judgement& judged, std::uint32_t row,
                                          double threshold, bool label) const {
  if (rows_ == Rows::window) return {};
  std::vector<double> scale = shares_of_ranges();
  if (score_ == Score::residual && model_.normalisation.curve == Curve::linear) return scale;
  if (threshold >= std::numeric_limits<double>::max()) return scale; // not yet, or never seen
  const double now = judged.above[row];
  const double rise = label ? (now > 0 ? std::min(usual_rise, 0.99 * now) : usual_rise)
                            : std::max(usual_rise, 1.01 * now);
  for (double& one : scale) one *= threshold / rise;
  return scale;
}

/// The further steps, as if nothing were migrated and nothing new came: the twin moves on, the network
/// generates from the windows that the twin forecasts. Thresholds learn nothing from it.
void GonDetector::look_ahead(TwinView twin, std::uint64_t seed, std::vector<Judgement>& later) {
  TaskHistory history = history_;
  for (std::uint32_t k = 1; k < look_ahead_; ++k) {
    const Observation at = twin.advance();
    history.update(at, model_.network.window);
    const Sample sample = builder_.build(at, {}, history);
    const double* states = twin.forecast({}).states;
    const std::vector<double> forecast(
        states, states + std::size_t(at.hosts().size()) * LAIR_METRICS);
    const Generated generated = generate(sample, at, forecast.data(), seed + k);
    later.push_back(judge(at, forecast, generated));
  }
}

void GonDetector::learn(const Observation&, const Observation& after) {
  if (!fine_tune_ || !sample_ || sample_->rows() == 0) return;
  const NetworkOptions& network = model_.network;
  history_.update(after, network.window);
  const Sample later = builder_.build(after, {}, history_);
  Matrix real;
  const Sample sample = with_window(*sample_, later, real, network.features());
  learner_->step(sample, real, generated_.window);
  // Forward and backward (twice a forward) of both windows, then Adam: a dozen operations a weight.
  context().charge_flops(6 * forward_flops_ +
                         12 * static_cast<double>(learner_->weights().parameters()));
  sample_.reset();
}

} // namespace lair
