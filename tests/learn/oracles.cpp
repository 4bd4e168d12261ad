// Graph transformer, convolution, attention and one whole forward pass against sums written out by
// hand, in doubles, for a federation small enough to follow.
#include "learn/score_surface.hpp"
#include "random_sample.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::learn;

namespace {

using Rows = std::vector<std::vector<double>>;

Rows dense(const Rows& x, const Weights& weights, const std::string& name) {
  const Tensor& w = weights.at(name + ".weight");
  Rows y(x.size(), std::vector<double>(w.shape[1], 0));
  bool biased = false;
  for (const Tensor& tensor : weights.tensors) biased = biased || tensor.name == name + ".bias";
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < w.shape[1]; ++j) {
      y[i][j] = biased ? weights.at(name + ".bias").values[j] : 0;
      for (std::size_t k = 0; k < w.shape[0]; ++k)
        y[i][j] += x[i][k] * w.values[k * w.shape[1] + j];
    }
  return y;
}

Rows tanh_of(Rows x) {
  for (auto& row : x)
    for (double& v : row) v = std::tanh(v);
  return x;
}

Rows product(const Rows& a, const Rows& b) {
  Rows c(a.size(), std::vector<double>(b[0].size(), 0));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
  return c;
}

} // namespace

TEST_CASE("two LEIs, three workers, two tasks: every intermediate result by hand") {
  NetworkOptions o;
  o.metrics = {LAIR_CPU, LAIR_RAM};
  o.window = 2;
  o.width = 5;
  o.convolutions = 2;
  RandomStream random(11, "oracle");
  const Weights weights = random_weights(o, random, 1.5);
  // Nodes 0 (broker), 1, 2 are ours; 3 (broker) and 4 are the other LEI's.
  Sample s = random_sample(o, {3, 2, 1, 2, false}, random);
  s.host_of_task = {2, nowhere};
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, s);

  // A = D^-1 (edges + identity): broker 0 has itself, 1, 2 and 3; broker 3 has itself, 4 and 0.
  const Rows a = {{.25, .25, .25, .25, 0},
                  {.5, .5, 0, 0, 0},
                  {.5, 0, .5, 0, 0},
                  {1 / 3., 0, 0, 1 / 3., 1 / 3.},
                  {0, 0, 0, .5, .5}};
  // Worker to worker across LEIs is three links away: in A^3 and in no lower power.
  const Rows a2 = product(a, a), a3 = product(a2, a);
  CHECK(a[1][4] == 0);
  CHECK(a2[1][4] == 0);
  CHECK(a3[1][4] > 0);

  Rows inputs(5);
  for (std::size_t i = 0; i < 5; ++i)
    inputs[i].assign(s.node_inputs.begin() + std::ptrdiff_t(i * o.node_inputs()),
                     s.node_inputs.begin() + std::ptrdiff_t((i + 1) * o.node_inputs()));
  Rows e = tanh_of(dense(inputs, weights, "graph.input"));
  for (const char* layer : {"graph.0", "graph.1"}) {
    const auto& logits = weights.at(std::string(layer) + ".paths").values;
    double share[3], sum = 0;
    for (int p = 0; p < 3; ++p) sum += share[p] = std::exp(logits[std::size_t(p)]);
    Rows transformed(5, std::vector<double>(5));
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = 0; j < 5; ++j)
        transformed[i][j] =
            (share[0] * a[i][j] + share[1] * a2[i][j] + share[2] * a3[i][j]) / sum;
    e = dense(product(transformed, e), weights, layer);
  }
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 5; ++j)
      CHECK(surface.host_embedding()(i, j) == doctest::Approx(e[i][j]).epsilon(1e-5));

  const Rows own(e.begin(), e.begin() + 3), query = dense(own, weights, "attention");
  Rows attention(3, std::vector<double>(3));
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      double dot = 0;
      for (std::size_t k = 0; k < 5; ++k) dot += query[i][k] * own[j][k];
      sum += attention[i][j] = std::exp(dot / std::sqrt(5.0));
    }
    for (std::size_t j = 0; j < 3; ++j) {
      attention[i][j] /= sum;
      CHECK(surface.attention()(i, j) == doctest::Approx(attention[i][j]).epsilon(1e-5));
    }
  }

  // S: task 0 is on host 2, task 1 waits: its code is that of no host at all.
  const Rows code = tanh_of(dense({own[2], std::vector<double>(5, 0)}, weights, "schedule.0"));
  const Rows schedule = {std::vector<double>(5, 0), std::vector<double>(5, 0), code[0], code[0],
                         code[1]};
  Rows entities(5);
  for (std::size_t i = 0; i < 5; ++i) {
    entities[i].assign(s.window.begin() + std::ptrdiff_t(i * 4),
                       s.window.begin() + std::ptrdiff_t((i + 1) * 4));
    entities[i].insert(entities[i].end(), {1.0, 1.0, i < 3 ? 0.0 : 1.0});
  }
  const Rows window = tanh_of(dense(entities, weights, "window.0"));
  const Rows mixed = product(attention, {window[0], window[1], window[2]});
  const Rows context = {mixed[0], mixed[1], mixed[2], mixed[2], std::vector<double>(5, 0)};
  Rows joined(5);
  for (std::size_t i = 0; i < 5; ++i)
    for (const auto* part : {&window[i], &context[i], &schedule[i]})
      joined[i].insert(joined[i].end(), part->begin(), part->end());
  const Rows logits =
      dense(tanh_of(dense(joined, weights, "output.0")), weights, "output.last");
  double sum = 0;
  for (const auto& row : logits)
    for (const double x : row) sum -= std::log1p(std::exp(-x));
  CHECK(surface.value(window_of(s, o)) == doctest::Approx(sum).epsilon(1e-5));
  CHECK(surface.terms() == 20);
  CHECK(surface.validity()(4, 3) == doctest::Approx(1 / (1 + std::exp(-logits[4][3]))));
}
