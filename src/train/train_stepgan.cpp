// Training of StepGAN's networks.
#include "core/random.hpp"
#include "detectors/stepgan.hpp"
#include "train/training.hpp"

#include <algorithm>

namespace lair::train {

using namespace learn;

namespace {

class StepganLesson : public Lesson {
public:
  explicit StepganLesson(const TrainRequest& request) : request_(request), network_(seen_by(request)) {
    for (const char* name : {"lag1", "lag2", "lag3", "code"})
      sizes_[name] = static_cast<std::uint32_t>(request.option(name));
  }
  const NetworkOptions& network() const override { return network_; }
  GraphFeatures graph() const override { return GraphFeatures::peers; }
  std::vector<Tensor> layout() const override { return stepgan_kind().layout(network_, sizes_); }
  Weights initial() const override {
    RandomStream random(request_.seed, "weights");
    return initial_step_gan(network_, sizes_, random);
  }
  void ask(std::map<std::string, std::string>&) const override {}
  std::unique_ptr<EpochTrainer> begin(const Material& material, TrainingState state) const override {
    auto options = usual<StepGanOptions>(request_);
    options.adam.rate = request_.rate;
    options.adam.decay = request_.decay;
    options.weight = request_.option("weight");
    return std::make_unique<StepGanTrainer>(network_, sizes_, options, some_of(material.training),
                                            some_of(material.validation), std::move(state));
  }
  Model model(const Material&, const Weights& weights) const override {
    Model model;
    model.kind = &stepgan_kind();
    model.sizes = sizes_;
    model.weights = weights;
    return model;
  }
  const char* detector_name() const override { return "stepgan"; }
  std::unique_ptr<Detector> detector(PolicyContext& context) const override {
    return std::make_unique<StepganDetector>(context);
  }
  std::span<const std::string_view> detector_options() const override { return stepgan_options; }

private:
  /// At most as many images as asked for, evenly from all: neighbours share all states but one.
  Images some_of(std::span<const Sample> samples) const {
    std::size_t hosts = 0;
    for (const Sample& sample : samples) hosts += sample.hosts;
    const auto most = static_cast<std::size_t>(request_.option("images"));
    return images_of(samples, network_, sizes_, std::max<std::size_t>(1, (hosts + most - 1) / most));
  }

  const TrainRequest& request_;
  NetworkOptions network_;
  Sizes sizes_;
};

} // namespace

TrainOutcome train_stepgan(const TrainRequest& request, const TrainListener& listener) {
  return run(StepganLesson(request), request, listener);
}

} // namespace lair::train
