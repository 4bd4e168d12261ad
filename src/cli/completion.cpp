#include "cli/command_tree.hpp"
#include "cli/programs.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lair::cli {

ValueKind kind_of(const OptionInfo& option) {
  if (option.flag) return ValueKind::none;
  if (!option.choices.empty()) return ValueKind::choice;
  const std::string& value = option.value;
  const auto begins = [&](const char* with) { return value.starts_with(with); };
  const auto named = [&](const char* name) {
    return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
  };
  if (begins("NAME|FILE.so") || named("--policies")) return ValueKind::policy;
  if (begins("KEY=VALUE")) return ValueKind::key;
  if (begins("FILE") || begins("SCENARIO") || begins("PATH")) return ValueKind::file;
  if (value == "DIR" || value == "RESULT_DIR" || value == "RUN") return ValueKind::folder;
  return ValueKind::other;
}

namespace {

/// In single quotes of fish.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::vector<std::string> verb_names(const CommandTree& tree) {
  std::vector<std::string> names;
  for (const auto& verb : tree.verbs) names.push_back(verb.name);
  return names;
}

std::vector<std::string> option_names(const std::vector<OptionInfo>& options) {
  std::vector<std::string> names;
  for (const auto& option : options)
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// --- bash ---------------------------------------------------------------------------------------

/// The command that fills COMPREPLY with what can follow.
std::string bash_action(const OptionInfo& option) {
  switch (kind_of(option)) {
  case ValueKind::choice:
    return fmt::format("_lair_words {}", shell_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
  case ValueKind::file: return "_lair_files -f";
  case ValueKind::folder: return "_lair_files -d";
  case ValueKind::policy: return "_lair_policies";
  case ValueKind::key: return "_lair_keys";
  default: return "return";
  }
}

std::string bash(const CommandTree& tree, const std::vector<std::string>& keys) {
  std::string out = R"sh(# bash completion of lair: made by `lair completion bash`

_lair_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_lair_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
_lair_policies() { # the last of a list with commas
  local before=""
  case $cur in *,*) before=${cur%,*}, ;; esac
  local last=${cur#"$before"}
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" list policies 2>/dev/null | awk 'NR > 1 { print $1 }')" -P "$before" -- "$last"))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -P "$before" -- "$last"))
}
_lair_keys() {
  case $cur in *=*) return ;; esac
  compopt -o nospace 2>/dev/null
)sh";
  out += fmt::format("  _lair_words '{}='\n}}\n\n", fmt::join(keys, "= "));
  out += "_lair() {\n  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb= given=0 word i skip=\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  out += fmt::format("    _lair_words '{} {}'\n    return\n  fi\n", fmt::join(verb_names(tree), " "),
                     fmt::join(option_names(tree.options), " "));
  out += "  verb=${COMP_WORDS[1]}\n  case $verb:$previous in\n";
  for (const auto& verb : tree.verbs)
    for (const auto& option : verb.options)
      if (!option.positional && !option.flag)
        for (const auto& name : option.names)
          out += fmt::format("    {}:{}) {}; return ;;\n", verb.name, name, bash_action(option));
  out += "  esac\n  case $verb in\n";
  for (const auto& verb : tree.verbs) {
    std::vector<std::string> taking; // options after which comes a value
    for (const auto& option : verb.options)
      if (!option.positional && !option.flag)
        taking.insert(taking.end(), option.names.begin(), option.names.end());
    out += fmt::format("    {})\n      case $cur in -*) _lair_words '{}'; return ;; esac\n", verb.name,
                       fmt::join(option_names(verb.options), " "));
    // How many positional arguments stand before this word.
    out += "      for ((i = 2; i < COMP_CWORD; i++)); do\n        word=${COMP_WORDS[i]}\n"
           "        if [ -n \"$skip\" ]; then skip=; continue; fi\n        case $word in\n";
    if (!taking.empty()) out += fmt::format("          {}) skip=1 ;;\n", fmt::join(taking, " | "));
    out += "          -*) ;;\n          *) given=$((given + 1)) ;;\n        esac\n      done\n"
           "      case $given in\n";
    unsigned number = 0;
    for (const auto& option : verb.options)
      if (option.positional) {
        out += fmt::format("        {}) {} ;;\n", option.repeatable ? "*" : fmt::format("{}", number),
                           bash_action(option));
        ++number;
      }
    out += "      esac ;;\n";
  }
  return out + "  esac\n}\ncomplete -F _lair lair\n";
}

// --- zsh ----------------------------------------------------------------------------------------

