#include "report/table.hpp"

#include "report/escape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lair::report {

namespace {

/// The parts of a column in CSV.
std::size_t part_count(const Column& column) { return std::max<std::size_t>(1, column.parts.size()); }

/// Texts of a sentence, which on a phone would be a word wide.
std::vector<bool> long_columns(const Table& table) {
  std::vector<bool> out(table.columns.size(), false);
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) out[i] = out[i] || (!table.columns[i].numeric && row[i].text.size() > 40);
  return out;
}

std::string rows_html(const Table& table) {
  std::string out;
  const auto is_long = long_columns(table);
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = xml_text(row[i].text);
      if (i == 0) out += "<th scope=\"row\">" + text + "</th>";
      else if (table.columns[i].numeric) out += "<td class=\"n\">" + text + "</td>";
      else out += (is_long[i] ? "<td class=\"long\">" : "<td>") + text + "</td>";
    }
    out += "</tr>\n";
  }
  return out;
}

} // namespace

std::string shown(double x) {
  if (std::isnan(x)) return "-";
  const double size = std::abs(x);
  if (size >= 1e4 && size < 1e7) return fmt::format("{:.0f}", x);
  return fmt::format("{:.4g}", x);
}

std::string shown(double value, double low, double high) {
  if (std::isnan(value)) return "-";
  if (!(low < high)) return shown(value);
  return fmt::format("{} [{}, {}]", shown(value), shown(low), shown(high));
}

std::string shown_share(double x) {
  if (std::isnan(x)) return "-";
  std::string out = fmt::format("{:.3f}", x);
  if (out == "-0.000") out = "0.000";
  return out;
}

Cell share_cell(double value, double low, double high) {
  std::string text = shown_share(value);
  if (low < high) text += fmt::format(" [{}, {}]", shown_share(low), shown_share(high));
  return {std::move(text), {exact(value), exact(low), exact(high)}};
}

std::string exact(double x) { return std::isnan(x) ? std::string() : fmt::format("{}", x); }

Cell number_cell(double x) { return {shown(x), {exact(x)}}; }

Cell interval_cell(double value, double low, double high) {
  return {shown(value, low, high), {exact(value), exact(low), exact(high)}};
}

Column interval_column(std::string title, const std::string& name) {
  return {std::move(title), true, {name, name + "_low", name + "_high"}};
}

std::string table_html(const Table& table) {
  std::string out;
  // A table can be wider than a phone: it scrolls by itself, with the keyboard too.
  out += fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n",
                     xml_text(table.caption));
  out += fmt::format("<table id=\"table-{}\"><caption>{}</caption>\n<thead><tr>", slug(table.id),
                     xml_text(table.caption));
  for (const auto& column : table.columns)
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                       xml_text(column.title));
  out += "</tr></thead>\n<tbody>\n" + rows_html(table) + "</tbody></table></div>\n";
  const std::string name = slug(table.id) + ".csv";
  out += fmt::format("<p class=\"save\"><a download=\"{}\" href=\"{}\">CSV</a></p>\n", name,
                     data_uri("text/csv;charset=utf-8", table_csv(table)));
  if (!table.folded) return out;
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", xml_text(table.caption), out);
}

std::string table_markdown(const Table& table) {
  std::string out = "**" + markdown_text(table.caption) + "**\n\n|", line = "|";
  for (const auto& column : table.columns) {
    out += " " + markdown_text(column.title) + " |";
    line += column.numeric ? "--:|" : "---|";
  }
  out += "\n" + line + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const auto& cell : row) out += " " + markdown_text(cell.text) + " |";
    out += "\n";
  }
  return out;
}

