/// A report as a value, and its forms: one self-contained HTML page, or its tables.
#pragma once

#include "report/figure.hpp"
#include "report/table.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lair::report {

struct Paragraph {
  std::string text; ///< plain text
};
/// Markup that goes into the page as it stands: whoever makes it has escaped it. It may bring
/// <style> and <script>; it loads nothing. Colours: var(--ink), --muted, --grid, --paper, --panel,
/// --accent and --c0 to --c7, which follow light and dark.
struct Html {
  std::string markup;
};
using Block = std::variant<Paragraph, Table, Figure, Html>;

struct Section {
  std::string id;      ///< letters, digits and -
  std::string heading; ///< plain text
  std::vector<Block> blocks;
};

struct Page {
  std::string title;
  std::string verdict;                                    ///< one sentence, plain text
  std::vector<std::pair<std::string, std::string>> facts; ///< what was run: scenario, seeds, ...
  /// What is missing or unfinished, and what to do about it; shown on top. Empty: nothing.
  std::vector<std::string> warnings;
  std::vector<Section> sections;
};

std::string page_html(const Page&);

enum class TableFormat { markdown, latex, csv };
/// All tables, or the one with that id (InputError names those that there are).
std::string page_tables(const Page&, TableFormat, const std::string& id);

std::vector<const Figure*> figures(const Page&);
std::vector<const Table*> tables(const Page&);

} // namespace lair::report
