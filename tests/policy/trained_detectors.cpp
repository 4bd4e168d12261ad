// The detectors awgg, topomad and stepgan behind the same factory as every other, with the models that ship: what they
// answer for any number of hosts, what their labels mean, what they refuse.
#include "core/error.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace lair;

namespace {

struct Lender {
  lair_services services{};
  double flops = 0, memory = 0;
  std::uint64_t drawn = 0;
  std::vector<std::string> said;
  Lender() {
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) {
      return std::fmod(0.37 * static_cast<double>(++static_cast<Lender*>(self)->drawn), 1.0);
    };
    services.charge_flops = [](void* self, double f) { static_cast<Lender*>(self)->flops += f; };
    services.charge_memory = [](void* self, double b) { static_cast<Lender*>(self)->memory += b; };
    services.log = [](void* self, int, const char* text) { static_cast<Lender*>(self)->said.push_back(text); };
  }
};

using Options = std::vector<std::pair<std::string, std::string>>;

struct Verdict {
  double score, threshold;
  bool label;
  bool operator==(const Verdict&) const = default;
};

/// One broker's detector.
class Detecting {
public:
  explicit Detecting(const std::string& detector, Options options = {})
      : factory_({"none", "", detector, "", std::move(options)}), policy_(factory_.create(lender.services, 0, 16)) {}
  std::map<std::uint32_t, Verdict> operator()(const SyntheticObservation& seen) {
    Detection found;
    policy_->detector()->detect(Observation(seen.raw()), {}, found);
    const lair_detection raw = found.raw();
    std::map<std::uint32_t, Verdict> all;
    for (std::uint32_t i = 0; i < raw.count; ++i)
      all[raw.hosts[i]] = {raw.scores[i], raw.thresholds[i], raw.labels[i] != 0};
    return all;
  }
  Lender lender;

private:
  PolicyFactory factory_;
  std::unique_ptr<PolicyInstance> policy_;
};

/// Hosts that all did little, with small differences; those in `busy` worked and received a lot, from the
/// interval before `first` until the one before `end`.
SyntheticObservation calm(std::uint32_t interval, const std::set<std::uint32_t>& busy, double level = 1,
                          std::uint32_t first = 0, std::uint32_t end = 1000) {
  SyntheticSpec spec;
  spec.interval = interval;
  spec.window = 10;
  SyntheticObservation seen(spec);
  for (std::uint32_t h = 0; h < seen.buffer.hosts.size(); ++h) {
    for (std::uint32_t s = 0; s < 10; ++s) {
      double* x = seen.buffer.windows.data() + seen.buffer.window_at[h] + std::ptrdiff_t(s * LAIR_METRICS);
      const std::uint32_t ends = interval + s; // 9 intervals after the state's end
      const double wave = 0.5 + 0.5 * std::sin(1.7 * h + 0.9 * ends);
      const bool now = busy.count(h) > 0 && ends >= first + 9 && ends < end + 9;
      x[LAIR_CPU] = now ? level : 0.2 + 0.2 * wave;
      x[LAIR_CPU_PRESSURE] = now ? 2 : 0.3;
      x[LAIR_RAM] = now ? level : 0.25 + 0.1 * wave;
      x[LAIR_SWAP] = 0;
      x[LAIR_DISK_READ] = now ? level * 20e6 : 1e5 * wave;
      x[LAIR_DISK_WRITE] = now ? level * 10e6 : 1e5 * wave;
      x[LAIR_NET_IN] = now ? level * 60e6 : 2e5 * wave;
      x[LAIR_NET_OUT] = now ? level * 60e6 : 2e5 * wave;
      x[LAIR_IO_WAIT] = 0;
      x[LAIR_ALIVE] = 1;
    }
    auto& host = seen.buffer.hosts[h];
    host.flags |= LAIR_HOST_KNOWN;
  }
  seen.buffer.seal();
  return seen;
}

