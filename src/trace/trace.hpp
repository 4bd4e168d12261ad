/// A recorded trace, to be read: every observation again as its broker had it, with what is known of it
/// by now.
#pragma once

#include "model/observation.hpp"
#include "trace/columns.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lair::trace {

class Trace {
public:
  /// InputError if there is no such file, or it is cut off, damaged, or holds what no run records.
  static Trace read(const std::string& path);

  const Origin& origin() const { return origin_; }
  const std::string& hash() const { return hash_; } ///< of the whole file: "xxh3-128:..."
  std::span<const std::uint64_t> seeds() const { return columns_.seeds; }
  std::size_t size() const { return columns_.times.size(); } ///< observations

  /// Every state that a broker has seen, LAIR_METRICS numbers each, each once in a run.
  std::span<const double> states() const { return columns_.states; }

  struct Moment {
    std::uint32_t run, stream, interval, lei, broker, own_hosts;
    double time;
  };
  /// Observation number i. Streams are the broker objects of one run: what a broker remembers, it
  /// remembers of the earlier observations of its stream.
  Moment moment(std::size_t i) const;
  /// Fills in what was recorded: hosts with their windows, tasks, applications. LEIs, reports and events
  /// are empty; of hosts the memory's parts are 0. This object must outlive the buffer's use.
  void observe(std::size_t i, ObservationBuffer& out) const;
  std::vector<lair_action> placement(std::size_t i) const;
  /// The twin's: own hosts' states, LAIR_METRICS numbers each, in the observation's order.
  std::span<const double> forecast(std::size_t i) const;

  /// Share of the interval's samples in which a fault was at work on the host; it is faulty if any was.
  double fault_share(std::uint32_t run, std::uint32_t interval, std::uint32_t host) const {
    return columns_.fault_share[truth_at(run, interval, host)];
  }
  bool faulty(std::uint32_t run, std::uint32_t interval, std::uint32_t host) const {
    return fault_share(run, interval, host) > 0;
  }
  /// One bit for each kind of fault at work.
  std::uint32_t fault_kinds(std::uint32_t run, std::uint32_t interval, std::uint32_t host) const {
    return columns_.fault_kinds[truth_at(run, interval, host)];
  }

  /// Whether the recording kept what came of it: energy and the tasks that left.
  bool has_outcomes() const { return columns_.has_outcomes(); }
  /// Joules of the host in the interval.
  double energy(std::uint32_t run, std::uint32_t interval, std::uint32_t host) const {
    return columns_.energy[truth_at(run, interval, host)];
  }
  struct Ended {
    std::uint32_t run;
    std::uint64_t task;
    double time; ///< seconds since the run began
  };
  std::size_t ended() const { return columns_.end_times.size(); } ///< tasks that left, in all runs
  Ended ended(std::size_t i) const {
    return {static_cast<std::uint32_t>(columns_.ended[2 * i]), columns_.ended[2 * i + 1],
            columns_.end_times[i]};
  }

private:
  void check(const std::string& file) const;
  std::size_t truth_at(std::uint32_t run, std::uint32_t interval, std::uint32_t host) const {
    return (std::size_t(run) * origin_.intervals + interval) * origin_.hosts.size() + host;
  }
  /// First and last of the observation's rows; `which`: 0 hosts, 1 tasks, 2 placements.
  std::pair<std::size_t, std::size_t> rows(std::size_t i, std::size_t which) const;

  Origin origin_;
  Columns columns_;
  std::string hash_;
  std::vector<std::size_t> forecast_at_; ///< first number of each observation's
};

} // namespace lair::trace
