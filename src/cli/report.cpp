#include "cli/report.hpp"

#include "cli/commands.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <new>
#include <string>
#include <unistd.h>

namespace lair::cli {

namespace {

const char* kind_of(int exit_code) {
  switch (exit_code) {
  case exit_bad_input: return "bad_input";
  case exit_plugin_failure: return "plugin_failure";
  case exit_interrupted: return "interrupted";
  default: return "failed_run";
  }
}

std::string quoted_or_null(const std::string& text) {
  return text.empty() ? "null" : record::json_quoted(text);
}

std::string number_or_null(unsigned number) {
  return number == 0 ? "null" : fmt::format("{}", number);
}

/// What is still in the buffer may be all there is: only now it shows whether it can be written.
void flush_output() {
  const bool failed = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) != 0 || failed)
    throw RunError(fmt::format("cannot write to standard output: {}",
                               errno != 0 ? std::strerror(errno) : "a write failed"));
}

int failure(bool json, int exit_code, const std::vector<Diagnostic>& diagnostics) {
  if (!json) return exit_code;
  print_json_error(exit_code, diagnostics);
  std::fflush(stdout);
  return exit_code;
}

int failure(bool json, int exit_code, const std::string& what) {
  std::fprintf(stderr, "lair: %s\n", what.c_str());
  return failure(json, exit_code, {{"", 0, 0, "", what, ""}});
}

} // namespace

void print_json_error(int exit_code, const std::vector<Diagnostic>& diagnostics) {
  using record::json_quoted;
  std::string out = fmt::format("{{\"error\": {{\"kind\": \"{}\", \"exit_code\": {}, "
                                "\"diagnostics\": [",
                                kind_of(exit_code), exit_code);
  const char* separator = "\n";
  for (const auto& one : diagnostics) {
    out += fmt::format("{}  {{\"file\": {}, \"line\": {}, \"column\": {}, \"key\": {}, "
                       "\"problem\": {}, \"remedy\": {}}}",
                       separator, quoted_or_null(one.file), number_or_null(one.line),
                       number_or_null(one.column), quoted_or_null(one.key),
                       json_quoted(one.problem), quoted_or_null(one.remedy));
    separator = ",\n";
  }
  out += "]}}\n";
  std::fputs(out.c_str(), stdout);
}

int report_errors(bool json, const std::function<int()>& verb) {
  try {
    const int code = verb();
    flush_output();
    return code;
  } catch (const InputError& error) {
    std::fprintf(stderr, "%s\n",
                 error.what()); // each line begins with the place, as editors expect
    return failure(json, exit_bad_input, error.diagnostics());
  } catch (const PluginError& error) {
    return failure(json, exit_plugin_failure, error.what());
  } catch (const std::bad_alloc&) {
    return failure(json, exit_failed_run, "out of memory");
  } catch (const std::exception& error) {
    return failure(json, exit_failed_run, error.what());
  }
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // Standard output opened for reading: writing to it stays the error that it was.
    if (::fcntl(stream, F_GETFD) < 0)
      (void)!::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace lair::cli
