// The learned detector behind the same factory as every other: its library is opened when it is made and
// not before; what it answers; what it learns; what it refuses. And `pot`, which needs no library.
#include "core/error.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <utility>

using namespace lair;

namespace {

bool torch_is_loaded() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libtorch") != std::string::npos) return true;
  return false;
}

/// Services with a forecast that repeats the newest states, a factor larger; and a twin likewise, for which
/// every further interval begins as the one before, its newest states `growth` larger.
struct Lender {
  lair_services services{};
  const lair_observation* seen = nullptr;
  const SyntheticObservation* like = nullptr;
  std::vector<double> states;
  double growth = 1, flops = 0, memory = 0;
  std::uint64_t drawn = 0;
  std::vector<std::string> said;
  const lair_observation* at = nullptr;  ///< what the twin is loaded with
  std::deque<ObservationBuffer> later;

  int forecast_of(const lair_observation& raw, lair_forecast& out) {
    states.clear();
    const Observation view(raw);
    for (const Host& host : view.hosts())
      for (int m = 0; m < LAIR_METRICS; ++m)
        states.push_back(growth * view.metric(host, static_cast<lair_metric>(m)));
    out.states = states.data();
    return 0;
  }
  Lender() {
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) {
      return std::fmod(0.37 * static_cast<double>(++static_cast<Lender*>(self)->drawn), 1.0);
    };
    services.charge_flops = [](void* self, double f) { static_cast<Lender*>(self)->flops += f; };
    services.charge_memory = [](void* self, double b) { static_cast<Lender*>(self)->memory += b; };
    services.log = [](void* self, int level, const char* text) {
      if (level == 1) static_cast<Lender*>(self)->said.push_back(text);
    };
    services.forecast = [](void* self, const lair_action*, std::uint32_t, lair_forecast* out) {
      auto& me = *static_cast<Lender*>(self);
      return me.forecast_of(*me.seen, *out);
    };
    services.twin = [](void* self, const lair_observation* seen) {
      auto& me = *static_cast<Lender*>(self);
      CHECK(seen == me.seen);
      me.at = me.seen;
      me.later.clear();
      return reinterpret_cast<lair_twin*>(self);
    };
    services.twin_forecast = [](lair_twin* self, const lair_action*, std::uint32_t,
                                lair_forecast* out) {
      auto& me = *reinterpret_cast<Lender*>(self);
      return me.forecast_of(*me.at, *out);
    };
    services.twin_try = [](lair_twin*, std::uint64_t, std::uint32_t, lair_forecast*, lair_touched*) {
      return 1;
    };
    services.twin_close = [](lair_twin*, int) { return 1; };
    services.twin_advance = [](lair_twin* self) -> const lair_observation* {
      auto& me = *reinterpret_cast<Lender*>(self);
      ObservationBuffer& next = me.later.emplace_back(me.like->buffer);
      next.raw = *me.at;
      ++next.raw.interval;
      for (double& x : next.windows) x *= std::pow(me.growth, double(me.later.size()));
      next.seal();
      return me.at = &next.raw;
    };
  }
};

using Options = std::vector<std::pair<std::string, std::string>>;

/// One broker's detector and what it last said, by host.
class Detecting {
public:
  explicit Detecting(const std::string& detector, Options options)
      : factory_({"none", "", detector, "", std::move(options)}),
        policy_(factory_.create(lender.services, 0, 16)) {}
  std::map<std::uint32_t, double> operator()(const SyntheticObservation& synthetic) {
    lender.seen = &synthetic.raw();
    lender.like = &synthetic;
    found.clear();
    policy_->detector()->detect(Observation(synthetic.raw()), {}, found);
    const lair_detection raw = found.raw();
    std::map<std::uint32_t, double> scores;
    for (std::uint32_t i = 0; i < raw.count; ++i) scores[raw.hosts[i]] = raw.scores[i];
    return scores;
  }
  void learn(const SyntheticObservation& before, const SyntheticObservation& after) {
    policy_->detector()->learn(Observation(before.raw()), Observation(after.raw()));
  }
  Lender lender;
  Detection found;

private:
  PolicyFactory factory_;
  std::unique_ptr<PolicyInstance> policy_;
};

