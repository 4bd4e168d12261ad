// StepGAN's networks: the one without torch against torch; matrices and score against their formulas; gradients
// against differences; training step by step, that can be taken up again; what correlations tell and means do not.
#include "learn/step_gan.hpp"
#include "random_sample.hpp"
#include "slope.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace lair;
using namespace lair::learn;

namespace {

const Sizes sizes{{"lag1", 1}, {"lag2", 3}, {"lag3", 30}, {"code", 5}};

NetworkOptions seen(std::uint32_t metrics, std::uint32_t window) {
  NetworkOptions o;
  o.window = window;
  o.metrics.clear();
  for (std::uint32_t m = 0; m < metrics; ++m) o.metrics.push_back(m);
  return o;
}

/// Nothing is zero, so that every part has a say.
Weights ordinary_weights(const NetworkOptions& o, RandomStream& random) {
  Weights w = initial_step_gan(o, sizes, random);
  for (Tensor& tensor : w.tensors)
    for (float& value : tensor.values) value = value == 0 ? static_cast<float>(0.1 * random.normal()) : 2 * value;
  return w;
}

Images random_images(std::size_t side, std::size_t count, RandomStream& random) {
  Images x{side, count, Matrix(count * side * side, step_lags)};
  for (std::size_t i = 0; i < x.pixels.rows; ++i)
    for (std::size_t c = 0; c < step_lags; ++c) x.pixels(i, c) = static_cast<float>(random.uniform());
  return x;
}

TrainingState begun(const NetworkOptions& o) {
  RandomStream weights(5, "weights");
  return {initial_step_gan(o, sizes, weights), {}, {}, {}};
}

/// Windows of metrics that all move with the first, but for some noise. `shifted`: the first moves against the
/// others; each metric's numbers are the same, in another order.
std::vector<Sample> waves(const NetworkOptions& o, std::size_t count, bool shifted, RandomStream& random) {
  std::vector<Sample> all;
  for (std::size_t i = 0; i < count; ++i) {
    Sample s = random_sample(o, {1, 0, 0, 1, false}, random);
    std::vector<double> wave;
    for (std::uint32_t t = 0; t < o.window; ++t) wave.push_back(t % 2 ? 0.8 : 0.2);
    const std::size_t turn = random.below(2);
    for (std::uint32_t t = 0; t < o.window; ++t)
      for (std::uint32_t m = 0; m < o.metric_count(); ++m) {
        const std::size_t at = t + turn + (shifted && m == 0 ? 1 : 0);
        s.window[t * o.metric_count() + m] =
            static_cast<float>((m % 2 ? 0.4 : 1) * wave[at % o.window] + random.uniform(-0.05, 0.05));
      }
    all.push_back(std::move(s));
  }
  return all;
}

} // namespace

TEST_CASE("correlation matrices are their formula, for each lag; a lag is no longer than the window") {
  RandomStream random(61, "window");
  const std::size_t metrics = 3, states = 4;
  std::vector<double> x;
  for (std::size_t i = 0; i < metrics * states; ++i) x.push_back(random.uniform());
  Images m{step_side(metrics), 2, {}};
  m.pixels.resize(2 * m.side * m.side, step_lags);
  correlate(x.data(), states, metrics, sizes, 1, m);
  for (const auto& [lag, length] : {std::pair(0u, 1u), std::pair(1u, 3u), std::pair(2u, 4u)})
    for (std::size_t i = 0; i < metrics; ++i)
      for (std::size_t j = 0; j < metrics; ++j) {
        double sum = 0;
        for (std::size_t t = states - length; t < states; ++t) sum += x[t * metrics + i] * x[t * metrics + j];
        CHECK(m.pixels((m.side + i) * m.side + j, lag) == doctest::Approx(sum / length).epsilon(1e-6));
        CHECK(m.pixels(i * m.side + j, lag) == 0); // another host's
      }
  CHECK(step_side(1) == 8);
  CHECK(step_side(8) == 8);
  CHECK(step_side(9) == 16);
}

TEST_CASE("without torch it is the same network, for any number of metrics and hosts") {
  RandomStream random(62, "images");
  for (const auto& [metrics, count] : {std::pair(6u, 5u), std::pair(1u, 1u), std::pair(9u, 3u)}) {
    const NetworkOptions o = seen(metrics, 4);
    const Weights w = ordinary_weights(o, random);
    const Images x = random_images(step_side(metrics), count, random);
    const auto [image, real] = step_gan_by_torch(o, sizes, w, x);
    const StepGan network(o, sizes, w);
    const Images written = network.written(x);
    CHECK(largest(written.pixels) > 0.1);
    CHECK(largest_difference(image, written.pixels) < 1e-5 * largest(written.pixels));
    const auto believed = network.real(x);
    REQUIRE(believed.size() == count);
    for (std::size_t i = 0; i < count; ++i) CHECK(believed[i] == doctest::Approx(real[i]).epsilon(1e-5));
    CHECK(network.flops_per_image() > 1e5);
  }
}

TEST_CASE("the score is half the distance and half the critic's disbelief") {
  RandomStream random(63, "score");
  const NetworkOptions o = seen(6, 4);
  const StepGan network(o, sizes, ordinary_weights(o, random));
  Images raw = random_images(8, 40, random), clipped = raw; // more than are worked on at once
  raw.pixels(33 * 64 + 1 * 8 + 2, 1) = 7;
  const Images written = network.written(clipped);
  const auto believed = network.real(clipped);
  for (const double critic : {0.5, 0.0, 1.0}) {
    const auto scores = network.scores(raw, clipped, critic);
    REQUIRE(scores.size() == 40);
    for (const std::size_t i : {0, 33, 39}) {
      double rows = 0; // mean over the rows of a row's sum; what only fills the image up does not count
      for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t c = 0; c < 6; ++c)
          for (std::size_t lag = 0; lag < 3; ++lag)
            rows += std::fabs(double(raw.pixels((i * 8 + r) * 8 + c, lag)) -
                              written.pixels((i * 8 + r) * 8 + c, lag)) / 3 / 6;
      CHECK(scores[i] == doctest::Approx((1 - critic) * rows + critic * (1 - believed[i])).epsilon(1e-6));
    }
  }
}

