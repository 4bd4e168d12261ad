#include "learn/gath_geva.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace lair::learn {
namespace {

double squared_distance(const double* a, const double* b, std::size_t dims) {
  double sum = 0;
  for (std::size_t j = 0; j < dims; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

/// Shares in proportion to exp(x), in place.
void to_shares(double* x, std::size_t count) {
  const double top = *std::max_element(x, x + count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] = std::exp(x[i] - top);
  for (std::size_t i = 0; i < count; ++i) x[i] /= sum;
}

/// No cluster ever becomes so small that nothing could join it again.
constexpr double least_share = 1e-6;

} // namespace

Memberships fuzzy_c_means(const Points& points, const FuzzyOptions& options) {
  const std::size_t n = points.count(), dims = points.dims, c = options.clusters;
  Memberships u(n * c, 1.0 / static_cast<double>(c));
  if (n == 0) return u;
  // Centres: the point farthest from the mean, then whichever is farthest from those chosen.
  std::vector<double> mean(dims, 0.0), nearest(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < dims; ++j) mean[j] += points.at(i)[j] / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) nearest[i] = squared_distance(points.at(i), mean.data(), dims);
  std::vector<std::vector<double>> centres;
  for (std::size_t k = 0; k < c; ++k) {
    const auto far = static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    centres.emplace_back(points.at(far), points.at(far) + dims);
    for (std::size_t i = 0; i < n; ++i) {
      const double to = squared_distance(points.at(i), centres.back().data(), dims);
      nearest[i] = k == 0 ? to : std::min(nearest[i], to);
    }
  }
  std::vector<double> logs(c);
  for (std::size_t pass = 0; pass < options.passes; ++pass) {
    double change = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < c; ++k)
        logs[k] = -std::log(std::max(1e-300, squared_distance(points.at(i), centres[k].data(), dims))) /
                  (options.fuzziness - 1);
      to_shares(logs.data(), c);
      for (std::size_t k = 0; k < c; ++k) {
        change = std::max(change, std::fabs(logs[k] - u[i * c + k]));
        u[i * c + k] = logs[k];
      }
    }
    if (change < options.tolerance) break;
    for (std::size_t k = 0; k < c; ++k) {
      double sum = 0;
      std::fill(mean.begin(), mean.end(), 0.0);
      for (std::size_t i = 0; i < n; ++i) {
        const double weight = std::pow(u[i * c + k], options.fuzziness);
        sum += weight;
        for (std::size_t j = 0; j < dims; ++j) mean[j] += weight * points.at(i)[j];
      }
      if (!(sum > 0)) continue;
      for (std::size_t j = 0; j < dims; ++j) centres[k][j] = mean[j] / sum;
    }
  }
  return u;
}

GathGeva::GathGeva(const FuzzyOptions& options, std::vector<Cluster> clusters, std::vector<double> weights)
    : dims_(weights.size()), fuzziness_(options.fuzziness), ridge_(options.ridge),
      clusters_(std::move(clusters)), weights_(std::move(weights)) {
  lower_.resize(clusters_.size());
  log_roots_.resize(clusters_.size());
  for (std::size_t k = 0; k < clusters_.size(); ++k) factor(k);
}

/// Covariance = L L'.
void GathGeva::factor(std::size_t k) {
  std::vector<double>& l = lower_[k];
  const std::vector<double>& f = clusters_[k].covariance;
  l.assign(dims_ * dims_, 0.0);
  log_roots_[k] = 0;
  for (std::size_t i = 0; i < dims_; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = f[i * dims_ + j];
      for (std::size_t m = 0; m < j; ++m) sum -= l[i * dims_ + m] * l[j * dims_ + m];
      if (i == j) {
        l[i * dims_ + i] = std::sqrt(std::max(sum, ridge_)); // rounding may eat the ridge
        log_roots_[k] += std::log(l[i * dims_ + i]);
      } else {
        l[i * dims_ + j] = sum / l[j * dims_ + j];
      }
    }
}

double GathGeva::log_distance(std::size_t k, const double* point) const {
  const Cluster& cluster = clusters_[k];
  const std::vector<double>& l = lower_[k];
  // |L^-1 O (z - v)|^2 by forward substitution.
  double y[256], squares = 0;
  LAIR_ASSERT(dims_ <= 256, "a code of at most 256 numbers");
  for (std::size_t i = 0; i < dims_; ++i) {
    double sum = weights_[i] * (point[i] - cluster.mean[i]);
    for (std::size_t j = 0; j < i; ++j) sum -= l[i * dims_ + j] * y[j];
    y[i] = sum / l[i * dims_ + i];
    squares += y[i] * y[i];
  }
  return log_roots_[k] - std::log(std::max(cluster.share, least_share)) + 0.5 * squares;
}

