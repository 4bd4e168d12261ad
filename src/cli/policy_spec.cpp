#include "cli/policy_spec.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lair::cli {

std::string PolicySpec::suffix() const {
  std::string text;
  for (const auto& [key, value] : options) text += fmt::format(":{}={}", key, value);
  return text;
}

PolicySpec parse_policy(const std::string& text, const std::string& option) {
  PolicySpec spec;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    const std::string part = text.substr(at, end - at);
    const auto equals = part.find('=');
    if (at == 0)
      spec.name = part;
    else if (equals == std::string::npos || equals == 0)
      throw InputError(option, "", fmt::format("'{}' of '{}' is no option", part, text),
                       "NAME:option=value:option=value");
    else {
      const std::string name = part.substr(0, equals);
      for (const auto& [known, value] : spec.options)
        if (known == name)
          throw InputError(option, "", fmt::format("'{}' sets '{}' twice", text, name),
                           "each option once");
      spec.options.emplace_back(name, part.substr(equals + 1));
    }
    at = end + 1;
  }
  if (spec.name.empty())
    throw InputError(option, "", fmt::format("'{}' names no policy", text),
                     "a policy of `lair list policies`, or the path of a shared library");
  return spec;
}

std::vector<std::string> split_policies(const std::vector<std::string>& lists) {
  std::vector<std::string> all;
  for (const std::string& list : lists)
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(',', at), list.size());
      all.push_back(list.substr(at, end - at));
      if (all.back().empty())
        throw InputError("--policies", "", fmt::format("'{}' names a policy with no name", list),
                         "A,B,... without a comma at the end");
      at = end + 1;
    }
  return all;
}

} // namespace lair::cli
