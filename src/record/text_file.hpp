/// Buffered text output for the result files. Fast (no stream, no locale), and never throws while
/// the run goes on, since that may be inside a simulation actor: the first failure is kept and told
/// later.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lair::record {

/// The first thing that went wrong while writing; empty if nothing has.
using WriteFailure = std::string;

class TextFile {
public:
  /// Creates or empties the file. `failure` outlives this object.
  TextFile(std::string path, WriteFailure& failure);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  TextFile& text(std::string_view);
  TextFile& character(char c) {
    *room(1) = c;
    ++used_;
    return *this;
  }
  TextFile& number(double); ///< shortest text that reads back the same
  TextFile& number(std::uint64_t);
  void flush();
  void end_line() { line_end_ = used_; } ///< the file may be cut here

  // Cells of a CSV row: each is followed by a comma, end_row() makes the last one a line end.
  TextFile& cell(std::string_view plain) { return text(plain).character(','); }
  TextFile& cell(double x) { return std::isnan(x) ? character(',') : number(x).character(','); }
  TextFile& cell(std::uint64_t x) { return number(x).character(','); }
  TextFile& cell(std::uint32_t x) { return number(std::uint64_t(x)).character(','); }
  TextFile& empty_cell() { return character(','); }
  void end_row();

private:
  static constexpr std::size_t capacity = 1 << 16;
  char* room(std::size_t size) {
    if (capacity - used_ < size) flush_lines();
    if (capacity - used_ < size) flush(); // one line fills the buffer
    return buffer_.get() + used_;
  }

  void write(std::size_t size); ///< the first `size` bytes of the buffer
  void flush_lines();           ///< whole lines only, so that a killed run leaves readable files

  std::string path_;
  WriteFailure& failure_;
  int descriptor_ = -1;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0, line_end_ = 0;
};

std::string csv_quoted(std::string_view);  ///< in quotation marks if it needs them
std::string json_quoted(std::string_view); ///< always in quotation marks

/// Writes a whole small file at once. Throws RunError.
void write_file(const std::string& path, std::string_view content);
/// The same for a file of a result folder: put in place whole, so that it is the old one, or the
/// new one, never half of either.
void replace_file(const std::string& path, std::string_view content);

} // namespace lair::record
