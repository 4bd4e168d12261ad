#include "cli/progress.hpp"

#include "cli/environment.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>

namespace lair::cli {

Progress::Progress(std::string title, std::uint64_t total)
    : title_(std::move(title)), total_(total), terminal_(isatty(STDERR_FILENO) == 1),
      started_(monotonic_seconds()) {}

void Progress::show(std::uint64_t done, double seconds_left, const std::string& note) {
  if (!terminal_ || total_ == 0) return;
  const double now = monotonic_seconds();
  if (now - shown_ < 0.1 && done < total_) return;
  shown_ = now;
  constexpr int width = 30;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const int filled = static_cast<int>(share * width);
  std::string left;
  if (done > 0) {
    if (seconds_left < 0) seconds_left = (now - started_) * (1 - share) / share;
    const auto seconds = static_cast<long>(seconds_left + 0.5);
    left = fmt::format("  {}:{:02} left", seconds / 60, seconds % 60);
  }
  const std::string line = fmt::format("\r{} [{:#<{}}{:.<{}}] {}/{}{}{}\x1b[K", title_, "", filled,
                                       "", width - filled, done, total_, note, left);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  visible_ = true;
}

void Progress::clear() {
  if (!visible_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

} // namespace lair::cli
