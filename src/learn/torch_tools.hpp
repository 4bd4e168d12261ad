/// What the room's files on LibTorch share. Torch's headers are heavy: included by those files only.
#pragma once

#include "learn/matrix.hpp"
#include "learn/sample.hpp"
#include "learn/weights.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lair::learn {

at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape);
at::Tensor tensor_of(const Matrix&);
at::Tensor indices_of(const std::vector<std::uint32_t>&);

/// Two threads are slower than one for matrices of this size, and forks of the process deadlock. The BLAS
/// may be the threaded OpenBLAS, which has a switch of its own.
void use_one_thread();

/// worker-broker + broker-broker + identity: 1 where two nodes are neighbours or the same, dense.
at::Tensor neighbours_of(const Sample&);

/// Weights that gradients are wanted of, by name.
class Parameters {
public:
  explicit Parameters(const Weights&);
  const at::Tensor& at(const std::string& name) const;
  /// Of a scalar, in the order of the weights; zeros for those without influence on it.
  std::vector<std::vector<float>> gradients_of(const at::Tensor& loss) const;

private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> values_;
};

} // namespace lair::learn
