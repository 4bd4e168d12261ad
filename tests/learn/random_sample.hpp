// Samples and weights made at random, of any size.
#pragma once

#include "learn/inner_loop.hpp"
#include "learn/sample.hpp"
#include "learn/weights.hpp"

#include <cmath>
#include <vector>

namespace lair::learn {

struct SampleSpec {
  std::uint32_t hosts = 4, tasks = 5, other_leis = 3, hosts_per_lei = 4;
  bool missing = false; ///< one metric of host 0 and one task without a place
};

inline Sample random_sample(const NetworkOptions& o, const SampleSpec& spec, RandomStream& random) {
  Sample s;
  s.groups = 1;
  s.hosts = spec.hosts;
  s.tasks = spec.tasks;
  for (std::uint32_t i = 0; i < s.rows(); ++i) {
    for (std::uint32_t j = 0; j < o.features(); ++j)
      s.window.push_back(static_cast<float>(random.uniform(0.05, 0.95)));
    s.present.insert(s.present.end(), o.metric_count(), 1.0f);
    s.keys.push_back(i < s.hosts ? i : 1000 + i);
  }
  s.row_group.assign(s.rows(), 0);
  for (std::uint32_t i = 0; i < s.tasks; ++i) s.host_of_task.push_back(random.below(s.hosts));
  const auto node = [&](std::uint32_t hub) {
    for (std::uint32_t j = 0; j < o.node_inputs(); ++j)
      s.node_inputs.push_back(static_cast<float>(random.uniform()));
    s.hub.push_back(hub);
    ++s.nodes;
  };
  for (std::uint32_t i = 0; i < s.hosts; ++i) {
    s.node_of_host.push_back(s.nodes);
    node(0);
  }
  for (std::uint32_t l = 0; l < spec.other_leis; ++l) {
    const std::uint32_t hub = s.nodes;
    for (std::uint32_t i = 0; i < spec.hosts_per_lei; ++i) node(hub);
  }
  s.node_group.assign(s.nodes, 0);
  if (spec.missing) {
    s.present[1] = 0;
    for (std::uint32_t t = 0; t < o.window; ++t) s.window[t * o.metric_count() + 1] = 0;
    if (s.tasks > 0) s.host_of_task[0] = nowhere;
  }
  return s;
}

/// Weights of ordinary size everywhere, path weights included, so that nothing is linear by chance.
inline Weights random_weights(const NetworkOptions& o, RandomStream& random, double gain = 1) {
  Weights weights = initial_weights(o, random);
  for (Tensor& tensor : weights.tensors)
    for (float& value : tensor.values)
      value = tensor.name.ends_with(".paths") ? static_cast<float>(random.normal())
                                              : static_cast<float>(gain * value);
  return weights;
}

inline double largest_difference(const Matrix& a, const Matrix& b) {
  double worst = a.rows == b.rows && a.cols == b.cols ? 0 : 1e9;
  for (std::size_t i = 0; i < a.rows && worst < 1e9; ++i)
    for (std::size_t j = 0; j < a.cols; ++j)
      worst = std::max(worst, std::fabs(static_cast<double>(a(i, j)) - b(i, j)));
  return worst;
}

inline double largest(const Matrix& a) {
  double most = 0;
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) most = std::max(most, std::fabs(double(a(i, j))));
  return most;
}

inline Matrix random_direction(std::size_t rows, std::size_t cols, RandomStream& random) {
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) m(i, j) = static_cast<float>(random.normal());
  return m;
}

} // namespace lair::learn
