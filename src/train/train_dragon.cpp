// Training of DRAGON's network (Alg. 1).
#include "core/random.hpp"
#include "detectors/gon.hpp"
#include "train/training.hpp"

namespace lair::train {

using namespace learn;

namespace {

NetworkOptions network_of(const TrainRequest& request) {
  NetworkOptions network;
  network.width = request.width;
  network.depth = request.depth;
  network.convolutions = request.convolutions;
  network.topology = request.topology;
  network.activation =
      chosen("--activation", request.activation, "tanh", "relu") ? Activation::tanh : Activation::relu;
  network.head = chosen("--head", request.head, "map", "scalar") ? Head::map : Head::scalar;
  const NetworkOptions seen = seen_by(request);
  network.metrics = seen.metrics;
  network.window = seen.window;
  return network;
}

class DragonLesson : public Lesson {
public:
  explicit DragonLesson(const TrainRequest& request)
      : request_(request), network_(network_of(request)) {}
  const NetworkOptions& network() const override { return network_; }
  GraphFeatures graph() const override {
    return option("graph") == "peers" ? GraphFeatures::peers : GraphFeatures::all;
  }
  std::vector<Tensor> layout() const override { return learn::layout(network_); }
  Weights initial() const override {
    RandomStream random(request_.seed, "weights");
    return initial_weights(network_, random);
  }
  void ask(std::map<std::string, std::string>& asked) const override {
    asked["width"] = std::to_string(request_.width);
    asked["depth"] = std::to_string(request_.depth);
    asked["convolutions"] = std::to_string(request_.convolutions);
    asked["activation"] = request_.activation;
    asked["head"] = request_.head;
    asked["topology"] = request_.topology ? "yes" : "no";
    asked["spoilt"] = text_of(request_.spoilt);
    asked["generated"] = request_.generated ? "yes" : "no";
  }
  std::unique_ptr<EpochTrainer> begin(const Material& material, TrainingState state) const override {
    return std::make_unique<Trainer>(network_, options(), material.training, material.validation,
                                     std::move(state));
  }
  Model model(const Material&, const Weights& weights) const override {
    Model model;
    model.weights = weights;
    return model;
  }
  const char* detector_name() const override { return "gon"; }
  std::unique_ptr<Detector> detector(PolicyContext& context) const override {
    return std::make_unique<GonDetector>(context);
  }
  std::span<const std::string_view> detector_options() const override { return usual_options; }

private:
  std::string option(const std::string& name) const {
    for (const auto& [key, value] : request_.detector)
      if (key == name) return value;
    return "";
  }
  TrainOptions options() const {
    auto options = usual<TrainOptions>(request_);
    options.adam.rate = request_.rate;
    options.adam.decay = request_.decay;
    if (option("climber") == "adam") options.inner.climber = Climber::adam;
    options.window_start = option("start") != "noise";
    options.spoilt = request_.spoilt;
    options.generate = request_.generated;
    return options;
  }

  const TrainRequest& request_;
  NetworkOptions network_;
};

} // namespace

TrainOutcome train_dragon(const TrainRequest& request, const TrainListener& listener) {
  return run(DragonLesson(request), request, listener);
}

} // namespace lair::train