/// A text inside [...] or between colons of a specification.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionInfo& option) {
  switch (kind_of(option)) {
  case ValueKind::choice: return fmt::format("({})", fmt::join(option.choices, " "));
  case ValueKind::file: return "_files";
  case ValueKind::folder: return "_files -/";
  case ValueKind::policy: return "_lair_policies";
  case ValueKind::key: return "_lair_keys";
  default: return " ";
  }
}

std::string zsh(const CommandTree& tree, const std::vector<std::string>& keys) {
  std::string out = "#compdef lair\n# zsh completion of lair: made by `lair completion zsh`\n\n"
                    "_lair_policies() {\n  local -a names\n"
                    "  names=(${(f)\"$(lair list policies 2>/dev/null | awk 'NR > 1 { print $1 }')\"})\n"
                    "  compset -P '*,'\n  compadd -a names\n  _files -g '*.so'\n}\n";
  out += fmt::format("_lair_keys() {{ compadd -S= {} }}\n\n", fmt::join(keys, " "));
  out += "_lair() {\n  local -a verbs\n  verbs=(\n";
  for (const auto& verb : tree.verbs)
    out += fmt::format("    {}\n", shell_quoted(verb.name + ":" + zsh_text(verb.description)));
  out += "  )\n  if (( CURRENT == 2 )); then\n    _describe verb verbs\n    return\n  fi\n"
         "  local verb=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const auto& verb : tree.verbs) {
    out += fmt::format("    {})\n      _arguments", verb.name);
    unsigned number = 0;
    for (const auto& option : verb.options) {
      const std::string value = zsh_text(option.value.empty() ? option.names.front() : option.value);
      if (option.positional) {
        ++number;
        out += " \\\n        " + shell_quoted(fmt::format("{}:{}:{}",
                                                            option.repeatable ? "*" : fmt::format("{}", number),
                                                            value, zsh_action(option)));
        continue;
      }
      for (const auto& name : option.names)
        out += " \\\n        " +
               shell_quoted(fmt::format("{}{}[{}]{}", option.repeatable ? "*" : "", name,
                                        zsh_text(option.description),
                                        option.flag ? "" : fmt::format(":{}:{}", value, zsh_action(option))));
    }
    out += " ;;\n";
  }
  return out + "  esac\n}\ncompdef _lair lair\n";
}

// --- fish ---------------------------------------------------------------------------------------

std::string fish_action(const OptionInfo& option) {
  switch (kind_of(option)) {
  case ValueKind::none: return "";
  case ValueKind::choice: return " -x -a " + fish_quoted(fmt::format("{}", fmt::join(option.choices, " ")));
  case ValueKind::file: return " -r -F";
  case ValueKind::folder: return " -x -a '(__fish_complete_directories)'";
  case ValueKind::policy: return " -r -a '(lair list policies 2>/dev/null | string match -rg \"^(\\S+)\" | tail -n +2)'";
  case ValueKind::key: return " -x -a \"$__lair_keys\"";
  case ValueKind::other: break;
  }
  return " -x";
}

std::string fish(const CommandTree& tree, const std::vector<std::string>& keys) {
  std::string out = "# fish completion of lair: made by `lair completion fish`\n\n";
  out += fmt::format("set -g __lair_keys '{}='\n", fmt::join(keys, "= "));
  out += "complete -c lair -f -n __fish_use_subcommand\n";
  for (const auto& option : tree.options)
    for (const auto& name : option.names)
      if (name.starts_with("--"))
        out += fmt::format("complete -c lair -n __fish_use_subcommand -l {} -d {}\n", name.substr(2),
                           fish_quoted(option.description));
  for (const auto& verb : tree.verbs) {
    out += fmt::format("complete -c lair -n __fish_use_subcommand -a {} -d {}\n", verb.name,
                       fish_quoted(verb.description));
    const std::string where =
        fmt::format("complete -c lair -n '__fish_seen_subcommand_from {}'", verb.name);
    for (const auto& option : verb.options) {
      std::string names;
      for (const auto& name : option.names)
        if (!option.positional)
          names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (option.positional && kind_of(option) != ValueKind::choice) continue; // files, as by default
      out += fmt::format("{}{}{} -d {}\n", where, names, fish_action(option), fish_quoted(option.description));
    }
  }
  return out;
}

} // namespace

std::string completion_script(const CommandTree& tree, const std::string& shell,
                              const std::vector<std::string>& keys) {
  if (shell == "bash") return bash(tree, keys);
  if (shell == "zsh") return zsh(tree, keys);
  LAIR_ASSERT(shell == "fish", "a shell of the verb's choices");
  return fish(tree, keys);
}

} // namespace lair::cli
