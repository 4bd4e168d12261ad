/// How what runs on one host slows one another down: the closed forms of the model's contention.
///
/// The world and the twin both use these functions, so that they differ only where the twin knows
/// less. docs/model.md, "Contention".
///
///  * A task computes one image after the other with `threads` threads: c seconds of computing, then
///    d * n seconds of the card, where d is what it needs alone and n the outstanding requests that
///    share the card's time with it. It can therefore use at most `bound` flop/s of the CPU.
///  * The CPU is shared max-min by threads among all bounds (`share_cpu`; in the world SimGrid does it).
///  * Swapped share s = max(0, need - RAM) / need: each image re-reads s of weights and activations at
///    random speed and writes s of the activations back (weights are clean pages).
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace lair {

/// What one task asks of its host, in SI units. Constant while the application does not change.
struct ComputeDemand {
  double threads = 0;
  double flops_per_image = 0;
  double bytes_per_image = 0;
  double weights = 0, activations = 0; ///< bytes
};

/// The host as its tasks find it.
struct HostConditions {
  double cores = 0, core_flops = 0;
  double disk_read = 0, disk_random_read = 0, disk_random_write = 0; ///< bytes/s
  double ram = 0, swap = 0;                                          ///< bytes
  double ram_need = 0;        ///< bytes: all residents together
  double attack_threads = 0;  ///< runnable threads that are no task's
  double attack_streams = 0;  ///< outstanding disk requests that are no task's

  double capacity() const { return cores * core_flops; } ///< flop/s
};

/// Share of the resident bytes that is swapped out.
inline double swapped_share(double ram_need, double ram) {
  return ram_need > ram && ram_need > 0 ? (ram_need - ram) / ram_need : 0;
}

/// Is the card contended beyond the tasks' own few reads? Only then tasks' requests are counted
/// against one another; otherwise each finds the card idle (their reads fill about 1 % of it).
inline bool card_contended(const HostConditions& host) {
  return host.attack_streams > 0 || host.ram_need > host.ram;
}

/// Seconds of the card one image needs alone.
inline double card_seconds(const ComputeDemand& task, const HostConditions& host, double swapped) {
  double seconds = task.bytes_per_image / host.disk_read;
  if (swapped > 0)
    seconds += swapped * ((task.weights + task.activations) / host.disk_random_read +
                          task.activations / host.disk_random_write);
  return seconds;
}

/// Seconds of computing one image needs when only the attack's threads compete.
inline double compute_seconds(const ComputeDemand& task, const HostConditions& host) {
  const double alone = task.threads * host.core_flops;
  const double fair =
      host.capacity() * task.threads / (task.threads + host.attack_threads);
  return task.flops_per_image / std::min({alone, fair, host.capacity()});
}

/// Outstanding requests of this host's tasks, solved by `contention_rounds` rounds of fixed point.
inline constexpr int contention_rounds = 12;

/// bounds[i]: the most flop/s task i can use; waits[i]: share of its time it waits for the card if it
/// runs at that bound. Sizes equal. No allocation.
inline void compute_bounds(std::span<const ComputeDemand> tasks, const HostConditions& host,
                           std::span<double> bounds, std::span<double> waits) {
  const double swapped = swapped_share(host.ram_need, host.ram);
  const bool contended = card_contended(host);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const double d = card_seconds(tasks[i], host, swapped);
    waits[i] = d / (compute_seconds(tasks[i], host) + d);
  }
  if (contended)
    for (int round = 0; round < contention_rounds; ++round) {
      double all = 0;
      for (const double w : waits) all += w;
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        const double n = 1 + host.attack_streams + (all - waits[i]);
        const double dn = card_seconds(tasks[i], host, swapped) * n;
        const double w = dn / (compute_seconds(tasks[i], host) + dn);
        all += w - waits[i];
        waits[i] = w;
      }
    }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    // w = dn / (c + dn)  <=>  c + dn = c / (1 - w)
    bounds[i] = tasks[i].flops_per_image * (1 - waits[i]) / compute_seconds(tasks[i], host);
  }
}

/// Weighted max-min sharing of one CPU: rates[i] <= bounds[i], sum <= capacity, shares by weight.
/// What SimGrid computes for Execs with these priorities and bounds. O(n^2) for the few on one host.
inline void share_cpu(double capacity, std::span<const double> weights, std::span<const double> bounds,
                      std::span<double> rates) {
  const std::size_t n = weights.size();
  std::fill(rates.begin(), rates.end(), -1.0);
  double left = capacity, weight = 0;
  for (const double w : weights) weight += w;
  for (bool again = true; again;) {
    again = false;
    const double share = weight > 0 ? left / weight : 0;
    for (std::size_t i = 0; i < n; ++i)
      if (rates[i] < 0 && bounds[i] <= share * weights[i]) {
        rates[i] = bounds[i];
        left -= bounds[i];
        weight -= weights[i];
        again = true;
        break;
      }
  }
  for (std::size_t i = 0; i < n; ++i)
    if (rates[i] < 0) rates[i] = weight > 0 ? left * weights[i] / weight : 0;
}

} // namespace lair
