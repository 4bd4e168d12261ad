/// libFuzzer target: any bytes as a policy's library are either refused with a reason, or described by
/// what can be printed, named and counted.
#include "policy/plugin_info.hpp"

#include <cmath>
#include <cstdlib>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool printable(const std::string& text) {
  for (const unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return false;
  return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto result = lair::parse_plugin_info({reinterpret_cast<const std::byte*>(data), size});
  require(result.info.has_value() == result.problem.empty());
  require(printable(result.problem));
  if (!result.info) return 0;
  const lair::PluginInfo& info = *result.info;
  require(!info.name.empty() && info.name.find('/') == std::string::npos);
  for (const std::string* text : {&info.name, &info.version, &info.description, &info.source})
    require(printable(*text));
  require(!lair::role_names(info.roles).empty());
  require(!info.memory || (std::isfinite(*info.memory) && *info.memory >= 0));
  require(info.abi_major == LAIR_ABI_MAJOR && info.abi_minor <= LAIR_ABI_MINOR);
  return 0;
}
