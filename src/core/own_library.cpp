#include "core/own_library.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

namespace lair {
namespace {

namespace fs = std::filesystem;

void choose_kernels() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  ::setenv("OPENBLAS_CORETYPE", "Haswell", 0);
  ::setenv("ATEN_CPU_CAPABILITY", "avx2", 0);
  ::setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 0);
}

} // namespace

std::string own_library_path(const std::string& file, const std::string& folder,
                             const std::string& who, const std::string& remedy) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path candidates[] = {program / file, program / folder / file};
  for (const fs::path& candidate : candidates)
    if (fs::is_regular_file(candidate, error)) return candidate.lexically_normal().string();
  throw RunError(fmt::format("{} need {}, which is neither in {} nor in {}: {}", who, file,
                             candidates[0].parent_path().string(),
                             candidates[1].parent_path().lexically_normal().string(), remedy));
}

void* open_own_library(const std::string& path, const char* entry) {
  choose_kernels(); // they look when they are loaded
  // RTLD_LOCAL: its copies of our static libraries stay its own. NODELETE: code of it may be anywhere.
  // The dynamic linker counts openings, so a second one costs nothing and needs no memory of ours.
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    throw RunError(fmt::format("{} cannot be loaded: {}", path, why != nullptr ? why : "no reason"));
  }
  void* symbol = ::dlsym(handle, entry);
  if (symbol == nullptr) throw RunError(path + " is no library of this Lair: it lacks " + entry);
  return symbol;
}

} // namespace lair
