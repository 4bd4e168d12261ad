#include "learn/kernels.hpp"

#include "core/error.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

// One body, compiled for several vector widths; the loader picks. Lanes never mix, so all of them
// give the same bits. Sanitizers instrument before the loader is done, so they get one version.
#ifndef LAIR_WIDE // a test compiles this file once more, without
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(LAIR_SANITIZED)
#define LAIR_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define LAIR_WIDE
#endif
#endif
#define LAIR_INLINE inline __attribute__((always_inline))

namespace lair::learn {
namespace {

/// Eight floats; unaligned, because rows may begin anywhere.
using Eight = float __attribute__((vector_size(32), aligned(4), may_alias));

template <int Rows>
LAIR_INLINE void block(const float* x, std::size_t x_stride, std::size_t inner, const float* w,
                       std::size_t w_stride, float* y, std::size_t y_stride) {
  for (std::size_t c = 0; c < w_stride; c += 16) {
    Eight left[Rows], right[Rows];
    for (int r = 0; r < Rows; ++r) {
      left[r] = *reinterpret_cast<const Eight*>(y + r * y_stride + c);
      right[r] = *reinterpret_cast<const Eight*>(y + r * y_stride + c + 8);
    }
    for (std::size_t i = 0; i < inner; ++i) {
      const Eight a = *reinterpret_cast<const Eight*>(w + i * w_stride + c);
      const Eight b = *reinterpret_cast<const Eight*>(w + i * w_stride + c + 8);
      for (int r = 0; r < Rows; ++r) {
        const float s = x[r * x_stride + i];
        left[r] += a * s;
        right[r] += b * s;
      }
    }
    for (int r = 0; r < Rows; ++r) {
      *reinterpret_cast<Eight*>(y + r * y_stride + c) = left[r];
      *reinterpret_cast<Eight*>(y + r * y_stride + c + 8) = right[r];
    }
  }
}

LAIR_WIDE void multiply(const float* x, std::size_t x_stride, std::size_t rows, std::size_t inner,
                        const float* w, std::size_t w_stride, float* y, std::size_t y_stride) {
  constexpr std::size_t most = 6; // rows at once: 12 of 16 registers are sums
  const std::size_t parts = (rows + most - 1) / most;
  for (std::size_t part = 0, done = 0; part < parts; ++part) {
    const std::size_t take = (rows - done + parts - part - 1) / (parts - part);
    const float* from = x + done * x_stride;
    float* to = y + done * y_stride;
    switch (take) {
      case 1: block<1>(from, x_stride, inner, w, w_stride, to, y_stride); break;
      case 2: block<2>(from, x_stride, inner, w, w_stride, to, y_stride); break;
      case 3: block<3>(from, x_stride, inner, w, w_stride, to, y_stride); break;
      case 4: block<4>(from, x_stride, inner, w, w_stride, to, y_stride); break;
      case 5: block<5>(from, x_stride, inner, w, w_stride, to, y_stride); break;
      default: block<6>(from, x_stride, inner, w, w_stride, to, y_stride); break;
    }
    done += take;
  }
}

/// exp(x) for x <= 0; below -87 it gives exp(-87), about 1e-38.
LAIR_INLINE float exp_of_negative(float x) {
  x = x < -87.0f ? -87.0f : x;
  constexpr float round = 12582912.0f; // 1.5 * 2^23: adding it leaves the nearest whole number
  const float whole = (x * 1.44269504f + round) - round;
  const float rest = (x - whole * 0.693359375f) - whole * -2.12194440e-4f; // ln 2 in two parts
  float p = 1.0f / 5040.0f;                                               // Taylor: |rest| < 0.35
  p = p * rest + 1.0f / 720.0f;
  p = p * rest + 1.0f / 120.0f;
  p = p * rest + 1.0f / 24.0f;
  p = p * rest + 1.0f / 6.0f;
  p = p * rest + 0.5f;
  p = p * rest + 1.0f;
  p = p * rest + 1.0f;
  const std::int32_t exponent = static_cast<std::int32_t>(whole) + 127;
  return p * std::bit_cast<float>(exponent << 23);
}

LAIR_INLINE float magnitude(float x) { return __builtin_fabsf(x); }

} // namespace

void multiply_add(const Matrix& x, std::size_t rows, const Matrix& w, Matrix& y) {
  LAIR_ASSERT(x.cols == w.rows && y.stride == w.stride && rows <= x.rows && rows <= y.rows,
              "shapes do not fit");
  multiply(x.data.data(), x.stride, rows, x.cols, w.data.data(), w.stride, y.data.data(), y.stride);
}

void multiply_add(const Matrix& x, const Matrix& w, Matrix& y) {
  LAIR_ASSERT(y.rows == x.rows, "shapes do not fit");
  multiply_add(x, x.rows, w, y);
}

LAIR_WIDE void add_scaled(float scale, const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] += scale * x[i];
}