void GathGeva::memberships_of(const double* point, double* to) const {
  // 1 / sum_j (D_i / D_j)^(2 / (q - 1))
  for (std::size_t k = 0; k < clusters_.size(); ++k) to[k] = -log_distance(k, point) / (fuzziness_ - 1);
  to_shares(to, clusters_.size());
}

double GathGeva::flops_per_point() const {
  const auto d = static_cast<double>(dims_), c = static_cast<double>(clusters_.size());
  // Distance: d^2 / 2 multiplications and additions; covariance: d^2 of each; exp, log and pow about 20.
  return c * (3 * d * d + 6 * d + 60);
}

void GathGeva::estimate(const Points& points, const FuzzyOptions& options, const Memberships& u) {
  const std::size_t n = points.count(), c = options.clusters, d = dims_;
  std::vector<double> rest(d);
  for (std::size_t k = 0; k < c; ++k) {
    Cluster& cluster = clusters_[k];
    double sum = 0, share = 0;
    std::vector<double> mean(d, 0.0), covariance(d * d, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = std::pow(u[i * c + k], options.fuzziness);
      sum += weight;
      share += u[i * c + k];
      for (std::size_t j = 0; j < d; ++j) mean[j] += weight * points.at(i)[j];
    }
    cluster.share = share / static_cast<double>(n);
    if (sum > 1e-12) { // else an empty cluster stays where it was
      for (double& x : mean) x /= sum;
      for (std::size_t i = 0; i < n; ++i) {
        const double weight = std::pow(u[i * c + k], options.fuzziness) / sum;
        for (std::size_t j = 0; j < d; ++j) rest[j] = points.at(i)[j] - mean[j];
        for (std::size_t a = 0; a < d; ++a)
          for (std::size_t b = 0; b <= a; ++b) covariance[a * d + b] += weight * rest[a] * rest[b];
      }
      for (std::size_t a = 0; a < d; ++a) {
        for (std::size_t b = 0; b < a; ++b) covariance[b * d + a] = covariance[a * d + b];
        covariance[a * d + a] += options.ridge;
      }
      cluster.mean = std::move(mean);
      cluster.covariance = std::move(covariance);
    }
    factor(k);
  }
}

/// In proportion to 1 / (scatter within the clusters + a tenth of the features' mean scatter), mean 1: a
/// unit that never changes would have all the weight without the second term.
void GathGeva::weigh(const Points& points, const FuzzyOptions& options, const Memberships& u) {
  const std::size_t n = points.count(), c = options.clusters, d = dims_;
  weights_.assign(d, 1.0);
  if (!options.adaptive || n == 0) return;
  std::vector<double> scatter(d, 0.0);
  for (std::size_t k = 0; k < c; ++k)
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = std::pow(u[i * c + k], options.fuzziness);
      for (std::size_t j = 0; j < d; ++j) {
        const double rest = points.at(i)[j] - clusters_[k].mean[j];
        scatter[j] += weight * rest * rest;
      }
    }
  double mean = 0, sum = 0;
  for (const double x : scatter) mean += x / static_cast<double>(d);
  if (!(mean > 0)) return;
  for (std::size_t j = 0; j < d; ++j) sum += weights_[j] = 1 / (scatter[j] + 0.1 * mean);
  for (double& weight : weights_) weight *= static_cast<double>(d) / sum;
}

void GathGeva::fit(const Points& points, const FuzzyOptions& options, Memberships& u) {
  LAIR_ASSERT(u.size() == points.count() * options.clusters, "a membership for each point and cluster");
  dims_ = points.dims;
  fuzziness_ = options.fuzziness;
  ridge_ = options.ridge;
  if (clusters_.size() != options.clusters) {
    clusters_.assign(options.clusters, Cluster{});
    for (Cluster& cluster : clusters_) {
      cluster.mean.assign(dims_, 0.0);
      cluster.covariance.assign(dims_ * dims_, 0.0);
      for (std::size_t j = 0; j < dims_; ++j) cluster.covariance[j * dims_ + j] = 1;
    }
    lower_.resize(options.clusters);
    log_roots_.resize(options.clusters);
  }
  std::vector<double> now(options.clusters);
  for (passes_ = 0; passes_ < options.passes && points.count() > 0;) {
    ++passes_;
    estimate(points, options, u);
    weigh(points, options, u);
    double change = 0;
    for (std::size_t i = 0; i < points.count(); ++i) {
      memberships_of(points.at(i), now.data());
      for (std::size_t k = 0; k < options.clusters; ++k) {
        change = std::max(change, std::fabs(now[k] - u[i * options.clusters + k]));
        u[i * options.clusters + k] = now[k];
      }
    }
    if (change < options.tolerance) break;
  }
}

} // namespace lair::learn
