// A new kind: its row here, its file in src/train/ and its line in src/train/list.cpp.
#include "policy/train_kinds.hpp"

namespace lair {

std::span<const TrainKind> train_kinds() {
  static constexpr TrainOption awgg[] = {
      {"layer1", 32, 1, 4096, true, "units of the first layer"},
      {"layer2", 16, 1, 4096, true, "units of the second layer"},
      {"layer3", 8, 1, 256, true, "units of the code"},
      {"clusters", 2, 2, 16, true, "clusters of the codes"},
      {"sparsity", 0.05, 1e-6, 0.999999, false, "rho: wanted mean activity of a unit"},
      {"divergence", 3, 0, 1e6, false, "beta: weight of the divergence from it"},
  };
  static constexpr TrainOption topomad[] = {
      {"hidden", 5, 1, 1024, true, "units of a layer of the LSTMs, and of the code"},
      {"layers", 2, 1, 8, true, "layers of each LSTM"},
      {"clip", 5, 1e-9, 1e9, false, "largest norm of a gradient"},
  };
  static constexpr TrainOption stepgan[] = {
      {"lag1", 1, 1, 1000, true, "states of the first matrix; more than --window count as that"},
      {"lag2", 3, 1, 1000, true, "states of the second"},
      {"lag3", 5, 1, 1000, true, "states of the third"},
      {"code", 8, 1, 1024, true, "channels of the generator's narrowest place"},
      {"weight", 10, 0, 1e6, false, "of the distance in the generator's loss"},
      {"images", 4000, 1, 1e7, true, "at most that many images are learnt from"},
  };
  static constexpr TrainOption gobi[] = {
      {"layer1", 128, 1, 4096, true, "units of the first layer"},
      {"layer2", 128, 1, 4096, true, "units of the second layer"},
      {"layer3", 64, 1, 4096, true, "units of the third layer"},
      {"horizon", 10, 1, 1000, true, "intervals: longer responses count as this"},
  };
  static constexpr TrainKind kinds[] = {
      // Window, rate and decay are the paper's (DRAGON section VI-C).
      {"dragon", "gon", "DRAGON's network", 10, 50, 5, 10, 1e-4, 1e-5, "linear", true, {}},
      {"awgg", "awgg", "AWGG's sparse autoencoder and clusters", 1, 30, 5, 32, 1e-3, 1e-4, "knee", false, awgg},
      {"gobi", "gobi", "GOBI's surrogate", 1, 60, 8, 32, 1e-3, 1e-5, "linear", false, gobi},
      {"topomad", "topomad", "TopoMAD's graph LSTM", 10, 10, 10, 32, 1e-3, 1e-4, "linear", false, topomad},
      {"stepgan", "stepgan", "StepGAN's generator and critic", 5, 20, 5, 32, 1e-4, 0, "knee", false, stepgan},
  };
  return kinds;
}

} // namespace lair
