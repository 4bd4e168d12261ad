/// The network on LibTorch: what training and fine-tuning differentiate by the weights. Torch stays
/// behind this header. The room's other files compute the same function without it (score_surface.hpp).
#pragma once

#include "learn/matrix.hpp"
#include "learn/network_options.hpp"
#include "learn/sample.hpp"
#include "learn/weights.hpp"

#include <memory>
#include <vector>

namespace lair::learn {

/// Both terms of eq. 11 and 19 with their signs turned, so that less is better: means over the groups
/// of -log D(real) and -log(1 - D(fake)). Each is ln 2 = 0.693 for a D that cannot tell.
struct Losses {
  double real = 0, fake = 0;
  /// Mean over raised numbers of -log(1 - D), and over the others beside them of -log D; 0 where no
  /// spoilt windows are used.
  double spoilt = 0;
  double sum() const { return real + fake + spoilt; }
};

/// Real windows with some numbers raised (spoil()). Not in the paper.
struct Spoilt {
  Matrix window, changed; ///< `changed` is 1 where a number was raised, else 0
};

class Network {
public:
  Network(const NetworkOptions&, const Weights&);
  ~Network();
  Network(Network&&) noexcept;

  /// An empty `fake` is left out.
  Losses losses(const Sample&, const Matrix& real, const Matrix& fake,
                const Spoilt* spoilt = nullptr) const;
  /// As losses(), and the gradient of their sum by every weight, in the order of layout().
  Losses losses_and_gradients(const Sample&, const Matrix& real, const Matrix& fake,
                              std::vector<std::vector<float>>& gradients,
                              const Spoilt* spoilt = nullptr) const;

  /// ScoreSurface::value by autograd, with its gradient, and the Hessian times `direction` if both are
  /// given: the oracle of its hand-derived forms.
  double value(const Sample&, const Matrix& z, Matrix* gradient = nullptr,
               const Matrix* direction = nullptr, Matrix* curvature = nullptr) const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace lair::learn
