#include "cli/commands.hpp"
#include "cli/result_guard.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace lair::cli {

int schema_command(const SchemaOptions& options) {
  refuse_to_overwrite(options.out, options.force);
  const std::string text = json_schema(options.what);
  if (options.out.empty()) { // JSON already
    std::fputs(text.c_str(), stdout);
    return exit_ok;
  }
  record::write_file(options.out, text);
  if (options.json)
    fmt::print("{{\"kind\": {}, \"file\": {}}}\n", record::json_quoted(options.what),
               record::json_quoted(options.out));
  else
    fmt::print("{}: schema of a {}\n", options.out, options.what);
  return exit_ok;
}

} // namespace lair::cli
