/// The replay of a run: the federation drawn by LEI, interval by interval, and each host's load, scores
/// and faults over time. The page's own script draws it from the data that go in with it.
#pragma once

#include <string>

namespace lair::report {

/// Markup for the report of the run in that folder: data, style, scripts, and sentences on what is
/// missing, which also hold where no script runs. InputError if a file is not what `lair run` writes.
std::string replay_section(const std::string& run_folder);

/// The data alone: a JSON object of columns, without the character '<'. Every column of hosts stands
/// host by host, interval by interval, as a list, or shorter as {"runs": [value, times, ...]}.
std::string replay_json(const std::string& run_folder);

/// More host-intervals than these are not put into a page: 256 hosts x 625 intervals.
inline constexpr unsigned replay_cells = 160'000;

} // namespace lair::report
