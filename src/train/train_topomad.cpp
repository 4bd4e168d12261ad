// Training of TopoMAD's network.
#include "core/random.hpp"
#include "detectors/topomad.hpp"
#include "train/training.hpp"

namespace lair::train {

using namespace learn;

namespace {

class TopomadLesson : public Lesson {
public:
  explicit TopomadLesson(const TrainRequest& request) : request_(request), network_(seen_by(request)) {
    for (const char* name : {"hidden", "layers"})
      sizes_[name] = static_cast<std::uint32_t>(request.option(name));
  }
  const NetworkOptions& network() const override { return network_; }
  std::vector<Tensor> layout() const override { return topomad_kind().layout(network_, sizes_); }
  Weights initial() const override {
    RandomStream random(request_.seed, "weights");
    return initial_graph_lstm(network_, sizes_, random);
  }
  void ask(std::map<std::string, std::string>&) const override {}
  std::unique_ptr<EpochTrainer> begin(const Material& material, TrainingState state) const override {
    auto options = usual<GraphLstmOptions>(request_);
    options.adam.rate = request_.rate;
    options.adam.decay = request_.decay;
    options.clip = request_.option("clip");
    return std::make_unique<GraphLstmTrainer>(network_, sizes_, options, material.training,
                                              material.validation, std::move(state));
  }
  Model model(const Material&, const Weights& weights) const override {
    Model model;
    model.kind = &topomad_kind();
    model.sizes = sizes_;
    model.weights = weights;
    return model;
  }
  const char* detector_name() const override { return "topomad"; }
  std::unique_ptr<Detector> detector(PolicyContext& context) const override {
    return std::make_unique<TopomadDetector>(context);
  }
  std::span<const std::string_view> detector_options() const override { return topomad_options; }

private:
  const TrainRequest& request_;
  NetworkOptions network_;
  Sizes sizes_;
};

} // namespace

TrainOutcome train_topomad(const TrainRequest& request, const TrainListener& listener) {
  return run(TopomadLesson(request), request, listener);
}

} // namespace lair::train
