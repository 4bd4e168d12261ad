#include "cli/command_tree.hpp"

#include <fmt/format.h>

namespace lair::cli {

namespace {

/// Text as roff prints it: no request at a line's start, hyphens that can be copied.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}
std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string title_of(const OptionInfo& option) {
  if (option.positional) return italic(option.value.empty() ? option.names.front() : option.value);
  std::string out;
  for (const auto& name : option.names) out += (out.empty() ? "" : ", ") + bold(name);
  return option.flag ? out : out + " " + italic(option.value);
}

std::string usage_of(const std::string& program, const VerbInfo& verb) {
  std::string out = bold(program + " " + verb.name);
  for (const auto& option : verb.options)
    if (!option.positional && option.required)
      out += fmt::format(" {} {}", bold(option.names.back()), italic(option.value));
  out += " [" + italic("options") + "]";
  for (const auto& option : verb.options)
    if (option.positional) {
      const std::string name = title_of(option) + (option.repeatable ? "..." : "");
      out += option.required ? " " + name : " [" + name + "]";
    }
  return out;
}

void add_options(std::string& out, const std::vector<OptionInfo>& options) {
  for (const auto& option : options) {
    out += fmt::format(".TP\n{}\n{}", title_of(option), roff(option.description));
    std::string choices;
    for (const auto& one : option.choices) choices += (choices.empty() ? "" : ", ") + one;
    if (!choices.empty()) out += fmt::format("\n({})", roff(choices));
    if (!option.limits.empty()) out += fmt::format("\n({})", roff(option.limits));
    if (!option.standard.empty()) out += fmt::format("\n[default: {}]", roff(option.standard));
    if (option.required && !option.positional) out += "\n(required)";
    out += '\n';
  }
}

} // namespace

std::string manual_page(const CommandTree& tree, const std::string& version) {
  std::string out = fmt::format(".TH {} 1 \"\" \"{} {}\" \"User Commands\"\n", "LAIR", tree.name, version);
  const auto colon = tree.description.find(": ");
  out += fmt::format(".SH NAME\n{} \\- {}\n", tree.name,
                     roff(colon == std::string::npos ? tree.description
                                                     : tree.description.substr(colon + 2)));
  out += fmt::format(".SH SYNOPSIS\n{} {} [{}]\n", bold(tree.name), italic("verb"), italic("arguments"));
  out += ".SH DESCRIPTION\n"
         "Simulates federations of edge devices under faults, with a policy inside every broker, and\n"
         "says what the policy was worth. The same scenario and seed give the same bytes.\n"
         ".PP\nA first run:\n.PP\n.RS\n.nf\n" +
         roff(fmt::format("{0} new scenario mine\n{0} run mine.toml\n"
                          "{0} compare mine.toml --policies none,overload-migration",
                          tree.name)) +
         "\n.fi\n.RE\n";
  out += ".SH OPTIONS\n";
  add_options(out, tree.options);
  out += ".SH VERBS\n";
  for (const auto& verb : tree.verbs) {
    out += fmt::format(".SS {}\n{}\n.PP\n{}.\n", verb.name, usage_of(tree.name, verb), roff(verb.description));
    add_options(out, verb.options);
  }
  out += ".SH EXIT STATUS\n.TP\n0\nok\n.TP\n1\nthe run failed\n.TP\n2\nbad input; everything that is wrong "
         "is listed\n.TP\n3\na policy failed\n.TP\n4\nverification found a difference\n.TP\n130\n"
         "interrupted\n";
  out += ".SH FILES\nPlatforms and workloads that a scenario names are looked for beside it, in\n" +
         italic("platforms/") + " and " + italic("workloads/") +
         " of its folder and those above, and in\n" + italic("share/lair/") + " of the installation.\n";
  out += ".SH REPORTING BUGS\n" + bold(tree.name + " doctor") + " says what is missing on a computer.\n";
  return out;
}

} // namespace lair::cli
