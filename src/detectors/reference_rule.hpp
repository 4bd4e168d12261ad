/// Detector `reference-rule`: which hosts the public Python code of the baselines picks, its errors included.
/// Not what the papers say; for comparisons of the two only (docs/baselines.md).
///
///   rule        picks a host                                                               code of
///   trend       whose CPU, 2 u(t) - u(t-1), is 100 % or more                               PBFM, ECLB
///   loess       whose CPU, 1.2 times a local linear fit of the last ten, looked up two     TBAFT, PCFT
///               steps ahead instead of one, is 100 % or more; above 70 % until there are ten
///   clusters    of the *less* loaded of two fuzzy clusters of the *second* interval's      FDMR, ELBS
///               states, for ever, and only if its id is 0, 1 or 2
///   static      that was above a limit in the *second* interval, for ever                 IoTEF, DYVERSE
///   generated   whose newest state would be above a limit if each metric moved by 0.055,   DRAGON, CAROL
///               up or down as a coin once fell: all that their network, which is one
///               logistic regression at chance, adds
/// Limits: the 98th percentiles of a series (reference_series.hpp).
#pragma once

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

namespace lair {

/// The local linear fit with tricube weights over the nearest `share` of the points 0, 1, ..., at `x`.
double loess(std::span<const double> values, double share, double x);

/// Two fuzzy clusters of the points: which of both each point belongs to, and the centres. Begins with the
/// points of the smallest and of the largest sum.
struct TwoClusters {
  static constexpr std::size_t metrics = 3;
  using Point = std::array<double, metrics>;
  std::vector<std::uint8_t> member;
  std::array<Point, 2> centre{};
};
TwoClusters fuzzy_clusters(std::span<const TwoClusters::Point> points);

class ReferenceRule : public Detector {
public:
  explicit ReferenceRule(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  enum class Rule { trend, loess, clusters, fixed, generated };
  double forecast(const std::vector<double>& cpu) const;
  void pick(const Observation&);
  void cluster(const Observation&);
  double generated(const Observation&, const Host&);

  Rule rule_;
  std::map<std::uint32_t, std::vector<double>> cpu_; ///< of own hosts: the last ten, oldest first
  bool looked_ = false;            ///< at the second interval
  std::set<std::uint32_t> picked_; ///< then, for ever
  std::map<std::uint32_t, TwoClusters::Point> shift_; ///< of own hosts' metrics, drawn once
};

} // namespace lair
