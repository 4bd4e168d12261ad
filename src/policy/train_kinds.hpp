/// What `lair train` can make: one row per learned detector, known to the program without its library. What
/// learns is in src/train/, one file each, under the same name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lair {

/// An option of one kind's network or training, as `--option NAME=VALUE`.
struct TrainOption {
  const char* name;
  double usual, low, high;
  bool whole; ///< no fractions
  const char* description;
};

struct TrainKind {
  const char* name;
  const char* detector; ///< what uses the model
  const char* description;
  /// Defaults of the options that all kinds have.
  std::uint32_t window, epochs, patience, batch;
  double rate, decay;
  const char* curve;
  bool own_options; ///< also the command's options of DRAGON's network (--width and so on)
  std::span<const TrainOption> options;
};

std::span<const TrainKind> train_kinds();

} // namespace lair
