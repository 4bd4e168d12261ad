#include "detectors/awgg.hpp"

#include "detectors/learned_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {

using namespace learn;

GathGeva clusters_of(const Model& model, const FuzzyOptions& options, std::size_t& faulty) {
  const auto& means = model.weights.at("cluster.mean");
  const auto& covariances = model.weights.at("cluster.covariance");
  const auto& loads = model.weights.at("cluster.load").values;
  const std::size_t count = means.shape[0], dims = means.shape[1];
  std::vector<GathGeva::Cluster> clusters;
  for (std::size_t k = 0; k < count; ++k) {
    GathGeva::Cluster one;
    one.mean.assign(means.values.begin() + std::ptrdiff_t(k * dims),
                    means.values.begin() + std::ptrdiff_t((k + 1) * dims));
    one.covariance.assign(covariances.values.begin() + std::ptrdiff_t(k * dims * dims),
                          covariances.values.begin() + std::ptrdiff_t((k + 1) * dims * dims));
    one.share = model.weights.at("cluster.share").values[k];
    clusters.push_back(std::move(one));
  }
  const auto& weights = model.weights.at("cluster.weights").values;
  faulty = static_cast<std::size_t>(std::max_element(loads.begin(), loads.end()) - loads.begin());
  return {options, std::move(clusters), {weights.begin(), weights.end()}};
}

void keep_clusters(const GathGeva& found, const std::vector<double>& loads, Weights& weights) {
  std::vector<float>& means = weights.at("cluster.mean").values;
  std::vector<float>& covariances = weights.at("cluster.covariance").values;
  means.clear();
  covariances.clear();
  for (std::size_t k = 0; k < loads.size(); ++k) {
    const GathGeva::Cluster& one = found.clusters()[k];
    means.insert(means.end(), one.mean.begin(), one.mean.end());
    covariances.insert(covariances.end(), one.covariance.begin(), one.covariance.end());
    weights.at("cluster.share").values[k] = static_cast<float>(one.share);
    weights.at("cluster.load").values[k] = static_cast<float>(loads[k]);
  }
  weights.at("cluster.weights").values.assign(found.weights().begin(), found.weights().end());
}

std::vector<double> loads_of(const Memberships& u, const std::vector<double>& loads, std::size_t clusters) {
  std::vector<double> sums(clusters), shares(clusters);
  for (std::size_t i = 0; i < loads.size(); ++i)
    for (std::size_t k = 0; k < clusters; ++k) {
      sums[k] += u[i * clusters + k] * loads[i];
      shares[k] += u[i * clusters + k];
    }
  for (std::size_t k = 0; k < clusters; ++k) sums[k] = shares[k] > 0 ? sums[k] / shares[k] : 0;
  return sums;
}

AwggDetector::AwggDetector(PolicyContext& context)
    : Detector(context), model_(learned_model(context, "awgg", awgg_kind())),
      fuzzy_{.clusters = model_.sizes.at("clusters"),
             .passes = static_cast<std::size_t>(context.whole("passes", usual(model_, "passes", 10.0), 1, 1000))},
      clustered_(context.choice("clustered", usual(model_, "clustered", "history"), {"history", "model"}) == "history"
                     ? Clustered::history
                     : Clustered::model),
      memory_(static_cast<std::size_t>(context.whole("memory", usual(model_, "memory", 10.0), 1, 1000))),
      most_(static_cast<std::size_t>(context.whole("most", usual(model_, "most", 512.0), 8, 100000))),
      membership_(context.number("membership", usual(model_, "membership", 0.5), 1e-9, 1 - 1e-9)),
      by_membership_(context.choice("label", usual(model_, "label", "membership"), {"membership", "pot"}) ==
                     "membership"),
      thresholds_({.risk = context.number("risk", usual(model_, "risk", 1e-4), 1e-12, 0.5),
                   .level = context.number("level", usual(model_, "level", 0.93), 0.5, 0.9999)},
                  static_cast<std::size_t>(context.whole("first", usual(model_, "first", 50.0), 10, 100000))),
      builder_(model_.network, model_.normalisation, GraphFeatures::all),
      encoder_(model_.network, model_.weights), clusters_(clusters_of(model_, fuzzy_, faulty_)) {
  refuse_unknown(model_, context, "awgg");
  if (!model_.calibration.empty()) thresholds_.start(model_.calibration);
  const std::size_t code = model_.sizes.at("layer3");
  // The encoder's weights as float32; of each point its code, its load and its memberships.
  context.charge_memory(4 * static_cast<double>(model_.weights.parameters()) +
                        8.0 * static_cast<double>(most_ * (code + 1 + fuzzy_.clusters)));
}

