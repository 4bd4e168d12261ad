/// What detectors with a trained model share: finding it, and the options that it brings along.
#pragma once

#include "learn/model_file.hpp"

#include <lair/policy.hpp>

#include <string>

namespace lair {

/// A metric further than this above its training range counts no more; without a limit one host of another
/// kind would drown all others' scores.
inline constexpr double most_above = 10;

/// What an option is if the scenario does not say: the model's own, else `otherwise`.
std::string usual(const learn::Model&, const char* option, const char* otherwise);
double usual(const learn::Model&, const char* option, double otherwise);

/// OptionError if the model brings an option that the detector has not asked for. Call after the last one.
void refuse_unknown(const learn::Model&, const PolicyContext&, const char* detector);

/// The model that option `model` names: a file, or `auto`, that of the platform (DETECTOR-PLATFORM). Says
/// once in a run which it is, and whether it is another platform's.
learn::Model learned_model(PolicyContext&, const char* detector, const learn::ModelKind&);

} // namespace lair
