#include "learn/inner_loop.hpp"

#include "core/error.hpp"
#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lair::learn {
namespace {

/// SplitMix64 as a hash: a row's numbers depend on its key, not on where it stands.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint64_t row_seed(std::uint64_t seed, std::uint64_t key, std::uint64_t draw) {
  return mixed(mixed(seed ^ mixed(key)) + draw);
}

/// +1 and -1 with equal chance (Rademacher).
void draw_probe(const Sample& sample, std::uint64_t seed, std::uint64_t draw, Matrix& probe) {
  for (std::size_t i = 0; i < probe.rows; ++i) {
    std::uint64_t bits = row_seed(seed, sample.keys[i], draw);
    for (std::size_t j = 0; j < probe.cols; ++j) {
      if (j % 64 == 0 && j > 0) bits = mixed(bits);
      probe(i, j) = (bits >> (j % 64)) & 1 ? 1.0f : -1.0f;
    }
  }
}

/// AdaHessian's spatial averaging: the mean of |diagonal| over the states of one entity's metric.
void average_over_states(std::size_t metrics, Matrix& diagonal) {
  const std::size_t states = diagonal.cols / metrics;
  for (std::size_t i = 0; i < diagonal.rows; ++i)
    for (std::size_t m = 0; m < metrics; ++m) {
      float sum = 0;
      for (std::size_t s = 0; s < states; ++s) sum += std::fabs(diagonal(i, s * metrics + m));
      sum /= static_cast<float>(states);
      for (std::size_t s = 0; s < states; ++s) diagonal(i, s * metrics + m) = sum;
    }
}

} // namespace

Climb climb(ScoreSurface& surface, const Sample& sample, const InnerOptions& options,
            std::uint64_t seed, Matrix& z) {
  const std::size_t metrics = sample.rows() > 0 ? sample.present.size() / sample.rows() : 1;
  LAIR_ASSERT(z.rows == sample.rows(), "a window of another sample");
  Climb climb;
  if (z.rows == 0 || surface.terms() == 0) return climb;
  const bool second = options.climber == Climber::adahessian;
  Matrix slope(z.rows, z.cols), diagonal(z.rows, z.cols), probe(z.rows, z.cols), bent;
  Matrix momentum(z.rows, z.cols), scale(z.rows, z.cols);
  double kept1 = 1, kept2 = 1; // beta^t, for the bias correction of both averages
  std::uint32_t quiet = 0;
  double before = surface.value(z) / surface.terms();
  climb.start = climb.end = before;
  while (climb.steps < options.most_steps) {
    surface.gradient(slope);
    if (second && climb.steps % options.probe_every == 0) {
      diagonal.fill(0);
      for (std::uint32_t p = 0; p < options.probes; ++p) {
        draw_probe(sample, seed, std::uint64_t(climb.steps) * options.probes + p, probe);
        surface.curvature(probe, bent);
        const float share = 1 / static_cast<float>(options.probes);
        for (std::size_t i = 0; i < z.data.size(); ++i)
          diagonal.data[i] += probe.data[i] * bent.data[i] * share;
      }
      average_over_states(metrics, diagonal);
    }
    kept1 *= options.beta1;
    kept2 *= options.beta2;
    // Cosine from `rate` towards 0, again from `rate` after every restart (SGDR).
    const double turn = std::numbers::pi * (climb.steps % options.restart) / options.restart;
    const Step step{static_cast<float>(0.5 * options.rate * (1 + std::cos(turn)) / (1 - kept1)),
                    static_cast<float>(1 - options.beta1), static_cast<float>(1 - options.beta2),
                    static_cast<float>(1 / (1 - kept2)), static_cast<float>(options.epsilon),
                    static_cast<float>(options.step_cap)};
    const float largest =
        step_up(step, slope.data.data(), (second ? diagonal : slope).data.data(),
                surface.wanted().data.data(), momentum.data.data(), scale.data.data(),
                z.data.data(), z.data.size());
    ++climb.steps;
    const double after = surface.value(z) / surface.terms();
    const bool is_small = largest < options.small || std::fabs(after - before) < options.small;
    quiet = is_small ? quiet + 1 : 0;
    climb.end = before = after;
    if (quiet >= options.patience) {
      climb.converged = true;
      break;
    }
  }
  return climb;
}

Matrix window_of(const Sample& sample, const NetworkOptions& options) {
  Matrix z(sample.rows(), options.features());
  for (std::size_t i = 0; i < z.rows; ++i)
    std::copy_n(sample.window.data() + i * z.cols, z.cols, z.row(i));
  return z;
}

Matrix noise_for(const Sample& sample, const NetworkOptions& options, std::uint64_t seed) {
  Matrix z(sample.rows(), options.features());
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < z.cols; ++j)
      z(i, j) = static_cast<float>(row_seed(seed, sample.keys[i], j) >> 40) * 0x1p-24f;
  return z;
}

} // namespace lair::learn
