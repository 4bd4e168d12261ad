/// Observations out of nothing: for `lair check`, tests and benchmarks. The same spec gives the
/// same bytes; the numbers hang together (needs are sums, pressures follow from threads), but no
/// world stands behind them.
#pragma once

#include "model/federation.hpp"
#include "model/observation.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace lair {

struct SyntheticSpec {
  std::uint64_t seed = 1;
  std::uint32_t interval = 0;
  std::uint32_t own_hosts = 4;    ///< ids 0, 1, ...; host 0 is the observing broker
  std::uint32_t other_hosts = 12; ///< in LEIs of `hosts_per_lei`, ids after the own ones
  std::uint32_t hosts_per_lei = 4;
  std::uint32_t queued = 2;  ///< tasks without a host
  std::uint32_t running = 6; ///< tasks on own hosts (none if there are no own hosts)
  std::uint32_t window = 10; ///< states in each window
  double faulty = 0.2;       ///< share of hosts under some attack
  bool reports = true;       ///< peers' detections and tasks are there, as when deciding
  bool dead = false;         ///< no host is alive
  bool copies = false;       ///< some tasks have copies, a quorum, a checkpoint
  bool extreme = false;      ///< finite numbers of absurd size, unknown peers, no RAM left
};

/// Devices for the hosts of any synthetic observation up to this number of hosts: what a twin has to
/// know beside it.
Federation synthetic_federation(std::uint32_t hosts);

/// Movable, not copyable: the buffer points into its neighbours.
class SyntheticObservation {
public:
  explicit SyntheticObservation(const SyntheticSpec&);
  SyntheticObservation(SyntheticObservation&&) noexcept = default;
  SyntheticObservation& operator=(SyntheticObservation&&) noexcept = default;
  const lair_observation& raw() const { return buffer.raw; }

  ObservationBuffer buffer; ///< after a change of its vectors, call buffer.seal()

private:
  struct Rows {
    std::vector<std::uint32_t> hosts;
    std::vector<double> scores, thresholds;
    std::vector<std::uint8_t> labels;
  };
  std::deque<std::string> names_; // a deque keeps its strings in place
  std::deque<Rows> rows_;
  std::deque<lair_detection> detections_;
  std::deque<std::vector<lair_task>> tasks_;
};

} // namespace lair
