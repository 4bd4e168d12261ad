/// A table of a report, in whatever form it is printed.
#pragma once

#include <string>
#include <vector>

namespace lair::report {

struct Column {
  std::string title;
  bool numeric = true; ///< aligned to the right
  /// Its columns in CSV: none means one, of this title. "mean" with an interval has three.
  std::vector<std::string> parts = {};
};

struct Cell {
  std::string text;
  /// For CSV, one per part: all digits instead of four. None means the text.
  std::vector<std::string> values = {};
};

/// The first column names its row.
struct Table {
  std::string id;      ///< letters, digits, - and _; unique in a page
  std::string caption; ///< plain text, one sentence or two
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  bool folded = false; ///< a long one, closed until it is opened
};

std::string table_html(const Table&);
std::string table_markdown(const Table&);
std::string table_latex(const Table&); ///< needs the packages that its first line names
std::string table_csv(const Table&);   ///< the header's line first, without the caption

Cell number_cell(double);
Cell interval_cell(double value, double low, double high);           ///< for the next column
Column interval_column(std::string title, const std::string& name);  ///< NAME, NAME_low, NAME_high

/// Four significant digits, without an exponent where that is readable; "-" for NaN.
std::string shown(double);
/// "12.3 [11.9, 12.8]"; the interval is left out where it has no width.
std::string shown(double value, double low, double high);
/// A share of about 1, "0.076 [0.050, 0.100]": more than three decimals say nothing.
std::string shown_share(double);
Cell share_cell(double value, double low, double high);
/// The shortest text that reads back the same; empty for NaN.
std::string exact(double);

} // namespace lair::report
