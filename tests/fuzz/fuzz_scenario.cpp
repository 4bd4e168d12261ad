/// libFuzzer target: any bytes as a scenario must be refused with diagnostics or read to something that
/// reads back to itself.
#include "core/error.hpp"
#include "scenario/reader.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto scenario = lair::read_scenario_text(text, "scenarios/fuzz.toml");
    if (lair::read_scenario_text(scenario.resolved, "x.toml").resolved != scenario.resolved)
      std::abort();
  } catch (const lair::InputError& error) {
    if (error.diagnostics().empty()) std::abort();
  }
  return 0;
}
