#include "cli/environment.hpp"

#include "core/hash.hpp"

#include <fmt/format.h>

#include <array>
#include <climits>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace lair::cli {

std::string version_text() {
  return fmt::format("lair {} (SimGrid {}, {}, {})", LAIR_VERSION, LAIR_SIMGRID_VERSION,
                     LAIR_COMPILER, LAIR_BUILD_TYPE);
}

std::string simgrid_version() { return LAIR_SIMGRID_VERSION; }

std::string version_number() { return LAIR_VERSION; }

std::string program_hash() {
  static const std::string known = [] {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    Hash128 hash;
    std::array<char, 65536> part;
    while (file.read(part.data(), part.size()), file.gcount() > 0)
      hash.update(part.data(), static_cast<std::size_t>(file.gcount()));
    return hash.hex();
  }();
  return known;
}

Search default_search() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  for (const auto& candidate :
       {program / "../share/lair", program, program / "..", program / "../.."})
    if (fs::is_directory(candidate / "platforms", error))
      return {fs::weakly_canonical(candidate, error).string()};
  return {};
}

unsigned core_count() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&cores));
}

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

namespace {
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const auto colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown";
}
} // namespace

void measure_cost(double started, record::Cost& cost) {
  cost.wall_s = monotonic_seconds() - started;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  cost.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  cost.peak_rss_bytes = 1024.0 * static_cast<double>(used.ru_maxrss);
  cost.program = program_hash();
  cost.lair_version = LAIR_VERSION;
  cost.simgrid_version = LAIR_SIMGRID_VERSION;
  cost.compiler = LAIR_COMPILER;
  cost.build_type = LAIR_BUILD_TYPE;
  cost.sanitizer = LAIR_SANITIZERS;
  utsname system{};
  uname(&system);
  cost.system = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  cost.processor = processor();
  cost.cores = core_count();
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  cost.date = text.data();
}

} // namespace lair::cli
