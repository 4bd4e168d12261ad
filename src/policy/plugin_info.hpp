/// What a policy library says of itself, read from the file's bytes before any of its code can run.
#pragma once

#include <lair/plugin.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace lair {

struct PluginInfo {
  std::string name, version, description, source;
  std::uint32_t roles = 0;      ///< lair_role bits
  std::optional<double> memory; ///< bytes; empty if the author does not say
  unsigned abi_major = 0, abi_minor = 0;
  bool offers(lair_role role) const { return (roles & role) != 0; }
};

struct PluginInfoResult {
  std::optional<PluginInfo> info;
  std::string problem; ///< empty exactly if there is an info
};

/// Finds and checks the LAIR_PLUGIN_SECTION of a 64-bit ELF library. Never reads outside `file` and
/// never throws on what it finds there, whatever it is.
PluginInfoResult parse_plugin_info(std::span<const std::byte> file);

/// InputError if the file cannot be read, PluginError if it is no policy for this lair.
PluginInfo read_plugin_info(const std::string& path);

/// "scheduler + detector"
std::string role_names(std::uint32_t roles);

} // namespace lair
