/// From errors to exit codes, messages and, with --json, an object that programs can read.
#pragma once

#include "core/error.hpp"

#include <functional>
#include <vector>

namespace lair::cli {

/// Runs the verb; what it throws is told on standard error, with `json` on standard output too. An
/// error as well: standard output that cannot be written.
int report_errors(bool json, const std::function<int()>& verb);

/// {"error": ...} on standard output: for a failure whose messages have been said already.
void print_json_error(int exit_code, const std::vector<Diagnostic>&);

/// Standard streams that are closed would pass their numbers on to the next files that are opened,
/// and messages would be written into those. Call first.
void open_standard_streams();

} // namespace lair::cli
