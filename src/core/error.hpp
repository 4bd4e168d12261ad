/// The three kinds of error (architecture, "House style"): the user's input, a plugin, our own bug.
/// Failures of the simulated world are values, never exceptions.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace lair {

/// One thing that is wrong with an input, where, and what would be right.
struct Diagnostic {
  std::string file; ///< path as the user gave it; "--set" or "command line" where there is no file
  unsigned line = 0, column = 0; ///< 1-based; 0 = unknown
  std::string key;               ///< dotted path, such as faults.rate
  std::string problem;           ///< what is wrong
  std::string remedy;            ///< what would be right
  /// `file:line:column: key: problem: remedy`
  std::string text() const;
};

/// Bad input: exit 2. Carries everything that is wrong with it, not just the first thing.
class InputError : public std::runtime_error {
public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  InputError(std::string file, std::string key, std::string problem, std::string remedy);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

private:
  std::vector<Diagnostic> diagnostics_;
};

/// A policy failed (threw, died, answered nonsense, has the wrong version): exit 3.
class PluginError : public std::runtime_error {
public:
  PluginError(std::string policy, std::string what);
  const std::string& policy() const { return policy_; }

private:
  std::string policy_;
};

/// The run could not go on (disk full, unwritable folder): exit 1.
class RunError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Where the current run stands, named by every assertion: "scenario X, seed N, interval I".
void set_assertion_context(std::string context);
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file,
                                   int line);

} // namespace lair

/// A bug of ours: names scenario, seed and interval, and aborts. Always on.
#define LAIR_ASSERT(condition, why)                                                               \
  ((condition) ? void(0) : ::lair::assertion_failed(#condition, why, __FILE__, __LINE__))