TEST_CASE("gradients are of L_G by G's weights and of L_D by D's, at every level") {
  RandomStream random(64, "gradients");
  const NetworkOptions o = seen(6, 4);
  Weights w = ordinary_weights(o, random);
  const Images x = random_images(8, 4, random);
  const StepGanOptions options;
  for (std::size_t level = 1; level <= step_levels; ++level) {
    std::vector<std::vector<float>> gradients;
    const StepLosses all = step_gan_losses(o, sizes, w, level, options, x, &gradients);
    CHECK(all.generator > options.weight * all.distance);
    for (std::size_t k = 0; k < w.tensors.size(); ++k) {
      const bool generator = w.tensors[k].name.starts_with("generator.");
      const Slope at_k = slope(w.tensors[k].values, gradients[k], 2e-3, random, [&] {
        const StepLosses found = step_gan_losses(o, sizes, w, level, options, x, nullptr);
        return generator ? found.generator : found.critic;
      });
      INFO(w.tensors[k].name);
      CHECK(at_k.by_difference == doctest::Approx(at_k.by_gradient).epsilon(0.05).scale(0.3));
      if (level_of(w.tensors[k].name) > level) CHECK(at_k.by_gradient == 0);
      else CHECK(std::any_of(gradients[k].begin(), gradients[k].end(), [](float g) { return g != 0; }));
    }
  }
}

TEST_CASE("training goes from the coarsest level to the finest: what is new alone, then everything") {
  const NetworkOptions o = seen(6, 6);
  RandomStream random(65, "samples");
  const Images training = images_of(waves(o, 96, false, random), o, sizes),
               validation = images_of(waves(o, 16, false, random), o, sizes);
  CHECK(training.count == 96);
  CHECK(images_of(waves(o, 10, false, random), o, sizes, 3).count == 4);
  StepGanOptions options;
  options.adam.rate = 1e-3;
  options.epochs = 8; // of which 2 frozen
  options.patience = 100;
  options.batch = 8;
  StepGanTrainer whole(o, sizes, options, training, validation, begun(o));
  TrainingState state;
  std::vector<std::size_t> levels;
  std::vector<bool> frozen;
  Weights before = begun(o).weights, coarse;
  for (StepGanTrainer::Stage at = whole.stage(); whole.run_epoch(); at = whole.stage()) {
    levels.push_back(at.level);
    frozen.push_back(at.frozen);
    const Weights now = whole.state().weights;
    if (at.began + 1 < whole.history().size()) // not the first of a stage, which begins at the best of the last
      for (std::size_t k = 0; k < now.tensors.size(); ++k) {
        const std::size_t level = level_of(now.tensors[k].name);
        INFO(now.tensors[k].name << " in epoch " << whole.history().size());
        CHECK((now.tensors[k].values != before.tensors[k].values) ==
              (at.frozen ? level == at.level : level <= at.level));
      }
    before = now;
    if (whole.history().size() == 11) state = whole.state();
    if (whole.history().size() == 16) coarse = whole.best();
  }
  CHECK(levels == std::vector<std::size_t>{1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3});
  CHECK(std::count(frozen.begin(), frozen.end(), true) == 4);
  CHECK((frozen[8] && frozen[9] && frozen[16] && frozen[17]));
  // A level more changes nothing at first; then it writes what the coarser ones could not.
  const auto distance = [&](const Weights& w, std::size_t level) {
    return step_gan_losses(o, sizes, w, level, options, validation, nullptr).distance;
  };
  const Weights start = begun(o).weights;
  CHECK(distance(whole.best(), 3) < 0.5 * distance(start, 3));
  CHECK(distance(coarse, 3) > 1.2 * distance(whole.best(), 3));
  StepGanTrainer second(o, sizes, options, training, validation, state);
  while (second.run_epoch()) {
  }
  REQUIRE(second.history().size() == 24);
  for (std::size_t k = 0; k < whole.best().tensors.size(); ++k)
    CHECK(second.best().tensors[k].values == whole.best().tensors[k].values);

  // Metrics that no longer move together, with the same numbers each: their means tell nothing, the score does.
  const StepGan network(o, sizes, whole.best());
  const auto usual = waves(o, 40, false, random), shifted = waves(o, 40, true, random);
  const auto scores_of = [&](const std::vector<Sample>& samples) {
    const Images x = images_of(samples, o, sizes);
    return network.scores(x, x, 0.5);
  };
  const auto mean_of = [&](const std::vector<Sample>& samples, std::uint32_t metric) {
    double sum = 0;
    for (const Sample& s : samples)
      for (std::uint32_t t = 0; t < o.window; ++t) sum += s.window[t * o.metric_count() + metric];
    return sum / static_cast<double>(samples.size() * o.window);
  };
  CHECK(mean_of(shifted, 0) == doctest::Approx(mean_of(usual, 0)).epsilon(0.02));
  const auto healthy = scores_of(usual), planted = scores_of(shifted);
  std::size_t told = 0; // pairs, as the area under the ROC curve counts them
  for (const double a : planted)
    for (const double b : healthy) told += a > b;
  CHECK(told > 0.85 * 40 * 40);
}
