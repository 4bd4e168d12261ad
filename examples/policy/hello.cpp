#include <lair/policy.hpp>

struct Hello : lair::Remediator {
  using lair::Remediator::Remediator;
  static constexpr double memory_bytes = 1e6;
  void decide(const lair::Observation& seen, const lair::Actions, const lair::DetectionView*,
              lair::Decision&) override {
    if (seen.interval() == 0) context().log(1, "hello from LEI " + std::to_string(seen.lei()));
  }
};
LAIR_POLICY(Hello, "hello", "1.0", "says hello and leaves every task where it is", "example")
