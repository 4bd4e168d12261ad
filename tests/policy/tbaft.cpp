// TBAFT: the forecast against closed cases; what migrates, what is replicated, where to.
#include "every_federation.hpp"
#include "detectors/arima.hpp"
#include "detectors/arima_model.hpp"
#include "policy/synthetic_observation.hpp"
#include "remediators/overload_migration.hpp"
#include "remediators/threshold_replication.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace lair;
using doctest::Approx;

namespace {

/// A series whose increments are d_t = c + phi d_(t-1) + e_t + theta e_(t-1).
std::vector<double> series(int n, double c, double phi, double theta, double noise, double first = 0.1) {
  std::vector<double> u{0.3};
  double d = first, before = 0;
  for (int i = 1; i < n; ++i) {
    const double e = noise * std::sin(12.9898 * i * i); // bounded, without trend
    if (i > 1) d = c + phi * d + e + theta * before;
    before = i > 1 ? e : 0;
    u.push_back(u.back() + d);
  }
  return u;
}

struct Judged {
  double score, threshold;
  bool label;
  std::vector<double> expected;
};

/// One host's CPU share, interval by interval; the last verdict.
Judged judged(const std::vector<double>& shares, std::vector<lair_option> options = {},
              lair_metric which = LAIR_CPU, double unit = 1) {
  Recorder recorder;
  Built<ArimaDetector> detector(recorder, std::move(options));
  Judged out{};
  for (std::uint32_t i = 0; i < shares.size(); ++i) {
    SmallWorld world;
    world.host(7);
    world.metric(7, which, shares[i] * unit);
    world.interval(i);
    Detection rows;
    detector->detect(world.view(), {}, rows);
    const lair_detection raw = rows.raw();
    REQUIRE(raw.count == 1);
    REQUIRE(raw.expected != nullptr);
    out = {raw.scores[0], raw.thresholds[0], raw.labels[0] != 0,
           std::vector<double>(raw.expected, raw.expected + LAIR_METRICS)};
  }
  CHECK(recorder.flops > 0);
  return out;
}

/// Hosts 0 to 3 are own ones, 10 a peer's; scores of hosts 0 to 3 against 0.9.
struct Scored {
  SmallWorld world;
  std::vector<double> scores{0, 0, 0, 0};
  double threshold = 0.9;
  Scored() {
    for (const std::uint32_t id : {0u, 1u, 2u, 3u}) world.host(id);
    world.host(10, false);
  }
  Decision decide(std::vector<lair_option> options = {}) {
    const std::uint32_t hosts[] = {0, 1, 2, 3};
    std::vector<double> thresholds(4, threshold);
    std::vector<std::uint8_t> labels;
    for (const double score : scores) labels.push_back(score >= threshold);
    lair_detection own{};
    own.size = sizeof own;
    own.count = 4;
    own.hosts = hosts;
    own.scores = scores.data();
    own.thresholds = thresholds.data();
    own.labels = labels.data();
    Recorder recorder;
    Built<ThresholdReplication> remediator(recorder, std::move(options));
    Decision out;
    remediator->decide(world.view(), {}, &own, out);
    return out;
  }
};

} // namespace

TEST_CASE("ARIMA: a constant stays, a line goes on") {
  const std::vector<double> constant(12, 0.4);
  const ArimaForecast stays = arima_forecast(constant);
  CHECK(stays.fitted);
  CHECK(stays.next == Approx(0.4));
  CHECK(stays.spread == 0);
  std::vector<double> line;
  for (int i = 0; i < 20; ++i) line.push_back(0.1 + 0.03 * i);
  const ArimaForecast goes = arima_forecast(line);
  CHECK(goes.fitted);
  CHECK(goes.next == Approx(0.1 + 0.03 * 20));
}

