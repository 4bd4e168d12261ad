/// A CSV file of a result folder, whole in memory: rows of cells, found by the column's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lair::report {

class CsvTable {
public:
  /// Cells quoted as in RFC 4180. A last line without its end is left out: a run that was killed left
  /// it. A row that has not as many cells as the header is an InputError naming `name` and the line.
  CsvTable(std::string text, const std::string& name);
  CsvTable(const CsvTable&) = delete;
  CsvTable& operator=(const CsvTable&) = delete;

  /// Nothing if there is no such file.
  static std::optional<std::string> text_of(const std::string& path);

  std::size_t rows() const { return rows_; }
  /// Index of the column; InputError if the file has none of that name.
  std::size_t column(std::string_view name) const;
  std::string_view cell(std::size_t row, std::size_t column) const {
    return cells_[row * columns_.size() + column];
  }
  double number(std::size_t row, std::size_t column) const; ///< NaN if the cell is empty
  /// Of a cell that holds a whole number of at least 0; InputError else.
  std::uint64_t count(std::size_t row, std::size_t column) const;

private:
  [[noreturn]] void refuse(std::size_t row, std::size_t column, std::string_view wanted) const;

  std::string name_, text_;
  std::vector<std::string_view> columns_, cells_;
  std::size_t rows_ = 0;
};

} // namespace lair::report
