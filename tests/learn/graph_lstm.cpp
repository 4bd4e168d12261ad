// TopoMAD's network: the one without torch against torch, for graphs of any size; the convolution against its
// formula; gradients against differences; what depends on what; training that can be taken up again.
#include "learn/graph_lstm.hpp"
#include "random_sample.hpp"
#include "slope.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions small_network(std::uint32_t window = 4) {
  NetworkOptions o;
  o.window = window;
  return o;
}

Weights ordinary_weights(const NetworkOptions& o, const Sizes& sizes, RandomStream& random) {
  Weights w = initial_graph_lstm(o, sizes, random);
  for (Tensor& tensor : w.tensors)
    for (float& value : tensor.values) value *= 2;
  return w;
}

Rewritten by_hand(const NetworkOptions& o, const Sizes& sizes, const Weights& w, const Sample& s,
                  const Matrix& noise) {
  const GraphLstm network(o, sizes, w);
  const HostGraph graph(s);
  const auto read = network.read(s, graph);
  Matrix code, spread;
  network.latent(read, code, spread);
  for (std::size_t i = 0; i < code.rows; ++i)
    for (std::size_t j = 0; j < code.cols; ++j) code(i, j) += noise(i, j) * std::exp(0.5f * spread(i, j));
  return network.write(s, graph, read, code);
}

} // namespace

TEST_CASE("without torch it is the same network, for any graph") {
  RandomStream random(51, "graphs");
  for (const Sizes& sizes : {Sizes{{"hidden", 5}, {"layers", 2}}, Sizes{{"hidden", 7}, {"layers", 1}},
                             Sizes{{"hidden", 3}, {"layers", 3}}})
    for (const SampleSpec& spec : {SampleSpec{4, 2, 3, 4, false}, SampleSpec{1, 0, 0, 1, false},
                                   SampleSpec{1, 1, 15, 1, false}, SampleSpec{9, 0, 2, 30, true}}) {
      const NetworkOptions o = small_network();
      const Weights w = ordinary_weights(o, sizes, random);
      Sample s = random_sample(o, spec, random);
      if (spec.hosts > 2) s.hub[2] = nowhere; // a worker whose broker is gone
      const Matrix noise = normal_noise(s.nodes, sizes.at("hidden"), random);
      const Rewritten torch = rewritten_by_torch(o, sizes, w, s, noise), hand = by_hand(o, sizes, w, s, noise);
      CHECK(largest_difference(torch.mean, hand.mean) < 1e-5);
      CHECK(largest_difference(torch.log_variance, hand.log_variance) < 1e-5);
      CHECK(largest(hand.mean) > 0.1);
    }
}

TEST_CASE("the convolution is D^-1/2 (A + 2 I) D^-1/2") {
  RandomStream random(52, "graph");
  Sample s = random_sample(small_network(), {3, 0, 2, 3, false}, random); // nodes 0-2, 3-5, 6-8; hubs 0, 3, 6
  s.hub[8] = nowhere;
  const Matrix x = random_direction(9, 5, random);
  const auto linked = [&](std::size_t i, std::size_t j) {
    const bool brokers = i % 3 == 0 && j % 3 == 0;
    const bool member = i / 3 == j / 3 && (i % 3 == 0 || j % 3 == 0) && i != 8 && j != 8;
    return i == j ? 2.0 : brokers || member ? 1.0 : 0.0;
  };
  double degree[9] = {};
  for (std::size_t i = 0; i < 9; ++i)
    for (std::size_t j = 0; j < 9; ++j) degree[i] += linked(i, j);
  Matrix found;
  HostGraph(s).convolve(x, found);
  for (std::size_t i = 0; i < 9; ++i)
    for (std::size_t c = 0; c < 5; ++c) {
      double sum = 0;
      for (std::size_t j = 0; j < 9; ++j) sum += linked(i, j) / std::sqrt(degree[i] * degree[j]) * x(j, c);
      CHECK(found(i, c) == doctest::Approx(sum).epsilon(1e-5).scale(1));
    }
}

TEST_CASE("gradients by the weights equal finite differences, with and without being told what was") {
  const NetworkOptions o = small_network(3);
  const Sizes sizes = {{"hidden", 4}, {"layers", 2}};
  RandomStream random(53, "gradients");
  Weights w = ordinary_weights(o, sizes, random);
  const Sample a = random_sample(o, {3, 1, 1, 2, false}, random), b = random_sample(o, {2, 0, 0, 1, false}, random);
  const Sample s = pack({&a, &b});
  const Matrix noise = normal_noise(s.nodes, 4, random);
  for (const std::vector<bool>& forced : {std::vector<bool>{false, false, false}, {false, true, true}}) {
    std::vector<std::vector<float>> gradients;
    graph_lstm_loss(o, sizes, w, s, noise, forced, &gradients);
    for (std::size_t k = 0; k < w.tensors.size(); ++k) {
      const Slope at_k = slope(w.tensors[k].values, gradients[k], 1e-2, random,
                               [&] { return graph_lstm_loss(o, sizes, w, s, noise, forced, nullptr); });
      INFO(w.tensors[k].name);
      CHECK(at_k.by_difference == doctest::Approx(at_k.by_gradient).epsilon(0.02).scale(0.05));
    }
  }
}

