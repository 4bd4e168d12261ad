/// The program's surroundings: its version and build, its shared files, what it has cost so far.
#pragma once

#include "record/summary.hpp"
#include "scenario/reader.hpp"

#include <string>

namespace lair::cli {

std::string version_text(); ///< for --version
std::string simgrid_version(); ///< that this program was built with
std::string version_number(); ///< such as 1.2.3
std::string program_hash(); ///< of this program's bytes

/// Where shipped platforms and workloads lie: an install's share/lair, or the source tree above a
/// build folder; nothing if neither is there.
Search default_search();

unsigned core_count(); ///< that this process may use

/// Fills in wall clock since `started` (monotonic_seconds()), CPU and memory of this process, its
/// build and the machine.
void measure_cost(double started, record::Cost&);
double monotonic_seconds();

} // namespace lair::cli