namespace {

constexpr std::size_t longest_float = 38; ///< lines; more do not fit a page
constexpr std::size_t longest_cell = 40;  ///< characters of text; more are wrapped
constexpr std::size_t line = 75;          ///< characters of a page's width, about

/// Lines above each other within a cell.
std::string stacked(const std::vector<std::string>& lines, bool right) {
  if (lines.size() == 1) return lines[0];
  return fmt::format("\\begin{{tabular}}[t]{{@{{}}{}@{{}}}}{}\\end{{tabular}}", right ? 'r' : 'l',
                     fmt::join(lines, " \\\\ "));
}

/// "Response time, 95th percentile" in lines of about 14 characters.
std::vector<std::string> in_lines(const std::string& title) {
  std::vector<std::string> out;
  std::string current;
  for (std::size_t at = 0; at < title.size();) {
    const std::size_t end = std::min(title.find(' ', at), title.size());
    const std::string word = title.substr(at, end - at);
    if (!current.empty() && current.size() + word.size() > 13) out.push_back(latex_text(std::exchange(current, {})));
    current += (current.empty() ? "" : " ") + word;
    at = end + 1;
  }
  if (!current.empty() || out.empty()) out.push_back(latex_text(current));
  return out;
}

/// How a table is set: as it is, or (`narrow`) with intervals below their values and heads in lines.
struct LatexForm {
  std::vector<std::size_t> width; ///< characters, the longest of each column
  std::size_t total = 0;
  bool narrow = false;
};

LatexForm form_of(const Table& table) {
  LatexForm form;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t longest = table.columns[i].title.size();
    for (const auto& row : table.rows) longest = std::max(longest, row[i].text.size());
    form.width.push_back(longest);
    form.total += std::min(longest, longest_cell) + 2;
  }
  form.narrow = form.total > line;
  return form;
}

std::size_t lines_of(const Table& table, const std::vector<Cell>& row, bool narrow) {
  std::size_t lines = 1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].numeric) lines = std::max(lines, 1 + row[i].text.size() / 28); // as wrapped
    else if (narrow && row[i].text.find(" [") != std::string::npos) lines = std::max<std::size_t>(lines, 2);
  }
  return lines;
}

std::string latex_cell(const Column& column, const std::string& text, bool narrow) {
  if (!column.numeric) return latex_text(text);
  const auto bracket = text.find(" [");
  if (!narrow || bracket == std::string::npos) return latex_number(text);
  return stacked({latex_number(text.substr(0, bracket)), latex_number(text.substr(bracket + 1))}, true);
}

} // namespace

std::string table_latex(const Table& table) {
  const LatexForm form = form_of(table);
  std::string columns, head;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    columns += column.numeric                  ? "r"
               : form.width[i] > longest_cell ? ">{\\raggedright\\arraybackslash}p{0.45\\linewidth}"
                                              : "l";
    head += (i ? " & " : "") + (form.narrow ? stacked(in_lines(column.title), column.numeric) : latex_text(column.title));
  }
  std::string out = "% \\usepackage{array,booktabs,graphicx}\n";
  std::size_t row = 0;
  do { // a page's worth of rows at a time
    std::string rows;
    const bool first = row == 0;
    for (std::size_t lines = 0; row < table.rows.size(); ++row) {
      lines += lines_of(table, table.rows[row], form.narrow);
      if (lines > longest_float && !rows.empty()) break;
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        rows += (i ? " & " : "") + latex_cell(table.columns[i], table.rows[row][i].text, form.narrow);
      rows += " \\\\\n";
    }
    const std::string tabular = fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n{} \\\\\n\\midrule\n{}\\bottomrule\n"
                                            "\\end{{tabular}}", columns, head, rows);
    out += fmt::format("\\begin{{table}}\n\\centering\n\\caption{{{}{}}}\n{}{}\n\\end{{table}}\n", latex_text(table.caption),
                       first ? "" : " (continued)", first ? fmt::format("\\label{{tab:{}}}\n", slug(table.id)) : "",
                       !form.narrow ? tabular // as wide as the page at most
                                    : "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n" + tabular + "}");
    if (!first || row < table.rows.size()) out += "\\clearpage\n"; // LaTeX can hold few that wait for a place
  } while (row < table.rows.size());
  return out;
}

std::string table_csv(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    for (std::size_t part = 0; part < part_count(column); ++part)
      out += (i + part ? "," : "") + csv_text(column.parts.empty() ? column.title : column.parts[part]);
  }
  out += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      for (std::size_t part = 0; part < part_count(table.columns[i]); ++part) {
        const auto& values = row[i].values;
        if (i + part) out += ",";
        if (part < values.size()) out += csv_text(values[part]);
        else if (values.empty() && part == 0) out += csv_text(row[i].text);
      }
    out += "\n";
  }
  return out;
}

} // namespace lair::report
