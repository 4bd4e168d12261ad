/// A running hash of everything that happens in a run: two runs with the same one did the same.
#pragma once

#include "core/hash.hpp"
#include "model/event.hpp"

#include <string>

namespace lair::record {

/// Over every event, host interval and interval total, in order: kinds and ids exactly, times
/// rounded to 1 us, other numbers to a relative 1e-9.
class Fingerprint : public EventSink {
public:
  void on(const Event&) override;
  void on(const HostInterval&) override;
  void on(const IntervalTotals&) override;
  void on(const PolicyCharge&) override;
  std::string hex() const { return hash_.hex(); } ///< 32 digits

private:
  Hash128 hash_;
};

} // namespace lair::record
