// The hand-derived surface against LibTorch's autograd, against finite differences, and against
// closed forms; what it owes to its inputs: order of rows, number of rows, missing metrics.
#include "learn/kernels.hpp"
#include "learn/network.hpp"
#include "learn/score_surface.hpp"
#include "narrow_kernels.hpp"
#include "random_sample.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions small_network() {
  NetworkOptions o;
  o.window = 3;
  o.width = 20;
  return o;
}

std::vector<NetworkOptions> variants() {
  std::vector<NetworkOptions> all(7, small_network());
  all[1].depth = 3;
  all[2].activation = Activation::relu;
  all[3].head = Head::scalar;
  all[4].topology = false;
  all[5].convolutions = 0;
  all[6].activation = Activation::relu;
  all[6].head = Head::scalar;
  all[6].depth = 2;
  return all;
}

} // namespace

TEST_CASE("kernels compute what their names say") {
  RandomStream random(1, "kernels");
  for (const std::size_t rows : {1, 2, 5, 6, 7, 13}) {
    const Matrix x = random_direction(rows, 37, random), w = random_direction(37, 45, random);
    Matrix y = random_direction(rows, 45, random);
    const Matrix before = y;
    multiply_add(x, w, y);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < 45; ++j) {
        double sum = before(i, j);
        for (std::size_t k = 0; k < 37; ++k) sum += double(x(i, k)) * w(k, j);
        CHECK(std::fabs(y(i, j) - sum) < 1e-4);
      }
  }
  for (double v = -30; v <= 30; v += 0.37) {
    float t = static_cast<float>(v), up = 0, down = 0;
    const float x = t;
    tanh_of(&t, 1);
    sigmoids_of(&x, &up, &down, 1);
    CHECK(std::fabs(t - std::tanh(double(x))) < 2e-7);
    CHECK(up == doctest::Approx(1 / (1 + std::exp(-double(x)))).epsilon(1e-5));
    CHECK(down == doctest::Approx(1 / (1 + std::exp(double(x)))).epsilon(1e-5));
    float log = 0;
    log_sigmoid_of(&x, &log, 1);
    CHECK(log == doctest::Approx(-std::log1p(std::exp(-double(x)))).epsilon(1e-6));
  }
}

TEST_CASE("kernels give the same bits at every vector width") {
  RandomStream random(12, "widths");
  const auto numbers = [&](std::size_t count, double scale) {
    std::vector<float> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(static_cast<float>(scale * random.normal()));
    return all;
  };
  constexpr std::size_t n = 1003;
  for (const std::size_t rows : {1, 4, 9}) {
    Matrix x(rows, 67), w(67, 128), y(rows, 128);
    for (Matrix* m : {&x, &w, &y}) m->data = numbers(m->data.size(), 1);
    std::vector<float> other = y.data;
    multiply_add(x, w, y);
    narrow::multiply_add(x.data, w.data, other, rows, 67, 128);
    CHECK(y.data == other);
  }
  const std::vector<float> x = numbers(n, 3), a = numbers(n, 0.3), b = numbers(n, 1);
  std::vector<float> one = x, two = x, up(n), down(n), up2(n), down2(n), log(n), log2(n);
  tanh_of(one.data(), n);
  narrow::tanh_of(two);
  CHECK(one == two);
  sigmoids_of(x.data(), up.data(), down.data(), n);
  narrow::sigmoids_of(x, up2, down2);
  CHECK(up == up2);
  CHECK(down == down2);
  log_sigmoid_of(x.data(), log.data(), n);
  narrow::log_sigmoid_of(x, log2);
  CHECK(log == log2);
  one = two = x;
  tanh_slope_tangent(a.data(), b.data(), up.data(), one.data(), n);
  narrow::slope_tangent(a, b, up, two);
  CHECK(one == two);
  std::vector<float> mean = a, mean2 = a, square = up, square2 = up, z = down, z2 = down;
  const std::vector<float> moves(n, 1.0f);
  const float most = step_up({1e-2f, 0.1f, 1e-3f, 1000, 1e-4f, 0.1f}, x.data(), b.data(),
                             moves.data(), mean.data(), square.data(), z.data(), n);
  CHECK(most == narrow::step_up(x, b, moves, mean2, square2, z2));
  CHECK(most > 0);
  CHECK(mean == mean2);
  CHECK(square == square2);
  CHECK(z == z2);
}

