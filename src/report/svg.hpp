/// Writes an SVG drawing: the few elements that charts need, with text that is measured and escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lair::report {

struct Point {
  double x = 0, y = 0;
};

/// Width in pixels of a text, as the wider of the usual sans-serif fonts draw it.
double text_width(std::string_view text, double size);
/// The text, or as much of its start and end as fits, with an ellipsis between.
std::string fitted_text(const std::string& text, double width, double size);
/// Lines of words; a word that is too wide is fitted.
std::vector<std::string> wrapped_text(const std::string& text, double width, double size);

enum class Anchor { start, middle, end };

/// Coordinates in pixels from the upper left corner. Colours are of palette.hpp: a series' by number,
/// a ground's by name.
class Svg {
public:
  /// The id begins every id within the drawing, so that several stand in one page.
  Svg(std::string id, double width) : id_(std::move(id)), width_(width) {}
  double width() const { return width_; }

  void text(Point, std::string_view text, Anchor = Anchor::start, double size = 12,
            std::string_view ground = "ink", bool bold = false);
  void value(Point, std::string_view text); ///< small, readable over grid lines
  /// In a given colour, for text on a coloured cell.
  void text_on(Point, std::string_view text, double size, std::string_view colour);
  void line(Point, Point, std::string_view kind, double width = 1); ///< grid, axis, line or halo
  void bar(Point corner, double width, double height, std::size_t series); ///< with its pattern
  void cell(Point corner, double width, double height, std::string_view colour);
  void path(const std::vector<Point>&, std::size_t series); ///< with its dash
  void band(const std::vector<Point>& outline, std::size_t series);
  void marker(Point, std::size_t series); ///< in its shape
  /// For all elements until end(): what a pointer that rests on them shows.
  void begin(std::string_view hint);
  void end() { body_ += "</g>\n"; }

  /// <svg>...</svg> of this height, with title and description for whoever does not see it.
  std::string finish(double height, std::string_view title, std::string_view description) const;

private:
  std::string id_;
  double width_;
  std::string body_;
  bool patterns_[8] = {}; ///< used
};

} // namespace lair::report
