// The learned detector behind the same factory as every other: its library is opened when it is made and
// not before; what it answers; what it learns; what it refuses. And `pot`, which needs no library.
#include "core/error.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

using namespace lair;

namespace {

bool torch_is_loaded() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libtorch") != std::string::npos) return true;
  return false;
}

/// Services with a forecast that repeats the newest states, a factor larger.
struct Lender {
  lair_services services{};
  const lair_observation* seen = nullptr;
  std::vector<double> states;
  double growth = 1, flops = 0, memory = 0;
  std::uint64_t drawn = 0;
  Lender() {
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) {
      return std::fmod(0.37 * static_cast<double>(++static_cast<Lender*>(self)->drawn), 1.0);
    };
    services.charge_flops = [](void* self, double f) { static_cast<Lender*>(self)->flops += f; };
    services.charge_memory = [](void* self, double b) { static_cast<Lender*>(self)->memory += b; };
    services.log = [](void*, int, const char*) {};
    services.forecast = [](void* self, const lair_action*, std::uint32_t, lair_forecast* out) {
      auto& me = *static_cast<Lender*>(self);
      me.states.clear();
      const Observation view(*me.seen);
      for (const Host& host : view.hosts())
        for (int m = 0; m < LAIR_METRICS; ++m)
          me.states.push_back(me.growth * view.metric(host, static_cast<lair_metric>(m)));
      out->states = me.states.data();
      return 0;
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
                                           {"probe_every", "5"}, {"probes", "3"}}) {
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
