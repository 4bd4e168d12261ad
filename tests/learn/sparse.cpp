// The sparse autoencoder: encoder and loss against plain loops, gradients against differences, training layer
// by layer that can be taken up again.
#include "learn/sparse_autoencoder.hpp"
#include "random_sample.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions small_network() {
  NetworkOptions o;
  o.window = 2;
  return o;
}
const Sizes sizes = {{"layer1", 9}, {"layer2", 5}, {"layer3", 3}, {"clusters", 2}};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> dense(const Weights& w, const std::string& name, const std::vector<double>& x) {
  const Tensor& weight = w.at(name + ".weight");
  std::vector<double> y;
  for (std::uint32_t j = 0; j < weight.shape[1]; ++j) {
    double sum = w.at(name + ".bias").values[j];
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * weight.values[i * weight.shape[1] + j];
    y.push_back(sigmoid(sum));
  }
  return y;
}

std::vector<double> row_of(const Matrix& m, std::size_t i) { return {m.row(i), m.row(i) + m.cols}; }

std::vector<Sample> samples(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed, "samples");
  std::vector<Sample> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(random_sample(small_network(), {3, 1, 1, 2, false}, random));
    // Two kinds of host: there is something to learn.
    for (std::size_t j = 0; j < all.back().window.size(); ++j)
      all.back().window[j] = 0.1f + 0.1f * all.back().window[j] + (i % 2 ? 0.6f * (j % 3 == 0) : 0.0f);
  }
  return all;
}

} // namespace

TEST_CASE("codes are those of plain loops") {
  RandomStream random(41, "weights");
  const NetworkOptions o = small_network();
  const Weights w = initial_autoencoder(o, sizes, random);
  const Matrix x = random_direction(7, o.features(), random);
  for (std::size_t layers = 0; layers <= sparse_layers; ++layers) {
    const Matrix codes = SparseEncoder(o, w, layers)(x);
    for (std::size_t i = 0; i < x.rows; ++i) {
      std::vector<double> expected = row_of(x, i);
      for (std::size_t l = 0; l < layers; ++l) expected = dense(w, "encoder." + std::to_string(l), expected);
      REQUIRE(codes.cols == expected.size());
      for (std::size_t j = 0; j < expected.size(); ++j)
        CHECK(codes(i, j) == doctest::Approx(expected[j]).epsilon(1e-5));
    }
  }
}

TEST_CASE("the loss is J = half the squared error + lambda |W|^2 + beta KL, its gradients differences") {
  RandomStream random(42, "weights");
  const NetworkOptions o = small_network();
  Weights w = initial_autoencoder(o, sizes, random);
  SparseOptions options;
  options.decay = 0.01;
  options.sparsity = 0.2;
  options.weight = 0.7;
  Matrix x(6, 9); // inputs of layer 1
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < x.cols; ++j) x(i, j) = static_cast<float>(random.uniform());
  double expected = 0;
  std::vector<double> active(5);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const auto in = row_of(x, i), code = dense(w, "encoder.1", in), out = dense(w, "decoder.1", code);
    for (std::size_t j = 0; j < in.size(); ++j) expected += 0.5 * std::pow(out[j] - in[j], 2) / 6;
    for (std::size_t j = 0; j < code.size(); ++j) active[j] += code[j] / 6;
  }
  for (const char* name : {"encoder.1.weight", "decoder.1.weight"})
    for (const float v : w.at(name).values) expected += 0.01 * v * v;
  for (const double a : active)
    expected += 0.7 * (0.2 * std::log(0.2 / a) + 0.8 * std::log(0.8 / (1 - a)));
  std::vector<std::vector<float>> gradients;
  CHECK(sparse_loss(w, 1, options, x, &gradients) == doctest::Approx(expected).epsilon(1e-5));
  REQUIRE(gradients.size() == w.tensors.size());
  for (std::size_t k = 0; k < w.tensors.size(); ++k) {
    auto& values = w.tensors[k].values;
    const bool of_layer = w.tensors[k].name.find(".1.") != std::string::npos;
    for (const std::size_t i : {std::size_t(0), values.size() / 2}) {
      if (!of_layer) {
        CHECK(gradients[k][i] == 0); // layers before and after stand still
        continue;
      }
      const float kept = values[i];
      values[i] = kept + 1e-2f;
      const double up = sparse_loss(w, 1, options, x, nullptr);
      values[i] = kept - 1e-2f;
      const double down = sparse_loss(w, 1, options, x, nullptr);
      values[i] = kept;
      INFO(w.tensors[k].name);
      CHECK((up - down) / 2e-2 == doctest::Approx(gradients[k][i]).epsilon(0.01).scale(0.01));
    }
  }
}

TEST_CASE("training goes layer by layer, lowers each loss, and can be taken up again anywhere") {
  const NetworkOptions o = small_network();
  const auto training = samples(40, 1), validation = samples(10, 2);
  SparseOptions options;
  options.epochs = 4;
  options.patience = 100;
  options.batch = 8;
  const auto start = [&] {
    RandomStream random(5, "weights");
    return TrainingState{initial_autoencoder(o, sizes, random), {}, {}, {}};
  };
  SparseTrainer whole(o, options, training, validation, start());
  std::vector<TrainingState> states;
  while (whole.run_epoch()) states.push_back(whole.state());
  REQUIRE(whole.history().size() == 12);
  for (std::size_t l = 0; l < 3; ++l)
    CHECK(whole.history()[4 * l + 3].validation.sum() < whole.history()[4 * l].validation.sum());
  // What the first layer has learnt stays while the others learn; the third has not begun by then.
  const auto& after_first = states[3].best.at("encoder.0.weight").values;
  CHECK(whole.best().at("encoder.0.weight").values == after_first);
  CHECK(states[3].best.at("encoder.2.weight").values == start().weights.at("encoder.2.weight").values);
  for (const std::size_t stop : {1u, 4u, 6u, 8u}) {
    CAPTURE(stop);
    SparseTrainer second(o, options, training, validation, states[stop - 1]);
    while (second.run_epoch()) {
    }
    REQUIRE(second.history().size() == 12);
    for (std::size_t k = 0; k < second.best().tensors.size(); ++k)
      CHECK(second.best().tensors[k].values == whole.best().tensors[k].values);
  }
}
