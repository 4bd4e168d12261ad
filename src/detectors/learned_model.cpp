#include "detectors/learned_model.hpp"

#include "learn/model_path.hpp"

#include <algorithm>
#include <charconv>

namespace lair {

using namespace learn;

std::string usual(const Model& model, const char* option, const char* otherwise) {
  const auto found = model.detector.find(option);
  return found == model.detector.end() ? otherwise : found->second;
}

double usual(const Model& model, const char* option, double otherwise) {
  const auto found = model.detector.find(option);
  if (found == model.detector.end()) return otherwise;
  const std::string& text = found->second;
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    throw OptionError("option '" + std::string(option) + "' of the model is '" + text + "', not a number");
  return value;
}

void refuse_unknown(const Model& model, const PolicyContext& context, const char* detector) {
  const auto& known = context.known_options();
  for (const auto& [name, value] : model.detector)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw OptionError("option '" + name + "' of the model is none of " + detector + "'s");
}

Model learned_model(PolicyContext& context, const char* detector, const ModelKind& kind) {
  // 0: whatever the model has; any other number must be the model's.
  const auto asked = static_cast<std::uint32_t>(context.whole("window", 0, 0, 1000));
  std::string name = context.text("model", automatic);
  if (name == automatic) {
    name = automatic_model(detector, context.platform());
    if (context.lei() == 0 && name != std::string(detector) + "-" + context.platform())
      context.log(1, "no model was trained for " +
                         (context.platform().empty() ? "this platform" : "'" + context.platform() + "'") +
                         ": " + detector + " uses " + name);
  }
  Model model = find_model(name, kind);
  if (asked > 0 && model.network.window != asked)
    throw OptionError("option 'window' is '" + std::to_string(asked) + "', but model '" + name +
                      "' has windows of " + std::to_string(model.network.window) + " states");
  // Once in a run; `lair verify` looks for it.
  if (context.lei() == 0)
    context.log(0, std::string(detector) + " model=" + name + " manifest=" + model.identity);
  return model;
}

} // namespace lair