TEST_CASE("ARIMA: increments of an AR(1) without noise are found to the digit") {
  for (const double phi : {0.8, 0.5, -0.6}) {
    INFO(phi);
    const auto u = series(14, 0.01, phi, 0, 0);
    const ArimaForecast f = arima_forecast(u);
    CHECK(f.fitted);
    CHECK(f.phi == Approx(phi).epsilon(1e-6));
    CHECK(f.c == Approx(0.01).epsilon(1e-6));
    CHECK(f.next == Approx(series(15, 0.01, phi, 0, 0).back()).epsilon(1e-9));
  }
}

TEST_CASE("ARIMA: with noise, phi and theta are near those that made the series, and bounded") {
  const ArimaForecast both = arima_forecast(series(4000, 0.002, 0.6, 0.4, 0.05));
  CHECK(both.fitted);
  CHECK(both.phi == Approx(0.6).epsilon(0.1));
  CHECK(both.theta == Approx(0.4).epsilon(0.15));
  const ArimaForecast moving = arima_forecast(series(4000, 0, 0, 0.7, 0.05));
  CHECK(moving.theta == Approx(0.7).epsilon(0.1));
  CHECK(std::abs(moving.phi) < 0.1);
  // Increments that double: phi may not follow.
  const ArimaForecast wild = arima_forecast(series(12, 0, 2, 0, 0, 1e-4));
  CHECK(std::abs(wild.phi) <= 0.98);
  CHECK(std::abs(wild.theta) <= 0.98);
}

TEST_CASE("ARIMA: its residuals are least at the fit") {
  // The sum of squares at the fit is below that of any neighbour, worked out anew from the definition.
  const auto u = series(30, 0.005, 0.5, -0.3, 0.04);
  const ArimaForecast f = arima_forecast(u);
  REQUIRE(f.fitted);
  const auto squares = [&](double c, double phi, double theta) {
    double sum = 0, e = 0;
    for (std::size_t t = 2; t < u.size(); ++t) {
      e = (u[t] - u[t - 1]) - c - phi * (u[t - 1] - u[t - 2]) - theta * e;
      sum += e * e;
    }
    return sum;
  };
  const double least = squares(f.c, f.phi, f.theta);
  for (const double step : {-0.02, 0.02}) {
    CHECK(squares(f.c + step, f.phi, f.theta) > least);
    CHECK(squares(f.c, f.phi + step, f.theta) > least);
    CHECK(squares(f.c, f.phi, f.theta + step) > least);
  }
}

TEST_CASE("ARIMA: fewer than eight samples are persistence") {
  std::vector<double> line;
  for (int i = 0; i < 7; ++i) line.push_back(0.1 * i);
  const ArimaForecast seven = arima_forecast(line);
  CHECK_FALSE(seven.fitted);
  CHECK(seven.next == line.back());
  line.push_back(0.7);
  CHECK(arima_forecast(line).next == Approx(0.8));
  CHECK(arima_forecast({}).next == 0);
}

TEST_CASE("arima labels a rise before it has arrived, which no look at the present does") {
  std::vector<double> rise;
  for (int i = 0; i < 12; ++i) rise.push_back(0.05 + 0.07 * i); // to 0.82
  const Judged soon = judged(rise);
  CHECK(soon.label == false);
  CHECK(soon.score == Approx(0.89));
  rise.push_back(0.89);
  const Judged now = judged(rise);
  CHECK(now.label);
  CHECK(now.score == Approx(0.96));
  CHECK(now.threshold == 0.9);
  CHECK(now.expected[LAIR_CPU] == Approx(0.96));
  CHECK_FALSE(judged(rise, {{"theta_hi", "0.97"}}).label);
  // History is its own: with less of it the same window of one state tells nothing of the rise.
  CHECK(judged({0.89}).score == Approx(0.89));
}

TEST_CASE("arima looks at RAM and at the fuller way of the network too, and stays within shares") {
  const std::vector<double> high(9, 0.95);
  CHECK(judged(high, {}, LAIR_RAM).label);
  CHECK(judged(high, {}, LAIR_NET_IN, 125e6).label);
  CHECK(judged(high, {}, LAIR_NET_OUT, 125e6).expected[LAIR_NET_OUT] == Approx(0.95 * 125e6));
  CHECK_FALSE(judged(high, {}, LAIR_SWAP).label);
  std::vector<double> steep;
  for (int i = 0; i < 9; ++i) steep.push_back(0.12 * i);
  CHECK(judged(steep).score == 1);
}