SyntheticObservation observation(std::uint32_t interval, std::uint32_t own = 4) {
  SyntheticSpec spec;
  spec.interval = interval;
  spec.own_hosts = own;
  return SyntheticObservation(spec);
}

const Options untrained = {{"model", "untrained"}};
Options with(Options options, const char* name, const char* value) {
  options.emplace_back(name, value);
  return options;
}

std::string refusal(const Options& options) {
  try {
    const PolicyFactory factory({"none", "", "gon", "", options});
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

} // namespace

// First, before anything opens the library.
TEST_CASE("a run with a heuristic policy never loads torch") {
  Detecting threshold("threshold", {}), pot("pot", {});
  threshold(observation(0));
  pot(observation(0));
  CHECK(list_detectors().size() >= 3);
  CHECK_FALSE(torch_is_loaded());
}

TEST_CASE("gon: one row per own host, any number of them; scores are finite; work is charged") {
  for (const std::uint32_t own : {1u, 4u, 9u}) {
    Detecting gon("gon", untrained);
    CHECK(torch_is_loaded());
    CHECK(gon.lender.memory > 4 * 1e5 * 3); // a tenth of a million weights with Adam's averages
    gon.lender.growth = 1.3;
    const auto scores = gon(observation(0, own));
    REQUIRE(scores.size() == own);
    for (const auto& [host, score] : scores) {
      CHECK(host < own);
      CHECK(std::isfinite(score));
      CHECK(score >= 0);
    }
    CHECK(gon.found.raw().expected != nullptr);
    CHECK(gon.lender.flops > 1e6);
    CHECK(gon.lender.drawn == 1); // one draw, however long generation takes
  }
}

TEST_CASE("gon: the same twice, another seed nearly so") {
  Detecting one("gon", untrained), two("gon", untrained), other("gon", untrained);
  other.lender.drawn = 1;
  for (std::uint32_t interval = 0; interval < 3; ++interval) {
    const auto a = one(observation(interval)), b = two(observation(interval));
    const auto c = other(observation(interval));
    CHECK(a == b);
    for (const auto& [host, score] : a)
      CHECK(c.at(host) == doctest::Approx(score).scale(1).epsilon(0.05));
  }
}

TEST_CASE("gon: eq. 13 counts what will be above the generated window, and only that") {
  Options options = with(untrained, "steps", "0"); // nothing moves: generated = observed
  Detecting gon("gon", options);
  gon.lender.growth = 0.5;
  for (const auto& [host, score] : gon(observation(0))) CHECK(score == 0);
  gon.lender.growth = 1.5;
  const SyntheticObservation seen = observation(1);
  const auto scores = gon(seen);
  const Observation view(seen.raw());
  for (const Host& host : view.own_hosts()) {
    // The ranges of the untrained model: shares, and bytes/s of card and network interface.
    const std::pair<lair_metric, double> columns[] = {
        {LAIR_CPU, 1},         {LAIR_RAM, 1},       {LAIR_DISK_READ, 40e6},
        {LAIR_DISK_WRITE, 20e6}, {LAIR_NET_IN, 125e6}, {LAIR_NET_OUT, 125e6}};
    double squares = 0;
    for (const auto& [metric, most] : columns) {
      const double now = view.metric(host, metric) / most;
      squares += std::pow(std::max(0.0, std::min(10.0, 1.5 * now) - std::clamp(now, 0.0, 1.0)), 2);
    }
    CHECK(scores.at(host.id) == doctest::Approx(std::sqrt(squares)).epsilon(1e-4));
    CHECK(scores.at(host.id) > 0);
  }
}

TEST_CASE("gon: learning changes the weights, and so the next scores; without it they stay") {
  const auto second = [](const char* tune, bool learn) {
    Detecting gon("gon", with(with(untrained, "fine_tune", tune), "tune_rate", "0.01"));
    gon.lender.growth = 1.2;
    const SyntheticObservation first = observation(0), then = observation(1);
    gon(first);
    if (learn) gon.learn(first, then);
    return gon(then);
  };
  CHECK(second("yes", true) != second("yes", false));
  CHECK(second("no", true) == second("no", false));
  CHECK(second("yes", true) == second("yes", true));
}

TEST_CASE("gon: no hosts, a lone one, dead ones and absurd numbers give finite answers") {
  SyntheticSpec none, lone, dead, extreme;
  none.own_hosts = none.other_hosts = none.queued = 0;
  lone.own_hosts = 1;
  lone.other_hosts = lone.queued = lone.running = 0;
  dead.dead = true;
  extreme.extreme = true;
  for (const SyntheticSpec& spec : {none, lone, dead, extreme}) {
    Detecting gon("gon", untrained);
    const SyntheticObservation first(spec);
    const auto scores = gon(first);
    CHECK(scores.size() == spec.own_hosts);
    gon.learn(first, first);
    for (const auto& [host, score] : gon(first)) CHECK(std::isfinite(score));
    const lair_detection raw = gon.found.raw();
    for (std::size_t i = 0; raw.expected != nullptr && i < raw.count * std::size_t(LAIR_METRICS); ++i)
      CHECK(std::isfinite(raw.expected[i]));
  }
}

TEST_CASE("gon: every variant runs; what it does not know is refused") {
  for (const auto& [name, value] : Options{{"climber", "adam"}, {"start", "noise"},
                                           {"start", "forecast"}, {"judged", "observed"},
                                           {"rows", "window"}, {"graph", "peers"},
                                           {"probe_every", "5"}, {"probes", "3"},
                                           {"score", "likelihood"}, {"epsilon", "1"}}) {
    CAPTURE(name);
    Detecting gon("gon", with(untrained, name.c_str(), value.c_str()));
    gon.lender.growth = 1.5;
    CHECK(gon(observation(0)).size() == 4);
  }
  CHECK(refusal(with(untrained, "climber", "newton")).find("climber") != std::string::npos);
  CHECK(refusal(with(untrained, "steps", "many")).find("not a number") != std::string::npos);
  CHECK(refusal(with(untrained, "sped", "1")).find("sped") != std::string::npos);
  CHECK(refusal({{"model", "nobody"}}).find("no model 'nobody'") != std::string::npos);
  CHECK(refusal({{"model", "./nobody.json"}}).find("no such model file") != std::string::npos);
}

namespace {

/// The score of the detection's scale and expected state, for a forecast state.
double scored_again(const lair_detection& raw, std::uint32_t row, const double* state) {
  double squares = 0;
  for (std::size_t m = 0; m < LAIR_METRICS; ++m) {
    const std::size_t at = row * std::size_t(LAIR_METRICS) + m;
    squares += std::pow(std::max(0.0, state[m] - raw.expected[at]) * raw.scale[at], 2);
  }
  return std::sqrt(squares);
}

} // namespace

TEST_CASE("gon: its scale and expected states score its forecast as it does") {
  Detecting gon("gon", untrained);
  gon.lender.growth = 1.3;
  const auto scores = gon(observation(0));
  const lair_detection raw = gon.found.raw();
  REQUIRE(raw.scale != nullptr);
  for (std::uint32_t i = 0; i < raw.count; ++i)
    CHECK(scored_again(raw, i, gon.lender.states.data() + i * std::size_t(LAIR_METRICS)) ==
          doctest::Approx(scores.at(raw.hosts[i])));
  Detecting whole("gon", with(untrained, "rows", "window")); // of all states: no such norm
  whole(observation(0));
  CHECK(whole.found.raw().scale == nullptr);
}

TEST_CASE("gon: a likelihood is -log D, and the norm of scale and expected states says the same label") {
  // The hosts of the observation are like no Raspberry Pi at its work: some are labelled.
  std::size_t labelled = 0, healthy = 0;
  for (const double growth : {0.2, 1.0, 1.3, 3.0}) {
    Detecting gon("gon", {{"model", "contrast"}});
    gon.lender.growth = growth;
    const auto scores = gon(observation(0));
    const lair_detection raw = gon.found.raw();
    REQUIRE(raw.scale != nullptr);
    for (std::uint32_t i = 0; i < raw.count; ++i) {
      CHECK(scores.at(raw.hosts[i]) >= 0);
      CHECK(raw.labels[i] == (scores.at(raw.hosts[i]) >= raw.thresholds[i] ? 1 : 0));
      const double norm =
          scored_again(raw, i, gon.lender.states.data() + i * std::size_t(LAIR_METRICS));
      if (raw.labels[i] == 0) CHECK(norm < raw.thresholds[i]);
      // An alarm for a state that generation would not lower says nothing of other states.
      if (raw.labels[i] == 1 && norm > 0) CHECK(norm >= raw.thresholds[i]);
      (raw.labels[i] == 1 && norm > 0 ? labelled : healthy) += 1;
      // What was expected is never anomalous.
      CHECK(scored_again(raw, i, raw.expected + i * std::size_t(LAIR_METRICS)) == 0);
    }
  }
  CHECK(labelled > 0);
  CHECK(healthy > 0);
  CHECK(refusal({{"model", "contrast"}, {"rows", "window"}}).find("'likelihood'") !=
        std::string::npos);
  CHECK(refusal({{"model", "contrast"}, {"window", "5"}}).find("has windows of 1") !=
        std::string::npos);
  Detecting residual("gon", {{"model", "contrast"}, {"score", "residual"}});
  Detecting likelihood("gon", {{"model", "contrast"}});
  CHECK(residual(observation(0)) != likelihood(observation(0)));
}

TEST_CASE("gon: looking ahead scores every step, and labels by any") {
  Detecting one("gon", untrained), same("gon", with(untrained, "look_ahead", "1"));
  Detecting five("gon", with(untrained, "look_ahead", "5"));
  for (auto* gon : {&one, &same, &five}) gon->lender.growth = 1.1;
  const auto now = one(observation(0)), again = same(observation(0)), max = five(observation(0));
  CHECK(now == again);
  CHECK(one.found.raw().ahead == 0);
  const lair_detection raw = five.found.raw();
  REQUIRE(raw.ahead == 4);
  CHECK(five.lender.drawn == 1);
  CHECK(five.lender.flops > 3 * one.lender.flops);
  for (std::uint32_t i = 0; i < raw.count; ++i) {
    for (int m = 0; m < LAIR_METRICS; ++m) // the first step is what it is without looking ahead
      CHECK(raw.expected[i * LAIR_METRICS + m] ==
            one.found.raw().expected[i * LAIR_METRICS + m]);
    // The world grows by a tenth each interval, twice as fast in the twin's windows: the later the step
    // the higher the score, and each step expects another state.
    CHECK(max.at(raw.hosts[i]) > now.at(raw.hosts[i]));
    CHECK(raw.thresholds[i] == one.found.raw().thresholds[i]);
    for (std::uint32_t k = 1; k < raw.ahead; ++k) {
      const double* row = raw.ahead_expected + (k * raw.count + i) * LAIR_METRICS;
      CHECK_FALSE(std::equal(row, row + LAIR_METRICS, row - raw.count * std::size_t(LAIR_METRICS)));
    }
  }
  CHECK(refusal(with(untrained, "look_ahead", "0")).find("look_ahead") != std::string::npos);
}

TEST_CASE("gon: a label of any step counts, and thresholds learn from the first step only") {
  // Thresholds from the first 10 scores; then a quiet world of which the twin says that it will grow.
  const Options options = with(with(untrained, "first", "10"), "fine_tune", "no");
  Detecting one("gon", options), five("gon", with(options, "look_ahead", "5"));
  for (std::uint32_t interval = 0; interval < 8; ++interval)
    for (auto* gon : {&one, &five}) {
      gon->lender.growth = 1.01 + 0.001 * interval;
      (*gon)(observation(interval));
    }
  for (auto* gon : {&one, &five}) gon->lender.growth = 1.03;
  one(observation(8));
  const auto scores = five(observation(8));
  const lair_detection near = one.found.raw(), far = five.found.raw();
  int later = 0;
  for (std::uint32_t i = 0; i < far.count; ++i) {
    CHECK(far.thresholds[i] < 1e6);
    CHECK(far.thresholds[i] == near.thresholds[i]);
    CHECK(far.labels[i] == (scores.at(far.hosts[i]) >= far.thresholds[i] ? 1 : 0));
    CHECK(far.labels[i] >= near.labels[i]);
    later += far.labels[i] > near.labels[i];
  }
  CHECK(later > 0);
}

TEST_CASE("gon: each ablation is one option, and does not go with what it rules out") {
  for (const auto& [ablation, name, value] :
       {std::tuple("no-window-init", "start", "noise"), std::tuple("no-adahessian", "climber", "adam")}) {
    Detecting left_out("gon", with(untrained, "ablation", ablation));
    Detecting named("gon", with(untrained, name, value)), whole("gon", untrained);
    for (auto* gon : {&left_out, &named, &whole}) gon->lender.growth = 1.3;
    CHECK(left_out(observation(0)) == named(observation(0)));
    CHECK(left_out(observation(0)) != whole(observation(0)));
  }
  Detecting flat("gon", with(untrained, "ablation", "no-topology")), whole("gon", untrained);
  CHECK(flat.lender.memory < 0.9 * whole.lender.memory); // fewer weights
  CHECK(refusal(with(with(untrained, "ablation", "no-adahessian"), "climber", "adahessian"))
            .find("'climber' says otherwise") != std::string::npos);
  CHECK(refusal(with(with(untrained, "ablation", "no-window-init"), "start", "forecast"))
            .find("'start' says otherwise") != std::string::npos);
  CHECK(refusal(with(untrained, "ablation", "no-detector")).find("ablation") != std::string::npos);
}

TEST_CASE("dragon and dragon+: their roles and options") {
  const auto made = [](const char* name, Options options, const char* detector = "") {
    PolicyFactory::Choice choice;
    choice.name = name;
    choice.detector = detector;
    choice.options = std::move(options);
    return PolicyFactory(choice);
  };
  for (const char* name : {"dragon", "dragon+", "dragon-contrast", "dragon+-contrast"}) {
    const PolicyFactory factory = made(name, untrained);
    CHECK(factory.description().detector == "gon");
    CHECK(factory.description().remediator == "annealed-migration");
    CHECK(factory.description().scheduler == "least-loaded");
    CHECK(factory.description().memory == 60e6);
  }
  const auto ahead = [&](const char* name, const Options& options) {
    Lender lender;
    const auto policy = made(name, options).create(lender.services, 0, 16);
    const SyntheticObservation seen = observation(0);
    lender.seen = &seen.raw();
    lender.like = &seen;
    Detection found;
    policy->detector()->detect(Observation(seen.raw()), {}, found);
    return std::pair(found.raw().ahead, lender.memory);
  };
  CHECK(ahead("dragon", untrained).first == 0);
  CHECK(ahead("dragon+", untrained).first == 4);
  CHECK(ahead("dragon+", with(untrained, "look_ahead", "2")).first == 1);
  CHECK(ahead("dragon-contrast", {}).first == 0);
  CHECK(ahead("dragon+-contrast", {}).first == 4);
  // Its network sees five states, unless the scenario says otherwise.
  CHECK(ahead("dragon+", untrained).second < ahead("dragon", untrained).second);
  CHECK(ahead("dragon+", with(untrained, "window", "10")).second ==
        ahead("dragon", untrained).second);
  // Options of the preset's are no mistake of whoever takes another detector; one's own are.
  CHECK_NOTHROW(made("dragon+", {}, "threshold"));
  CHECK_THROWS_AS(made("dragon+", {{"window", "5"}}, "threshold"), InputError);
  CHECK_THROWS_AS(made("dragon", with(untrained, "look_ahed", "5")), InputError);
}

TEST_CASE("pot: no alarm before it knows the scores, then rare ones; a jump is one") {
  Detecting pot("pot", {{"first", "40"}});
  int alarms = 0;
  for (std::uint32_t interval = 0; interval < 60; ++interval) {
    pot(observation(interval));
    const lair_detection raw = pot.found.raw();
    for (std::uint32_t i = 0; i < raw.count; ++i) {
      alarms += raw.labels[i];
      if (interval < 10) CHECK(raw.labels[i] == 0);
    }
  }
  CHECK(alarms <= 12); // of 200: the synthetic states jump about at random
  SyntheticObservation seen = observation(60);
  ObservationBuffer& buffer = seen.buffer;
  const std::size_t newest = std::size_t(buffer.window_at[2]) + 9 * LAIR_METRICS;
  buffer.windows[newest + LAIR_NET_IN] = 20 * 125e6;
  buffer.seal();
  const auto scores = pot(seen);
  CHECK(scores.at(2) > 5);
  CHECK(pot.found.raw().labels[2] == 1);
}