TEST_CASE("the loss is its formula over what is written, plus the divergence") {
  const NetworkOptions o = small_network(3);
  const Sizes sizes = {{"hidden", 4}, {"layers", 2}};
  RandomStream random(54, "loss");
  const Weights w = ordinary_weights(o, sizes, random);
  const Sample s = random_sample(o, {3, 0, 1, 2, false}, random);
  const Matrix noise = normal_noise(s.nodes, 4, random);
  const Rewritten out = by_hand(o, sizes, w, s, noise);
  const GraphLstm network(o, sizes, w);
  Matrix mean, spread;
  network.latent(network.read(s, HostGraph(s)), mean, spread);
  double expected = 0;
  for (std::size_t i = 0; i < 3; ++i) { // own hosts are the first nodes
    for (std::size_t j = 0; j < o.features(); ++j) {
      const double off = s.node_inputs[i * o.node_inputs() + j] - out.mean(i, j);
      expected += 0.5 * (off * off / std::exp(out.log_variance(i, j)) + out.log_variance(i, j)) / 3;
    }
    for (std::size_t j = 0; j < 4; ++j)
      expected += 0.5 * (mean(i, j) * mean(i, j) + std::exp(spread(i, j)) - 1 - spread(i, j)) / 3;
  }
  CHECK(graph_lstm_loss(o, sizes, w, s, noise, {false, false, false}, nullptr) ==
        doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("neighbours matter, strangers do not; time is written backward from the code") {
  const NetworkOptions o = small_network(3);
  const Sizes sizes = {{"hidden", 4}, {"layers", 1}};
  RandomStream random(55, "who");
  const Weights w = ordinary_weights(o, sizes, random);
  Sample s = random_sample(o, {3, 0, 1, 3, false}, random);
  s.hub[5] = nowhere;
  const Matrix none(s.nodes, 4);
  const Rewritten before = by_hand(o, sizes, w, s, none);
  const auto changed = [&](std::uint32_t node, std::uint32_t of) {
    Sample other = s;
    for (std::uint32_t j = 0; j < o.features(); ++j) other.node_inputs[node * o.node_inputs() + j] += 0.3f;
    const Rewritten after = by_hand(o, sizes, w, other, none);
    double most = 0;
    for (std::size_t j = 0; j < o.features(); ++j)
      most = std::max(most, std::fabs(double(after.mean(of, j)) - before.mean(of, j)));
    return most;
  };
  CHECK(changed(0, 1) > 1e-4);  // its broker
  CHECK(changed(3, 0) > 1e-4);  // another broker
  CHECK(changed(4, 1) > 1e-6);  // a worker of another LEI, over the brokers, later in the window
  CHECK(changed(5, 1) == 0);    // nobody's neighbour
  // The newest state is written from the code alone: the decoder has no say in it, but in the older ones.
  Weights silent = w;
  for (float& value : silent.at("decoder.0.weight").values) value *= -1;
  const Rewritten other = by_hand(o, sizes, silent, s, none);
  const std::size_t n = o.metric_count();
  for (std::size_t m = 0; m < n; ++m) {
    CHECK(other.mean(0, 2 * n + m) == before.mean(0, 2 * n + m));
    CHECK(other.mean(0, m) != before.mean(0, m));
  }
}

TEST_CASE("training learns, is repeatable, and can be taken up again") {
  const NetworkOptions o = small_network(3);
  const Sizes sizes = {{"hidden", 4}, {"layers", 2}};
  RandomStream random(56, "samples");
  std::vector<Sample> training, validation;
  for (int i = 0; i < 40; ++i) {
    Sample s = random_sample(o, {2, 0, 1, 2, false}, random);
    for (std::size_t node = 0; node < s.nodes; ++node)
      for (std::size_t j = 0; j < o.features(); ++j)
        s.node_inputs[node * o.node_inputs() + j] = 0.3f + 0.02f * s.node_inputs[node * o.node_inputs() + j];
    (i < 32 ? training : validation).push_back(std::move(s));
  }
  GraphLstmOptions options;
  options.adam.rate = 0.02;
  options.epochs = 6;
  options.patience = 100;
  options.batch = 8;
  const auto start = [&] {
    RandomStream weights(5, "weights");
    return TrainingState{initial_graph_lstm(o, sizes, weights), {}, {}, {}};
  };
  GraphLstmTrainer whole(o, sizes, options, training, validation, start());
  TrainingState state;
  while (whole.run_epoch())
    if (whole.history().size() == 3) state = whole.state();
  REQUIRE(whole.history().size() == 6);
  CHECK(whole.history().back().validation.sum() < whole.history().front().validation.sum() - 5);
  GraphLstmTrainer second(o, sizes, options, training, validation, state);
  while (second.run_epoch()) {
  }
  for (std::size_t k = 0; k < whole.best().tensors.size(); ++k)
    CHECK(second.best().tensors[k].values == whole.best().tensors[k].values);
}
