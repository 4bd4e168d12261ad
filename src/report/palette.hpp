/// Colours of reports. Series are told apart by colour, and also by pattern, dash or shape, since one
/// reader in twelve sees few of them. The light ones have a contrast of at least 4.5 to white, the
/// dark ones to the dark page.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace lair::report {

inline constexpr std::size_t series_count = 8; ///< then they repeat

/// After Okabe and Ito's palette for colour-blind readers, darkened (brightened) for contrast.
inline constexpr std::array<std::string_view, series_count> light_series = {
    "#0068a6", "#b84a00", "#00734f", "#9a3f86", "#7a5c00", "#3d4852", "#7d3cc8", "#b3243f"};
inline constexpr std::array<std::string_view, series_count> dark_series = {
    "#5fb4ec", "#ff9550", "#34cfa0", "#e79acb", "#e6c43c", "#c3ccd6", "#bb9cff", "#ff8b96"};

struct Ground {
  std::string_view name, light, dark;
};
inline constexpr std::array<Ground, 7> grounds = {{{"paper", "#ffffff", "#14181d"},
                                                   {"panel", "#f3f5f7", "#1e242b"},
                                                   {"ink", "#1a2027", "#e8ecf0"},
                                                   {"muted", "#52606d", "#a3afbb"},
                                                   {"grid", "#d5dbe1", "#38424d"},
                                                   {"accent", "#0068a6", "#5fb4ec"},
                                                   {"alarm", "#a8281e", "#ff9385"}}};

/// `:root{--paper:...}` with the dark ones in a media query.
std::string palette_css();

/// WCAG 2's contrast of two "#rrggbb", from 1 to 21.
double contrast(std::string_view, std::string_view);

/// Of the share in [0, 1]: dark blue over green to yellow, of steadily rising lightness.
std::string heat_colour(double share);

} // namespace lair::report
