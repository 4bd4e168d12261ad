#include "learn/weights.hpp"

#include "core/error.hpp"

#include <cmath>

namespace lair::learn {

std::size_t Tensor::count() const {
  std::size_t product = 1;
  for (const std::uint32_t size : shape) product *= size;
  return product;
}

const Tensor& Weights::at(std::string_view name) const {
  for (const Tensor& tensor : tensors)
    if (tensor.name == name) return tensor;
  LAIR_ASSERT(false, "no such tensor");
}

Tensor& Weights::at(std::string_view name) {
  return const_cast<Tensor&>(static_cast<const Weights&>(*this).at(name));
}

std::size_t Weights::parameters() const {
  std::size_t sum = 0;
  for (const Tensor& tensor : tensors) sum += tensor.values.size();
  return sum;
}

std::vector<Tensor> layout(const NetworkOptions& options) {
  std::vector<Tensor> all;
  const std::uint32_t d = options.width;
  const auto layer = [&](const std::string& name, std::uint32_t inputs, std::uint32_t outputs) {
    all.push_back({name + ".weight", {inputs, outputs}, {}});
    all.push_back({name + ".bias", {outputs}, {}});
  };
  const auto feed_forward = [&](const std::string& name, std::uint32_t inputs) {
    for (std::uint32_t l = 0; l < options.depth; ++l)
      layer(name + "." + std::to_string(l), l == 0 ? inputs : d, d);
  };
  feed_forward("window", options.entity_inputs());
  layer("graph.input", options.node_inputs(), d);
  if (options.topology) {
    for (std::uint32_t q = 0; q < options.convolutions; ++q) {
      const std::string name = "graph." + std::to_string(q);
      all.push_back({name + ".paths", {3}, {}});
      all.push_back({name + ".weight", {d, d}, {}});
    }
    layer("attention", d, d);
  }
  feed_forward("schedule", d);
  feed_forward("output", options.topology ? 3 * d : 2 * d);
  layer("output.last", d, options.head == Head::map ? options.features() : 1);
  return all;
}

Weights initial_weights(const NetworkOptions& options, RandomStream& random) {
  Weights weights{layout(options)};
  double bound = 0; // a bias follows its weight and has the same bound
  for (Tensor& tensor : weights.tensors) {
    tensor.values.resize(tensor.count());
    if (tensor.name.ends_with(".paths")) continue; // zeros: equal shares after softmax
    if (tensor.shape.size() == 2) bound = 1 / std::sqrt(static_cast<double>(tensor.shape[0]));
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-bound, bound));
  }
  return weights;
}

} // namespace lair::learn
