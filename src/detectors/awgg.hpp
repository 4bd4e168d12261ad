/// Detector `awgg`: adaptive weighted Gath-Geva clustering of what a stacked sparse autoencoder says of the
/// hosts' windows (Hu, Li, Jia and Qiu, IEEE TII 18(2), 2022). Unsupervised: the broker clusters what it has
/// seen lately, and a host is faulty by its membership in the cluster with the larger load.
/// docs/baselines.md has every choice that the paper leaves open.
#pragma once

#include "detectors/host_thresholds.hpp"
#include "learn/gath_geva.hpp"
#include "learn/sample_builder.hpp"
#include "learn/sparse_autoencoder.hpp"

#include <lair/policy.hpp>

#include <array>
#include <deque>
#include <string_view>
#include <vector>

namespace lair {

/// The options that a model may bring values for.
inline constexpr std::array<std::string_view, 9> awgg_options{
    "clustered", "first", "label", "level", "membership", "memory", "most", "passes", "risk"};

class AwggDetector : public Detector {
public:
  explicit AwggDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  enum class Clustered { history, model };
  /// What the hosts that a broker knew of were in one interval.
  struct Moment {
    learn::Points codes;
    std::vector<double> loads;
  };

  Moment look(const Observation&, std::vector<std::ptrdiff_t>& code_of_own);
  void cluster();
  double log_odds(const double* code) const;

  learn::Model model_;
  learn::FuzzyOptions fuzzy_;
  Clustered clustered_;
  std::size_t memory_, most_;
  double membership_;
  bool by_membership_;
  HostThresholds thresholds_;
  learn::SampleBuilder builder_;
  learn::SparseEncoder encoder_;
  learn::GathGeva clusters_;
  std::size_t faulty_ = 0; ///< cluster
  std::deque<Moment> moments_;
};

/// The clusters that a model brings, and which of them has the larger load.
learn::GathGeva clusters_of(const learn::Model&, const learn::FuzzyOptions&, std::size_t& faulty);

/// Puts clusters into a model's weights.
void keep_clusters(const learn::GathGeva&, const std::vector<double>& loads, learn::Weights&);

/// Mean load of each cluster: of its points, by their memberships.
std::vector<double> loads_of(const learn::Memberships&, const std::vector<double>& loads,
                             std::size_t clusters);

} // namespace lair
