#include "sweep/table_files.hpp"

#include "core/whole_file.hpp"
#include "sweep/database.hpp"

#include <fmt/format.h>

namespace lair::sweep {

namespace {

/// Always in quotation marks: so an empty text is none that is missing.
std::string quoted_cell(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string type_of(const std::string& declared) {
  return declared == "INTEGER" ? "BIGINT" : declared == "REAL" ? "DOUBLE" : "VARCHAR";
}

std::string cell(const Statement& row, int column, const std::string& type) {
  if (row.is_null(column)) return {};
  if (type == "BIGINT") return fmt::format("{}", row.integer(column));
  if (type == "DOUBLE") return fmt::format("{}", row.number(column));
  return quoted_cell(row.text(column));
}

TableFile write_table(Database& database, const std::string& name, const std::string& folder) {
  TableFile out{name, folder + "/" + name + ".csv", {}};
  std::string text;
  Statement columns(database, fmt::format("PRAGMA table_info({})", quoted_name(name)));
  while (columns.step()) {
    out.columns.emplace_back(columns.text(1), type_of(columns.text(2)));
    text += (text.empty() ? "" : ",") + quoted_cell(columns.text(1));
  }
  text += "\n";
  Statement rows(database, fmt::format("SELECT * FROM {} ORDER BY 1", quoted_name(name)));
  while (rows.step()) {
    for (std::size_t i = 0; i < out.columns.size(); ++i)
      text += (i > 0 ? "," : "") + cell(rows, static_cast<int>(i), out.columns[i].second);
    text += "\n";
  }
  write_whole_file(out.path, text);
  return out;
}

} // namespace

std::vector<TableFile> write_table_files(const std::string& store, const std::string& folder) {
  Database database(store, Database::Mode::read);
  std::vector<TableFile> out;
  for (const char* name : {"axes", "points", "runs", "metrics", "costs", "results"})
    out.push_back(write_table(database, name, folder));
  return out;
}

} // namespace lair::sweep
