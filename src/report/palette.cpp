#include "report/palette.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

/// One byte of "#rrggbb".
int component(std::string_view colour, std::size_t i) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  return digit(colour[1 + 2 * i]) * 16 + digit(colour[2 + 2 * i]);
}

double luminance(std::string_view colour) {
  static constexpr double weight[] = {0.2126, 0.7152, 0.0722};
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = component(colour, i) / 255.0;
    sum += weight[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
  }
  return sum;
}

std::string variables(bool dark) {
  std::string out;
  for (const auto& ground : grounds)
    out += fmt::format("--{}:{};", ground.name, dark ? ground.dark : ground.light);
  for (std::size_t i = 0; i < series_count; ++i)
    out += fmt::format("--c{}:{};", i, dark ? dark_series[i] : light_series[i]);
  return out;
}

} // namespace

std::string palette_css() {
  return fmt::format(":root{{color-scheme:light dark;{}}}\n"
                     "@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
                     variables(false), variables(true));
}

double contrast(std::string_view a, std::string_view b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

std::string heat_colour(double share) {
  // Nine points of viridis (CC0), which readers of all kinds of sight order alike.
  static constexpr std::array<std::string_view, 9> points = {
      "#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"};
  const double at = std::clamp(share, 0.0, 1.0) * (points.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), points.size() - 2);
  std::string out = "#";
  for (std::size_t i = 0; i < 3; ++i) {
    const double a = component(points[low], i), b = component(points[low + 1], i);
    out += fmt::format("{:02x}", static_cast<int>(std::lround(a + (b - a) * (at - static_cast<double>(low)))));
  }
  return out;
}

} // namespace lair::report