std::string refusal(const std::string& detector, const Options& options) {
  try {
    const PolicyFactory factory({"none", "", detector, "", options});
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("one row per own host for any number of them, finite, charged, the same twice") {
  for (const char* name : {"awgg", "topomad", "stepgan"}) {
    CAPTURE(name);
    std::vector<double> flops;
    for (const auto& [own, others] : {std::pair(1u, 0u), std::pair(1u, 15u), std::pair(4u, 12u),
                                      std::pair(4u, 96u), std::pair(1000u, 0u), std::pair(4u, 996u)}) {
      Detecting one(name), two(name);
      for (std::uint32_t interval = 0; interval < 3; ++interval) {
        SyntheticSpec spec;
        spec.interval = interval;
        spec.own_hosts = own;
        spec.other_hosts = others;
        const SyntheticObservation seen(spec);
        const auto said = one(seen);
        REQUIRE(said.size() == own);
        for (const auto& [host, verdict] : said) {
          CHECK(host < own);
          CHECK(std::isfinite(verdict.score));
        }
        CHECK(said == two(seen));
      }
      CHECK(one.lender.memory > 1000);
      CHECK(one.lender.memory < 1e6);
      flops.push_back(one.lender.flops);
    }
    CHECK(flops[0] > 1000);
    // More hosts, more work; StepGAN looks at a host's own metrics only.
    CHECK((std::string(name) == "stepgan" ? flops[4] > 100 * flops[2] : flops[3] > 2 * flops[2]));
  }
}

TEST_CASE("no hosts, dead ones and absurd numbers give finite answers") {
  SyntheticSpec none, dead, extreme;
  none.own_hosts = none.other_hosts = none.queued = none.running = 0;
  dead.dead = true;
  extreme.extreme = true;
  for (const char* name : {"awgg", "topomad", "stepgan"})
    for (const SyntheticSpec& spec : {none, dead, extreme}) {
      Detecting detector(name);
      const SyntheticObservation seen(spec);
      for (int i = 0; i < 3; ++i) {
        const auto said = detector(seen);
        CHECK(said.size() == spec.own_hosts);
        for (const auto& [host, verdict] : said) CHECK(std::isfinite(verdict.score));
      }
    }
}

TEST_CASE("awgg labels by membership in the cluster with the larger load, whatever is usual") {
  // A few hosts that work hard among calm ones are a cluster of their own, and the faulty one. So are, among
  // hosts that all work hard, those that do still more: it is unsupervised, there is no usual level. (A
  // detector with a threshold of its own, as topomad, tells the two apart.)
  for (const double level : {1.0, 0.6}) {
    CAPTURE(level);
    Detecting awgg("awgg");
    std::map<std::uint32_t, Verdict> said;
    for (std::uint32_t interval = 0; interval < 6; ++interval) said = awgg(calm(interval, {1, 7}, level));
    REQUIRE(said.size() == 4);
    CHECK(said.at(1).label);
    CHECK(said.at(1).score > said.at(0).score);
    for (const auto& [host, verdict] : said) {
      CHECK(verdict.threshold == 0); // log odds of a membership of one half
      CHECK(verdict.label == (verdict.score > 0));
    }
    CHECK(awgg.lender.drawn == 0);
  }
  // With all calm one of the two clusters still has the larger load: somebody is always labelled, sooner or
  // later. This is what makes AWGG migrate most.
  Detecting awgg("awgg");
  std::size_t labelled = 0;
  for (std::uint32_t interval = 0; interval < 10; ++interval)
    for (const auto& [host, verdict] : awgg(calm(interval, {}))) labelled += verdict.label;
  CHECK(labelled > 0);
  // Another membership is another threshold on the same scores.
  Detecting strict("awgg", {{"membership", "0.9"}});
  CHECK(strict(calm(0, {1})).at(1).threshold == doctest::Approx(std::log(9)));
}

TEST_CASE("topomad: what healthy hosts do scores low; one that does not is above its threshold") {
  Detecting topomad("topomad");
  std::map<std::uint32_t, Verdict> said;
  for (std::uint32_t interval = 0; interval < 3; ++interval) {
    said = topomad(calm(interval, {}));
    for (const auto& [host, verdict] : said) CHECK_FALSE(verdict.label);
    CHECK(topomad.lender.drawn == interval + 1); // one draw, however many samples
  }
  const double before = said.at(1).score;
  said = topomad(calm(3, {1}, 1, 3));
  CHECK(said.at(1).label);
  CHECK(said.at(1).score > before + 100);
  CHECK_FALSE(said.at(3).label);
}

TEST_CASE("topomad: the score averages over windows as asked") {
  const auto scores = [](const Options& options) {
    Detecting topomad("topomad", options);
    std::vector<double> all;
    for (std::uint32_t interval = 0; interval < 8; ++interval)
      all.push_back(topomad(calm(interval, {1}, 1, 4, 5)).at(1).score);
    return all;
  };
  // The one bad state counts at once; in the mean of the last three for three intervals; when it has settled
  // only, two intervals later.
  const auto newest = scores({{"samples", "0"}});
  const auto recent = scores({{"samples", "0"}, {"judged", "recent"}, {"delay", "3"}});
  const auto settled = scores({{"samples", "0"}, {"judged", "settled"}, {"delay", "3"}});
  CHECK(newest[4] > newest[3] + 100);
  CHECK(recent[4] > recent[3] + 30);
  CHECK(recent[4] < newest[4]);
  CHECK(recent[6] > recent[3] + 30);
  CHECK(settled[5] < settled[3] + 100);
  CHECK(settled[6] > settled[3] + 100);
  CHECK(newest != scores({{"samples", "3"}})); // the code is drawn
  CHECK(newest == scores({{"samples", "0"}}));
}

TEST_CASE("stepgan: healthy hosts score low and one that changes does not; the score is of both networks") {
  Detecting stepgan("stepgan"), distance("stepgan", {{"critic", "0"}}), critic("stepgan", {{"critic", "1"}});
  std::map<std::uint32_t, Verdict> said;
  for (std::uint32_t interval = 0; interval < 3; ++interval) {
    said = stepgan(calm(interval, {}));
    const auto one = distance(calm(interval, {})), other = critic(calm(interval, {}));
    for (const auto& [host, verdict] : said) {
      CHECK_FALSE(verdict.label);
      CHECK(other.at(host).score <= 1); // a probability
      CHECK(verdict.score == doctest::Approx(0.5 * one.at(host).score + 0.5 * other.at(host).score));
    }
  }
  said = stepgan(calm(3, {1}, 1, 3));
  CHECK(said.at(1).label);
  CHECK_FALSE(said.at(3).label);
  CHECK(stepgan.lender.drawn == 0);
}

TEST_CASE("stepgan keeps the states that an observation is too short for") {
  const auto short_one = [](std::uint32_t interval, double level) {
    SyntheticSpec spec;
    spec.interval = interval;
    spec.window = 2;
    SyntheticObservation seen(spec);
    for (std::uint32_t h = 0; h < seen.buffer.hosts.size(); ++h) {
      double* x = seen.buffer.windows.data() + seen.buffer.window_at[h];
      std::fill(x, x + 2 * LAIR_METRICS, 0.3);
      x[LAIR_METRICS + LAIR_CPU] = level;
      seen.buffer.hosts[h].flags |= LAIR_HOST_KNOWN;
    }
    seen.buffer.seal();
    return seen;
  };
  Detecting was_busy("stepgan"), was_not("stepgan"), away("stepgan");
  was_busy(short_one(0, 1));
  was_not(short_one(0, 0.3));
  away(short_one(0, 1));
  for (std::uint32_t interval = 1; interval < 4; ++interval) {
    was_busy(short_one(interval, 0.3));
    was_not(short_one(interval, 0.3));
  }
  // Four intervals later it is still in the window; of states that it did not see it knows nothing.
  const double usual = was_not(short_one(4, 0.3)).at(1).score;
  CHECK(was_busy(short_one(4, 0.3)).at(1).score != usual);
  CHECK(away(short_one(4, 0.3)).at(1).score == usual);
  // One more, and it is forgotten.
  CHECK(was_busy(short_one(5, 0.3)).at(1).score == was_not(short_one(5, 0.3)).at(1).score);
}

TEST_CASE("stepgan: it is the correlation that counts") {
  // CPU, and what is received, go up and down by the interval: together, or against each other. The newest
  // state of both hosts is the same, and the mean of each metric.
  const auto waves = [](std::uint32_t interval, bool against) {
    SyntheticObservation seen = calm(interval, {});
    for (std::uint32_t s = 0; s < 10; ++s) {
      double* x = seen.buffer.windows.data() + seen.buffer.window_at[1] + std::ptrdiff_t(s * LAIR_METRICS);
      const bool up = (s + interval) % 2 == 0;
      x[LAIR_CPU] = up ? 0.9 : 0.1;
      x[LAIR_RAM] = up != against ? 0.9 : 0.1;
      if (s >= 8) x[LAIR_CPU] = x[LAIR_RAM] = 0.5;
    }
    seen.buffer.seal();
    return seen;
  };
  Detecting one("stepgan"), two("stepgan"), mean("pot"), again("pot");
  CHECK(one(waves(0, false)).at(1).score != two(waves(0, true)).at(1).score);
  CHECK(mean(waves(0, false)).at(1).score == again(waves(0, true)).at(1).score);
}

TEST_CASE("models are found by platform and refused where they do not fit") {
  Detecting awgg("awgg");
  REQUIRE(awgg.lender.said.size() == 2); // no platform here: whose model it is, and that it is another's
  CHECK(awgg.lender.said[0].find("awgg uses awgg-pi-config2") != std::string::npos);
  CHECK(awgg.lender.said[1].find("awgg model=awgg-pi-config2 manifest=xxh3-128:") == 0);
  CHECK(refusal("awgg", {{"model", "untrained"}}).find("no model 'untrained'") != std::string::npos);
  CHECK(refusal("awgg", {{"model", "topomad-pi-config2"}}).find("not an AWGG") != std::string::npos);
  CHECK(refusal("topomad", {{"model", "dragon-pi-config2-k10"}}).find("not a TopoMAD") != std::string::npos);
  CHECK(refusal("topomad", {{"window", "7"}}).find("windows of 10") != std::string::npos);
  CHECK(refusal("topomad", {{"delay", "11"}}).find("delay") != std::string::npos);
  CHECK(refusal("stepgan", {{"model", "awgg-pi-config2"}}).find("not a StepGAN") != std::string::npos);
  CHECK(refusal("stepgan", {{"critic", "1.5"}}).find("critic") != std::string::npos);
  CHECK(refusal("stepgan", {{"delay", "3"}}).find("delay") != std::string::npos);
  CHECK(refusal("awgg", {{"membership", "1"}}).find("membership") != std::string::npos);
  CHECK(refusal("awgg", {{"colour", "red"}}).find("colour") != std::string::npos);
}
