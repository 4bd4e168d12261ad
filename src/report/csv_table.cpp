#include "report/csv_table.hpp"

#include "core/error.hpp"
#include "core/whole_file.hpp"
#include "report/escape.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <limits>

namespace lair::report {

CsvTable::CsvTable(std::string text, const std::string& name) : name_(name), text_(std::move(text)) {
  // Quoted cells are unquoted in place: the text only becomes shorter.
  char* at = text_.data();
  char* const end = at + text_.size();
  std::vector<std::string_view> row;
  std::size_t line = 1;
  while (at < end) {
    const std::size_t row_line = line;
    row.clear();
    bool whole = false;
    while (at < end && !whole) {
      char* begin = at;
      char* out = at;
      if (*at == '"') {
        for (++at; at < end; ++at) {
          if (*at == '"' && (at + 1 == end || at[1] != '"')) break;
          if (*at == '"') ++at;
          line += *at == '\n';
          *out++ = *at;
        }
        if (at < end) ++at;
      }
      while (at < end && *at != ',' && *at != '\n') *out++ = *at++;
      if (at == end) break; // half a line
      whole = *at++ == '\n';
      if (whole && out > begin && out[-1] == '\r') --out;
      row.emplace_back(begin, static_cast<std::size_t>(out - begin));
    }
    if (!whole) break;
    ++line;
    if (columns_.empty()) {
      columns_ = row;
      continue;
    }
    if (row.size() != columns_.size())
      throw InputError(name_, fmt::format("line {}", row_line),
                       fmt::format("has {} cells where the header has {}", row.size(), columns_.size()),
                       "the file as `lair run` wrote it");
    cells_.insert(cells_.end(), row.begin(), row.end());
    ++rows_;
  }
  if (columns_.empty())
    throw InputError(name_, "", "has no header", "the file as `lair run` wrote it");
}

std::optional<std::string> CsvTable::text_of(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_whole_file(path);
}

std::size_t CsvTable::column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i] == name) return i;
  throw InputError(name_, std::string(name), "there is no such column", "the file as `lair run` wrote it");
}

void CsvTable::refuse(std::size_t row, std::size_t column, std::string_view wanted) const {
  throw InputError(name_, fmt::format("{} of row {}", plain_text(columns_[column]), row + 1),
                   fmt::format("'{}' is not {}", plain_text(cell(row, column)), wanted),
                   "the file as `lair run` wrote it");
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string_view text = cell(row, column);
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument)
    refuse(row, column, "a number");
  return value;
}

std::uint64_t CsvTable::count(std::size_t row, std::size_t column) const {
  const std::string_view text = cell(row, column);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse(row, column, "a count");
  return value;
}

} // namespace lair::report
