#include "learn/kernels.hpp"
#include "learn/score_surface.hpp"

#include "core/error.hpp"

namespace lair::learn {
namespace {

/// Rows [first, first + count) of a weight.
Matrix rows_of(const Tensor& tensor, std::size_t first, std::size_t count) {
  const std::size_t cols = tensor.shape[1];
  Matrix m(count, cols);
  for (std::size_t i = 0; i < count; ++i)
    std::copy_n(tensor.values.data() + (first + i) * cols, cols, m.row(i));
  return m;
}

Matrix transpose_of(const Matrix& m) {
  Matrix t(m.cols, m.rows);
  for (std::size_t i = 0; i < m.rows; ++i)
    for (std::size_t j = 0; j < m.cols; ++j) t(j, i) = m(i, j);
  return t;
}

PackedLayer layer_of(const Weights& weights, const std::string& name) {
  const Tensor& weight = weights.at(name + ".weight");
  PackedLayer layer;
  layer.weight = rows_of(weight, 0, weight.shape[0]);
  layer.transposed = transpose_of(layer.weight);
  layer.bias = weights.at(name + ".bias").values;
  return layer;
}

} // namespace

PackedNetwork::PackedNetwork(const NetworkOptions& o, const Weights& weights) : options(o) {
  const auto at = [](const char* block, std::uint32_t l) {
    return std::string(block) + "." + std::to_string(l);
  };
  const std::size_t d = options.width, features = options.features();
  for (std::uint32_t l = 0; l < options.depth; ++l) {
    window.push_back(layer_of(weights, at("window", l)));
    schedule.push_back(layer_of(weights, at("schedule", l)));
    if (l > 0) output.push_back(layer_of(weights, at("output", l)));
  }
  const Tensor& first = weights.at("window.0.weight");
  window[0].weight = rows_of(first, 0, features);
  window[0].transposed = transpose_of(window[0].weight);
  window_rest = rows_of(first, features, options.entity_inputs() - features);
  graph_input = layer_of(weights, "graph.input");
  if (options.topology) {
    for (std::uint32_t q = 0; q < options.convolutions; ++q) {
      Convolution convolution;
      const Tensor& weight = weights.at(at("graph", q) + ".weight");
      std::copy_n(weights.at(at("graph", q) + ".paths").values.data(), 3, convolution.paths);
      softmax_of(convolution.paths, 3);
      convolution.weight = rows_of(weight, 0, d);
      convolutions.push_back(std::move(convolution));
    }
    attention = layer_of(weights, "attention");
  }
  const Tensor& mixing = weights.at("output.0.weight");
  output_window.weight = rows_of(mixing, 0, d);
  output_window.transposed = transpose_of(output_window.weight);
  output_window.bias = weights.at("output.0.bias").values;
  if (options.topology) {
    output_context.weight = rows_of(mixing, d, d);
    output_context.transposed = transpose_of(output_context.weight);
  }
  output_schedule = rows_of(mixing, options.topology ? 2 * d : d, d);
  last = layer_of(weights, "output.last");
}

} // namespace lair::learn
