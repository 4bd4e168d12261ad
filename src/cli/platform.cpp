#include "cli/commands.hpp"
#include "cli/result_guard.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace lair::cli {

int platform_command(const PlatformOptions& options) {
  refuse_to_overwrite(options.out, options.force);
  PlatformRequest request;
  request.leis = options.leis;
  request.hosts_per_lei = options.hosts_per_lei;
  request.kind = options.kind;
  request.seed = options.seed;
  const std::string text = generate_platform(request);
  const auto hosts = std::uint64_t(options.leis) * options.hosts_per_lei;
  if (!options.out.empty()) record::write_file(options.out, text);
  if (options.json) // the file's name, or what would stand in it
    fmt::print("{{\"leis\": {}, \"hosts\": {}, \"{}\": {}}}\n", options.leis, hosts,
               options.out.empty() ? "toml" : "file",
               record::json_quoted(options.out.empty() ? text : options.out));
  else if (options.out.empty())
    std::fputs(text.c_str(), stdout);
  else
    fmt::print("{}: {} hosts in {} LEIs\n", options.out, hosts, options.leis);
  return exit_ok;
}

} // namespace lair::cli
