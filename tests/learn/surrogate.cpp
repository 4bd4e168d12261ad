// GOBI's surrogate: outputs and gradient against torch's autograd and against differences, training that lowers
// the loss and can be taken up again, files.
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "learn/surrogate.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions some_metrics() {
  NetworkOptions o;
  o.window = 1;
  o.metrics = {LAIR_CPU, LAIR_CPU_PRESSURE, LAIR_RAM};
  return o;
}
const Sizes sizes = {{"layer1", 19}, {"layer2", 17}, {"layer3", 9}, {"horizon", 10}};

Weights some_weights() {
  RandomStream random(7, "weights");
  Weights weights = initial_surrogate(some_metrics(), sizes, random);
  // Larger than at the start of a training, so that no activation is in its linear part only.
  for (Tensor& tensor : weights.tensors)
    for (float& value : tensor.values) value *= 3;
  return weights;
}

Matrix random_rows(std::size_t rows, std::size_t cols, std::uint64_t seed, double low, double high) {
  RandomStream random(seed, "rows");
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) m(i, j) = static_cast<float>(random.uniform(low, high));
  return m;
}

} // namespace

TEST_CASE("outputs and gradient are those of torch's autograd") {
  const Weights weights = some_weights();
  Surrogate surrogate(some_metrics(), weights);
  const Matrix rows = random_rows(23, surrogate.inputs(), 1, -1, 2), seeds = random_rows(23, 2, 2, -1, 1);
  Matrix outputs, slopes, torch_outputs, torch_slopes;
  surrogate.evaluate(rows, seeds, outputs, &slopes);
  surrogate_by_torch(weights, rows, seeds, torch_outputs, torch_slopes);
  double largest = 0;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t j = 0; j < 2; ++j) CHECK(outputs(i, j) == doctest::Approx(torch_outputs(i, j)).epsilon(1e-5));
    for (std::size_t j = 0; j < rows.cols; ++j) {
      CHECK(std::abs(slopes(i, j) - torch_slopes(i, j)) < 1e-5);
      largest = std::max(largest, std::abs(double(slopes(i, j))));
    }
  }
  CHECK(largest > 0.01); // there was something to get right
}

TEST_CASE("the gradient is that of differences") {
  Surrogate surrogate(some_metrics(), some_weights());
  const Matrix rows = random_rows(3, surrogate.inputs(), 3, -1, 1), seeds = random_rows(3, 2, 4, -1, 1);
  Matrix outputs, slopes;
  surrogate.evaluate(rows, seeds, outputs, &slopes);
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j) {
      const auto value = [&](float change) {
        Matrix moved = rows, y;
        moved(i, j) += change;
        surrogate.evaluate(moved, seeds, y, nullptr);
        return seeds(i, 0) * double(y(i, 0)) + seeds(i, 1) * double(y(i, 1));
      };
      const double difference = (value(5e-3f) - value(-5e-3f)) / 1e-2;
      CHECK(slopes(i, j) == doctest::Approx(difference).epsilon(0.02).scale(0.02));
    }
}

TEST_CASE("rows do not know each other: one alone has the bits that it has among others") {
  Surrogate surrogate(some_metrics(), some_weights());
  const Matrix rows = random_rows(9, surrogate.inputs(), 5, 0, 1), seeds = random_rows(9, 2, 6, 0, 1);
  Matrix all, slopes;
  surrogate.evaluate(rows, seeds, all, &slopes);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    Matrix row(1, rows.cols), seed(1, 2), one, slope;
    std::copy_n(rows.row(i), rows.cols, row.row(0));
    std::copy_n(seeds.row(i), 2, seed.row(0));
    surrogate.evaluate(row, seed, one, &slope);
    for (std::size_t j = 0; j < 2; ++j) CHECK(one(0, j) == all(i, j));
    for (std::size_t j = 0; j < rows.cols; ++j) CHECK(slope(0, j) == slopes(i, j));
  }
}

TEST_CASE("training learns what can be learnt, and goes on as if it had not been stopped") {
  const NetworkOptions network = some_metrics();
  const std::size_t inputs = SurrogateColumns(network).count();
  const auto data = [&](std::size_t rows, std::uint64_t seed) {
    RandomStream random(seed, "data");
    SurrogateData out;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < inputs; ++j) out.rows.push_back(static_cast<float>(random.uniform()));
      const float* row = &out.rows[i * inputs];
      out.targets.push_back(0.2f + 0.5f * row[0]);
      out.targets.push_back(0.1f + 0.8f * row[inputs - 1] * row[1]);
      out.counts.push_back(i % 3 ? 1.0f : 0.0f);
      if (i % 3 == 0) out.targets.back() = 1; // never seen: no task was there
    }
    return out;
  };
  const SurrogateData training = data(400, 1), validation = data(100, 2);
  EpochOptions options;
  options.epochs = 12;
  options.patience = 12;
  options.batch = 16;
  const AdamOptions adam{.rate = 3e-3};
  const auto start = [&] {
    RandomStream random(5, "weights");
    return TrainingState{initial_surrogate(network, sizes, random), {}, {}, {}};
  };
  SurrogateTrainer whole(options, adam, training, validation, start());
  TrainingState half;
  while (whole.run_epoch())
    if (whole.history().size() == 5) half = whole.state();
  const auto& history = whole.history();
  REQUIRE(history.size() == 12);
  CHECK(history.back().validation.sum() < 0.25 * history.front().validation.sum());
  SurrogateTrainer second(options, adam, training, validation, half);
  while (second.run_epoch()) {
  }
  for (std::size_t k = 0; k < whole.best().tensors.size(); ++k)
    CHECK(second.best().tensors[k].values == whole.best().tensors[k].values);
}

TEST_CASE("a surrogate's file comes back whole; another kind's is refused") {
  const TemporaryFolder folder("surrogate");
  Model model;
  model.kind = &gobi_kind();
  model.network = some_metrics();
  model.sizes = sizes;
  model.normalisation.low = {0, 0, 0};
  model.normalisation.high = {1, 4, 1};
  model.weights = some_weights();
  model.weights.at("scale").values = {1400, 3000};
  save_model(model, folder.path + "/one.json");
  const Model back = load_model(folder.path + "/one.json", gobi_kind());
  CHECK(back.hash == model.hash);
  CHECK(back.sizes == sizes);
  for (std::size_t k = 0; k < model.weights.tensors.size(); ++k)
    CHECK(back.weights.tensors[k].values == model.weights.tensors[k].values);
  CHECK_THROWS_AS((void)load_model(folder.path + "/one.json"), InputError);
}
