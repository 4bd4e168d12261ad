#include "core/error.hpp"
#include "core/own_library.hpp"
#include "policy/neural_module.hpp"

#include <cstring>

namespace lair {

const NeuralModule& open_neural_module() {
  const std::string path =
      own_library_path(LAIR_NEURAL_FILE, LAIR_OWN_FOLDER, "learned policies",
                       "build with LAIR_NEURAL=ON, or install all of Lair");
  using Entry = const NeuralModule*();
  const NeuralModule& module =
      *reinterpret_cast<Entry*>(open_own_library(path, neural_module_symbol))();
  if (std::strcmp(module.stamp, LAIR_NEURAL_STAMP) != 0)
    throw RunError(path + " is of another build than this program: build or install both again");
  return module;
}

std::unique_ptr<Detector> make_neural_detector(const char* name, PolicyContext& context) {
  for (const auto& entry : open_neural_module().detectors)
    if (std::strcmp(entry.name, name) == 0) return entry.create(context);
  LAIR_ASSERT(false, "the library lacks a detector of the table");
}

std::unique_ptr<Scheduler> make_neural_scheduler(const char* name, PolicyContext& context) {
  for (const auto& entry : open_neural_module().schedulers)
    if (std::strcmp(entry.name, name) == 0) return entry.create(context);
  LAIR_ASSERT(false, "the library lacks a scheduler of the table");
}

TrainOutcome train_model(const TrainRequest& request, const TrainListener& listener) {
  for (const auto& entry : open_neural_module().trainers)
    if (request.what == entry.name) return entry.train(request, listener);
  LAIR_ASSERT(false, "the library lacks a kind of model of the table");
}

} // namespace lair
