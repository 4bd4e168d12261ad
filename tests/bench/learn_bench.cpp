// What DRAGON's network costs: one step of generation, one whole generation, one step of fine-tuning,
// in CPU time of one thread; medians.
//   learn_bench [repeats]
#include "../learn/random_sample.hpp"
#include "learn/trainer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace lair;
using namespace lair::learn;

namespace {

double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e6 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_nsec);
}

/// Median CPU microseconds of a call.
template <class Call> double microseconds(int repeats, Call&& call) {
  std::vector<double> times;
  for (int i = 0; i < repeats; ++i) {
    const double began = now();
    call();
    times.push_back(now() - began);
  }
  std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
  return times[static_cast<std::size_t>(repeats / 2)];
}

void measure(const char* what, const SampleSpec& spec, const NetworkOptions& o, int repeats) {
  RandomStream random(1, "bench");
  const Weights weights = initial_weights(o, random);
  const Sample sample = random_sample(o, spec, random);
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, sample);
  const Matrix z = window_of(sample, o), probe = random_direction(z.rows, z.cols, random);
  Matrix slope, bent, to;
  const double flops_before = surface.flops();
  surface.value(z);
  surface.gradient(slope);
  const double flops = surface.flops() - flops_before;
  const double pack_us = microseconds(repeats, [&] { PackedNetwork again(o, weights); });
  const double context_us = microseconds(repeats, [&] { ScoreSurface again(packed, sample); });
  const double value_us = microseconds(repeats, [&] { surface.value(z); });
  const double slope_us = microseconds(repeats, [&] { surface.gradient(slope); });
  const double bent_us = microseconds(repeats, [&] { surface.curvature(probe, bent); });
  Climb climbed;
  const double climb_us = microseconds(repeats, [&] {
    to = z;
    climbed = climb(surface, sample, {}, 1, to);
  });
  Learner learner(o, weights, {});
  Network network(o, weights);
  const double autograd_us = microseconds(repeats, [&] { network.value(sample, z, &slope, &probe, &bent); });
  const double tune_us = microseconds(repeats, [&] { learner.step(sample, z, to); });
  std::printf("%-26s | %6.0f | %6.0f | %5.0f | %5.0f | %5.0f | %4.1f | %7.0f | %3u | %8.0f | %8.0f\n", what,
              pack_us, context_us, value_us, slope_us, bent_us, flops / (value_us + slope_us) / 1e3,
              climb_us, climbed.steps, autograd_us, tune_us);
}

} // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 51;
  std::puts("case                       |   pack | context | value | slope | bent | GF/s | climb   | its | autograd | tune   (us)");
  NetworkOptions o;
  measure("config 2: 4 hosts, 5 tasks", {4, 5, 3, 4}, o, repeats);
  measure("config 1: 1 host, 1 task", {1, 1, 15, 1}, o, repeats);
  measure("16 hosts, 20 tasks at once", {16, 20, 0, 4}, o, repeats);
  measure("100 hosts: 4 hosts, 5 tasks", {4, 5, 24, 4}, o, repeats);
  o.window = 5;
  measure("k = 5: 4 hosts, 5 tasks", {4, 5, 3, 4}, o, repeats);
  o.window = 10;
  o.width = 64;
  measure("width 64: 4 hosts, 5 tasks", {4, 5, 3, 4}, o, repeats);
}
