/// Records one run: what each broker observed when it judged its hosts, what its scheduler then placed,
/// what the twin forecast for that, and what was true.
#pragma once

#include "model/event.hpp"
#include "trace/columns.hpp"

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lair::trace {

/// A sink of the run's events beside being told of observations.
class Recorder : public EventSink {
public:
  /// `outcomes`: also what every host used and when every task left.
  Recorder(Origin origin, std::uint64_t seed, bool outcomes = false);
  /// A number for each broker object; its task histories begin anew with it.
  std::uint32_t new_stream() { return streams_++; }
  /// `forecast`: LAIR_METRICS numbers for each host of the observation.
  void sensed(std::uint32_t stream, const Observation&, Actions placement, const double* forecast);

  void on(const Event&) override;
  void on(const HostInterval&) override;

  const Origin& origin() const { return origin_; }
  const Columns& columns() const { return columns_; }

private:
  std::uint32_t window_row(const double* states);
  std::uint32_t row_of(const std::string& bytes, std::unordered_map<std::string, std::uint32_t>& known);
  void keep_constants(const Observation&);

  Origin origin_;
  Columns columns_;
  bool outcomes_;
  std::uint32_t streams_ = 0;
  /// Rows by their bytes: looked up only, since their order is no order.
  std::unordered_map<std::string, std::uint32_t> states_, windows_;
  std::vector<bool> host_known_;
};

} // namespace lair::trace
