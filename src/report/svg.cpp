#include "report/svg.hpp"

#include "report/escape.hpp"
#include "report/palette.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lair::report {

namespace {

/// A coordinate: to a hundredth of a pixel, without needless zeros.
std::string px(double x) {
  std::string out = fmt::format("{:.2f}", x);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string_view light(std::string_view ground) {
  for (const auto& one : grounds)
    if (one.name == ground) return one.light;
  return "#000000";
}

std::string fill(std::size_t series) {
  const auto i = series % series_count;
  return fmt::format("class=\"f{}\" fill=\"{}\"", i, light_series[i]);
}
std::string stroke(std::size_t series) {
  const auto i = series % series_count;
  return fmt::format("class=\"s{}\" stroke=\"{}\"", i, light_series[i]);
}

constexpr std::array<std::string_view, series_count> dashes = {
    "", "7 3", "2 2.5", "9 3 2 3", "14 4", "4 2 1 2 1 2", "1 3.5", "14 3 3 3"};

/// White lines over a bar: direction by rotation, or dots; the first series is plain.
std::string pattern(const std::string& id, std::size_t series) {
  struct Form {
    double size, angle, width;
    bool cross;
  };
  static constexpr std::array<Form, series_count> forms = {{{0, 0, 0, false},
                                                            {6, 45, 1.6, false},
                                                            {5, 90, 1.6, false},
                                                            {6, 45, 1.2, true},
                                                            {6, -45, 1.6, false},
                                                            {5, 0, 1.6, false},
                                                            {6, 0, 1.2, true},
                                                            {10, 45, 3, false}}};
  const Form& form = forms[series];
  const std::string size = px(form.size);
  return fmt::format("<pattern id=\"{0}-p{1}\" width=\"{2}\" height=\"{2}\" patternUnits=\"userSpaceOnUse\" "
                     "patternTransform=\"rotate({3})\"><path class=\"hatch\" stroke=\"#ffffff\" "
                     "stroke-width=\"{4}\" d=\"M0 0V{2}{5}\"/></pattern>\n",
                     id, series, size, px(form.angle), px(form.width),
                     form.cross ? "M0 0H" + size : "");
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (const char c : plain_text(text))
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) out.back() += c;
    else out.emplace_back(1, c);
  return out;
}

/// Of DejaVu Sans, in parts of the font's size, rounded up.
double character_width(std::string_view c) {
  if (c.size() > 1) return c.size() == 2 ? 0.65 : 1.0;
  const char x = c.front();
  if (std::string_view("iljI.,:;'|! ").find(x) != std::string_view::npos) return 0.34;
  if (std::string_view("ftr()[]{}-\"/\\").find(x) != std::string_view::npos) return 0.42;
  if (std::string_view("mwMW%@+=<>~").find(x) != std::string_view::npos) return 0.97;
  if (x >= 'A' && x <= 'Z') return 0.72;
  return 0.635;
}

double width_of(const std::vector<std::string>& characters, double size) {
  double sum = 0;
  for (const auto& c : characters) sum += character_width(c);
  return sum * size;
}

} // namespace

double text_width(std::string_view text, double size) { return width_of(characters(text), size); }

std::string fitted_text(const std::string& text, double width, double size) {
  auto all = characters(text);
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += part;
    return out;
  };
  if (width_of(all, size) <= width) return joined(all);
  const std::string dots = "\xE2\x80\xA6";
  std::size_t head = (all.size() + 1) / 2, tail = all.size() - head;
  while (head + tail > 2) {
    std::vector<std::string> kept(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(head));
    kept.push_back(dots);
    kept.insert(kept.end(), all.end() - static_cast<std::ptrdiff_t>(tail), all.end());
    if (width_of(kept, size) <= width) return joined(kept);
    --(head > tail ? head : tail);
  }
  return dots;
}

