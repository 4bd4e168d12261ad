/// log D(G, Z, S) as a function of the window Z alone, with G, S and the weights fixed: the surface
/// that generation climbs (eq. 3 and 5). Value, gradient and Hessian-times-vector are derived by
/// hand and need no autograd; a test holds them equal to LibTorch's. What does not depend on Z (graph
/// convolution, attention weights, encoding of S) is computed once, at construction.
#pragma once

#include "learn/matrix.hpp"
#include "learn/network_options.hpp"
#include "learn/sample.hpp"
#include "learn/weights.hpp"

#include <memory>
#include <vector>

namespace lair::learn {

/// One dense layer, ready for the kernels: weight and its transpose, rows padded.
struct PackedLayer {
  Matrix weight, transposed;
  std::vector<float> bias;
};

/// The weights as the surface needs them. Made once per change of the weights.
struct PackedNetwork {
  PackedNetwork(const NetworkOptions&, const Weights&);
  NetworkOptions options;
  std::vector<PackedLayer> window; ///< first: the rows of the window's numbers only
  Matrix window_rest;              ///< first layer's rows of presence bits and of the task bit
  PackedLayer graph_input;
  struct Convolution {
    float paths[3]; ///< shares of A, A^2, A^3
    Matrix weight;
  };
  std::vector<Convolution> convolutions;
  PackedLayer attention;
  std::vector<PackedLayer> schedule;
  PackedLayer output_window, output_context; ///< parts of the first output layer by its inputs
  Matrix output_schedule;
  std::vector<PackedLayer> output; ///< hidden layers after the first
  PackedLayer last;
};

class ScoreSurface {
public:
  /// Both must outlive this object.
  ScoreSurface(const PackedNetwork&, const Sample&);

  std::size_t rows() const { return sample_.rows(); }
  std::size_t features() const { return network_.options.features(); }

  /// Sum over the window's numbers (over the groups, for Head::scalar) of log D at Z. The sum and not
  /// the mean: a step then does not depend on how many hosts and tasks there are.
  double value(const Matrix& z);
  /// How many terms value() sums; value / terms is the mean log D.
  double terms() const { return terms_; }
  /// d value / dZ at the Z of the last value().
  void gradient(Matrix& out);
  /// Hessian times `direction` there. Must follow gradient().
  void curvature(const Matrix& direction, Matrix& out);

  /// Output at the last value(): rows x features of D in (0, 1), or groups x 1.
  const Matrix& validity() const { return up_; }
  /// Rows x features: 1 where a number of the window is there, 0 where it is missing.
  const Matrix& wanted() const { return wanted_; }
  /// Attention weights: row i holds those of host i over the hosts of its group (eq. 9).
  const Matrix& attention() const { return attention_; }
  /// E^H: embeddings of the own hosts after the convolutions (eq. 8).
  const Matrix& host_embedding() const { return host_embedding_; }

  /// Floating-point operations since construction.
  double flops() const { return flops_; }

private:
  void embed_graph();
  void attend();
  void encode_schedule();
  void multiply_add_counted(const Matrix& x, const Matrix& w, Matrix& y);
  void activate(Matrix&);
  void times_slope(const Matrix& activated, Matrix&);
  void tangent_through(const Matrix& activated, const Matrix& back, const Matrix& forward,
                       Matrix& x);
  void add_context(const Matrix& rows, Matrix& to);
  void add_context_back(const Matrix& back, Matrix& to);
  void pool(const Matrix& rows);
  void leave_head(Matrix& to);
  void leave_output(const Matrix& back, Matrix& to);
  std::uint32_t host_of_row(std::size_t i) const {
    return i < sample_.hosts ? static_cast<std::uint32_t>(i)
                             : sample_.host_of_task[i - sample_.hosts];
  }

  const PackedNetwork& network_;
  const Sample& sample_;
  double flops_ = 0, terms_ = 0;
  Matrix host_embedding_, attention_, attention_transposed_;
  Matrix first_constant_, hidden_constant_; ///< what Z does not change before the activations
  Matrix wanted_;  ///< rows x features: 1 where a number is there, 0 where it is missing
  Matrix counted_; ///< as the logits: 1 where one is a term of value()
  std::vector<float> group_rows_;

  // At the last value(): activations layer by layer, then what gradient() found on its way back.
  std::vector<Matrix> window_, hidden_;
  std::vector<Matrix> window_back_, hidden_back_; ///< d value / d activation
  Matrix logits_, logs_, up_, down_;
  // Scratch, kept so that the loop allocates nothing.
  std::vector<Matrix> window_forward_, hidden_forward_; ///< tangents before the activations
  std::vector<Matrix> window_dot_, hidden_dot_;         ///< and after
  Matrix host_rows_, mixed_, context_, context_back_, pooled_, back_, sloped_, tangent_;
};

} // namespace lair::learn
