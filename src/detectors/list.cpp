// The built-in detectors. A new one: its file, its line here and in CMakeLists.txt.
#include "detectors/threshold.hpp"
#include "policy/builtin.hpp"

namespace lair {

std::span<const BuiltinRole<Detector>> builtin_detectors() {
  static constexpr BuiltinRole<Detector> list[] = {
      {"threshold", "limits on CPU pressure, RAM, swap, disk waiting and network", "ours",
       heuristic_memory, make_role<Detector, ThresholdDetector>},
  };
  return list;
}

} // namespace lair
