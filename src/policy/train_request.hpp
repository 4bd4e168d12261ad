/// What `lair train` asks of the library of learned policies. Values only, so that the program needs
/// nothing of the library's insides.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lair {

struct TrainRequest {
  std::string what = "dragon"; ///< a kind of train_kinds.hpp
  std::vector<std::string> traces; ///< fault-free: what is learnt from, and where thresholds begin
  std::string validate_on;         ///< with faults: F1 and AUPR after every epoch; empty: none
  std::string out;                 ///< manifest, *.json

  // The network; width, depth and convolutions are of DRAGON's only.
  std::uint32_t window = 10, width = 128, depth = 1, convolutions = 2;
  std::vector<std::string> metrics; ///< names; empty: the network's own choice
  std::string activation = "tanh", head = "map";
  bool topology = true;
  std::string curve = "linear"; ///< of the metrics' ranges: linear or knee

  // Training.
  std::uint64_t seed = 1;
  std::uint32_t epochs = 50, patience = 5, batch = 10;
  double rate = 1e-4, decay = 1e-5, spoilt = 0;
  bool generated = true; ///< false: without generated windows
  /// Of the kind's own options (TrainKind::options) every one, in their order.
  std::vector<std::pair<std::string, double>> options;
  double option(std::string_view name) const {
    for (const auto& [key, value] : options)
      if (key == name) return value;
    return 0;
  }
  /// Options of the detector that the model is made for and will bring along: how it is scored.
  std::vector<std::pair<std::string, std::string>> detector;

  std::string command; ///< goes into the model
  std::string version; ///< of the program, likewise
  bool resume = false, force = false;
};

struct TrainedEpoch {
  std::uint32_t number = 0; ///< from 1
  double loss = 0, validation = 0; ///< sums of the losses
  double f1 = 0, aupr = 0;         ///< of the trace with faults; NaN without one
  bool best = false;               ///< least validation loss so far: these weights are kept
};

struct TrainListener {
  /// After each batch: of the epoch under way, from 1; batches done of all in an epoch. False stops.
  std::function<bool(std::uint32_t epoch, std::size_t done, std::size_t of)> batch;
  std::function<void(const TrainedEpoch&)> epoch;
};

struct TrainOutcome {
  bool completed = false; ///< false: stopped; what was learnt until then is in the checkpoint
  std::size_t samples = 0, validation_samples = 0;
  std::uint32_t resumed_after = 0; ///< epochs of the checkpoint; 0: begun anew
  std::uint32_t best = 0;          ///< epoch
  double f1 = 0, aupr = 0;         ///< of the model that was kept; NaN without a trace with faults
  std::string hash;                ///< of the model's numbers
};

} // namespace lair
