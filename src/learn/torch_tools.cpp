#include "learn/torch_tools.hpp"

#include "core/error.hpp"
#include "learn/sample.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <dlfcn.h>

namespace lair::learn {

at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) {
  // clone: a tensor must not outlive the memory that it points to
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).clone();
}

at::Tensor tensor_of(const Matrix& m) {
  const auto rows = static_cast<std::int64_t>(m.rows), cols = static_cast<std::int64_t>(m.cols);
  return at::from_blob(const_cast<float*>(m.data.data()), {rows, cols},
                       {static_cast<std::int64_t>(m.stride), 1}, at::kFloat)
      .clone(at::MemoryFormat::Contiguous);
}

at::Tensor indices_of(const std::vector<std::uint32_t>& indices) {
  at::Tensor t = at::empty({static_cast<std::int64_t>(indices.size())}, at::kLong);
  for (std::size_t i = 0; i < indices.size(); ++i) t.data_ptr<std::int64_t>()[i] = indices[i];
  return t;
}

void use_one_thread() {
  at::set_num_threads(1);
  using Set = void(int);
  if (auto* set = reinterpret_cast<Set*>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
}

at::Tensor neighbours_of(const Sample& s) {
  at::Tensor a = at::eye(s.nodes, at::kFloat);
  auto link = a.accessor<float, 2>();
  for (std::uint32_t i = 0; i < s.nodes; ++i) {
    if (s.is_isolated(i)) continue;
    link[i][s.hub[i]] = link[s.hub[i]][i] = 1;
    if (!s.is_broker(i)) continue;
    for (std::uint32_t j = 0; j < s.nodes; ++j)
      if (s.is_broker(j) && s.node_group[i] == s.node_group[j]) link[i][j] = 1;
  }
  return a;
}

Parameters::Parameters(const Weights& weights) {
  for (const Tensor& tensor : weights.tensors) {
    const std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
    names_.push_back(tensor.name);
    values_.push_back(tensor_of(tensor.values, shape).set_requires_grad(true));
  }
}

const at::Tensor& Parameters::at(const std::string& name) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return values_[i];
  LAIR_ASSERT(false, "no such tensor");
}

std::vector<std::vector<float>> Parameters::gradients_of(const at::Tensor& loss) const {
  const auto found = torch::autograd::grad({loss}, values_, {}, {}, false, true);
  std::vector<std::vector<float>> gradients;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto count = static_cast<std::size_t>(values_[i].numel());
    if (!found[i].defined()) { // a weight without influence, such as S's in a LEI without tasks
      gradients.emplace_back(count, 0.0f);
      continue;
    }
    const at::Tensor flat = found[i].contiguous();
    gradients.emplace_back(flat.data_ptr<float>(), flat.data_ptr<float>() + count);
  }
  return gradients;
}

} // namespace lair::learn
