// The one symbol of liblair-neural.so. Not part of the program.
#include "policy/neural_module.hpp"

extern "C" __attribute__((visibility("default"))) const lair::NeuralModule* lair_neural_module() {
  static const lair::NeuralModule module{LAIR_NEURAL_STAMP, lair::neural_detectors(),
                                         lair::trainers(),
                                         lair::neural_schedulers()};
  return &module;
}
