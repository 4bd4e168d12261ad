#include "detectors/arima.hpp"

#include "detectors/arima_model.hpp"

#include <algorithm>
#include <cmath>

namespace lair {
namespace {
constexpr double least_threshold = 0.7, most_threshold = 0.95, deviations = 2.5;
} // namespace

ArimaDetector::ArimaDetector(PolicyContext& context)
    : Detector(context), theta_hi_(context.number("theta_hi", 0.9, 0.01, 1)),
      adaptive_(context.choice("thresholds", "fixed", {"fixed", "adaptive"}) == "adaptive"),
      length_(static_cast<std::size_t>(context.whole("history", 30, arima_least, 10000))) {}

void ArimaDetector::remember(const Observation& seen, const Host& host) {
  if (host.window == nullptr || seen.window_length() == 0) return;
  History& history = hosts_[host.id];
  if (!history.values[0].empty() && history.newest == seen.interval()) return;
  history.newest = seen.interval();
  const double net = std::max(seen.metric(host, LAIR_NET_IN), seen.metric(host, LAIR_NET_OUT));
  const double now[] = {seen.metric(host, LAIR_CPU), seen.metric(host, LAIR_RAM),
                        host.nic > 0 ? net / host.nic : 0};
  for (std::size_t i = 0; i < shares; ++i) {
    auto& values = history.values[i];
    if (values.size() == length_) values.erase(values.begin());
    values.push_back(std::clamp(now[i], 0.0, 1.0));
  }
}

void ArimaDetector::detect(const Observation& seen, Actions, Detection& out) {
  double flops = 0;
  for (const Host& host : seen.own_hosts()) {
    remember(seen, host);
    std::vector<double> expected(LAIR_METRICS);
    for (int m = 0; m < LAIR_METRICS; ++m)
      expected[m] = seen.metric(host, static_cast<lair_metric>(m));
    double score = 0, threshold = theta_hi_;
    if (const auto history = hosts_.find(host.id); history != hosts_.end()) {
      double worst = -1;
      for (std::size_t i = 0; i < shares; ++i) {
        const ArimaForecast forecast = arima_forecast(history->second.values[i]);
        flops += forecast.flops + 10;
        const double share = std::clamp(forecast.next, 0.0, 1.0);
        const double limit =
            adaptive_ ? std::clamp(1 - deviations * forecast.spread, least_threshold, most_threshold)
                      : theta_hi_;
        if (share / limit > worst) worst = share / limit, score = share, threshold = limit;
        if (i < 2) {
          expected[i == 0 ? LAIR_CPU : LAIR_RAM] = share;
        } else { // both ways grow or shrink alike
          const double now = history->second.values[i].back();
          const double factor = now > 0 ? share / now : 1;
          expected[LAIR_NET_IN] *= factor;
          expected[LAIR_NET_OUT] *= factor;
        }
      }
    }
    out.add(host.id, score, threshold, score >= threshold, expected);
  }
  context().charge_flops(flops + seen.own_hosts().size());
  const double bytes = static_cast<double>(hosts_.size() * (shares * length_ * sizeof(double) + 128));
  if (bytes > memory_) context().charge_memory(bytes - memory_);
  memory_ = std::max(memory_, bytes);
}

} // namespace lair
