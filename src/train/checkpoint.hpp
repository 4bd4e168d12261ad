/// A training under way, as one file: everything that a killed training needs to go on as if it had not
/// been, and what it must be asked for again to be the same training.
#pragma once

#include "learn/trainer.hpp"
#include "policy/train_request.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lair::train {

struct Checkpoint {
  /// What decides every byte of the outcome: options, and hashes of the traces.
  std::map<std::string, std::string> asked;
  learn::TrainingState state;
  std::vector<TrainedEpoch> epochs; ///< as they were reported
};

/// Puts the file in place whole: a killed process leaves the one before, or this one. RunError.
void save_checkpoint(const Checkpoint&, const std::string& path);

/// None if there is no such file. InputError if it is damaged, or if its training was asked for in other
/// words than `asked`: every difference is named. `layout`: names and shapes of the weights.
std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::vector<learn::Tensor>& layout,
                                          const std::map<std::string, std::string>& asked);

} // namespace lair::train
