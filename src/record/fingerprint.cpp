#include "record/fingerprint.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace lair::record {

namespace {

/// Keeps 30 bits of the significand (half a step is 4.7e-10 relative), one zero and one NaN.
std::uint64_t rounded(double x) {
  if (x == 0) return 0;
  if (std::isnan(x)) return ~0ull;
  return (std::bit_cast<std::uint64_t>(x) + (1ull << 21)) & ~((1ull << 22) - 1);
}

std::uint64_t microseconds(double seconds) {
  return static_cast<std::uint64_t>(std::llround(seconds * 1e6));
}

std::uint64_t pair(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t(high) << 32 | low;
}

} // namespace

void Fingerprint::on(const Event& e) {
  const std::array<std::uint64_t, 9> words{1ull << 56 | std::uint64_t(e.kind) << 16 |
                                               std::uint64_t(e.reason) << 8 | e.fault_kind,
                                           microseconds(e.time),
                                           e.task.value,
                                           pair(e.host.value, e.target.value),
                                           pair(e.lei.value, e.application.value),
                                           e.fault.value,
                                           rounded(e.value),
                                           rounded(e.extra),
                                           rounded(e.bytes)};
  hash_.update(words.data(), sizeof words);
}

void Fingerprint::on(const HostInterval& row) {
  std::array<std::uint64_t, 11 + LAIR_METRICS> words{2ull << 56 | std::uint64_t(row.broker) << 8 |
                                                         static_cast<std::uint8_t>(row.label),
                                                     pair(row.interval, row.host.value),
                                                     pair(row.lei.value, row.tasks),
                                                     row.fault_kinds,
                                                     rounded(row.energy),
                                                     rounded(row.fault_share),
                                                     rounded(row.score),
                                                     rounded(row.threshold),
                                                     rounded(row.migration_in),
                                                     rounded(row.migration_out),
                                                     rounded(row.policy_memory)};
  for (std::size_t i = 0; i < LAIR_METRICS; ++i) words[11 + i] = rounded(row.state[i]);
  hash_.update(words.data(), sizeof words);
}

void Fingerprint::on(const IntervalTotals& t) {
  const std::array<std::uint64_t, 8> words{3ull << 56 | t.interval,
                                           microseconds(t.time),
                                           t.arrived,
                                           t.finished,
                                           t.failed,
                                           t.active,
                                           t.queued,
                                           rounded(t.energy)};
  hash_.update(words.data(), sizeof words);
}

void Fingerprint::on(const PolicyCharge& c) {
  const std::array<std::uint64_t, 7> words{4ull << 56,         microseconds(c.time),
                                           pair(c.lei.value, c.host.value), rounded(c.learn),
                                           rounded(c.sense),   rounded(c.decide),
                                           rounded(c.flops)};
  hash_.update(words.data(), sizeof words);
}

} // namespace lair::record
