#include "record/text_file.hpp"

#include "core/error.hpp"
#include "core/whole_file.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace lair::record {

TextFile::TextFile(std::string path, WriteFailure& failure)
    : path_(std::move(path)), failure_(failure), buffer_(new char[capacity]) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0 && failure_.empty())
    failure_ = fmt::format("cannot create '{}': {}", path_, std::strerror(errno));
}

TextFile::~TextFile() {
  flush();
  if (descriptor_ >= 0 && ::close(descriptor_) != 0 && failure_.empty())
    failure_ = fmt::format("cannot write '{}': {}", path_, std::strerror(errno));
}

void TextFile::write(std::size_t size) {
  std::size_t written = 0;
  while (descriptor_ >= 0 && failure_.empty() && written < size) {
    const auto n = ::write(descriptor_, buffer_.get() + written, size - written);
    if (n >= 0)
      written += static_cast<std::size_t>(n);
    else if (errno != EINTR)
      failure_ = fmt::format("cannot write '{}': {}", path_, std::strerror(errno));
  }
}

void TextFile::flush() {
  write(used_);
  used_ = line_end_ = 0;
}

void TextFile::flush_lines() {
  const std::size_t whole = line_end_ > 0 ? line_end_ : used_; // a line longer than the buffer
  write(whole);
  std::memmove(buffer_.get(), buffer_.get() + whole, used_ - whole);
  used_ -= whole;
  line_end_ = 0;
}

TextFile& TextFile::text(std::string_view s) {
  while (!s.empty()) {
    const std::string_view part = s.substr(0, 4096);
    std::memcpy(room(part.size()), part.data(), part.size());
    used_ += part.size();
    s.remove_prefix(part.size());
  }
  return *this;
}

TextFile& TextFile::number(double x) {
  // Most numbers here are whole; below 2^53 they take the faster integer way to the same text.
  if (x >= 0 && x < 9007199254740992.0 && x == static_cast<double>(static_cast<std::uint64_t>(x)) &&
      !std::signbit(x))
    return number(static_cast<std::uint64_t>(x));
  char* at = room(32);
  used_ += static_cast<std::size_t>(fmt::format_to(at, FMT_COMPILE("{}"), x) - at);
  return *this;
}

TextFile& TextFile::number(std::uint64_t x) {
  char* at = room(32);
  used_ += static_cast<std::size_t>(fmt::format_to(at, FMT_COMPILE("{}"), x) - at);
  return *this;
}

void TextFile::end_row() {
  buffer_[used_ - 1] = '\n';
  end_line();
}

std::string csv_quoted(std::string_view s) {
  if (s.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(s);
  std::string out = "\"";
  for (const char c : s) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string json_quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

void write_file(const std::string& path, std::string_view content) {
  WriteFailure failure;
  TextFile(path, failure).text(content);
  if (!failure.empty()) throw RunError(failure);
}

void replace_file(const std::string& path, std::string_view content) { write_whole_file(path, content); }

} // namespace lair::record
