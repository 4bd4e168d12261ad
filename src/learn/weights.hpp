/// The parameters of the network as named arrays: what training changes, files hold and scoring reads.
#pragma once

#include "core/random.hpp"
#include "learn/network_options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lair::learn {

struct Tensor {
  std::string name;
  std::vector<std::uint32_t> shape; ///< a layer's weight is [inputs, outputs]
  std::vector<float> values;        ///< row-major
  std::size_t count() const;        ///< product of the shape
};

struct Weights {
  std::vector<Tensor> tensors;
  const Tensor& at(std::string_view name) const; ///< must exist
  Tensor& at(std::string_view name);
  std::size_t parameters() const;
};

/// Names and shapes that a network of these options has, in the order of files; values are empty.
std::vector<Tensor> layout(const NetworkOptions&);

/// Before training: uniform in +-1 / sqrt(inputs), as torch's linear layers; path weights equal.
Weights initial_weights(const NetworkOptions&, RandomStream&);

} // namespace lair::learn
