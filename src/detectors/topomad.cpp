#include "detectors/topomad.hpp"

#include "core/random.hpp"
#include "detectors/learned_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {

using namespace learn;

TopomadDetector::TopomadDetector(PolicyContext& context)
    : Detector(context), model_(learned_model(context, "topomad", topomad_kind())), judged_(Judged::newest),
      delay_(static_cast<std::size_t>(context.whole("delay", usual(model_, "delay", std::min(5.0, double(model_.network.window))), 1, 1000))),
      samples_(static_cast<std::size_t>(context.whole("samples", usual(model_, "samples", 10.0), 0, 1000))),
      thresholds_({.risk = context.number("risk", usual(model_, "risk", 1e-4), 1e-12, 0.5),
                   .level = context.number("level", usual(model_, "level", 0.93), 0.5, 0.9999)},
                  static_cast<std::size_t>(context.whole("first", usual(model_, "first", 50.0), 10, 100000))),
      builder_(model_.network, model_.normalisation, GraphFeatures::all),
      network_(model_.network, model_.sizes, model_.weights) {
  const std::string judged =
      context.choice("judged", usual(model_, "judged", "newest"), {"newest", "recent", "settled"});
  if (judged != "newest") judged_ = judged == "recent" ? Judged::recent : Judged::settled;
  if (delay_ > model_.network.window)
    throw OptionError("option 'delay' is '" + std::to_string(delay_) + "', but the model's windows have " +
                      std::to_string(model_.network.window) + " states");
  refuse_unknown(model_, context, "topomad");
  if (!model_.calibration.empty()) thresholds_.start(model_.calibration);
  // Weights as float32; of each host of the federation at most a sum and a count for each kept state.
  context.charge_memory(4 * static_cast<double>(model_.weights.parameters()) +
                        16.0 * static_cast<double>(delay_) * context.host_total());
}

std::vector<std::vector<double>> TopomadDetector::scores(const Observation& seen, const Sample& sample,
                                                         std::uint64_t seed) {
  const std::size_t n = model_.network.metric_count(), window = model_.network.window;
  const HostGraph graph(sample);
  const GraphLstm::State read = network_.read(sample, graph);
  Matrix mean, log_variance;
  network_.latent(read, mean, log_variance);
  RandomStream random(seed, "topomad");
  std::vector<std::vector<double>> out(sample.hosts, std::vector<double>(window, 0.0));
  const std::size_t draws = std::max<std::size_t>(1, samples_);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    Matrix code = mean;
    if (samples_ > 0) {
      const Matrix noise = normal_noise(code.rows, code.cols, random);
      for (std::size_t i = 0; i < code.rows; ++i)
        for (std::size_t j = 0; j < code.cols; ++j)
          code(i, j) += noise(i, j) * static_cast<float>(std::exp(0.5 * log_variance(i, j)));
    }
    const Rewritten again = network_.write(sample, graph, read, code);
    for (std::uint32_t row = 0; row < sample.hosts; ++row) {
      const Host& host = seen.own_hosts()[row];
      if (host.window == nullptr || seen.window_length() == 0) continue;
      for (std::size_t s = 0; s < window; ++s) {
        const std::size_t back = window - s, have = seen.window_length();
        const auto x = builder_.unit_state(host.window + (have > back ? have - back : 0) * LAIR_METRICS);
        const std::uint32_t node = sample.node_of_host[row];
        for (std::size_t m = 0; m < n; ++m) {
          const double spread = again.log_variance(node, s * n + m);
          const double off = std::clamp(x[m], -most_above, most_above) - again.mean(node, s * n + m);
          out[row][s] += (off * off * std::exp(-spread) + spread) / static_cast<double>(draws);
        }
      }
    }
  }
  context().charge_flops(network_.read_flops(sample.nodes) +
                         static_cast<double>(draws) *
                             (network_.write_flops(sample.nodes) +
                              // score: five operations and an exponential for each number
                              25.0 * static_cast<double>(sample.hosts * window * n)));
  return out;
}

double TopomadDetector::judge(std::uint32_t host, std::uint32_t interval, const std::vector<double>& states) {
  if (judged_ == Judged::newest) return states.back();
  History& history = histories_[host];
  // A broker that has not seen the host for some intervals has no states for them.
  const std::size_t passed = history.states.empty() ? delay_ : interval - history.interval;
  for (std::size_t i = 0; i < std::min(passed, delay_); ++i) history.states.push_back({});
  while (history.states.size() > delay_) history.states.pop_front();
  history.interval = interval;
  for (std::size_t i = 0; i < delay_; ++i) {
    history.states[i].sum += states[states.size() - delay_ + i];
    ++history.states[i].windows;
  }
  if (judged_ == Judged::settled) return history.states.front().mean();
  double sum = 0;
  for (const StateScore& one : history.states) sum += one.mean();
  return sum / static_cast<double>(delay_);
}

void TopomadDetector::detect(const Observation& seen, Actions, Detection& out) {
  const Sample sample = builder_.build(seen, {}, {});
  // One draw a decision: the stream of policies moves alike, however many samples are drawn.
  const auto seed = static_cast<std::uint64_t>(context().uniform() * 0x1p53);
  const auto states = scores(seen, sample, seed);
  for (std::uint32_t row = 0; row < sample.hosts; ++row) {
    const Host& host = seen.own_hosts()[row];
    if (host.window == nullptr || seen.window_length() == 0) { // nothing was ever seen of it
      out.add(host.id, 0, std::numeric_limits<double>::max(), false);
      continue;
    }
    const double score = judge(host.id, seen.interval(), states[row]);
    const auto [threshold, alarm] = thresholds_.judge(host.id, score);
    out.add(host.id, score, threshold, alarm);
  }
  thresholds_.end_interval();
}

} // namespace lair
