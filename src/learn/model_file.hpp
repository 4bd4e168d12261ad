/// Trained models as files: a manifest (JSON, for people and programs) beside the numbers
/// (safetensors: 8 bytes of header length, a JSON header with names, shapes and offsets, then
/// little-endian float32). No code is ever read from a file. docs/dragon.md describes both.
#pragma once

#include "learn/adam.hpp"
#include "learn/network_options.hpp"
#include "learn/weights.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lair::learn {

/// How a metric's place in its range, x = (raw - low) / (high - low), becomes a number of the network.
enum class Curve {
  linear, ///< x: what lies above the range is clipped, so that the network cannot see how far
  knee    ///< x / 2 up to 1, then by its logarithm: 10 times the range is 1. Ours, not the paper's
};

/// Ranges that turn raw metrics into [0, 1].
struct Normalisation {
  std::vector<double> low, high; ///< one per metric of the network
  Curve curve = Curve::linear;
  double to_unit(std::size_t metric, double raw) const {
    const double x = (raw - low[metric]) / (high[metric] - low[metric]);
    if (curve == Curve::linear) return x;
    return x <= 1 ? x / 2 : 0.5 + 0.5 * std::log10(x);
  }
  double from_unit(std::size_t metric, double unit) const {
    double x = unit;
    if (curve == Curve::knee) x = unit <= 0.5 ? 2 * unit : std::pow(10, 2 * unit - 1);
    return low[metric] + x * (high[metric] - low[metric]);
  }
};

/// Sizes of a network beside its metrics and window, by name.
using Sizes = std::map<std::string, std::uint32_t>;

/// A kind of network as a file says it: one per learned detector.
struct ModelKind {
  const char* format; ///< of the manifest
  const char* noun;   ///< "a GON"
  struct Size {
    const char* name;
    std::uint32_t low, high;
  };
  std::vector<Size> sizes;
  /// Names and shapes of its tensors, in the order of files.
  std::vector<Tensor> (*layout)(const NetworkOptions&, const Sizes&);
};

/// DRAGON's, whose manifests say all of NetworkOptions. Of the others these are metrics and window.
const ModelKind& gon_kind();

struct Model {
  const ModelKind* kind = &gon_kind();
  NetworkOptions network;
  Sizes sizes; ///< those of the kind
  Normalisation normalisation;
  Weights weights;
  /// Scores of fault-free validation windows, with which thresholds begin.
  std::vector<double> calibration;
  /// Options of the detector that it was made for: the defaults of one that uses it.
  std::map<std::string, std::string> detector;
  /// Where it came from: command, data, seed, versions. Ordered, so that files have one form.
  std::map<std::string, std::string> provenance;
  std::string hash; ///< of the weights, as in the manifest; set by load and save
  /// Hash of the manifest, and so of everything that a detector takes from the model; set by load.
  std::string identity;
};

/// The network's metrics as manifests name them, in the order of lair_metric.
const char* metric_name(std::uint32_t metric);

/// Writes the weights beside `path` (*.HASH.safetensors), then `path`, the manifest (*.json), then
/// removes the weights of the one before: whenever it is stopped, a whole model is there. The same model
/// gives the same bytes. RunError if a file cannot be written.
void save_model(Model&, const std::string& path);

/// InputError if a file is missing, damaged, of another kind, or does not fit its manifest.
Model load_model(const std::string& path, const ModelKind& = gon_kind());

/// Named float arrays alone, as safetensors; also what checkpoints are made of.
std::string tensors_to_bytes(const std::vector<Tensor>&);
/// InputError, naming `file`, if the bytes are not what tensors_to_bytes() writes.
std::vector<Tensor> tensors_from_bytes(const std::string& bytes, const std::string& file);

} // namespace lair::learn
