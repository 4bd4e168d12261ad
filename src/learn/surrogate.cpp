#include "learn/surrogate.hpp"

#include "core/error.hpp"
#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace lair::learn {
namespace {

constexpr const char* layer_names[] = {"hidden1", "hidden2", "hidden3", "output"};
constexpr std::uint32_t outputs = 2;

std::vector<Tensor> surrogate_layout(const NetworkOptions& network, const Sizes& sizes) {
  std::vector<Tensor> all;
  auto inputs = static_cast<std::uint32_t>(SurrogateColumns(network).count());
  const std::uint32_t units[] = {sizes.at("layer1"), sizes.at("layer2"), sizes.at("layer3"), outputs};
  for (std::size_t l = 0; l < std::size(units); ++l) {
    all.push_back({std::string(layer_names[l]) + ".weight", {inputs, units[l]}, {}});
    all.push_back({std::string(layer_names[l]) + ".bias", {units[l]}, {}});
    inputs = units[l];
  }
  all.push_back({"scale", {outputs}, {}});
  return all;
}

} // namespace

const ModelKind& gobi_kind() {
  static const ModelKind kind{
      "lair-gobi",
      "a GOBI surrogate",
      {{"layer1", 1, 4096}, {"layer2", 1, 4096}, {"layer3", 1, 4096}, {"horizon", 1, 1000}},
      surrogate_layout};
  return kind;
}

Weights initial_surrogate(const NetworkOptions& network, const Sizes& sizes, RandomStream& random) {
  Weights weights{surrogate_layout(network, sizes)};
  double bound = 0; // a bias follows its weight and has the same bound
  for (Tensor& tensor : weights.tensors) {
    tensor.values.resize(tensor.count());
    if (tensor.name == "scale") continue;
    if (tensor.shape.size() == 2) bound = 1 / std::sqrt(static_cast<double>(tensor.shape[0]));
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-bound, bound));
  }
  return weights;
}

Demand demand_of(const Observation& seen, const TaskView& task, const Host& host) {
  const ApplicationView& application = seen.application(task);
  const double cores = std::max(1.0, static_cast<double>(host.cores));
  const double able = cores * host.core_flops * seen.interval_length(); // flop of an interval
  const auto share = [](double part, double whole) {
    // Absurd observations stay finite numbers: a row with none would spoil every sum.
    return static_cast<float>(whole > 0 ? std::clamp(part / whole, 0.0, 1e3) : 0.0);
  };
  return {1 / tasks_per_unit, share(application.threads, tasks_per_unit * cores),
          share(task.images_left * application.flops_per_image, able), share(task.resident, host.ram)};
}

void host_row(const Observation& seen, const Host& host, const NetworkOptions& network,
              const Normalisation& normalisation, float* row) {
  const SurrogateColumns columns(network);
  std::fill_n(row, columns.count(), 0.0f);
  for (std::size_t m = 0; m < network.metric_count(); ++m) {
    const double unit = normalisation.to_unit(m, seen.metric(host, static_cast<lair_metric>(network.metrics[m])));
    row[m] = static_cast<float>(unit >= 0 ? std::min(unit, 1.0) : 0.0);
  }
  row[columns.held - 1] = is_broker(host) ? 1.0f : 0.0f;
  for (const TaskView& task : seen.tasks()) {
    if (task.state == LAIR_TASK_QUEUED || task.state == LAIR_TASK_RETURNING) continue;
    if ((task.state == LAIR_TASK_MIGRATING ? task.target : task.host) != host.id) continue;
    const Demand demand = demand_of(seen, task, host);
    for (std::size_t d = 0; d < demand_width; ++d) row[columns.held + d] += demand[d];
  }
}

