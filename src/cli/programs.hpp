/// Other programs that may be on this computer.
#pragma once

#include <string>
#include <vector>

namespace lair::cli {

/// Where the shell would find it; "" if nowhere.
std::string find_program(const std::string& name);

struct ProgramResult {
  int exit_code = -1;   ///< 128 + signal if one ended it
  std::string output;   ///< its standard output
  std::string messages; ///< its standard error
};
/// Runs a program, found as the shell would, and waits for it. A Ctrl-C at the terminal does not reach it.
/// RunError if it cannot be started.
ProgramResult run_program(std::vector<std::string> words);

/// In single quotes of a POSIX shell.
std::string shell_quoted(const std::string& text);

} // namespace lair::cli
