#include "learn/model_path.hpp"

#include "core/error.hpp"

#include <filesystem>

namespace lair::learn {

Model untrained_model(const NetworkOptions& network) {
  // Shares as they are; bytes per second up to what the card and the network interface carry (model,
  // "Platforms").
  constexpr double most[LAIR_METRICS] = {1, 4, 1, 1, 40e6, 20e6, 125e6, 125e6, 64, 1};
  Model model;
  model.network = network;
  for (const std::uint32_t metric : network.metrics) {
    model.normalisation.low.push_back(0);
    model.normalisation.high.push_back(most[metric]);
  }
  RandomStream random(1, untrained);
  model.weights = initial_weights(network, random);
  model.provenance["trained"] = "no";
  return model;
}

Model find_model(const std::string& name) {
  namespace fs = std::filesystem;
  if (name == untrained) return untrained_model();
  if (name.find('/') != std::string::npos || name.ends_with(".json")) return load_model(name);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::string looked;
  for (const fs::path& base :
       {fs::path("."), program / "../share/lair", program, program / "..", program / "../.."}) {
    const fs::path file = (base / "models" / (name + ".json")).lexically_normal();
    if (fs::is_regular_file(file, error)) return load_model(file.string());
    looked += (looked.empty() ? "" : ", ") + file.parent_path().string();
  }
  throw InputError("", "policy.options.model", "there is no model '" + name + "' in " + looked,
                   "the path of a manifest, or \"untrained\"");
}

} // namespace lair::learn
