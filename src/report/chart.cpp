#include "report/chart.hpp"

#include <algorithm>

namespace lair::report {

double draw_title(Svg& svg, const std::string& title) {
  double y = 6;
  // Bold letters are a tenth wider.
  for (const auto& line : wrapped_text(title, (svg.width() - 20) / 1.1, 14))
    svg.text({10, y += 16}, line, Anchor::start, 14, "ink", true);
  return y + 8;
}

double draw_legend(Svg& svg, double y, const std::vector<std::string>& series, LegendForm form) {
  if (series.size() < 2 && (series.empty() || series[0].empty())) return y;
  constexpr double height = 18, key = 26, gap = 16;
  double x = 10;
  y += height;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::string label = fitted_text(series[i], svg.width() - 20 - key - 6, label_size);
    const double width = key + 6 + text_width(label, label_size) + gap;
    if (x > 10 && x + width - gap > svg.width() - 10) x = 10, y += height;
    svg.begin(series[i]);
    if (form == LegendForm::bars) {
      svg.bar({x, y - 11}, key, 12, i);
    } else {
      svg.path({{x, y - 4}, {x + key, y - 4}}, i);
      if (form == LegendForm::marked_lines) svg.marker({x + key / 2, y - 4}, i);
    }
    svg.text({x + key + 6, y}, label);
    svg.end();
    x += width;
  }
  return y + 8;
}

} // namespace lair::report
