/// The scripts and styles that pages carry, built into the program (src/report/web). The chart library
/// is uPlot from npm; a build without it has empty ones, and pages then draw with simpler means.
#pragma once

#include <string_view>

namespace lair::report {

std::string_view replay_script();
std::string_view replay_style();
std::string_view chart_script();
std::string_view chart_style();
std::string_view chart_licence();

} // namespace lair::report