TEST_CASE("value, gradient and Hessian-vector product equal autograd's") {
  for (const NetworkOptions& o : variants())
    for (const bool missing : {false, true}) {
      CAPTURE(o.depth);
      CAPTURE(int(o.activation));
      CAPTURE(int(o.head));
      CAPTURE(o.topology);
      CAPTURE(missing);
      RandomStream random(7, "surface");
      const Weights weights = random_weights(o, random, 2);
      const Sample a = random_sample(o, {4, 5, 3, 4, missing}, random);
      const Sample b = random_sample(o, {1, 0, 15, 1, false}, random);
      const Sample both = pack({&a, &b});
      const Network network(o, weights);
      const PackedNetwork packed(o, weights);
      for (const Sample* s : {&a, &b, &both}) {
        ScoreSurface surface(packed, *s);
        const Matrix z = window_of(*s, o);
        const Matrix direction = random_direction(z.rows, z.cols, random);
        Matrix gradient, curvature, wanted_gradient, wanted_curvature;
        const double value = surface.value(z);
        surface.gradient(gradient);
        surface.curvature(direction, curvature);
        const double wanted =
            network.value(*s, z, &wanted_gradient, &direction, &wanted_curvature);
        CHECK(value == doctest::Approx(wanted).epsilon(1e-5));
        CHECK(largest_difference(gradient, wanted_gradient) < 1e-5 * (1 + largest(gradient)));
        CHECK(largest_difference(curvature, wanted_curvature) < 2e-5 * (1 + largest(curvature)));
        CHECK(largest(wanted_gradient) > 1e-4);
        CHECK(largest(wanted_curvature) > 1e-7);
      }
    }
}

TEST_CASE("gradient and curvature equal finite differences") {
  NetworkOptions o = small_network();
  o.depth = 2;
  RandomStream random(3, "differences");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {}, random);
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, s);
  const Matrix z = window_of(s, o), direction = random_direction(z.rows, z.cols, random);
  constexpr float h = 5e-3f;
  const auto moved = [&](float by) {
    Matrix to = z;
    add_scaled(by, direction.data.data(), to.data.data(), to.data.size());
    return to;
  };
  Matrix gradient, curvature, up, down;
  const double high = surface.value(moved(h));
  surface.gradient(up);
  const double low = surface.value(moved(-h));
  surface.gradient(down);
  surface.value(z);
  surface.gradient(gradient);
  surface.curvature(direction, curvature);
  double along = 0;
  for (std::size_t i = 0; i < z.data.size(); ++i) along += gradient.data[i] * direction.data[i];
  CHECK((high - low) / (2 * h) == doctest::Approx(along).epsilon(2e-3));
  double error = 0, size = 0;
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < z.cols; ++j) {
      const double difference = (double(up(i, j)) - down(i, j)) / (2 * h);
      error += std::pow(curvature(i, j) - difference, 2);
      size += difference * difference;
    }
  CHECK(std::sqrt(error / size) < 0.01);
}

TEST_CASE("piecewise linear, one probability: the Hessian is -D (1 - D) times the slope's square") {
  NetworkOptions o = small_network();
  o.activation = Activation::relu;
  o.head = Head::scalar;
  RandomStream random(5, "rank one");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {}, random);
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, s);
  const Matrix z = window_of(s, o), v = random_direction(z.rows, z.cols, random);
  Matrix gradient, curvature;
  const double d = std::exp(surface.value(z));
  surface.gradient(gradient); // = (1 - D) da
  surface.curvature(v, curvature);
  double along = 0;
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < z.cols; ++j) along += gradient(i, j) / (1 - d) * v(i, j);
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < z.cols; ++j)
      CHECK(curvature(i, j) == doctest::Approx(-d * (1 - d) * along * gradient(i, j) / (1 - d))
                                   .epsilon(1e-3)
                                   .scale(1e-3));
}

TEST_CASE("eq. (5): plus gamma H^-1 g goes down near a maximum, AdaHessian's step goes up") {
  // With one-dimensional relu and scalar head H = -D (1 - D) a'^2 < 0, so H^-1 g opposes g.
  NetworkOptions o = small_network();
  o.activation = Activation::relu;
  o.head = Head::scalar;
  RandomStream random(6, "sign");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {1, 0, 1, 1, false}, random);
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, s);
  Matrix z = window_of(s, o), gradient, curvature;
  const double before = surface.value(z);
  surface.gradient(gradient);
  Matrix probe(z.rows, z.cols);
  std::size_t best = 0;
  for (std::size_t j = 0; j < z.cols; ++j)
    if (std::fabs(gradient(0, j)) > std::fabs(gradient(0, best))) best = j;
  probe(0, best) = 1;
  surface.curvature(probe, curvature);
  const float newton = gradient(0, best) / curvature(0, best);
  REQUIRE(curvature(0, best) < 0);
  Matrix printed = z, turned = z;
  printed(0, best) += 1e-2f * newton;
  turned(0, best) -= 1e-2f * newton;
  CHECK(surface.value(printed) < before);
  CHECK(surface.value(turned) > before);
}

