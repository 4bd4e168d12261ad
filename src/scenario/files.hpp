/// Files behind a scenario: loading, and finding what it names.
#pragma once

#include "scenario/context.hpp"
#include "scenario/reader.hpp"

#include <optional>
#include <string>

namespace lair {

/// Bytes of a file; an error in `context` (under `key`, at `place`) if it cannot be read.
std::optional<std::string> load_text(Context& context, const std::string& path, unsigned file);

/// A document from a file, which becomes one of the context's files.
std::optional<Node> load_document(Context& context, const std::string& path);

/// `name` as written at `place`: looked for in `folder` ("platforms"), with `extension` added if it
/// has none. Reports under `key` and returns "" if nothing was found.
std::string find_file(Context& context, const Search& search, const std::string& scenario,
                      const Node& name, const std::string& key, const std::string& folder,
                      const std::string& extension = ".toml");

/// A platform or workload as it stands in a scenario: a name, a table, or a table with `file` whose
/// other keys are laid over that file. Nothing if it cannot be read.
std::optional<Node> expand(Context& context, const Search& search, const std::string& scenario,
                           Node node, const std::string& key, const std::string& folder);

/// File name without folder and extension, fit for a name.
std::string stem_of(const std::string& path);

} // namespace lair
