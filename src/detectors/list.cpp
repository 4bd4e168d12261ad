// The built-in detectors. A new one: its file, its line here and in CMakeLists.txt.
#include "detectors/arima.hpp"
#include "detectors/pot.hpp"
#include "detectors/reference_rule.hpp"
#include "detectors/temperature.hpp"
#include "detectors/threshold.hpp"
#include "policy/neural_module.hpp"

namespace lair {

std::span<const BuiltinRole<Detector>> builtin_detectors() {
  static constexpr BuiltinRole<Detector> list[] = {
      {"threshold", "limits on CPU pressure, RAM, swap, disk waiting and network", "ours",
       heuristic_memory, make_role<Detector, ThresholdDetector>},
      {"temperature", "CPU temperature at the end of the coming interval, by a thermal model",
       "PBFM, Ray et al. 2020; our numbers", heuristic_memory,
       make_role<Detector, TemperatureDetector>},
      {"reference-rule", "what the public code of the baselines, DRAGON and CAROL picks, its errors included",
       "COSCO's recovery code, Tuli et al.", heuristic_memory, make_role<Detector, ReferenceRule>},
      {"arima", "CPU, RAM and network share of the coming interval by ARIMA(1,1,1), against a fixed share",
       "TBAFT, Rawat et al. 2021; order and numbers are ours", heuristic_memory, make_role<Detector, ArimaDetector>},
      {"pot", "newest state above the own past, threshold by extreme value theory",
       "SPOT after Siffer et al. 2017", heuristic_memory, make_role<Detector, PotDetector>},
      {"gon", "generative optimisation network over hosts, tasks and topology, threshold by SPOT",
       "DRAGON, Tuli et al. 2022", neural_memory, make_neural_detector<"gon">, true},
      {"awgg", "stacked sparse autoencoder and adaptive weighted Gath-Geva clustering",
       "AWGG after Hu et al. 2022, reconstructed", neural_memory, make_neural_detector<"awgg">, true},
      {"topomad", "graph LSTM and VAE that write a window again, threshold by SPOT", "TopoMAD, He et al. 2020",
       neural_memory, make_neural_detector<"topomad">, true},
      {"stepgan", "GAN over the correlations of a host's metrics, trained step by step, threshold by SPOT",
       "StepGAN after Feng et al. 2022, reconstructed", neural_memory, make_neural_detector<"stepgan">, true},
  };
  return list;
}

} // namespace lair