TEST_CASE("arima forgets what is older than its history") {
  std::vector<double> shares(10, 0.9); // a jump down, then calm: a long memory still sees the jump
  for (int i = 0; i < 30; ++i) shares.push_back(0.2);
  CHECK(judged(shares).score == Approx(0.2));
  std::vector<double> line;
  for (int i = 0; i < 8; ++i) line.push_back(0.5);
  for (int i = 1; i <= 8; ++i) line.push_back(0.5 + 0.02 * i);
  CHECK(judged(line, {{"history", "8"}}).score == Approx(0.68));
}

TEST_CASE("adaptive thresholds fall with the noise, between 0.7 and 0.95") {
  const std::vector<double> calm(12, 0.5);
  CHECK(judged(calm, {{"thresholds", "adaptive"}}).threshold == Approx(0.95));
  std::vector<double> noisy;
  for (int i = 0; i < 30; ++i) noisy.push_back(0.5 + 0.4 * std::sin(12.9898 * i * i));
  CHECK(judged(noisy, {{"thresholds", "adaptive"}}).threshold == Approx(0.7));
  CHECK(judged(noisy).threshold == 0.9);
}

TEST_CASE("above theta_hi the smallest image goes to the least loaded host, until it is below") {
  Scored s;
  s.world.running(50, 0);
  s.world.running(51, 0).resident = 100e6;
  s.world.running(52, 0);
  s.world.running(60, 1);
  s.world.running(61, 2);
  s.world.running(62, 3);
  s.scores = {1, 0, 0, 0};
  // 6 threads of 4 cores: one gone leaves all cores busy, two leave half of them.
  Decision out = s.decide();
  CHECK(pairs(out, LAIR_MIGRATE) == Pairs{{51, 10}, {50, 1}});
  CHECK(pairs(out, LAIR_REPLICATE).empty());
  s.world.metric(10, LAIR_CPU_PRESSURE, 0.75);
  CHECK(pairs(s.decide(), LAIR_MIGRATE) == Pairs{{51, 1}, {50, 2}});
}

TEST_CASE("between theta_lo and theta_hi the most important task gets a replica, and nothing moves") {
  Scored s;
  s.world.running(50, 0).images_done = 10;
  s.world.running(51, 0).images_done = 700;
  s.world.running(60, 1);
  s.scores = {0.8, 0, 0, 0};
  const double none = std::numeric_limits<double>::infinity();
  const auto with = [&](double first, double second) {
    Scored again;
    for (const auto& [id, deadline] : {std::pair(50, first), std::pair(51, second)}) {
      lair_task& task = again.world.running(static_cast<std::uint64_t>(id), 0);
      task.deadline = deadline;
      task.images_done = id == 51 ? 700 : 10;
    }
    again.world.running(60, 1);
    again.scores = s.scores;
    return again.decide();
  };
  CHECK(pairs(with(2000, 3000), LAIR_REPLICATE) == Pairs{{50, 2}}); // least slack
  CHECK(pairs(with(3000, 2000), LAIR_REPLICATE) == Pairs{{51, 2}});
  CHECK(pairs(with(none, 3000), LAIR_REPLICATE) == Pairs{{51, 2}});
  CHECK(pairs(with(none, none), LAIR_REPLICATE) == Pairs{{51, 2}}); // most done
  CHECK(pairs(with(none, none), LAIR_MIGRATE).empty());
  s.scores = {0.69, 0, 0, 0};
  CHECK(with(none, none).actions().empty());
  s.scores = {0.7, 0, 0, 0};
  CHECK(pairs(with(none, none), LAIR_REPLICATE).size() == 1);
}

