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
  model.identity = untrained;
  return model;
}

namespace {

namespace fs = std::filesystem;

/// The manifest of a model in one of the folders of models; empty if there is none. `looked`: where.
std::string manifest_of(const std::string& name, std::string& looked) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& base :
       {fs::path("."), program / "../share/lair", program, program / "..", program / "../.."}) {
    const fs::path file = (base / "models" / (name + ".json")).lexically_normal();
    if (fs::is_regular_file(file, error)) return file.string();
    looked += (looked.empty() ? "" : ", ") + file.parent_path().string();
  }
  return "";
}

} // namespace

namespace {

Model find_trained(const std::string& name, const ModelKind& kind, const char* remedy) {
  if (name.find('/') != std::string::npos || name.ends_with(".json")) return load_model(name, kind);
  std::string looked;
  const std::string file = manifest_of(name, looked);
  if (!file.empty()) return load_model(file, kind);
  throw InputError("", "policy.options.model", "there is no model '" + name + "' in " + looked, remedy);
}

std::string model_of(const std::string& what, const std::string& platform, const std::string& rest) {
  std::string looked;
  const bool plain = !platform.empty() && platform.find('/') == std::string::npos;
  if (plain && !manifest_of(what + "-" + platform + rest, looked).empty())
    return what + "-" + platform + rest;
  return what + "-pi-config2" + rest;
}

} // namespace

Model find_model(const std::string& name) {
  if (name == untrained) return untrained_model();
  return find_trained(name, gon_kind(), "the path of a manifest, or \"untrained\"");
}

Model find_model(const std::string& name, const ModelKind& kind) {
  return find_trained(name, kind, "the path of a manifest, or \"auto\"");
}

std::string automatic_model(const std::string& platform, std::uint32_t window, bool topology) {
  return model_of("dragon", platform, "-k" + std::to_string(window) + (topology ? "" : "-flat"));
}

std::string contrast_model(const std::string& platform) {
  return model_of("dragon", platform, "-contrast");
}

std::string automatic_model(const std::string& detector, const std::string& platform) {
  return model_of(detector, platform, "");
}

} // namespace lair::learn
