// Gath-Geva on mixtures that are known, and where k-means' kind goes wrong; weights that adapt.
#include "core/random.hpp"
#include "learn/gath_geva.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace lair;
using namespace lair::learn;

namespace {

/// A long thin cluster through a small round one's neighbourhood: 150 points along x, 50 above them.
Points long_and_round(std::vector<int>& truth) {
  RandomStream random(31, "mixture");
  Points points{2, {}};
  for (int i = 0; i < 200; ++i) {
    const bool round = i % 4 == 3;
    truth.push_back(round);
    points.values.push_back(round ? 2 + 0.1 * random.normal() : 2 * random.normal());
    points.values.push_back(round ? 1 + 0.1 * random.normal() : 0.1 * random.normal());
  }
  return points;
}

/// Points whose cluster is not that of most points of their kind.
std::size_t mistaken(const Memberships& u, const std::vector<int>& truth) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) same += (u[2 * i + 1] > 0.5) == (truth[i] == 1);
  return std::min(same, truth.size() - same);
}

} // namespace

TEST_CASE("Gath-Geva finds a long and a round cluster, of unequal size, where fuzzy c-means does not") {
  std::vector<int> truth;
  const Points points = long_and_round(truth);
  FuzzyOptions options;
  options.adaptive = false;
  Memberships u = fuzzy_c_means(points, options);
  CHECK(mistaken(u, truth) > 50); // it cuts the long one
  // As any clustering of this kind it ends in the nearest optimum: from a rough guess it is this one.
  for (std::size_t i = 0; i < truth.size(); ++i) {
    u[2 * i] = points.at(i)[1] > 0.5 ? 0.3 : 0.7;
    u[2 * i + 1] = 1 - u[2 * i];
  }
  GathGeva found;
  found.fit(points, options, u);
  CHECK(mistaken(u, truth) <= 2);
  CHECK(found.passes() < options.passes); // it has come to rest
  const auto& round = found.clusters()[1];
  CHECK(round.share == doctest::Approx(0.25).epsilon(0.05));
  CHECK(round.mean[0] == doctest::Approx(2).epsilon(0.03));
  CHECK(round.mean[1] == doctest::Approx(1).epsilon(0.05));
  const auto& thin = found.clusters()[0];
  CHECK(thin.covariance[0] == doctest::Approx(4).epsilon(0.25));
  CHECK(thin.covariance[3] == doctest::Approx(0.01).epsilon(0.25));
  CHECK(std::fabs(thin.mean[1]) < 0.03);
}

TEST_CASE("distances are those of the formula") {
  // Diagonal covariances, so that determinant and inverse are seen at a glance; unequal weights.
  std::vector<GathGeva::Cluster> clusters(2);
  clusters[0] = {{0, 0}, {4, 0, 0, 0.25}, 0.75};
  clusters[1] = {{1, 1}, {1, 0, 0, 1}, 0.25};
  const GathGeva fixed({}, clusters, {1.5, 0.5});
  const double z[2] = {2, 1};
  const double first = std::log(std::sqrt(4 * 0.25) / 0.75 *
                                std::exp(0.5 * (1.5 * 1.5 * 4 / 4 + 0.5 * 0.5 * 1 / 0.25)));
  const double second = std::log(1 / 0.25 * std::exp(0.5 * 1.5 * 1.5));
  CHECK(fixed.log_distance(0, z) == doctest::Approx(first));
  CHECK(fixed.log_distance(1, z) == doctest::Approx(second));
  double u[2];
  fixed.memberships_of(z, u);
  CHECK(u[0] == doctest::Approx(1 / (1 + std::exp(first - second)))); // 1 / sum (D / D)^2
  CHECK(u[0] + u[1] == doctest::Approx(1));
  // A covariance that is not diagonal, against its inverse by hand.
  clusters[0] = {{0, 0}, {2, 1, 1, 2}, 1};
  const GathGeva tilted({}, {clusters[0]}, {1, 1});
  const double squares = (2 * 4 - 2 * 1 * 2 * 1 + 2 * 1) / 3.0; // z' F^-1 z, F^-1 = [2 -1; -1 2] / 3
  CHECK(tilted.log_distance(0, z) == doctest::Approx(0.5 * std::log(3) + 0.5 * squares));
}

TEST_CASE("a feature that is noise within the clusters loses weight") {
  RandomStream random(32, "noise");
  Points points{2, {}};
  Memberships u;
  for (int i = 0; i < 100; ++i) {
    points.values.push_back((i % 2 ? 1 : 0) + 0.05 * random.normal());
    points.values.push_back(random.normal());
    u.push_back(i % 2 ? 0.2 : 0.8);
    u.push_back(i % 2 ? 0.8 : 0.2);
  }
  GathGeva found;
  found.fit(points, {}, u);
  CHECK(found.weights()[0] > 5 * found.weights()[1]);
  CHECK(found.weights()[0] + found.weights()[1] == doctest::Approx(2));
  for (int i = 0; i < 100; ++i) CHECK((u[2 * i + 1] > 0.5) == (i % 2 == 1));
}

TEST_CASE("equal points, one point, none: finite, and the same twice") {
  for (const std::size_t count : {0u, 1u, 20u}) {
    const Points points{3, std::vector<double>(3 * count, 0.25)};
    const auto memberships = [&] {
      Memberships u = fuzzy_c_means(points, {});
      GathGeva found;
      found.fit(points, {}, u);
      for (const double x : u) CHECK(std::isfinite(x));
      return u;
    };
    CHECK(memberships() == memberships());
  }
}
