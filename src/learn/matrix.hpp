/// A row-major matrix of floats whose rows begin at multiples of 16 numbers. What lies between the
/// last column and the next row is zero or rubbish that nobody reads as a result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lair::learn {

struct Matrix {
  static constexpr std::size_t granule = 16;
  std::size_t rows = 0, cols = 0, stride = 0;
  std::vector<float> data;

  Matrix() = default;
  Matrix(std::size_t rows_, std::size_t cols_) { resize(rows_, cols_); }
  void resize(std::size_t rows_, std::size_t cols_) {
    rows = rows_;
    cols = cols_;
    stride = (cols_ + granule - 1) / granule * granule;
    data.assign(rows * stride, 0.0f);
  }
  float* row(std::size_t i) { return data.data() + i * stride; }
  const float* row(std::size_t i) const { return data.data() + i * stride; }
  float& operator()(std::size_t i, std::size_t j) { return data[i * stride + j]; }
  float operator()(std::size_t i, std::size_t j) const { return data[i * stride + j]; }
  void fill(float value) { std::fill(data.begin(), data.end(), value); }
};

} // namespace lair::learn
