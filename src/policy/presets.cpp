#include "policy/builtin.hpp"

namespace lair {

std::span<const Preset> builtin_presets() {
  static constexpr Preset presets[] = {
      {"none", "least-loaded", "", "", "places new tasks and never moves one", "baseline"},
      {"overload-migration", "least-loaded", "threshold", "overload-migration",
       "moves tasks off overloaded hosts to the least loaded ones",
       "threshold and minimum migration time after Beloglazov and Buyya 2012"},
  };
  return presets;
}

} // namespace lair
