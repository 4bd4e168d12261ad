#include "core/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lair {

std::string Diagnostic::text() const {
  std::string place = file;
  if (line > 0) place += fmt::format(":{}:{}", line, column);
  std::string out = place;
  for (const auto& part : {key, problem, remedy})
    if (!part.empty()) out += out.empty() ? part : ": " + part;
  // What a file says may hold anything, also the end of a C string.
  std::string shown;
  for (const char c : out)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      shown += fmt::format("\\u{:04x}", c);
    else
      shown += c;
  return shown;
}

namespace {
std::string join(const std::vector<Diagnostic>& diagnostics) {
  std::string all;
  for (const auto& d : diagnostics) all += (all.empty() ? "" : "\n") + d.text();
  return all;
}
std::string& assertion_context() {
  static std::string context = "no run";
  return context;
}
} // namespace

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join(diagnostics)), diagnostics_(std::move(diagnostics)) {}

InputError::InputError(std::string file, std::string key, std::string problem, std::string remedy)
    : InputError(std::vector<Diagnostic>{{std::move(file), 0, 0, std::move(key), std::move(problem),
                                          std::move(remedy)}}) {}

PluginError::PluginError(std::string policy, std::string what)
    : std::runtime_error(fmt::format("policy '{}': {}", policy, what)), policy_(std::move(policy)) {
}

void set_assertion_context(std::string context) { assertion_context() = std::move(context); }

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "lair: internal error (%s): %s: %s [%s:%d]\n", assertion_context().c_str(),
               why, condition, file, line);
  std::fflush(nullptr);
  std::abort();
}

} // namespace lair
