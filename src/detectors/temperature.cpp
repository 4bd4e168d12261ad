#include "detectors/temperature.hpp"

#include "model/power.hpp"

#include <algorithm>
#include <cmath>

namespace lair {
namespace {

/// Shares of the power at full load, at 0, 10, ..., 100 % CPU: of the 4 GB board as measured by COSCO (Tuli et
/// al. 2021). Brokers are told their hosts' power at full load only.
constexpr PowerCurve shape{{2.45 / 4.75, 2.78 / 4.75, 2.90 / 4.75, 3.03 / 4.75, 3.65 / 4.75, 3.66 / 4.75,
                            3.69 / 4.75, 3.71 / 4.75, 3.72 / 4.75, 4.14 / 4.75, 1}};

} // namespace

double ThermalModel::after(double start, double watts, double time) const {
  const double end = settled(watts);
  return end + (start - end) * std::exp(-time / seconds);
}

TemperatureDetector::TemperatureDetector(PolicyContext& context)
    : Detector(context), model_{context.number("ambient", 25, -50, 100),
                                context.number("resistance", 11.6, 0, 1000),
                                context.number("seconds", 60, 1e-3, 1e6)},
      limit_(context.number("limit", 80, -50, 1000)), watts_(context.number("watts", 4.9, 0, 1e5)),
      trend_(context.choice("load", "newest", {"newest", "trend"}) == "trend") {}

double TemperatureDetector::hottest(const Observation& seen, const Host& host) const {
  const double most = host.power_max > 0 ? host.power_max : watts_;
  const auto watts = [&](double load) { return most * shape.at(load).value; };
  if (host.window == nullptr || seen.window_length() == 0) return model_.settled(watts(0));
  const auto load = [&](std::uint32_t i) { return host.window[i * std::size_t(LAIR_METRICS) + LAIR_CPU]; };
  const std::uint32_t newest = seen.window_length() - 1;
  double now = model_.settled(watts(load(0)));
  for (std::uint32_t i = 1; i <= newest; ++i)
    now = model_.after(now, watts(load(i)), seen.interval_length());
  double coming = load(newest);
  if (trend_ && newest > 0) coming = std::clamp(2 * coming - load(newest - 1), 0.0, 1.0);
  // It rises or falls all the time: hottest at one of the ends.
  return std::max(now, model_.after(now, watts(coming), seen.interval_length()));
}

void TemperatureDetector::detect(const Observation& seen, Actions, Detection& out) {
  for (const Host& host : seen.own_hosts()) {
    const double degrees = hottest(seen, host);
    out.add(host.id, degrees, limit_, degrees >= limit_);
  }
  // A curve's piece, an exponential of some 20 operations and the model for each state.
  context().charge_flops(30.0 * seen.own_hosts().size() * (seen.window_length() + 1));
}

} // namespace lair
