#include "train/checkpoint.hpp"

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/safetensors.hpp"
#include "core/whole_file.hpp"

#include <cstring>
#include <filesystem>
#include <utility>

namespace lair::train {

using namespace learn;

namespace {

constexpr const char* format_name = "lair-training";
constexpr const char* asked_prefix = "asked.";
constexpr const char* begin_anew = "--force without --resume, to begin anew";

/// Numbers of one epoch, in the order of the file.
constexpr std::size_t epoch_width = 13;
std::vector<double> numbers_of(const Epoch& epoch, const TrainedEpoch& told) {
  return {static_cast<double>(epoch.number), epoch.training.real, epoch.training.fake,
          epoch.training.spoilt, epoch.validation.real, epoch.validation.fake,
          epoch.validation.spoilt, epoch.climb_steps, epoch.best ? 1.0 : 0.0,
          told.loss, told.validation, told.f1, told.aupr};
}
std::pair<Epoch, TrainedEpoch> epoch_of(const double* x) {
  Epoch epoch;
  epoch.number = static_cast<std::uint32_t>(x[0]);
  epoch.training = {x[1], x[2], x[3]};
  epoch.validation = {x[4], x[5], x[6]};
  epoch.climb_steps = x[7];
  epoch.best = x[8] != 0;
  return {epoch, {epoch.number, x[9], x[10], x[11], x[12], epoch.best}};
}

std::string hash_of(const ArrayFile& file) {
  Hash128 hash;
  for (const auto& [key, text] : file.metadata) {
    if (key == "hash") continue;
    const std::string line = key + '\0' + text + '\0';
    hash.update(line.data(), line.size());
  }
  for (const StoredArray& array : file.arrays) hash.update(array.bytes.data(), array.bytes.size());
  return hash.hex();
}

template <class T> std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), sizeof(T) * values.size()};
}

} // namespace

void save_checkpoint(const Checkpoint& checkpoint, const std::string& path) {
  ArrayFile file;
  const TrainingState& state = checkpoint.state;
  const std::vector<Tensor>& tensors = state.weights.tensors;
  const auto add = [&](const std::string& part, const Tensor& like, const std::vector<float>& values) {
    file.arrays.push_back({part + like.name,
                           ElementType::f32,
                           {like.shape.begin(), like.shape.end()},
                           bytes_of(values)});
  };
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    add("now.", tensors[i], tensors[i].values);
    add("best.", tensors[i], state.best.tensors[i].values);
    if (state.adam.mean.empty()) continue;
    add("mean.", tensors[i], state.adam.mean[i]);
    add("square.", tensors[i], state.adam.square[i]);
  }
  const std::vector<std::uint64_t> steps{state.adam.steps};
  file.arrays.push_back({"steps", ElementType::u64, {1}, bytes_of(steps)});
  std::vector<double> epochs;
  for (std::size_t i = 0; i < state.history.size(); ++i) {
    const auto numbers = numbers_of(state.history[i], checkpoint.epochs[i]);
    epochs.insert(epochs.end(), numbers.begin(), numbers.end());
  }
  file.arrays.push_back(
      {"epochs", ElementType::f64, {state.history.size(), epoch_width}, bytes_of(epochs)});
  file.metadata["format"] = format_name;
  for (const auto& [key, text] : checkpoint.asked) file.metadata[asked_prefix + key] = text;
  file.metadata["hash"] = hash_of(file);
  write_whole_file(path, to_safetensors(file));
}

std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::vector<Tensor>& layout,
                                          const std::map<std::string, std::string>& asked) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string bytes = read_whole_file(path);
  const ArrayFile file = from_safetensors(bytes, path, begin_anew);
  const auto text = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (text("format") != format_name)
    throw InputError(path, "", "is no checkpoint of a training", begin_anew);
  if (text("hash") != hash_of(file))
    throw InputError(path, "", "is damaged: it does not hold what was written", begin_anew);

  Checkpoint out;
  for (const auto& [key, value] : file.metadata)
    if (key.starts_with(asked_prefix)) out.asked[key.substr(std::strlen(asked_prefix))] = value;
  std::vector<Diagnostic> differences;
  std::map<std::string, std::string> keys = out.asked;
  keys.insert(asked.begin(), asked.end());
  for (const auto& [key, ignored] : keys) {
    const auto shown = [&key = key](const std::map<std::string, std::string>& of) {
      const auto at = of.find(key);
      return at == of.end() ? std::string("not there") : "'" + at->second + "'";
    };
    const std::string was = shown(out.asked), is = shown(asked);
    if (was == is) continue;
    differences.push_back({path, 0, 0, key,
                           "was " + was + " when this training began and is " + is + " now",
                           "the same again, or " + std::string(begin_anew)});
  }
  if (!differences.empty()) throw InputError(std::move(differences));

  const auto refuse = [&](const std::string& key) {
    throw InputError(path, key, "is not what a checkpoint holds there", begin_anew);
  };
  std::size_t at = 0;
  const auto next = [&](const std::string& name, ElementType type) -> const StoredArray& {
    if (at >= file.arrays.size() || file.arrays[at].name != name || file.arrays[at].type != type)
      refuse(name);
    return file.arrays[at++];
  };
  const auto floats = [&](const std::string& name, std::size_t count) {
    const StoredArray& array = next(name, ElementType::f32);
    if (array.bytes.size() != 4 * count) refuse(name);
    std::vector<float> values(count);
    std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
    return values;
  };
  for (Tensor tensor : layout) {
    const std::size_t count = tensor.count();
    tensor.values = floats("now." + tensor.name, count);
    out.state.weights.tensors.push_back(tensor);
    tensor.values = floats("best." + tensor.name, count);
    out.state.best.tensors.push_back(tensor);
    if (at >= file.arrays.size() || file.arrays[at].name != "mean." + tensor.name) continue;
    out.state.adam.mean.push_back(floats("mean." + tensor.name, count));
    out.state.adam.square.push_back(floats("square." + tensor.name, count));
  }
  const StoredArray& steps = next("steps", ElementType::u64);
  if (steps.bytes.size() != sizeof out.state.adam.steps) refuse("steps");
  std::memcpy(&out.state.adam.steps, steps.bytes.data(), sizeof out.state.adam.steps);
  const StoredArray& epochs = next("epochs", ElementType::f64);
  if (epochs.bytes.size() % (epoch_width * sizeof(double)) != 0) refuse("epochs");
  std::vector<double> numbers(epochs.bytes.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), epochs.bytes.data(), epochs.bytes.size());
  for (std::size_t i = 0; i < numbers.size(); i += epoch_width) {
    const auto [epoch, told] = epoch_of(&numbers[i]);
    out.state.history.push_back(epoch);
    out.epochs.push_back(told);
  }
  return out;
}

} // namespace lair::train
