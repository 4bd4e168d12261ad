#include "learn/model_file.hpp"

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/safetensors.hpp"
#include "core/whole_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace lair::learn {
namespace {

static_assert(sizeof(float) == 4);

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int format_version = 1;
constexpr const char* retrain = "train it again or take the model from where it came from";

[[noreturn]] void refuse(const std::string& file, const std::string& key,
                         const std::string& problem, const std::string& remedy = retrain) {
  throw InputError(file, key, problem, remedy);
}

const char* const metric_names[LAIR_METRICS] = {"cpu",     "cpu_pressure", "ram",        "swap",
                                                "disk_read", "disk_write", "net_in",     "net_out",
                                                "io_wait", "alive"};

std::string read_file(const std::string& path) {
  if (!fs::is_regular_file(path))
    refuse(path, "", "there is no such model file", "the path of a model's manifest (.json)");
  return read_whole_file(path);
}

Json to_json(const Model& model) {
  const NetworkOptions& options = model.network;
  Json json;
  for (const std::uint32_t metric : options.metrics) json["metrics"].push_back(metric_names[metric]);
  json["window"] = options.window;
  if (model.kind != &gon_kind()) {
    for (const auto& size : model.kind->sizes) json[size.name] = model.sizes.at(size.name);
    return json;
  }
  json["width"] = options.width;
  json["depth"] = options.depth;
  json["convolutions"] = options.convolutions;
  json["activation"] = options.activation == Activation::tanh ? "tanh" : "relu";
  json["head"] = options.head == Head::map ? "map" : "scalar";
  json["topology"] = options.topology;
  return json;
}

std::uint32_t whole(const Json& json, const char* key, std::uint32_t low, std::uint32_t high,
                    const std::string& file) {
  const Json& value = json.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < low ||
      value.get<std::uint64_t>() > high)
    refuse(file, std::string("network.") + key,
           "is " + value.dump() + ", not a whole number from " + std::to_string(low) + " to " +
               std::to_string(high));
  return value.get<std::uint32_t>();
}

NetworkOptions network_from(const Json& json, const ModelKind& kind, Sizes& sizes,
                            const std::string& file) {
  NetworkOptions options;
  options.metrics.clear();
  for (const Json& name : json.at("metrics")) {
    const auto* end = metric_names + LAIR_ALIVE; // not LAIR_ALIVE: it leaks the answer
    const auto* found = std::find(metric_names, end, name.get<std::string>());
    if (found == end) refuse(file, "network.metrics", name.dump() + " is no metric of a detector");
    const auto metric = static_cast<std::uint32_t>(found - metric_names);
    if (std::find(options.metrics.begin(), options.metrics.end(), metric) != options.metrics.end())
      refuse(file, "network.metrics", name.dump() + " stands there twice");
    options.metrics.push_back(metric);
  }
  if (options.metrics.empty()) refuse(file, "network.metrics", "is empty");
  options.window = whole(json, "window", 1, 1000, file);
  for (const auto& size : kind.sizes) sizes[size.name] = whole(json, size.name, size.low, size.high, file);
  if (&kind != &gon_kind()) return options;
  options.width = whole(json, "width", 1, 4096, file);
  options.depth = whole(json, "depth", 1, 16, file);
  options.convolutions = whole(json, "convolutions", 0, 16, file);
  const auto choice = [&](const char* key, const char* first, const char* second) {
    const auto value = json.at(key).get<std::string>();
    if (value != first && value != second)
      refuse(file, std::string("network.") + key,
             "'" + value + "' is neither '" + first + "' nor '" + second + "'");
    return value == first;
  };
  options.activation = choice("activation", "tanh", "relu") ? Activation::tanh : Activation::relu;
  options.head = choice("head", "map", "scalar") ? Head::map : Head::scalar;
  options.topology = json.at("topology").get<bool>();
  return options;
}

std::vector<double> numbers(const Json& json, const std::string& key, const std::string& file) {
  std::vector<double> values;
  for (const Json& value : json) {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      refuse(file, key, value.dump() + " is not a number");
    values.push_back(value.get<double>());
  }
  return values;
}

