#include "core/error.hpp"
#include "policy/neural_module.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <dlfcn.h>

namespace lair {
namespace {

namespace fs = std::filesystem;

std::string library_path() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  // Built: in one folder with the program. Installed: bin and lib/lair of one prefix.
  const fs::path candidates[] = {program / LAIR_NEURAL_FILE, program / LAIR_NEURAL_FOLDER /
                                                                 LAIR_NEURAL_FILE};
  for (const fs::path& candidate : candidates)
    if (fs::is_regular_file(candidate, error)) return candidate.lexically_normal().string();
  throw RunError(fmt::format("learned policies need {}, which is neither in {} nor in {}: build with "
                             "LAIR_NEURAL=ON, or install all of Lair",
                             LAIR_NEURAL_FILE, candidates[0].parent_path().string(),
                             candidates[1].parent_path().lexically_normal().string()));
}

} // namespace

namespace {

/// BLAS, torch and oneDNN choose their kernels, and with them the order of every sum, by the CPU's type.
/// Where AVX2 is there (2013 and later) all take that, so that the same training and fine-tuning give the
/// same bits; what is set already stands. They look when they are loaded.
void choose_kernels() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  ::setenv("OPENBLAS_CORETYPE", "Haswell", 0);
  ::setenv("ATEN_CPU_CAPABILITY", "avx2", 0);
  ::setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 0);
}

} // namespace

const NeuralModule& open_neural_module() {
  const std::string path = library_path();
  choose_kernels();
  // RTLD_LOCAL: its copies of our static libraries stay its own. NODELETE: code of it may be anywhere.
  // The dynamic linker counts openings, so a second one costs nothing and needs no memory of ours.
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    throw RunError(fmt::format("{} cannot be loaded: {}", path, why != nullptr ? why : "no reason"));
  }
  using Entry = const NeuralModule*();
  auto* entry = reinterpret_cast<Entry*>(::dlsym(handle, neural_module_symbol));
  if (entry == nullptr) throw RunError(path + " is no library of Lair's learned policies");
  const NeuralModule& module = *entry();
  if (std::strcmp(module.stamp, LAIR_NEURAL_STAMP) != 0)
    throw RunError(path + " is of another build than this program: build or install both again");
  return module;
}

std::unique_ptr<Detector> make_neural_detector(const char* name, PolicyContext& context) {
  for (const auto& entry : open_neural_module().detectors)
    if (std::strcmp(entry.name, name) == 0) return entry.create(context);
  LAIR_ASSERT(false, "the library lacks a detector of the table");
}

} // namespace lair
