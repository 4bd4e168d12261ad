/// Fuzzy clustering after Gath and Geva (IEEE PAMI 11(7), 1989) with weights of the features that adapt:
/// stage 2 of AWGG. Clusters are ellipsoids of any size and share; a point belongs to each to a degree.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lair::learn {

struct FuzzyOptions {
  std::size_t clusters = 2;
  double fuzziness = 2;     ///< q
  double tolerance = 1e-4;  ///< the largest change of a membership that ends the passes
  std::size_t passes = 100; ///< at most
  double ridge = 1e-6;      ///< added to the diagonal of each covariance
  bool adaptive = true;     ///< false: all features weigh 1, which is Gath and Geva's own
};

/// Rows of `dims` numbers.
struct Points {
  std::size_t dims = 0;
  std::vector<double> values;
  std::size_t count() const { return dims == 0 ? 0 : values.size() / dims; }
  const double* at(std::size_t i) const { return values.data() + i * dims; }
};

/// Memberships, points x clusters, each point's summing to 1.
using Memberships = std::vector<double>;

/// Bezdek's fuzzy c-means from centres that lie far from one another: the same points give the same.
Memberships fuzzy_c_means(const Points&, const FuzzyOptions&);

class GathGeva {
public:
  struct Cluster {
    std::vector<double> mean, covariance; ///< dims; dims x dims
    double share = 0;                     ///< alpha: mean membership
  };

  GathGeva() = default;
  /// Clusters found before, as a file has them.
  GathGeva(const FuzzyOptions&, std::vector<Cluster>, std::vector<double> weights);

  /// Passes until memberships stay; they are begun with, and end in, `memberships`.
  void fit(const Points&, const FuzzyOptions&, Memberships& memberships);

  /// log D^2 = 1/2 log det F - log alpha + 1/2 (z - v)' O F^-1 O (z - v), with O the weights.
  double log_distance(std::size_t cluster, const double* point) const;
  /// Of one point in all clusters.
  void memberships_of(const double* point, double* to) const;

  const std::vector<Cluster>& clusters() const { return clusters_; }
  const std::vector<double>& weights() const { return weights_; } ///< mean 1
  std::size_t passes() const { return passes_; }                  ///< of the last fit
  /// Operations of one pass for one point.
  double flops_per_point() const;

private:
  void factor(std::size_t cluster);
  void estimate(const Points&, const FuzzyOptions&, const Memberships&);
  void weigh(const Points&, const FuzzyOptions&, const Memberships&);

  std::size_t dims_ = 0, passes_ = 0;
  double fuzziness_ = 2, ridge_ = 1e-6;
  std::vector<Cluster> clusters_;
  std::vector<double> weights_;
  std::vector<std::vector<double>> lower_; ///< Cholesky factors of the covariances
  std::vector<double> log_roots_;          ///< 1/2 log det
};

} // namespace lair::learn