LAIR_WIDE void tanh_of(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float e = exp_of_negative(-2.0f * magnitude(x[i]));
    const float t = (1.0f - e) / (1.0f + e);
    x[i] = __builtin_copysignf(t, x[i]);
  }
}

LAIR_WIDE void relu_of(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = x[i] > 0 ? x[i] : 0.0f;
}

LAIR_WIDE void sigmoids_of(const float* x, float* up, float* down, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float e = exp_of_negative(-magnitude(x[i]));
    const float large = 1.0f / (1.0f + e), small = e / (1.0f + e);
    up[i] = x[i] < 0 ? small : large;
    down[i] = x[i] < 0 ? large : small;
  }
}

void softmax_of(float* x, std::size_t count) {
  float top = x[0];
  for (std::size_t i = 1; i < count; ++i) top = x[i] > top ? x[i] : top;
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] = exp_of_negative(x[i] - top);
  for (std::size_t i = 0; i < count; ++i) x[i] /= sum;
}

LAIR_WIDE void times_tanh_slope(const float* a, float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] *= 1.0f - a[i] * a[i];
}

LAIR_WIDE void times_relu_slope(const float* a, float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = a[i] > 0 ? x[i] : 0.0f;
}

LAIR_WIDE void tanh_slope_tangent(const float* a, const float* back, const float* forward, float* x,
                                  std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = 1.0f - a[i] * a[i];
    x[i] = slope * (x[i] - 2.0f * a[i] * back[i] * forward[i]);
  }
}

LAIR_WIDE void log_sigmoid_of(const float* x, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float e = exp_of_negative(-magnitude(x[i]));
    const float s = e / (2.0f + e), q = s * s; // log(1 + e) = 2 artanh(s), s <= 1/3
    float series = 1.0f / 13.0f;
    series = series * q + 1.0f / 11.0f;
    series = series * q + 1.0f / 9.0f;
    series = series * q + 1.0f / 7.0f;
    series = series * q + 1.0f / 5.0f;
    series = series * q + 1.0f / 3.0f;
    series = series * q + 1.0f;
    to[i] = (x[i] < 0 ? x[i] : 0.0f) - 2.0f * s * series;
  }
}

namespace {

/// The numbers' changes go to `change`, so that this loop has no sum in it and is one of vectors.
LAIR_WIDE void step_block(const Step step, const float* slope, const float* bend,
                          const float* moves, float* __restrict mean, float* __restrict square,
                          float* __restrict z, float* __restrict change, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    mean[i] += step.new1 * (slope[i] - mean[i]);
    square[i] += step.new2 * (bend[i] * bend[i] - square[i]);
    float by = step.rate * mean[i] / (__builtin_sqrtf(square[i] * step.unbias2) + step.epsilon);
    by = by > step.cap ? step.cap : by < -step.cap ? -step.cap : by;
    float to = z[i] + by * moves[i];
    to = to > 1.0f ? 1.0f : to < 0.0f ? 0.0f : to;
    change[i] = magnitude(to - z[i]);
    z[i] = to;
  }
}

} // namespace

float step_up(const Step& step, const float* slope, const float* bend, const float* moves,
              float* mean, float* square, float* z, std::size_t count) {
  constexpr std::size_t block = 256;
  float change[block], largest = 0;
  for (std::size_t first = 0; first < count; first += block) {
    const std::size_t size = std::min(block, count - first);
    step_block(step, slope + first, bend + first, moves + first, mean + first, square + first,
               z + first, change, size);
    for (std::size_t i = 0; i < size; ++i) largest = change[i] > largest ? change[i] : largest;
  }
  return largest;
}

} // namespace lair::learn
