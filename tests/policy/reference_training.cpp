// What `reference-rule` puts in the place of the network that DRAGON's and CAROL's code trains: one is trained here
// as the code trains it, on states of 16 hosts. It ends at chance, and of its weights only arbitrary signs are left.
#include "detectors/reference_series.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

using namespace lair;

namespace {

constexpr std::size_t state = 48, inputs = 304, first = 48, second = 32;
using Vector = std::vector<double>;

class Training {
public:
  explicit Training(std::uint64_t seed) : random_(seed) {
    for (auto* layer : {&w1_, &b1_}) layer->init(*this, inputs);
    for (auto* layer : {&w2_, &b2_}) layer->init(*this, first);
    for (auto* layer : {&w3_, &b3_}) layer->init(*this, second);
  }
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  /// D of states and schedule: the activations' slope is 1.
  double judge(const Vector& x) {
    h1_ = b1_.value;
    h2_ = b2_.value;
    for (std::size_t a = 0; a < first; ++a)
      for (std::size_t i = 0; i < inputs; ++i) h1_[a] += w1_.value[a * inputs + i] * x[i];
    double z = b3_.value[0];
    for (std::size_t b = 0; b < second; ++b) {
      for (std::size_t a = 0; a < first; ++a) h2_[b] += w2_.value[b * first + a] * h1_[a];
      z += w3_.value[b] * h2_[b];
    }
    return 1 / (1 + std::exp(-z));
  }
  /// One step on a row: what was observed has 0.9 as its target, what is generated from it 0.1.
  double step(const Vector& x) {
    const Vector z = generate(x);
    ++steps_;
    const double seen = judge(x);
    back(x, (seen - 0.9) / 2);
    const double made = judge(z);
    back(z, (made - 0.1) / 2);
    for (auto* layer : {&w1_, &b1_, &w2_, &b2_, &w3_, &b3_}) layer->adam(steps_);
    return (cross_entropy(seen, 0.9) + cross_entropy(made, 0.1)) / 2;
  }
  /// `taken`, if given: how many steps it took.
  Vector generate(Vector x, int* taken = nullptr) {
    const Vector weight = slope();
    Vector m(state), v(state);
    double z = std::log(judge(x) / (1 - judge(x))), before = 1e9, power1 = 1, power2 = 1;
    int k = 0;
    for (int quiet = 0; k < 100 && quiet <= 10; ++k) {
      const double d = 1 / (1 + std::exp(-z)), loss = cross_entropy(d, 0.9);
      const double rate = 0.005 * (1 + std::cos(std::numbers::pi * k / 10));
      power1 *= 0.9;
      power2 *= 0.999;
      double moved = 0;
      for (std::size_t i = 0; i < state; ++i) {
        const double g = (d - 0.9) * weight[i], old = x[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        x[i] -= rate * m[i] / (1 - power1) / (std::sqrt(v[i] / (1 - power2)) + 1e-8);
        x[i] = std::clamp(x[i], 0.0, 1.0);
        z += weight[i] * (x[i] - old);
        moved = std::max(moved, std::abs(x[i] - old));
      }
      const double gained = before - loss;
      before = loss;
      quiet = moved < 1e-3 || (gained > 0 && gained < 1e-3) ? quiet + 1 : 0;
    }
    if (taken != nullptr) *taken = k;
    return x;
  }
  /// The weights of the one logistic regression that the three layers are, of the states.
  Vector slope() const {
    Vector top(first), out(state);
    for (std::size_t a = 0; a < first; ++a)
      for (std::size_t b = 0; b < second; ++b) top[a] += w3_.value[b] * w2_.value[b * first + a];
    for (std::size_t a = 0; a < first; ++a)
      for (std::size_t i = 0; i < state; ++i) out[i] += top[a] * w1_.value[a * inputs + i];
    return out;
  }

private:
  struct Layer {
    explicit Layer(std::size_t size) : value(size), m(size), v(size), gradient(size) {}
    Vector value, m, v, gradient;
    void init(Training& training, std::size_t width) {
      for (double& x : value) x = (2 * training.uniform() - 1) / std::sqrt(static_cast<double>(width));
    }
    void adam(int t) { // rate 2e-4, decay 1e-5
      const double c1 = 1 - std::pow(0.9, t), c2 = 1 - std::pow(0.999, t);
      for (std::size_t i = 0; i < value.size(); ++i) {
        const double g = gradient[i] + 1e-5 * value[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        value[i] -= 2e-4 * m[i] / c1 / (std::sqrt(v[i] / c2) + 1e-8);
        gradient[i] = 0;
      }
    }
  };
  static double cross_entropy(double d, double target) {
    return -target * std::log(d) - (1 - target) * std::log(1 - d);
  }
  void back(const Vector& x, double dz) { // right after judge(x)
    Vector d1(first);
    b3_.gradient[0] += dz;
    for (std::size_t b = 0; b < second; ++b) {
      const double d2 = dz * w3_.value[b];
      w3_.gradient[b] += dz * h2_[b];
      b2_.gradient[b] += d2;
      for (std::size_t a = 0; a < first; ++a) {
        w2_.gradient[b * first + a] += d2 * h1_[a];
        d1[a] += d2 * w2_.value[b * first + a];
      }
    }
    for (std::size_t a = 0; a < first; ++a) {
      b1_.gradient[a] += d1[a];
      for (std::size_t i = 0; i < inputs; ++i) w1_.gradient[a * inputs + i] += d1[a] * x[i];
    }
  }

  std::mt19937_64 random_;
  Layer w1_{inputs * first}, b1_{first}, w2_{first * second}, b2_{second}, w3_{second}, b3_{1};
  Vector h1_, h2_;
  int steps_ = 0;
};

} // namespace

TEST_CASE("a network trained as the code trains its own ends at chance, with signs that mean nothing") {
  Training source(1);
  std::vector<Vector> rows(200);
  for (Vector& row : rows) {
    for (std::size_t i = 0; i < state; ++i) row.push_back(source.uniform() * source.uniform());
    row.resize(inputs);
    for (std::size_t slot = 0; slot < 16; ++slot)
      row[state + 16 * slot + static_cast<std::size_t>(16 * source.uniform())] = 1;
  }
  std::vector<Vector> slopes;
  for (const std::uint64_t seed : {2, 3}) {
    Training training(seed);
    double loss = 0;
    for (int epoch = 0; epoch < 8; ++epoch) {
      loss = 0;
      for (const Vector& row : rows) loss += training.step(row) / static_cast<double>(rows.size());
    }
    CHECK(loss == doctest::Approx(std::log(2)).epsilon(2e-3)); // the released ones: 0.6932
    slopes.push_back(training.slope());
    const Vector& row = rows.front();
    CHECK(training.judge(row) == doctest::Approx(0.5).epsilon(0.02));
    int taken = 0;
    const Vector made = training.generate(row, &taken);
    CHECK(taken == 12);
    for (std::size_t i = 0; i < state; ++i) {
      const double shift = (slopes.back()[i] > 0 ? 1 : -1) * reference_series::generated_shift();
      CHECK(made[i] == doctest::Approx(std::clamp(row[i] + shift, 0.0, 1.0)).epsilon(0.01));
    }
  }
  int alike = 0;
  for (std::size_t i = 0; i < state; ++i) alike += (slopes[0][i] > 0) == (slopes[1][i] > 0);
  CHECK(alike > 12); // of 48: two coins agree on 24, give or take 3.5
  CHECK(alike < 36);
}
