/// Shared libraries of Lair's own that are opened only when they are needed.
#pragma once

#include <string>

namespace lair {

/// The library `file`, beside the program (a build folder) or in `folder` seen from the program (an
/// installation). RunError, with `who` needs it, both places and the `remedy`, if it is in neither.
std::string own_library_path(const std::string& file, const std::string& folder,
                             const std::string& who, const std::string& remedy);

/// Opens it and returns its symbol `entry`. BLAS and what stands on it choose their kernels, and with them
/// the order of every sum, by the CPU's type: before that, all are told to take AVX2 where it is there (2013
/// and later), so that the same run gives the same bits everywhere. What the user has set stands. The
/// library stays open; a second call costs nothing. RunError if it cannot be opened or lacks the symbol.
void* open_own_library(const std::string& path, const char* entry);

} // namespace lair
