/// What a finished run's files are, short enough to be looked at again for thousands of runs.
#pragma once

#include "record/summary.hpp"

#include <string>

namespace lair::record {

/// The summary and its files, one a line: name, bytes, hash of the last of them. That is where a file
/// that was cut short, filled up after a crash or written over differs; `lair verify` compares all of it.
std::string manifest(const std::string& folder, const Summary&);

/// The first file of a manifest that is not as it was; empty if all are.
std::string changed_file(const std::string& folder, const std::string& manifest);

} // namespace lair::record
