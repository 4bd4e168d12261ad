// Training of AWGG: the stacked sparse autoencoder, layer by layer, then the clusters of the codes.
#include "core/random.hpp"
#include "detectors/awgg.hpp"
#include "train/training.hpp"

#include <algorithm>
#include <numeric>

namespace lair::train {

using namespace learn;

namespace {

/// Points that clusters are found of; more say nothing new.
constexpr std::size_t most_points = 2000;

class AwggLesson : public Lesson {
public:
  explicit AwggLesson(const TrainRequest& request) : request_(request), network_(seen_by(request)) {
    for (const char* name : {"layer1", "layer2", "layer3", "clusters"})
      sizes_[name] = static_cast<std::uint32_t>(request.option(name));
  }
  const NetworkOptions& network() const override { return network_; }
  std::vector<Tensor> layout() const override { return awgg_kind().layout(network_, sizes_); }
  Weights initial() const override {
    RandomStream random(request_.seed, "weights");
    return initial_autoencoder(network_, sizes_, random);
  }
  void ask(std::map<std::string, std::string>&) const override {}
  std::unique_ptr<EpochTrainer> begin(const Material& material, TrainingState state) const override {
    auto options = usual<SparseOptions>(request_);
    options.adam.rate = request_.rate;
    options.decay = request_.decay;
    options.sparsity = request_.option("sparsity");
    options.weight = request_.option("divergence");
    return std::make_unique<SparseTrainer>(network_, options, material.training, material.validation,
                                           std::move(state));
  }
  Model model(const Material& material, const Weights& weights) const override {
    Model model;
    model.kind = &awgg_kind();
    model.sizes = sizes_;
    model.weights = weights;
    std::vector<std::size_t> all(material.training.size());
    std::iota(all.begin(), all.end(), std::size_t(0));
    const Matrix windows = host_windows(material.training, all, network_);
    const Matrix codes = SparseEncoder(network_, weights)(windows);
    Points points{codes.cols, {}};
    std::vector<double> loads;
    const std::size_t metrics = network_.metric_count(), kept = std::min(codes.rows, most_points);
    for (std::size_t n = 0; n < kept; ++n) {
      const std::size_t i = n * codes.rows / kept;
      points.values.insert(points.values.end(), codes.row(i), codes.row(i) + codes.cols);
      const float* newest = windows.row(i) + windows.cols - metrics;
      loads.push_back(std::accumulate(newest, newest + metrics, 0.0) / static_cast<double>(metrics));
    }
    FuzzyOptions options;
    options.clusters = sizes_.at("clusters");
    Memberships memberships = fuzzy_c_means(points, options);
    GathGeva clusters;
    clusters.fit(points, options, memberships);
    keep_clusters(clusters, loads_of(memberships, loads, options.clusters), model.weights);
    return model;
  }
  const char* detector_name() const override { return "awgg"; }
  std::unique_ptr<Detector> detector(PolicyContext& context) const override {
    return std::make_unique<AwggDetector>(context);
  }
  std::span<const std::string_view> detector_options() const override { return awgg_options; }

private:
  const TrainRequest& request_;
  NetworkOptions network_;
  Sizes sizes_;
};

} // namespace

TrainOutcome train_awgg(const TrainRequest& request, const TrainListener& listener) {
  return run(AwggLesson(request), request, listener);
}

} // namespace lair::train
