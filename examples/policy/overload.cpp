// The built-in policy overload-migration as a plugin: its detector and its remediator in one bundle.
#include "detectors/threshold.hpp"
#include "remediators/overload_migration.hpp"

struct Overload : lair::Bundle<lair::ThresholdDetector, lair::OverloadMigration> {
  using Bundle::Bundle;
  static constexpr double memory_bytes = 50e6; // as the built-in
};
LAIR_POLICY(Overload, "overload", "1.0", "moves tasks off overloaded hosts, as built in", "example")