Surrogate::Surrogate(const NetworkOptions& network, const Weights& weights) {
  std::size_t rows = SurrogateColumns(network).count();
  for (const char* name : layer_names) {
    const Tensor& weight = weights.at(std::string(name) + ".weight");
    const std::size_t cols = weight.shape[1];
    Layer layer;
    layer.forward.resize(rows, cols);
    layer.back.resize(cols, rows);
    layer.bias = weights.at(std::string(name) + ".bias").values;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j)
        layer.forward(i, j) = layer.back(j, i) = weight.values[i * cols + j];
    // There and back, 2 flops each; an activation with its slope is about 30.
    flops_ += static_cast<double>(4 * rows * cols + 30 * cols);
    parameters_ += rows * cols + cols;
    rows = cols;
    layers_.push_back(std::move(layer));
  }
}

void Surrogate::evaluate(const Matrix& rows, const Matrix& seeds, Matrix& outputs, Matrix* slopes) {
  const Matrix* x = &rows;
  std::vector<float> down;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = layers_[l];
    layer.value.resize(rows.rows, layer.forward.cols);
    layer.slope.resize(rows.rows, layer.forward.cols);
    for (std::size_t i = 0; i < rows.rows; ++i) std::copy(layer.bias.begin(), layer.bias.end(), layer.value.row(i));
    multiply_add(*x, layer.forward, layer.value);
    const std::size_t count = layer.forward.cols;
    down.resize(count);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      float *value = layer.value.row(i), *slope = layer.slope.row(i);
      if (l < 2) { // softplus(v) = -log sigmoid(-v); its slope is sigmoid(v)
        sigmoids_of(value, slope, down.data(), count);
        for (std::size_t j = 0; j < count; ++j) down[j] = -value[j];
        log_sigmoid_of(down.data(), value, count);
        for (std::size_t j = 0; j < count; ++j) value[j] = -value[j];
      } else if (l == 2) { // tanhshrink(v) = v - tanh v; its slope is tanh^2 v
        std::copy_n(value, count, slope);
        tanh_of(slope, count);
        for (std::size_t j = 0; j < count; ++j) {
          value[j] -= slope[j];
          slope[j] *= slope[j];
        }
      } else {
        sigmoids_of(value, slope, down.data(), count);
        std::copy_n(slope, count, value);
        for (std::size_t j = 0; j < count; ++j) slope[j] *= down[j];
      }
    }
    x = &layer.value;
  }
  outputs = layers_.back().value;
  if (slopes == nullptr) return;
  Matrix back = seeds;
  for (std::size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    for (std::size_t i = 0; i < back.rows; ++i)
      for (std::size_t j = 0; j < back.cols; ++j) back(i, j) *= layer.slope(i, j);
    Matrix before(rows.rows, layer.back.cols);
    multiply_add(back, layer.back, before);
    back = std::move(before);
  }
  *slopes = std::move(back);
}

SurrogateTrainer::SurrogateTrainer(const EpochOptions& options, const AdamOptions& adam,
                                   const SurrogateData& training, const SurrogateData& validation,
                                   TrainingState state)
    : EpochTrainer(options, training.size(), validation.size(),
                   state.best.tensors.empty() ? state.weights : std::move(state.best), std::move(state.history)),
      adam_(adam), training_(training), validation_(validation), weights_(std::move(state.weights)),
      state_(std::move(state.adam)) {}

double SurrogateTrainer::loss(const SurrogateData& data, Chosen chosen,
                              std::vector<std::vector<float>>* gradients) const {
  const std::size_t inputs = data.rows.size() / data.size();
  Matrix rows(chosen.size(), inputs), targets(chosen.size(), outputs);
  std::vector<float> counts;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    std::copy_n(data.rows.data() + chosen[i] * inputs, inputs, rows.row(i));
    std::copy_n(data.targets.data() + chosen[i] * outputs, outputs, targets.row(i));
    counts.push_back(data.counts[chosen[i]]);
  }
  return surrogate_loss(weights_, rows, targets, counts, gradients);
}

Losses SurrogateTrainer::train(Chosen chosen, RandomStream&, double&) {
  std::vector<std::vector<float>> gradients;
  const double before = loss(training_, chosen, &gradients);
  adam_step(adam_, gradients, state_, weights_);
  return {.real = before};
}

Losses SurrogateTrainer::validate(Chosen chosen, RandomStream&) {
  return {.real = loss(validation_, chosen, nullptr)};
}

} // namespace lair::learn
