/// What all readers of one input share: the files seen so far and everything that is wrong with
/// them.
#pragma once

#include "core/error.hpp"
#include "scenario/document.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lair {

class Context {
public:
  unsigned add_file(std::string path); ///< as the user gave it; returns its index
  const std::string& file(unsigned index) const { return files_[index]; }

  void error(const Node::Place& place, std::string key, std::string problem, std::string remedy);
  /// An error without a place inside the file.
  void error(unsigned file, std::string key, std::string problem, std::string remedy);
  bool failed() const { return !diagnostics_.empty(); }
  std::size_t error_count() const { return diagnostics_.size(); }
  /// Throws InputError with everything found, in the order of files, lines and columns.
  void throw_if_failed() const;

  /// Reports every key of `table` that is not in `known`, with the nearest known one. `path` is
  /// that of the table ("" = root).
  void refuse_unknown_keys(const Node& table, std::string_view path,
                           std::span<const std::string> known);

  std::vector<std::string> known_paths; ///< of the whole document, for keys in the wrong table
  double interval = 300; ///< seconds; what "2 intervals" stands for

private:
  struct Found {
    unsigned file;
    Diagnostic diagnostic;
  };
  std::vector<std::string> files_;
  std::vector<Found> diagnostics_;
};

std::string join_path(std::string_view table, std::string_view key);

/// The nearest of `known` to `word` (edit distance with transpositions), if it is near enough to be
/// what was meant; else "".
std::string nearest(std::string_view word, std::span<const std::string> known);

} // namespace lair
