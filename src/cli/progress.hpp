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
  void show(std::uint64_t done); ///< at most ten times a second
  void clear();                  ///< removes the bar, before a message or at the end

private:
  std::string title_;
  std::uint64_t total_;
  bool terminal_, visible_ = false;
  double started_, shown_ = -1;
};

} // namespace lair::cli
