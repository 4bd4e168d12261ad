/// The few numeric kernels of the inner loop. They use neither BLAS nor libm: every sum runs in one
/// order and no multiply-add is fused, so that a score has the same bits on every x86-64 machine,
/// whatever vector width it has. (A BLAS picks its order of summation by the CPU's type.)
#pragma once

#include "learn/matrix.hpp"

namespace lair::learn {

/// y += x w. Rows of y as of x; columns of y as of w, padding included.
void multiply_add(const Matrix& x, const Matrix& w, Matrix& y);
/// The same for the first `rows` rows.
void multiply_add(const Matrix& x, std::size_t rows, const Matrix& w, Matrix& y);

/// y += scale * x for `count` numbers.
void add_scaled(float scale, const float* x, float* y, std::size_t count);

/// In place; error below 2e-7 absolute.
void tanh_of(float* x, std::size_t count);
void relu_of(float* x, std::size_t count);
/// up[i] = 1 / (1 + exp(-x[i])), down[i] = 1 / (1 + exp(x[i])): both without loss near 0 and 1.
void sigmoids_of(const float* x, float* up, float* down, std::size_t count);
/// Each row of `count` numbers to shares that sum to 1.
void softmax_of(float* x, std::size_t count);

/// x *= derivative of the activation whose result is `a`.
void times_tanh_slope(const float* a, float* x, std::size_t count);
void times_relu_slope(const float* a, float* x, std::size_t count);
/// x = x * (1 - a^2) - 2 a (1 - a^2) * back * forward: the tangent of `back * tanh'`.
void tanh_slope_tangent(const float* a, const float* back, const float* forward, float* x,
                        std::size_t count);

/// to[i] = log(1 / (1 + exp(-x[i]))), accurate to 3e-7 relative.
void log_sigmoid_of(const float* x, float* to, std::size_t count);

/// One step of AdaHessian or Adam for `count` numbers of z, which stay in [0, 1]. Returns the largest
/// change. `slope` is the gradient, `bend` what the second average is of (|diagonal| of the Hessian,
/// or the gradient again), `moves` 1 or 0.
struct Step {
  float rate;       ///< with the first average's bias correction
  float new1, new2; ///< 1 - beta
  float unbias2;    ///< 1 / (1 - beta2^t)
  float epsilon, cap;
};
float step_up(const Step&, const float* slope, const float* bend, const float* moves, float* mean,
              float* square, float* z, std::size_t count);

} // namespace lair::learn
