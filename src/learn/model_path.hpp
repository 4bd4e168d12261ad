/// From the name of a model to a model.
#pragma once

#include "learn/model_file.hpp"

#include <string>

namespace lair::learn {

/// The name of a model that nobody trained: the baseline of every comparison.
inline constexpr const char* untrained = "untrained";

/// The name that stands for a model of one's own federation.
inline constexpr const char* automatic = "auto";

/// The name that stands for the model of one's own federation that was trained our way.
inline constexpr const char* contrast = "contrast";

/// `name` is a path of a manifest (it has a slash or ends with .json), or one of models/ here, beside
/// the program, or among the installed files; or `untrained`. InputError if there is none.
Model find_model(const std::string& name);
/// As above for another kind, of which there is no untrained one.
Model find_model(const std::string& name, const ModelKind& kind);

/// What `auto` stands for: dragon-PLATFORM-kWINDOW (with "-flat" where topology is left out) if there is
/// such a model, else the one of pi-config2. The name only; it may not exist.
std::string automatic_model(const std::string& platform, std::uint32_t window, bool topology);

/// What `contrast` stands for: dragon-PLATFORM-contrast if there is such a model, else the one of
/// pi-config2.
std::string contrast_model(const std::string& platform);

/// What `auto` stands for with other detectors: DETECTOR-PLATFORM if there is such a model, else the one of
/// pi-config2.
std::string automatic_model(const std::string& detector, const std::string& platform);

/// Default network, initial weights of a fixed seed, ranges of a Raspberry Pi 4B.
Model untrained_model(const NetworkOptions& = {});

} // namespace lair::learn
