// The detectors of liblair-neural.so. A new one: its file, its line here, its line in list.cpp, and both
// files in CMakeLists.txt.
#include "detectors/awgg.hpp"
#include "detectors/gon.hpp"
#include "detectors/stepgan.hpp"
#include "detectors/topomad.hpp"
#include "policy/neural_module.hpp"

namespace lair {

std::span<const NeuralModule::DetectorEntry> neural_detectors() {
  static constexpr NeuralModule::DetectorEntry list[] = {
      {"gon", make_role<Detector, GonDetector>},
      {"awgg", make_role<Detector, AwggDetector>},
      {"stepgan", make_role<Detector, StepganDetector>},
      {"topomad", make_role<Detector, TopomadDetector>},
  };
  return list;
}

} // namespace lair