TEST_CASE("other order of hosts and tasks: the same scores in the other order") {
  const NetworkOptions o = small_network();
  RandomStream random(9, "order");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {5, 6, 2, 3, true}, random);
  const std::vector<std::uint32_t> host_at = {3, 0, 4, 2, 1}, task_at = {5, 2, 0, 4, 1, 3};
  Sample t = s; // host i of s is host host_at[i] of t
  const auto row_at = [&](std::uint32_t i) {
    return i < s.hosts ? host_at[i] : s.hosts + task_at[i - s.hosts];
  };
  const auto move = [](auto& to, const auto& from, std::size_t at, std::size_t i, std::size_t n) {
    std::copy_n(from.begin() + std::ptrdiff_t(i * n), n, to.begin() + std::ptrdiff_t(at * n));
  };
  for (std::uint32_t i = 0; i < s.rows(); ++i) {
    move(t.window, s.window, row_at(i), i, o.features());
    move(t.present, s.present, row_at(i), i, o.metric_count());
    t.keys[row_at(i)] = s.keys[i];
  }
  for (std::uint32_t i = 0; i < s.tasks; ++i)
    t.host_of_task[task_at[i]] = s.host_of_task[i] == nowhere ? nowhere : host_at[s.host_of_task[i]];
  for (std::uint32_t i = 0; i < s.hosts; ++i) { // own nodes stand first in random_sample()
    move(t.node_inputs, s.node_inputs, host_at[i], i, o.node_inputs());
    t.hub[host_at[i]] = host_at[0];
  }
  const PackedNetwork packed(o, weights);
  ScoreSurface at_s(packed, s), at_t(packed, t);
  Matrix z_s = window_of(s, o), z_t = window_of(t, o);
  InnerOptions inner;
  inner.rate = 0.02;
  climb(at_s, s, inner, 42, z_s);
  climb(at_t, t, inner, 42, z_t);
  CHECK(largest_difference(z_s, window_of(s, o)) > 1e-3);
  for (std::uint32_t i = 0; i < s.rows(); ++i)
    for (std::uint32_t j = 0; j < o.features(); ++j)
      CHECK(z_t(row_at(i), j) == doctest::Approx(z_s(i, j)).epsilon(2e-3));
}

TEST_CASE("one set of weights serves any number of hosts and tasks") {
  const NetworkOptions o;
  RandomStream random(2, "sizes");
  const Weights weights = initial_weights(o, random);
  const PackedNetwork packed(o, weights);
  for (const SampleSpec spec : {SampleSpec{1, 0, 0, 0}, SampleSpec{1, 3, 15, 1}, SampleSpec{4, 9, 3, 4},
                                SampleSpec{40, 100, 24, 4}, SampleSpec{2, 0, 1, 8}}) {
    const Sample s = random_sample(o, spec, random);
    ScoreSurface surface(packed, s);
    Matrix z = window_of(s, o);
    const Climb climbed = climb(surface, s, {}, 1, z);
    CHECK(climbed.end > climbed.start);
    CHECK(surface.flops() > 0);
    for (std::size_t i = 0; i < z.rows; ++i)
      for (std::size_t j = 0; j < z.cols; ++j) CHECK((z(i, j) >= 0 && z(i, j) <= 1));
  }
}

TEST_CASE("samples side by side do not see one another") {
  const NetworkOptions o = small_network();
  RandomStream random(4, "pack");
  const Weights weights = random_weights(o, random);
  const PackedNetwork packed(o, weights);
  const Sample a = random_sample(o, {3, 2, 1, 2, false}, random);
  const Sample b = random_sample(o, {2, 4, 2, 2, true}, random);
  const Sample both = pack({&a, &b});
  const auto rows = packed_rows({&a, &b});
  ScoreSurface together(packed, both), alone_a(packed, a), alone_b(packed, b);
  Matrix z = window_of(both, o), gradient, own;
  const double sum = together.value(z);
  together.gradient(gradient);
  CHECK(sum == doctest::Approx(alone_a.value(window_of(a, o)) + alone_b.value(window_of(b, o))));
  alone_a.gradient(own);
  for (std::size_t i = 0; i < own.rows; ++i)
    for (std::size_t j = 0; j < own.cols; ++j)
      CHECK(gradient(rows[0][i], j) == doctest::Approx(own(i, j)).epsilon(1e-4).scale(1e-4));
  alone_b.gradient(own);
  for (std::size_t i = 0; i < own.rows; ++i)
    for (std::size_t j = 0; j < own.cols; ++j)
      CHECK(gradient(rows[1][i], j) == doctest::Approx(own(i, j)).epsilon(1e-4).scale(1e-4));
}

TEST_CASE("a number that is missing neither counts nor moves") {
  const NetworkOptions o = small_network();
  RandomStream random(8, "missing");
  const Weights weights = random_weights(o, random, 2);
  const PackedNetwork packed(o, weights);
  Sample s = random_sample(o, {3, 2, 1, 2, true}, random);
  ScoreSurface surface(packed, s);
  CHECK(surface.terms() == (s.rows() * o.metric_count() - 1) * o.window);
  Matrix z = window_of(s, o);
  climb(surface, s, {.rate = 0.1}, 1, z);
  for (std::uint32_t t = 0; t < o.window; ++t) CHECK(z(0, t * o.metric_count() + 1) == 0);
}