std::string shape_text(const std::vector<std::uint32_t>& shape) {
  std::string text;
  for (const std::uint32_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::string hash_of(const std::string& bytes) { return "xxh3-128:" + hash128_hex(bytes); }

constexpr const char* checksum_key = "checksum";

/// Of everything else that the manifest says: exchanged metrics or a damaged number would go
/// unnoticed otherwise. The name of the weights' file may change, their hash may not.
std::string checksum_of(Json json) {
  json.erase(checksum_key);
  if (json.contains("weights") && json["weights"].is_object()) json["weights"].erase("file");
  return hash_of(json.dump());
}

/// Absent in models of before there was one.
void check_checksum(const Json& json, const std::string& path) {
  if (!json.contains(checksum_key)) return;
  if (json.at(checksum_key) != checksum_of(json))
    refuse(path, checksum_key,
           "does not fit what the manifest says: it was damaged, or changed by hand (then remove "
           "the checksum)");
}

Model model_from(const Json& json, const ModelKind& kind, const std::string& path) {
  if (json.at("format") != kind.format)
    refuse(path, "format",
           "is " + json.at("format").dump() + ", not " + std::string(kind.noun) + " of Lair's");
  if (json.at("version") != format_version)
    refuse(path, "version",
           "is " + json.at("version").dump() + "; this program reads " +
               std::to_string(format_version));
  Model model;
  model.kind = &kind;
  model.network = network_from(json.at("network"), kind, model.sizes, path);
  const std::size_t metrics = model.network.metric_count();
  model.normalisation.low = numbers(json.at("normalisation").at("low"), "normalisation.low", path);
  model.normalisation.high =
      numbers(json.at("normalisation").at("high"), "normalisation.high", path);
  if (json.at("normalisation").contains("curve")) { // absent: linear
    const auto curve = json.at("normalisation").at("curve").get<std::string>();
    if (curve != "linear" && curve != "knee")
      refuse(path, "normalisation.curve", "'" + curve + "' is neither 'linear' nor 'knee'");
    if (curve == "knee") model.normalisation.curve = Curve::knee;
  }
  if (model.normalisation.low.size() != metrics || model.normalisation.high.size() != metrics)
    refuse(path, "normalisation", "has not one range for each of the " + std::to_string(metrics) +
                                      " metrics");
  for (std::size_t i = 0; i < metrics; ++i) {
    const double low = model.normalisation.low[i], high = model.normalisation.high[i];
    if (!(high > low)) refuse(path, "normalisation", "has an empty range");
    // Metrics are shares, counts and bytes.
    if (high - low < 1e-9 || std::abs(low) > 1e15 || std::abs(high) > 1e15)
      refuse(path, "normalisation", "has a range that no metric has");
  }
  model.calibration = numbers(json.at("calibration"), "calibration", path);
  if (json.contains("detector"))
    for (const auto& [key, value] : json.at("detector").items())
      model.detector[key] = value.get<std::string>();
  for (const auto& [key, value] : json.at("provenance").items())
    model.provenance[key] = value.get<std::string>();

  const auto name = json.at("weights").at("file").get<std::string>();
  if (name.empty() || fs::path(name).has_parent_path())
    refuse(path, "weights.file", "'" + name + "' is not the name of a file beside the manifest");
  const std::string file = (fs::path(path).parent_path() / name).string();
  const std::string bytes = read_file(file);
  model.hash = json.at("weights").at("hash").get<std::string>();
  if (hash_of(bytes) != model.hash)
    refuse(file, "",
           "is damaged or belongs to another manifest: its hash is " + hash_of(bytes) + ", " +
               fs::path(path).filename().string() + " says " + model.hash);
  model.weights.tensors = tensors_from_bytes(bytes, file);
  const std::vector<Tensor> wanted = kind.layout(model.network, model.sizes);
  const std::vector<Tensor>& found = model.weights.tensors;
  for (std::size_t i = 0; i < std::max(wanted.size(), found.size()); ++i) {
    if (i >= found.size()) refuse(file, wanted[i].name, "is missing");
    if (i >= wanted.size() || found[i].name != wanted[i].name)
      refuse(file, found[i].name, "is no tensor of the network that the manifest describes");
    if (found[i].shape != wanted[i].shape)
      refuse(file, found[i].name,
             "has shape " + shape_text(found[i].shape) + " instead of " +
                 shape_text(wanted[i].shape));
  }
  check_checksum(json, path); // last: it cannot say what is wrong
  return model;
}

} // namespace

const ModelKind& gon_kind() {
  static const ModelKind kind{"lair-gon", "a GON", {},
                              [](const NetworkOptions& network, const Sizes&) { return layout(network); }};
  return kind;
}

const char* metric_name(std::uint32_t metric) {
  LAIR_ASSERT(metric < LAIR_METRICS, "a metric");
  return metric_names[metric];
}

std::string tensors_to_bytes(const std::vector<Tensor>& tensors) {
  ArrayFile file;
  for (const Tensor& tensor : tensors) {
    LAIR_ASSERT(tensor.values.size() == tensor.count(), "values that do not fill their shape");
    file.arrays.push_back({tensor.name,
                           ElementType::f32,
                           {tensor.shape.begin(), tensor.shape.end()},
                           {reinterpret_cast<const char*>(tensor.values.data()),
                            4 * tensor.values.size()}});
  }
  return to_safetensors(file);
}

std::vector<Tensor> tensors_from_bytes(const std::string& bytes, const std::string& file) {
  std::vector<Tensor> tensors;
  for (const StoredArray& array : from_safetensors(bytes, file, retrain).arrays) {
    if (array.type != ElementType::f32) refuse(file, array.name, "is no float32");
    Tensor tensor{array.name, {}, {}};
    std::uint64_t count = 1;
    for (const std::uint64_t size : array.shape) {
      if (size == 0 || size > (1u << 24) || (count *= size) > (1u << 28))
        refuse(file, array.name, "has a shape that no model has");
      tensor.shape.push_back(static_cast<std::uint32_t>(size));
    }
    tensor.values.resize(count);
    std::memcpy(tensor.values.data(), array.bytes.data(), array.bytes.size());
    for (const float value : tensor.values)
      if (!std::isfinite(value)) refuse(file, array.name, "holds something that is no number");
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

namespace {

/// The name that the manifest there has for its numbers' file; empty if it is none of this kind.
std::string weights_of(const std::string& path, const ModelKind& kind) {
  if (!fs::is_regular_file(path)) return "";
  const Json json = Json::parse(read_whole_file(path), nullptr, false);
  if (!json.is_object() || json.value("format", Json()) != kind.format) return "";
  const Json weights = json.value("weights", Json());
  const Json file = weights.is_object() ? weights.value("file", Json()) : Json();
  const std::string name = file.is_string() ? file.get<std::string>() : "";
  return fs::path(name).has_parent_path() ? "" : name;
}

} // namespace

void save_model(Model& model, const std::string& path) {
  const std::string bytes = tensors_to_bytes(model.weights.tensors);
  model.hash = hash_of(bytes);
  // Named after their content: the old manifest goes on having its own until the new one is in place.
  const fs::path weights =
      fs::path(path).replace_extension("." + model.hash.substr(model.hash.find(':') + 1, 8) +
                                       ".safetensors");
  const std::string old = weights_of(path, *model.kind);
  Json json;
  json["format"] = model.kind->format;
  json["version"] = format_version;
  json["network"] = to_json(model);
  json["weights"] = {{"file", weights.filename().string()},
                     {"hash", model.hash},
                     {"parameters", model.weights.parameters()}};
  json["normalisation"] = {{"low", model.normalisation.low}, {"high", model.normalisation.high}};
  if (model.normalisation.curve == Curve::knee) json["normalisation"]["curve"] = "knee";
  json["provenance"] = model.provenance;
  json["calibration"] = model.calibration;
  if (!model.detector.empty()) json["detector"] = model.detector;
  json[checksum_key] = checksum_of(json);
  write_whole_file(weights.string(), bytes);
  write_whole_file(path, json.dump(1) + "\n");
  std::error_code ignored;
  if (!old.empty() && old != weights.filename().string())
    fs::remove(fs::path(path).parent_path() / old, ignored);
}

Model load_model(const std::string& path, const ModelKind& kind) {
  const std::string text = read_file(path);
  try {
    Model model = model_from(Json::parse(text), kind, path);
    model.identity = hash_of(text);
    return model;
  } catch (const Json::exception& problem) {
    refuse(path, "", std::string("is no readable manifest: ") + problem.what());
  }
}

} // namespace lair::learn
