#include "report/heat_map.hpp"

#include "report/chart.hpp"
#include "report/escape.hpp"
#include "report/palette.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair::report {

namespace {

/// Three digits: what fits a cell.
std::string brief(double x) {
  if (std::isnan(x)) return "-";
  const double size = std::abs(x);
  if (size >= 1e9) return fmt::format("{:.3g}G", x / 1e9);
  if (size >= 1e6) return fmt::format("{:.3g}M", x / 1e6);
  if (size >= 1e4) return fmt::format("{:.3g}k", x / 1e3);
  if (size >= 1000) return fmt::format("{:.0f}", x);
  return fmt::format("{:.3g}", x);
}

std::string_view text_colour(std::string_view cell) {
  return contrast(cell, "#000000") >= contrast(cell, "#ffffff") ? "#000000" : "#ffffff";
}

std::string data_of(const HeatMap& map) {
  std::string out = fmt::format("{},{},value\n", csv_text(map.x_title), csv_text(map.y_title));
  for (std::size_t y = 0; y < map.ys.size(); ++y)
    for (std::size_t x = 0; x < map.xs.size(); ++x)
      out += fmt::format("{},{},{}\n", csv_text(map.xs[x]), csv_text(map.ys[y]), exact(map.values[y][x]));
  return out;
}

} // namespace

Figure draw(const HeatMap& map) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& row : map.values)
    for (const double v : row)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (std::isfinite(map.low) && std::isfinite(map.high)) low = map.low, high = map.high;
  const auto share = [&](double v) { return high > low ? (v - low) / (high - low) : 0.5; };

  Svg svg(map.id, chart_width);
  double top = draw_title(svg, map.title);
  svg.text({10, top + 12}, fitted_text(map.y_axis, svg.width() - 20, label_size), Anchor::start, label_size, "muted");
  top += 20;
  double left = 0;
  for (const auto& name : map.ys) left = std::max(left, text_width(name, 11));
  left = std::min(left, 120.0) + 18;
  const double right = svg.width() - 14;
  const double width = (right - left) / static_cast<double>(map.xs.size());
  const double height = std::clamp(260 / static_cast<double>(map.ys.size()), 16.0, 38.0);
  const double bottom = top + height * static_cast<double>(map.ys.size());

  std::string words = map.description;
  for (std::size_t y = 0; y < map.ys.size(); ++y) {
    const double at = bottom - height * static_cast<double>(y + 1);
    svg.text({left - 6, at + height / 2 + 4}, fitted_text(map.ys[y], left - 14, 11), Anchor::end, 11, "muted");
    for (std::size_t x = 0; x < map.xs.size(); ++x) {
      const double v = map.values[y][x], cell_left = left + width * static_cast<double>(x);
      svg.begin(fmt::format("{} {}, {} {}: {}", map.x_title, map.xs[x], map.y_title, map.ys[y], shown(v)));
      const std::string colour = std::isfinite(v) ? heat_colour(share(v)) : "#8a939c";
      svg.cell({cell_left, at}, width - 1, height - 1, colour);
      const std::string label = brief(v);
      if (text_width(label, 11) <= width - 4)
        svg.text_on({cell_left + width / 2, at + height / 2 + 4}, label, 11, text_colour(colour));
      svg.end();
    }
  }
  const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil(30 / width)));
  for (std::size_t x = 0; x < map.xs.size(); x += every)
    svg.text({left + width * (static_cast<double>(x) + 0.5), bottom + 15},
             fitted_text(map.xs[x], width * static_cast<double>(every) - 4, 11), Anchor::middle, 11, "muted");
  svg.text({(left + right) / 2, bottom + 34}, fitted_text(map.x_axis, right - left, label_size), Anchor::middle,
           label_size, "muted");

  // The key of colours.
  const double key_top = bottom + 48, key_left = left, key_width = (right - left) / 2;
  if (high >= low) {
    constexpr int steps = 32;
    for (int i = 0; i < steps; ++i)
      svg.cell({key_left + key_width * i / steps, key_top}, key_width / steps + 0.3, 10, heat_colour((i + 0.5) / steps));
    svg.text({key_left, key_top + 24}, brief(low), Anchor::start, 11, "muted");
    svg.text({key_left + key_width, key_top + 24}, brief(high), Anchor::end, 11, "muted");
    words += fmt::format(" From {} to {}.", shown(low), shown(high));
  }
  svg.text({key_left + key_width + 10, key_top + 9}, fitted_text(map.value_axis, right - key_left - key_width - 10, 11),
           Anchor::start, 11, "muted");
  return {map.id, map.title, map.description, svg.finish(key_top + 34, map.title, words), data_of(map)};
}

} // namespace lair::report
