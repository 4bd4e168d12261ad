/// The tables of a sweep's store as CSV files, for programs that read no SQLite.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lair::sweep {

struct TableFile {
  std::string name; ///< "points"
  std::string path;
  std::vector<std::pair<std::string, std::string>> columns; ///< name, and type in SQL: BIGINT, DOUBLE or VARCHAR
};

/// Of every table and of the view `results`. Numbers have all their digits; nothing is an empty cell, an
/// empty text a quoted one. RunError if the store cannot be read.
std::vector<TableFile> write_table_files(const std::string& store, const std::string& folder);

} // namespace lair::sweep