TEST_CASE("a task with a replica gets no further one; in the way, the replica ends and the primary stays") {
  Scored s;
  lair_task& primary = s.world.running(50, 0);
  primary.copies = 2;
  lair_task& copy = s.world.running(50, 1);
  copy.copies = 2;
  copy.copy = 1;
  s.scores = {0.8, 0.8, 0, 0};
  CHECK(s.decide().actions().empty());
  s.scores = {1, 1, 0, 0};
  const Decision out = s.decide();
  CHECK(pairs(out, LAIR_CANCEL) == Pairs{{50, 1}});
  CHECK(pairs(out, LAIR_MIGRATE).empty());
}

TEST_CASE("nothing goes to hosts that are labelled, dead or full, and nothing happens without a detector") {
  Scored s;
  s.world.running(50, 0);
  s.scores = {1, 1, 0, 0};
  s.world.find(2).flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  s.world.find(3).ram_need = 3.9e9;
  s.world.metric(10, LAIR_CPU_PRESSURE, 0.4);
  CHECK(pairs(s.decide(), LAIR_MIGRATE) == Pairs{{50, 10}});
  Recorder recorder;
  Built<ThresholdReplication> remediator(recorder);
  Decision out;
  remediator->decide(s.world.view(), {}, nullptr, out);
  CHECK(out.actions().empty());
}

TEST_CASE("with a detector whose threshold is none of a share, labels tell") {
  Scored s;
  s.world.running(50, 0);
  s.threshold = 0; // log odds
  s.scores = {0.1, -5, -5, -5};
  CHECK(pairs(s.decide(), LAIR_MIGRATE).size() == 1);
  s.scores = {-0.1, -5, -5, -5};
  CHECK(s.decide().actions().empty());
}

TEST_CASE("another policy decides otherwise where TBAFT replicates") {
  Scored s;
  s.world.running(50, 0);
  s.scores = {0.8, 0, 0, 0};
  const std::uint32_t hosts[] = {0, 1, 2, 3};
  const double thresholds[] = {0.9, 0.9, 0.9, 0.9};
  const std::uint8_t labels[] = {0, 0, 0, 0};
  lair_detection own{};
  own.size = sizeof own;
  own.count = 4;
  own.hosts = hosts;
  own.scores = s.scores.data();
  own.thresholds = thresholds;
  own.labels = labels;
  Recorder recorder;
  Built<OverloadMigration> other(recorder);
  Decision out;
  other->decide(s.world.view(), {}, &own, out);
  CHECK(out.actions().empty());
  CHECK(s.decide().actions().size() == 1);
}

TEST_CASE("tbaft: federations of 1, 16, 100 and 1,000 hosts, and LEIs of one host, decide and repeat themselves") {
  for (SyntheticSpec spec : every_federation(3)) {
    const std::uint32_t hosts = spec.own_hosts + spec.other_hosts;
    spec.copies = true;
    std::vector<std::vector<lair_action>> answers;
    for (int i = 0; i < 2; ++i) {
      Recorder recorder;
      Built<ArimaDetector> detector(recorder, {}, hosts);
      Built<ThresholdReplication> remediator(recorder, {}, hosts);
      auto& all = answers.emplace_back();
      for (spec.interval = 0; spec.interval < 12; ++spec.interval) {
        const SyntheticObservation seen(spec);
        Detection detection;
        detector->detect(Observation(seen.raw()), {}, detection);
        const lair_detection own = detection.raw();
        Decision out;
        remediator->decide(Observation(seen.raw()), {}, &own, out);
        all.insert(all.end(), out.actions().begin(), out.actions().end());
      }
      CHECK(recorder.flops > 0);
    }
    CHECK(answers[0].size() == answers[1].size());
    for (std::size_t i = 0; i < answers[0].size(); ++i) {
      CHECK(answers[0][i].host == answers[1][i].host);
      CHECK(answers[0][i].task == answers[1][i].task);
    }
    if (hosts > 1) CHECK_FALSE(answers[0].empty());
  }
}
