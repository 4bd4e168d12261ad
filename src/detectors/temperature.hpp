/// Detector `temperature`, of PBFM (Ray et al. 2020): a host whose CPU is going to be too hot is going to fail.
///
/// A lumped thermal model: the CPU moves towards T = ambient + resistance * watts as e^(-t / seconds). It is
/// followed through the window's states, the oldest taken as settled, and then through the coming interval; the
/// score is the hottest that it gets there, in degrees Celsius, the threshold `limit`. Watts come from the CPU
/// share by the boards' measured curve, scaled to what the host takes at full load.
///
/// The paper says temperature and no more than that; all numbers are ours, of a bare Raspberry Pi 4: the
/// smaller board gets too hot at full load and only there.
///   option      meaning                                     default
///   ambient     degrees Celsius around the hosts              25
///   resistance  kelvin per watt from CPU to air               11.6   4 GB: 53 C idle, 80.1 C at full load
///   seconds     time constant, resistance * capacity          60
///   limit       degrees: the firmware throttles there         80
///   load        CPU share of the coming interval: "newest", u(t), or "trend", 2 u(t) - u(t-1) within [0, 1]
///   watts       at full load, of a host that does not say      4.9
#pragma once

#include <lair/policy.hpp>

namespace lair {

/// Degrees Celsius after `time` seconds, from `start`, with `watts` all the while.
struct ThermalModel {
  double ambient, resistance, seconds;
  double settled(double watts) const { return ambient + resistance * watts; }
  double after(double start, double watts, double time) const;
};

class TemperatureDetector : public Detector {
public:
  explicit TemperatureDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  double hottest(const Observation&, const Host&) const;

  ThermalModel model_;
  double limit_, watts_;
  bool trend_;
};

} // namespace lair
