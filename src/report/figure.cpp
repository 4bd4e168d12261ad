#include "report/figure.hpp"

#include "report/palette.hpp"

#include <fmt/format.h>

namespace lair::report {

std::string figure_css() {
  std::string out = "svg text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
                    "Arial,sans-serif}\n"
                    "svg .paper{fill:var(--paper)}svg .ink{fill:var(--ink)}svg .muted{fill:var(--muted)}"
                    "svg .grid{stroke:var(--grid)}svg .axis{stroke:var(--muted)}"
                    "svg .line{stroke:var(--ink)}svg .hatch,svg .halo{stroke:var(--paper)}\n";
  for (std::size_t i = 0; i < series_count; ++i)
    out += fmt::format("svg .f{0}{{fill:var(--c{0})}}svg .s{0}{{stroke:var(--c{0})}}", i);
  return out + "\n";
}

std::string standalone_svg(const Figure& figure) {
  const auto open = figure.svg.find('>') + 1; // of <svg ...>
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- lair report -->\n" +
         figure.svg.substr(0, open) + "\n<style>\n" + palette_css() + figure_css() + "</style>" +
         figure.svg.substr(open) + "\n";
}

} // namespace lair::report