/// Codes and loads of all hosts of which something is known.
AwggDetector::Moment AwggDetector::look(const Observation& seen, std::vector<std::ptrdiff_t>& code_of_own) {
  const NetworkOptions& network = model_.network;
  const Sample sample = builder_.build(seen, {}, {});
  const std::size_t inputs = network.node_inputs(), features = network.features(), metrics = network.metric_count();
  std::vector<std::size_t> known;
  code_of_own.assign(sample.hosts, -1);
  for (std::uint32_t node = 0; node < sample.nodes; ++node)
    if (sample.node_inputs[node * inputs + features] > 0) known.push_back(node); // its first metric is there
  Matrix windows(known.size(), features);
  Moment moment;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const float* from = sample.node_inputs.data() + known[i] * inputs;
    std::copy_n(from, features, windows.row(i));
    double load = 0;
    for (std::size_t m = 0; m < metrics; ++m) load += from[features - metrics + m] / static_cast<double>(metrics);
    moment.loads.push_back(load);
    if (known[i] < sample.hosts) code_of_own[known[i]] = static_cast<std::ptrdiff_t>(i);
  }
  const Matrix codes = encoder_(windows);
  moment.codes.dims = codes.cols;
  for (std::size_t i = 0; i < codes.rows; ++i)
    moment.codes.values.insert(moment.codes.values.end(), codes.row(i), codes.row(i) + codes.cols);
  context().charge_flops(encoder_.flops_per_window() * static_cast<double>(known.size()));
  return moment;
}

/// Of the newest moments' points, begun with the clusters as they were.
void AwggDetector::cluster() {
  Points points;
  std::vector<double> loads;
  for (auto moment = moments_.rbegin(); moment != moments_.rend(); ++moment) {
    points.dims = moment->codes.dims;
    for (std::size_t i = 0; i < moment->loads.size() && loads.size() < most_; ++i) {
      points.values.insert(points.values.end(), moment->codes.at(i), moment->codes.at(i) + points.dims);
      loads.push_back(moment->loads[i]);
    }
  }
  // Fewer points than a covariance has numbers say nothing of it.
  if (loads.size() < 2 * fuzzy_.clusters * (points.dims + 1)) return;
  Memberships u = fuzzy_c_means(points, fuzzy_);
  clusters_.fit(points, fuzzy_, u);
  const auto mean = loads_of(u, loads, fuzzy_.clusters);
  faulty_ = static_cast<std::size_t>(std::max_element(mean.begin(), mean.end()) - mean.begin());
  context().charge_flops(static_cast<double>(loads.size()) *
                         (static_cast<double>(clusters_.passes()) * clusters_.flops_per_point() +
                          // fuzzy c-means: distances, shares, centres
                          static_cast<double>(fuzzy_.passes * fuzzy_.clusters) *
                              (5.0 * static_cast<double>(points.dims) + 60)));
}

/// log(u / (1 - u)) of the membership in the faulty cluster: ranks where memberships are 1 to the last bit.
double AwggDetector::log_odds(const double* code) const {
  double nearest = std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t k = 0; k < fuzzy_.clusters; ++k)
    if (k != faulty_) nearest = std::min(nearest, clusters_.log_distance(k, code));
  for (std::size_t k = 0; k < fuzzy_.clusters; ++k)
    if (k != faulty_) sum += std::exp((nearest - clusters_.log_distance(k, code)) / (fuzzy_.fuzziness - 1));
  return (nearest - clusters_.log_distance(faulty_, code)) / (fuzzy_.fuzziness - 1) - std::log(sum);
}

void AwggDetector::detect(const Observation& seen, Actions, Detection& out) {
  std::vector<std::ptrdiff_t> code_of_own;
  const Moment now = look(seen, code_of_own);
  if (clustered_ == Clustered::history) {
    moments_.push_back(now);
    while (moments_.size() > memory_) moments_.pop_front();
    cluster();
  }
  const double half = std::log(membership_ / (1 - membership_));
  for (std::uint32_t row = 0; row < seen.own_hosts().size(); ++row) {
    const std::uint32_t host = seen.own_hosts()[row].id;
    if (code_of_own[row] < 0) { // nothing was ever seen of it
      out.add(host, 0, std::numeric_limits<double>::max(), false);
      continue;
    }
    const double score = log_odds(now.codes.at(static_cast<std::size_t>(code_of_own[row])));
    if (by_membership_) {
      out.add(host, score, half, score > half);
      continue;
    }
    const auto [threshold, alarm] = thresholds_.judge(host, score);
    out.add(host, score, threshold, alarm);
  }
  thresholds_.end_interval();
  context().charge_flops(clusters_.flops_per_point() * seen.own_hosts().size());
}

} // namespace lair
