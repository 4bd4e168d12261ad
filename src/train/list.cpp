// What the library trains, under the names of policy/train_kinds.cpp.
#include "train/training.hpp"

namespace lair {

std::span<const NeuralModule::TrainerEntry> trainers() {
  static constexpr NeuralModule::TrainerEntry list[] = {
      {"dragon", train::train_dragon},
      {"awgg", train::train_awgg},
      {"gobi", train::train_gobi},
      {"stepgan", train::train_stepgan},
      {"topomad", train::train_topomad},
  };
  return list;
}

} // namespace lair
