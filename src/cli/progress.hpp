/// A bar with the time left on a terminal's standard error; silent otherwise.
#pragma once

#include <cstdint>
#include <string>

namespace lair::cli {

class Progress {
public:
  Progress(std::string title, std::uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// At most ten times a second. `left`: seconds, if the caller knows better than by proportion;
  /// `note` stands behind the counts.
  void show(std::uint64_t done, double left = -1, const std::string& note = {});
  void clear();                  ///< removes the bar, before a message or at the end

private:
  std::string title_;
  std::uint64_t total_;
  bool terminal_, visible_ = false;
  double started_, shown_ = -1;
};

} // namespace lair::cli
