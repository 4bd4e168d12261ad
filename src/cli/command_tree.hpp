/// The command line as plain values: what the manual page and shell completions are made from.
/// arguments.cpp fills it in from the definitions that also parse, so they cannot say anything else.
#pragma once

#include <string>
#include <vector>

namespace lair::cli {

struct OptionInfo {
  std::vector<std::string> names; ///< "-j", "--jobs"; of a positional argument its only name
  bool positional = false, flag = false, required = false, repeatable = false;
  std::string value;       ///< what it takes: "N", "FILE", "KEY=VALUE"; "" for a flag
  std::string limits;      ///< such as "1 - 1000"; "" if none are told
  std::string standard;    ///< default; "" if none is told
  std::string description; ///< one line
  std::vector<std::string> choices;
};

struct VerbInfo {
  std::string name, description;
  std::vector<OptionInfo> options;
};

struct CommandTree {
  std::string name, description, footer;
  std::vector<OptionInfo> options; ///< before the verb
  std::vector<VerbInfo> verbs;
};

/// What a value is, for completion.
enum class ValueKind { none, choice, file, folder, policy, key, other };
ValueKind kind_of(const OptionInfo&);

/// roff of section 1.
std::string manual_page(const CommandTree&, const std::string& version);
/// A script for `shell`: bash, zsh or fish. `keys`: paths of a scenario's keys.
std::string completion_script(const CommandTree&, const std::string& shell,
                              const std::vector<std::string>& keys);

} // namespace lair::cli
