/// Code that may crash or hang runs in a forked child with limits; here is what became of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace lair {

struct ChildLimits {
  double seconds = 60;      ///< wall clock; then the child is killed
  std::uint64_t memory = 0; ///< bytes of address space; 0 = no limit (sanitizers need terabytes)
};

struct ChildOutcome {
  bool completed = false; ///< the body returned
  bool timed_out = false;
  int signal = 0;     ///< that ended it, or 0
  int exit_code = 0;  ///< if it left by exit() in the middle
  std::string output; ///< all that the body wrote
  /// "crashed (segmentation fault)", "did not come back within 60 s", ...; empty if completed
  std::string ending(const ChildLimits&) const;
};

/// Called once, in the parent, when the child has taken this long.
struct SlowNotice {
  double seconds = 0;
  std::function<void()> say; ///< may be empty
};

/// `body(write)` runs in the child; what it passes to `write` arrives even if it crashes
/// afterwards. The caller must be single-threaded. Standard output of the child goes to standard
/// error.
ChildOutcome
run_in_child(const std::function<void(const std::function<void(const std::string&)>&)>& body,
             const ChildLimits& limits, SlowNotice slow = {});

} // namespace lair
