// Weight gradients against finite differences; generation; training: it learns, is repeatable, and can
// be taken up again; fine-tuning.
#include "learn/network.hpp"
#include "learn/trainer.hpp"
#include "random_sample.hpp"
#include "slope.hpp"

#include <doctest/doctest.h>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions small_network() {
  NetworkOptions o;
  o.window = 3;
  o.width = 16;
  return o;
}

/// Windows with a pattern: every host's metrics are one level, and swing together.
std::vector<Sample> patterned(const NetworkOptions& o, std::size_t count, std::uint64_t seed) {
  RandomStream random(seed, "patterned");
  std::vector<Sample> all;
  for (std::size_t n = 0; n < count; ++n) {
    Sample s = random_sample(o, {3, 2, 1, 2, false}, random);
    for (std::size_t i = 0; i < s.rows(); ++i) {
      const double level = random.uniform(0.1, 0.4);
      for (std::size_t j = 0; j < o.features(); ++j)
        s.window[i * o.features() + j] = static_cast<float>(level + random.uniform(-0.03, 0.03));
    }
    all.push_back(std::move(s));
  }
  return all;
}

} // namespace

TEST_CASE("gradients by the weights equal finite differences") {
  for (const auto& variant :
       {std::pair(Head::map, false), std::pair(Head::scalar, false), std::pair(Head::map, true)}) {
    const Head head = variant.first;
    const bool contrast = variant.second;
    CAPTURE(contrast);
    NetworkOptions o = small_network();
    o.head = head;
    RandomStream random(21, "weights");
    Weights weights = random_weights(o, random, 2);
    const Sample a = random_sample(o, {3, 4, 2, 2, true}, random);
    const Sample b = random_sample(o, {2, 1, 1, 2, false}, random);
    const Sample s = pack({&a, &b});
    const Matrix real = window_of(s, o), fake = contrast ? Matrix() : noise_for(s, o, 5);
    const Spoilt raised = spoil(s, o, 0.5, random);
    const Spoilt* spoilt = contrast ? &raised : nullptr;
    std::vector<std::vector<float>> gradients;
    const Losses at = Network(o, weights).losses_and_gradients(s, real, fake, gradients, spoilt);
    CHECK(at.sum() == doctest::Approx(Network(o, weights).losses(s, real, fake, spoilt).sum()));
    CHECK((at.fake == 0) == contrast);
    CHECK((at.spoilt > 0) == contrast);
    for (std::size_t k = 0; k < weights.tensors.size(); ++k) {
      // Along a direction that no other tensor shares, so that each tensor is held by itself.
      const Slope at_k = slope(weights.tensors[k].values, gradients[k], 2e-2, random,
                               [&] { return Network(o, weights).losses(s, real, fake, spoilt).sum(); });
      INFO(weights.tensors[k].name);
      CHECK(at_k.by_difference == doctest::Approx(at_k.by_gradient).epsilon(0.02).scale(0.01));
    }
  }
}

TEST_CASE("the first step of AdaHessian is the one that its formula gives") {
  const NetworkOptions o = small_network();
  RandomStream random(22, "step");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {2, 1, 1, 2, false}, random);
  const PackedNetwork packed(o, weights);
  ScoreSurface surface(packed, s);
  InnerOptions inner;
  inner.most_steps = 1;
  inner.probes = 3000; // the estimate of the diagonal comes close to the diagonal
  Matrix z = window_of(s, o), slope, bent;
  climb(surface, s, inner, 1, z);
  const Matrix before = window_of(s, o);
  surface.value(before);
  surface.gradient(slope);
  const std::size_t metrics = o.metric_count();
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t m = 0; m < metrics; ++m) {
      double diagonal = 0; // exact, then averaged over the states
      for (std::uint32_t t = 0; t < o.window; ++t) {
        Matrix unit(z.rows, z.cols);
        unit(i, t * metrics + m) = 1;
        surface.curvature(unit, bent);
        diagonal += std::fabs(bent(i, t * metrics + m)) / o.window;
      }
      for (std::uint32_t t = 0; t < o.window; ++t) {
        const std::size_t j = t * metrics + m;
        // Bias correction makes the first averages the values themselves; the first rate is gamma.
        const double step = std::clamp(1e-3 * slope(i, j) / (diagonal + 1e-4), -0.1, 0.1);
        CHECK(z(i, j) - before(i, j) == doctest::Approx(step).epsilon(0.35).scale(2e-3));
      }
    }
}

