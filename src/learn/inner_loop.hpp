/// Generation (Alg. 1, line 4; Alg. 2, line 5): from a window Z uphill on log D to Z*.
#pragma once

#include "learn/score_surface.hpp"

#include <cstdint>

namespace lair::learn {

enum class Climber {
  adahessian, ///< second order (Yao et al. 2021), as the paper's eq. 5
  adam        ///< first order: the ablation "w/o AdaHessian"
};

/// Defaults: DRAGON section VI-C where it says, else docs/dragon.md.
struct InnerOptions {
  Climber climber = Climber::adahessian;
  double rate = 1e-3;            ///< gamma
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-4;         ///< added to the root of the curvature
  std::uint32_t restart = 10;    ///< steps between warm restarts of the cosine
  std::uint32_t most_steps = 100;
  std::uint32_t patience = 11;   ///< small changes in a row that end the loop
  double small = 1e-4;           ///< a change of Z, or of the mean log D, below this is small
  double step_cap = 0.1;         ///< no number moves further in one step
  std::uint32_t probes = 1;      ///< Hutchinson probes per step
  std::uint32_t probe_every = 1; ///< steps that share one estimate of the curvature
};

struct Climb {
  std::uint32_t steps = 0;
  bool converged = false;
  double start = 0, end = 0; ///< mean log D
};

/// Moves `z` in place; it stays in [0, 1], and where a metric is missing it does not move. Probes are
/// drawn from `seed`, each row's by its key, so that the order of rows does not matter.
Climb climb(ScoreSurface&, const Sample&, const InnerOptions&, std::uint64_t seed, Matrix& z);

/// The sample's own window as a matrix: window initialisation, Z = W.
Matrix window_of(const Sample&, const NetworkOptions&);
/// Uniform noise in [0, 1] (ablation "w/o window initialisation"), each row's by its key.
Matrix noise_for(const Sample&, const NetworkOptions&, std::uint64_t seed);

} // namespace lair::learn