std::vector<std::string> wrapped_text(const std::string& text, double width, double size) {
  std::vector<std::string> lines(1);
  const std::string plain = plain_text(text);
  for (std::size_t at = 0; at < plain.size();) {
    const auto end = std::min(plain.find(' ', at), plain.size());
    const std::string word = fitted_text(plain.substr(at, end - at), width, size);
    at = end + 1;
    if (!lines.back().empty() && text_width(lines.back() + " " + word, size) > width)
      lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

void Svg::text(Point at, std::string_view text, Anchor anchor, double size, std::string_view ground,
               bool bold) {
  static constexpr std::string_view anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  body_ += fmt::format("<text class=\"{}\" fill=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{}{}>{}</text>\n",
                       ground, light(ground), px(at.x), px(at.y), px(size),
                       anchors[static_cast<int>(anchor)], bold ? " font-weight=\"600\"" : "",
                       xml_text(text));
}

void Svg::value(Point at, std::string_view text) {
  body_ += fmt::format("<text class=\"ink halo\" fill=\"{}\" stroke=\"{}\" stroke-width=\"3\" paint-order=\"stroke\" "
                       "x=\"{}\" y=\"{}\" font-size=\"11\">{}</text>\n",
                       light("ink"), light("paper"), px(at.x), px(at.y), xml_text(text));
}

void Svg::text_on(Point at, std::string_view text, double size, std::string_view colour) {
  body_ += fmt::format("<text fill=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       colour, px(at.x), px(at.y), px(size), xml_text(text));
}

void Svg::line(Point a, Point b, std::string_view kind, double width) {
  const auto colour = light(kind == "grid" ? "grid" : kind == "axis" ? "muted" : kind == "halo" ? "paper" : "ink");
  body_ += fmt::format("<path class=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" d=\"M{} {}L{} {}\"/>\n", kind,
                       colour, px(width), px(a.x), px(a.y), px(b.x), px(b.y));
}

void Svg::bar(Point corner, double width, double height, std::size_t series) {
  const std::string box = fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", px(corner.x),
                                      px(corner.y), px(width), px(height));
  body_ += fmt::format("<rect {} {}/>\n", fill(series), box);
  const auto i = series % series_count;
  if (i == 0) return;
  patterns_[i] = true;
  body_ += fmt::format("<rect fill=\"url(#{}-p{})\" {}/>\n", id_, i, box);
}

void Svg::cell(Point corner, double width, double height, std::string_view colour) {
  body_ += fmt::format("<rect fill=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", colour,
                       px(corner.x), px(corner.y), px(width), px(height));
}

void Svg::path(const std::vector<Point>& points, std::size_t series) {
  if (points.empty()) return;
  std::string d;
  for (const auto& p : points) d += (d.empty() ? "M" : "L") + px(p.x) + " " + px(p.y);
  const auto dash = dashes[series % series_count];
  body_ += fmt::format("<path {} fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\"{} d=\"{}\"/>\n",
                       stroke(series),
                       dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash), d);
}

void Svg::band(const std::vector<Point>& outline, std::size_t series) {
  std::string d;
  for (const auto& p : outline) d += (d.empty() ? "M" : "L") + px(p.x) + " " + px(p.y);
  body_ += fmt::format("<path {} fill-opacity=\"0.16\" d=\"{}Z\"/>\n", fill(series), d);
}

void Svg::marker(Point at, std::size_t series) {
  const auto i = series % series_count;
  const std::string x = px(at.x), y = px(at.y);
  static constexpr std::array<std::string_view, series_count> forms = {
      "", "m-4 -4h8v8h-8z", "m0 -5l5 8.5h-10z", "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
      "m0 5l5 -8.5h-10z", "m-1.5 -5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
      "m-5 0l2.5 -4.5h5l2.5 4.5l-2.5 4.5h-5z", "m-5 -2h10l-8 6.5l3 -9.5l3 9.5z"};
  if (i == 0) body_ += fmt::format("<circle {} cx=\"{}\" cy=\"{}\" r=\"4\"/>\n", fill(i), x, y);
  else body_ += fmt::format("<path {} d=\"M{} {}{}\"/>\n", fill(i), x, y, forms[i]);
}

void Svg::begin(std::string_view hint) {
  body_ += fmt::format("<g><title>{}</title>\n", xml_text(hint));
}

std::string Svg::finish(double height, std::string_view title, std::string_view description) const {
  std::string defs;
  for (std::size_t i = 1; i < series_count; ++i)
    if (patterns_[i]) defs += pattern(id_, i);
  if (!defs.empty()) defs = "<defs>\n" + defs + "</defs>\n";
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                     "height=\"{1}\" role=\"img\" aria-labelledby=\"{2}-title {2}-desc\" "
                     "font-family=\"DejaVu Sans, Arial, sans-serif\">\n"
                     "<title id=\"{2}-title\">{3}</title>\n<desc id=\"{2}-desc\">{4}</desc>\n{5}"
                     "<rect class=\"paper\" fill=\"#ffffff\" width=\"{0}\" height=\"{1}\"/>\n{6}</svg>",
                     px(width_), px(height), id_, xml_text(title), xml_text(description), defs, body_);
}

} // namespace lair::report