TEST_CASE("generation climbs, stops when little changes, and is the same for the same seed") {
  const NetworkOptions o = small_network();
  RandomStream random(23, "climb");
  const Weights weights = random_weights(o, random, 2);
  const Sample s = random_sample(o, {}, random);
  const PackedNetwork packed(o, weights);
  const auto run = [&](const InnerOptions& inner, std::uint64_t seed, Climb* out = nullptr) {
    ScoreSurface surface(packed, s);
    Matrix z = window_of(s, o);
    const Climb climbed = climb(surface, s, inner, seed, z);
    if (out != nullptr) *out = climbed;
    return z;
  };
  for (const Climber climber : {Climber::adahessian, Climber::adam}) {
    InnerOptions inner;
    inner.climber = climber;
    inner.rate = 0.05;
    Climb climbed;
    run(inner, 1, &climbed);
    CHECK(climbed.end > climbed.start + 1e-3);
    CHECK(climbed.steps <= 100);
    inner.small = 1; // every change is small
    run(inner, 1, &climbed);
    CHECK(climbed.converged);
    CHECK(climbed.steps == 11);
  }
  InnerOptions inner;
  CHECK(run(inner, 1).data == run(inner, 1).data);
  CHECK(run(inner, 1).data != run(inner, 2).data);
}

TEST_CASE("training lowers the loss, does the same again, and goes on where it was stopped") {
  NetworkOptions o = small_network();
  const std::vector<Sample> training = patterned(o, 40, 1), validation = patterned(o, 10, 2);
  TrainOptions options;
  options.window_start = false; // noise is told from the pattern at once
  options.adam.rate = 1e-2;
  options.epochs = 8;
  options.inner.most_steps = 15;
  const auto start = [&] {
    RandomStream random(options.seed, "weights");
    return TrainingState{initial_weights(o, random), {}, {}, {}};
  };
  Trainer whole(o, options, training, validation, start());
  while (whole.run_epoch()) {}
  const auto& history = whole.history();
  REQUIRE(history.size() == 8);
  CHECK(history.back().validation.sum() < 0.7 * history.front().training.sum());
  CHECK(history.front().climb_steps > 0);

  Trainer first(o, options, training, validation, start());
  for (int i = 0; i < 3; ++i) first.run_epoch();
  Trainer second(o, options, training, validation, first.state());
  while (second.run_epoch()) {}
  for (std::size_t k = 0; k < whole.best().tensors.size(); ++k) {
    CHECK(whole.best().tensors[k].values == second.best().tensors[k].values);
    CHECK(whole.state().weights.tensors[k].values == second.state().weights.tensors[k].values);
  }
}

TEST_CASE("training ends when validation has not become better for a while") {
  const NetworkOptions o = small_network();
  const std::vector<Sample> training = patterned(o, 10, 1);
  TrainOptions options;
  options.adam.rate = 0; // nothing is learned
  options.patience = 3;
  RandomStream random(1, "weights");
  const std::vector<Sample> validation = patterned(o, 5, 2);
  Trainer trainer(o, options, training, validation, {initial_weights(o, random), {}, {}, {}});
  while (trainer.run_epoch()) {}
  CHECK(trainer.history().size() == 4); // the first is the best, three more are not better
}

