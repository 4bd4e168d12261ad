#include "report/table.hpp"

#include "report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

/// The parts of a column in CSV.
std::size_t part_count(const Column& column) { return std::max<std::size_t>(1, column.parts.size()); }

std::string rows_html(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = xml_text(row[i].text);
      if (i == 0) out += "<th scope=\"row\">" + text + "</th>";
      else if (table.columns[i].numeric) out += "<td class=\"n\">" + text + "</td>";
      else out += "<td>" + text + "</td>";
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

std::string table_latex(const Table& table) {
  std::string form, head;
  for (const auto& column : table.columns) {
    form += column.numeric ? 'r' : 'l';
    head += (head.empty() ? "" : " & ") + latex_text(column.title);
  }
  std::string out = fmt::format("% \\usepackage{{booktabs}}\n\\begin{{table}}\n\\centering\n"
                                "\\caption{{{}}}\n\\label{{tab:{}}}\n\\begin{{tabular}}{{{}}}\n"
                                "\\toprule\n{} \\\\\n\\midrule\n",
                                latex_text(table.caption), slug(table.id), form, head);
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i ? " & " : "") + latex_text(row[i].text);
    out += " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
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
