/// From the name of a model to a model.
#pragma once

#include "learn/model_file.hpp"

#include <string>

namespace lair::learn {

/// The name of a model that nobody trained: the baseline of every comparison.
inline constexpr const char* untrained = "untrained";

/// `name` is a path of a manifest (it has a slash or ends with .json), or one of models/ here, beside
/// the program, or among the installed files; or `untrained`. InputError if there is none.
Model find_model(const std::string& name);

/// Default network, initial weights of a fixed seed, ranges of a Raspberry Pi 4B.
Model untrained_model(const NetworkOptions& = {});

} // namespace lair::learn
