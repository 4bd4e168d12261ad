#include "scenario/reader.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lair {

namespace {

/// The two boards of the shipped platforms; sources are named in platforms/pi-config2.toml.
constexpr std::string_view board = R"(
[kinds.{0}]
cores = 4
core_speed = "3.2 GFLOPS"
ram = "{1} GB"
swap = "2 GiB"
ram_system = "650 MB"
disk_read = "40 MB/s"
disk_write = "20 MB/s"
disk_random_read = "8 MB/s"
disk_random_write = "4 MB/s"
nic = "1 Gbps"
lan_latency = "0.2 ms"
power = "{2} W"
off = "0 W"
)";

} // namespace

std::vector<Seconds> draw_wan_latencies(std::uint32_t leis, std::uint64_t seed) {
  RandomStream random(seed, "wan_latency");
  std::vector<Seconds> all;
  for (std::uint32_t i = 0; i < leis; ++i)
    all.emplace_back(std::round(random.uniform(50, 250)) / 10 / 1e3);
  return all;
}

std::string generate_platform(const PlatformRequest& request) {
  std::vector<Diagnostic> wrong;
  const auto refuse = [&](std::string key, std::string problem, std::string remedy) {
    wrong.push_back({std::move(key), 0, 0, "", std::move(problem), std::move(remedy)});
  };
  if (request.leis == 0) refuse("--leis", "0 LEIs", "at least 1");
  if (request.hosts_per_lei == 0) refuse("--hosts-per-lei", "0 hosts", "at least 1");
  const std::uint64_t hosts = std::uint64_t(request.leis) * request.hosts_per_lei;
  if (hosts > 200000) refuse("--leis", fmt::format("{} hosts", hosts), "at most 200000 in all");
  if (request.kind != "mixed" && request.kind != "pi4b-4gb" && request.kind != "pi4b-8gb")
    refuse("--kind", fmt::format("there is no kind '{}'", request.kind),
           "pi4b-4gb, pi4b-8gb or mixed");
  if (!wrong.empty()) throw InputError(std::move(wrong));

  std::string out = fmt::format(
      "# {} LEIs of {} hosts each, brokers included. The boards are those of pi-config2; one-way "
      "WAN\n"
      "# latencies are U(5 ms, 25 ms), drawn with seed {}.\nname = \"pi-{}x{}\"\n",
      request.leis, request.hosts_per_lei, request.seed, request.leis, request.hosts_per_lei);
  if (request.kind != "pi4b-8gb")
    out +=
        fmt::format(board, "pi4b-4gb", 4, "2.45 2.78 2.9 3.03 3.65 3.66 3.69 3.71 3.72 4.14 4.75");
  if (request.kind != "pi4b-4gb" && (request.kind != "mixed" || hosts > 1))
    out +=
        fmt::format(board, "pi4b-8gb", 8, "2.65 2.98 3.1 3.23 3.45 3.86 3.89 4.01 4.12 4.34 5.05");
  const auto latencies = draw_wan_latencies(request.leis, request.seed);
  for (std::uint32_t lei = 0; lei < request.leis; ++lei) {
    const std::uint32_t n = request.hosts_per_lei;
    std::string groups;
    if (request.kind == "mixed") {
      // Half and half; the odd host, and with it the broker, is in turn a small and a large one.
      const bool small_first = lei % 2 == 0;
      const auto first = (n + 1) / 2, second = n / 2;
      const char* kinds[] = {small_first ? "pi4b-4gb" : "pi4b-8gb",
                             small_first ? "pi4b-8gb" : "pi4b-4gb"};
      groups = fmt::format("{{ kind = \"{}\", count = {} }}", kinds[0], first);
      if (second > 0) groups += fmt::format(", {{ kind = \"{}\", count = {} }}", kinds[1], second);
    } else {
      groups = fmt::format("{{ kind = \"{}\", count = {} }}", request.kind, n);
    }
    out += fmt::format("\n[[leis]]\nwan_latency = \"{:.1f} ms\"\nhosts = [{}]\n",
                       latencies[lei].value * 1e3, groups);
  }
  return out;
}

} // namespace lair
