#include "learn/trace_samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lair::learn {

Normalisation ranges_of(std::span<const trace::Trace* const> traces,
                        const std::vector<std::uint32_t>& metrics) {
  Normalisation ranges;
  ranges.low.assign(metrics.size(), std::numeric_limits<double>::infinity());
  ranges.high.assign(metrics.size(), -std::numeric_limits<double>::infinity());
  for (const trace::Trace* trace : traces) {
    const std::span<const double> states = trace->states();
    for (std::size_t at = 0; at < states.size(); at += LAIR_METRICS)
      for (std::size_t m = 0; m < metrics.size(); ++m) {
        ranges.low[m] = std::min(ranges.low[m], states[at + metrics[m]]);
        ranges.high[m] = std::max(ranges.high[m], states[at + metrics[m]]);
      }
  }
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    double &low = ranges.low[m], &high = ranges.high[m];
    if (!(low <= high)) low = high = 0; // no state at all
    if (!(high > low)) high = low + (low != 0 ? std::abs(low) : 1);
  }
  return ranges;
}

std::vector<TraceSample> samples_of(const trace::Trace& trace, const NetworkOptions& network,
                                    const Normalisation& normalisation, GraphFeatures features) {
  const SampleBuilder builder(network, normalisation, features);
  std::map<std::pair<std::uint32_t, std::uint32_t>, TaskHistory> histories;
  std::vector<TraceSample> all;
  ObservationBuffer buffer;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const trace::Trace::Moment moment = trace.moment(i);
    trace.observe(i, buffer);
    const Observation seen(buffer.raw);
    TaskHistory& history = histories[{moment.run, moment.stream}];
    history.update(seen, network.window);
    TraceSample one;
    one.sample = builder.build(seen, trace.placement(i), history);
    one.run = moment.run;
    one.interval = moment.interval;
    one.stream = moment.stream;
    const auto forecast = trace.forecast(i);
    one.forecast.assign(forecast.begin(), forecast.end());
    for (const Host& host : seen.own_hosts()) {
      one.hosts.push_back(host.id);
      for (int m = 0; m < LAIR_METRICS; ++m)
        one.newest.push_back(seen.metric(host, static_cast<lair_metric>(m)));
      one.faulty.push_back(trace.faulty(moment.run, moment.interval, host.id));
      one.was_faulty.push_back(moment.interval > 0 &&
                               trace.faulty(moment.run, moment.interval - 1, host.id));
    }
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace lair::learn
