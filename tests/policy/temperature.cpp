// The thermal model against its closed form, and what it makes of a host's CPU.
#include "detectors/temperature.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;

namespace {

struct Row {
  double degrees, limit;
  bool label;
};

/// Of one host whose window holds these CPU shares, oldest first.
Row judged(std::vector<double> loads, std::vector<lair_option> options = {}, double power = 4.75) {
  SmallWorld world;
  world.host(7).power_max = power;
  Observation seen = world.view();
  std::vector<double> window(loads.size() * LAIR_METRICS, 0.0);
  for (std::size_t i = 0; i < loads.size(); ++i) window[i * LAIR_METRICS + LAIR_CPU] = loads[i];
  lair_observation raw = seen.raw();
  lair_host host = *raw.hosts;
  host.window = window.data();
  raw.hosts = &host;
  raw.window_length = static_cast<std::uint32_t>(loads.size());
  Recorder recorder;
  Built<TemperatureDetector> detector(recorder, std::move(options));
  Detection out;
  detector->detect(Observation(raw), {}, out);
  REQUIRE(out.size() == 1);
  CHECK(out.raw().hosts[0] == 7);
  CHECK(recorder.flops > 0);
  return {out.raw().scores[0], out.raw().thresholds[0], out.raw().labels[0] != 0};
}

} // namespace

TEST_CASE("temperature follows T(t) = P R + T_a + (T_0 - P R - T_a) e^(-t / RC)") {
  const ThermalModel model{20, 10, 100};
  CHECK(model.settled(4) == doctest::Approx(60));
  CHECK(model.after(30, 4, 0) == doctest::Approx(30));
  CHECK(model.after(30, 4, 100) == doctest::Approx(60 - 30 / std::exp(1.0)));
  CHECK(model.after(30, 4, 1e6) == doctest::Approx(60));
  // Its slope is the balance of heat: C dT/dt = P - (T - T_a) / R, with C = RC / R = 10 J/K.
  double degrees = 30;
  for (int i = 0; i < 100000; ++i) degrees += 1e-3 * (4 - (degrees - 20) / 10) / 10;
  CHECK(model.after(30, 4, 100) == doctest::Approx(degrees).epsilon(1e-4));
}

TEST_CASE("a board is too hot at full load and only there") {
  CHECK(judged({1, 1}).label);
  CHECK(judged({1, 1}).limit == 80);
  CHECK(judged({1, 1}).degrees == doctest::Approx(25 + 11.6 * 4.75));
  CHECK_FALSE(judged({0.9, 0.9}).label);
  CHECK(judged({0.9, 0.9}).degrees == doctest::Approx(25 + 11.6 * 4.14)); // the measured curve
  CHECK(judged({0, 0}).degrees == doctest::Approx(25 + 11.6 * 2.45));
  CHECK(judged({0.96, 0.96}, {}, 5.05).label); // the larger board takes more
  CHECK_FALSE(judged({0.96, 0.96}).label);
}

TEST_CASE("a load that has just begun has not heated the CPU through; one that ends leaves it hot") {
  // Time constant 300 s, intervals of 300 s: idle, then full load in the last and the coming interval.
  const double idle = 25 + 11.6 * 2.45, busy = 25 + 11.6 * 4.75, left = std::exp(-1.0);
  CHECK(judged({0, 1}, {{"seconds", "300"}}).degrees ==
        doctest::Approx(busy + (idle - busy) * left * left));
  // Full load long enough, then idle: the hottest moment is now.
  CHECK(judged({1, 1, 0}, {{"seconds", "300"}}).degrees ==
        doctest::Approx(idle + (busy - idle) * left));
}

TEST_CASE("by trend, a rising load is followed further") {
  CHECK_FALSE(judged({0.2, 0.6}).label);
  CHECK(judged({0.2, 0.6}, {{"load", "trend"}}).label);
  CHECK_FALSE(judged({0.2, 0.5}, {{"load", "trend"}}).label); // 0.8
  CHECK(judged({1, 0.1}, {{"load", "trend"}}).degrees >= judged({0, 0}).degrees); // not below idle
}

TEST_CASE("numbers are options, and a host that does not say its power has one") {
  CHECK(judged({0, 0}, {{"limit", "50"}}).label);
  CHECK(judged({0, 0}, {{"ambient", "60"}}).label);
  CHECK_FALSE(judged({1, 1}, {{"resistance", "5"}}).label);
  CHECK(judged({1, 1}, {{"watts", "6"}}, 0).degrees == doctest::Approx(25 + 11.6 * 6));
  CHECK_THROWS_AS(judged({0}, {{"seconds", "0"}}), OptionError);
  CHECK_THROWS_AS(judged({0}, {{"load", "best"}}), OptionError);
}