TEST_CASE("one step of fine-tuning makes D believe the observed window more than the generated") {
  const NetworkOptions o = small_network();
  RandomStream random(31, "tune");
  const Sample s = patterned(o, 1, 3)[0];
  Learner learner(o, initial_weights(o, random), {});
  const Matrix real = window_of(s, o), fake = noise_for(s, o, 3);
  const Losses before = learner.step(s, real, fake), after = learner.losses(s, real, fake);
  CHECK(after.sum() < before.sum());
  CHECK(before.sum() == doctest::Approx(2 * std::log(2.0)).epsilon(0.2));
}

TEST_CASE("spoilt windows: raised for some states, and D learns to reject what was raised, and only that") {
  NetworkOptions o = small_network();
  o.window = 6;
  const std::vector<Sample> training = patterned(o, 40, 1), validation = patterned(o, 10, 2);
  RandomStream random(5, "spoil");
  const Spoilt spoilt = spoil(training[0], o, 1, random);
  const Matrix before = window_of(training[0], o);
  const std::size_t metrics = o.metric_count();
  bool ends_before = false, ends_last = false;
  for (std::size_t i = 0; i < before.rows; ++i) {
    double raised = 0, edges = 0;
    for (std::size_t j = 0; j < before.cols; ++j) {
      const bool changed = spoilt.changed(i, j) == 1;
      raised += changed;
      CHECK((changed ? spoilt.window(i, j) >= before(i, j) : spoilt.window(i, j) == before(i, j)));
      CHECK(spoilt.window(i, j) <= 1);
      // One stretch of states per metric, to the window's end or not.
      const bool next = j + metrics < before.cols && spoilt.changed(i, j + metrics) == 1;
      edges += changed && !next;
      ends_last = ends_last || (changed && j + metrics >= before.cols);
      ends_before = ends_before || (changed && !next && j + metrics < before.cols);
    }
    CHECK(raised > 0);
    CHECK(edges <= 3);
  }
  CHECK(ends_last);
  CHECK(ends_before);
  TrainOptions options;
  options.spoilt = 0.5;
  options.adam.rate = 1e-2;
  options.epochs = 40;
  options.patience = 40;
  options.inner.most_steps = 3;
  RandomStream weights(1, "weights");
  Trainer trainer(o, options, training, validation, {initial_weights(o, weights), {}, {}, {}});
  while (trainer.run_epoch()) {}
  CHECK(trainer.history().back().validation.spoilt < 0.7 * trainer.history().front().training.spoilt);

  // What was spoilt is judged lower where it was raised than where it was not.
  const PackedNetwork packed(o, trainer.state().weights);
  double raised = 0, kept = 0, raised_count = 0, kept_count = 0;
  for (const Sample& sample : validation) {
    const Spoilt one = spoil(sample, o, 0.5, random);
    ScoreSurface surface(packed, sample);
    surface.value(one.window);
    for (std::size_t i = 0; i < one.window.rows; ++i)
      for (std::size_t j = 0; j < one.window.cols; ++j) {
        const bool changed = one.changed(i, j) == 1;
        (changed ? raised : kept) += surface.validity()(i, j);
        (changed ? raised_count : kept_count) += 1;
      }
  }
  CHECK(raised / raised_count < 0.6 * kept / kept_count);
}

TEST_CASE("without generated windows nothing is generated, and their loss is none") {
  NetworkOptions o = small_network();
  const std::vector<Sample> training = patterned(o, 40, 1), validation = patterned(o, 10, 2);
  for (const bool generate : {true, false}) {
    TrainOptions options;
    options.spoilt = 0.5;
    options.generate = generate;
    options.adam.rate = 1e-2;
    options.epochs = 6;
    options.inner.most_steps = 12;
    RandomStream weights(1, "weights");
    Trainer trainer(o, options, training, validation, {initial_weights(o, weights), {}, {}, {}});
    while (trainer.run_epoch()) {}
    const Epoch &first = trainer.history().front(), &last = trainer.history().back();
    CHECK((last.climb_steps > 0) == generate);
    CHECK((last.validation.fake > 0) == generate);
    CHECK(last.training.sum() < first.training.sum());
  }
}
