/// A figure: what is drawn, what it says in words, and the data behind it.
#pragma once

#include <string>

namespace lair::report {

struct Figure {
  std::string id;          ///< letters, digits, - and _; unique in a page; its files' name
  std::string title;       ///< plain text
  std::string description; ///< plain text: what a reader who cannot see it must know
  std::string svg;         ///< <svg ...>...</svg>, styled by figure_css() of its page
  std::string csv;         ///< every number that is drawn
};

/// What turns classes of the drawings into colours, light and dark. Every element also carries the
/// light colour as an attribute, for programs that know no variables.
std::string figure_css();

/// The figure as a file of its own: with the style inside.
std::string standalone_svg(const Figure&);

} // namespace lair::report
