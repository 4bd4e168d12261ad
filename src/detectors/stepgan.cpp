#include "detectors/stepgan.hpp"

#include "detectors/learned_model.hpp"

#include <algorithm>
#include <limits>

namespace lair {

using namespace learn;

StepganDetector::StepganDetector(PolicyContext& context)
    : Detector(context), model_(learned_model(context, "stepgan", stepgan_kind())),
      critic_(context.number("critic", usual(model_, "critic", 0.5), 0, 1)),
      thresholds_({.risk = context.number("risk", usual(model_, "risk", 1e-4), 1e-12, 0.5),
                   .level = context.number("level", usual(model_, "level", 0.93), 0.5, 0.9999)},
                  static_cast<std::size_t>(context.whole("first", usual(model_, "first", 50.0), 10, 100000))),
      builder_(model_.network, model_.normalisation, GraphFeatures::peers),
      network_(model_.network, model_.sizes, model_.weights) {
  refuse_unknown(model_, context, "stepgan");
  if (!model_.calibration.empty()) thresholds_.start(model_.calibration);
  // Weights as float32, and of each host that may be its own the states that it keeps.
  context.charge_memory(4 * static_cast<double>(model_.weights.parameters()) +
                        8.0 * static_cast<double>(model_.network.features()) * context.host_total());
}

std::vector<double> StepganDetector::window_of(const Observation& seen, const Host& host) {
  const std::uint32_t have = seen.window_length(), most = model_.network.window;
  History& history = histories_[host.id];
  // A broker that has not seen the host for longer than a window begins anew.
  const std::uint32_t passed = history.states.empty() ? have : seen.interval() - history.interval;
  if (passed >= have) history.states.clear();
  for (std::uint32_t back = std::min(passed, have); back > 0; --back) {
    std::vector<double> state = builder_.unit_state(host.window + std::size_t(have - back) * LAIR_METRICS);
    for (double& x : state) x = std::clamp(x, 0.0, most_above);
    history.states.push_back(std::move(state));
  }
  while (history.states.size() > most) history.states.pop_front();
  history.interval = seen.interval();
  std::vector<double> window;
  for (std::size_t i = history.states.size(); i < most; ++i)
    window.insert(window.end(), history.states.front().begin(), history.states.front().end());
  for (const auto& state : history.states) window.insert(window.end(), state.begin(), state.end());
  return window;
}

void StepganDetector::detect(const Observation& seen, Actions, Detection& out) {
  const std::size_t metrics = model_.network.metric_count(), states = model_.network.window;
  std::vector<std::uint32_t> judged; // of each own host its image; none: LAIR_NONE
  std::vector<std::vector<double>> windows;
  for (const Host& host : seen.own_hosts()) {
    const bool known = host.window != nullptr && seen.window_length() > 0;
    judged.push_back(known ? static_cast<std::uint32_t>(windows.size()) : LAIR_NONE);
    if (known) windows.push_back(window_of(seen, host));
  }
  Images raw{step_side(metrics), windows.size(), {}};
  raw.pixels.resize(raw.count * raw.side * raw.side, step_lags);
  Images clipped = raw;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    correlate(windows[i].data(), states, metrics, model_.sizes, i, raw);
    for (double& x : windows[i]) x = std::min(x, 1.0);
    correlate(windows[i].data(), states, metrics, model_.sizes, i, clipped);
  }
  const std::vector<double> scores = network_.scores(raw, clipped, critic_);
  // Beside the network two matrices a host, a product and a sum for each half of their numbers and each state.
  context().charge_flops(static_cast<double>(scores.size()) *
                         (network_.flops_per_image() +
                          2.0 * static_cast<double>(step_lags * metrics * (metrics + 1) * states)));
  std::size_t row = 0;
  for (const Host& host : seen.own_hosts()) {
    const std::uint32_t image = judged[row++];
    if (image == LAIR_NONE) { // nothing was ever seen of it
      out.add(host.id, 0, std::numeric_limits<double>::max(), false);
      continue;
    }
    const auto [threshold, alarm] = thresholds_.judge(host.id, scores[image]);
    out.add(host.id, scores[image], threshold, alarm);
  }
  thresholds_.end_interval();
}

} // namespace lair
