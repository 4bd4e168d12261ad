// See narrow_kernels.cpp. Rows of matrices are padded as lair::learn::Matrix pads them.
#pragma once

#include <cstddef>
#include <vector>

namespace narrow {

void multiply_add(const std::vector<float>& x, const std::vector<float>& w, std::vector<float>& y,
                  std::size_t rows, std::size_t inner, std::size_t cols);
void tanh_of(std::vector<float>& x);
void sigmoids_of(const std::vector<float>& x, std::vector<float>& up, std::vector<float>& down);
void log_sigmoid_of(const std::vector<float>& x, std::vector<float>& to);
void slope_tangent(const std::vector<float>& a, const std::vector<float>& back,
                   const std::vector<float>& forward, std::vector<float>& x);
float step_up(const std::vector<float>& slope, const std::vector<float>& bend,
              const std::vector<float>& moves, std::vector<float>& mean, std::vector<float>& square,
              std::vector<float>& z);

} // namespace narrow
