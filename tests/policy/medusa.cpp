// Medusa: how many runs, where, when one more, and what it learns of LEIs.
#include "every_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "remediators/digest_vote.hpp"
#include "remediators/log_rerun.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>

using namespace lair;
using doctest::Approx;

namespace {

constexpr double alone = 910; ///< seconds of a task without company

/// LEIs 0, 1, 2, ... of two hosts each, 0 and 1, 10 and 11, 20 and 21; one broker, LEI 0's, which is asked
/// again and again.
class Clouds {
public:
  explicit Clouds(std::uint32_t leis = 4, std::vector<lair_option> options = {})
      : leis_(leis), policy_(recorder_, std::move(options)) {}
  std::vector<std::pair<std::uint32_t, double>> pressures; ///< host, threads per core
  std::vector<lair_observed_event> events;
  double now = 0;

  /// One decision; `rows` adds what is there.
  Decision decide(const std::function<void(SmallWorld&)>& rows) {
    SmallWorld world;
    for (std::uint32_t l = 0; l < leis_; ++l)
      for (const std::uint32_t h : {0u, 1u}) {
        lair_host& host = world.host(10 * l + h, l == 0);
        host.lei = l;
        host.image_cached = 1;
      }
    for (const auto& [host, pressure] : pressures) {
      world.metric(host, LAIR_CPU_PRESSURE, pressure);
      if (host < 2) world.find(host).unexplained.threads = 4 * pressure;
    }
    rows(world);
    lair_observation raw = world.view().raw();
    std::vector<lair_lei> leis(leis_);
    for (std::uint32_t l = 0; l < leis_; ++l) leis[l] = {l, LAIR_NONE, 2, 1, 125e6, 5e-3};
    raw.leis = leis.data();
    raw.lei_count = leis_;
    raw.lei_stride = sizeof(lair_lei);
    raw.events = events.data();
    raw.event_count = static_cast<std::uint32_t>(events.size());
    raw.event_stride = sizeof(lair_observed_event);
    raw.now = now;
    Decision out;
    policy_->decide(Observation(raw), {}, nullptr, out);
    events.clear();
    return out;
  }
  Decision fresh(std::uint64_t id) {
    return decide([&](SmallWorld& world) { world.queued(id).quorum = 1; });
  }

private:
  std::uint32_t leis_;
  Recorder recorder_;
  Built<DigestVote> policy_;
};

/// Hosts of places and copies.
std::vector<std::uint32_t> runs(const Decision& out) {
  std::vector<std::uint32_t> hosts;
  for (const Action& action : out.actions())
    if (action.kind == LAIR_PLACE || action.kind == LAIR_REPLICATE) hosts.push_back(action.host);
  return hosts;
}
std::set<std::uint32_t> leis_of(const std::vector<std::uint32_t>& hosts) {
  std::set<std::uint32_t> leis;
  for (const std::uint32_t host : hosts) leis.insert(host / 10);
  return leis;
}
void row(SmallWorld& world, std::uint64_t id, std::uint32_t host, std::uint32_t copy, std::uint32_t copies) {
  lair_task& task = world.running(id, host);
  task.quorum = 2;
  task.copy = copy;
  task.copies = copies;
}

} // namespace

TEST_CASE("a new task runs on f + 1 LEIs and needs f + 1 equal results") {
  for (const std::uint32_t f : {1u, 2u}) {
    const std::string text = std::to_string(f);
    Clouds federation(4, {{"f", text.c_str()}});
    const Decision out = federation.fresh(50);
    CHECK(runs(out).size() == f + 1);
    CHECK(leis_of(runs(out)).size() == f + 1);
    CHECK(pairs(out, LAIR_PLACE).size() == 1);
    REQUIRE(pairs(out, LAIR_VOTE).size() == 1);
    for (std::size_t i = 0; i < out.actions().size(); ++i)
      if (out.actions()[i].kind == LAIR_VOTE) CHECK(out.values()[i] == f + 1);
  }
}

TEST_CASE("while all goes well nothing more is started; a mismatch starts one run, on a LEI without one") {
  Clouds federation;
  const auto first = runs(federation.fresh(50));
  REQUIRE(first.size() == 2);
  federation.now = 300;
  CHECK(federation
            .decide([&](SmallWorld& world) {
              row(world, 50, first[0], 0, 2);
              row(world, 50, first[1], 1, 2);
            })
            .actions()
            .empty());
  // One result: the other run is on its way.
  federation.now = 1200;
  federation.events = {{900, LAIR_EVENT_RESULT, first[0], 50}};
  CHECK(federation
            .decide([&](SmallWorld& world) {
              lair_task& task = world.running(50, first[1]);
              task.quorum = 2;
              task.copies = 1;
              task.digests = task.digests_equal = 1;
            })
            .actions()
            .empty());
  // It says something else.
  federation.now = 1500;
  federation.events = {{1300, LAIR_EVENT_RESULT, first[1], 50},
                       {1300, LAIR_EVENT_DIGESTS_DIFFER, first[1], 50}};
  const Decision third = federation.decide([&](SmallWorld& world) {
    lair_task& task = world.queued(50);
    task.quorum = 2;
    task.digests = 2;
    task.digests_equal = 1;
  });
  REQUIRE(runs(third).size() == 1);
  CHECK(pairs(third, LAIR_PLACE).size() == 1);
  auto all = first;
  all.push_back(runs(third)[0]);
  CHECK(leis_of(all).size() == 3);
}

TEST_CASE("a run that is lost is replaced, and so is one that takes three times its prediction, once") {
  Clouds federation;
  const auto first = runs(federation.fresh(50));
  REQUIRE(first.size() == 2);
  SUBCASE("lost") {
    federation.now = 300;
    federation.events = {{200, LAIR_EVENT_COPY_LOST, first[1], 50}};
    const auto more = runs(federation.decide([&](SmallWorld& world) { row(world, 50, first[0], 0, 1); }));
    REQUIRE(more.size() == 1);
    CHECK(leis_of({first[0], more[0]}).size() == 2);
  }
  SUBCASE("out of reach is not lost yet") {
    federation.now = 300;
    CHECK(federation.decide([&](SmallWorld& world) { row(world, 50, first[0], 0, 2); }).actions().empty());
  }
  SUBCASE("late") {
    const auto both = [&](SmallWorld& world) {
      row(world, 50, first[0], 0, 2);
      row(world, 50, first[1], 1, 2);
    };
    federation.now = 2.9 * alone;
    CHECK(federation.decide(both).actions().empty());
    // The other one has delivered in time.
    federation.now = 3.1 * alone;
    federation.events = {{alone, LAIR_EVENT_RESULT, first[0], 50}};
    const auto one = [&](SmallWorld& world) {
      lair_task& task = world.running(50, first[1]);
      task.quorum = 2;
      task.copies = 1;
      task.digests = task.digests_equal = 1;
    };
    const auto more = runs(federation.decide(one));
    REQUIRE(more.size() == 1);
    CHECK(leis_of({first[0], first[1], more[0]}).size() == 3);
    federation.now += 300;
    CHECK(runs(federation.decide([&](SmallWorld& world) {
            one(world);
            row(world, 50, more[0], 1, 2);
          })).empty());
  }
}

TEST_CASE("LEIs that were outvoted or late are avoided, for a while") {
  Clouds federation;
  CHECK(leis_of(runs(federation.fresh(50))) == std::set<std::uint32_t>{0, 1});
  federation.events = {{10, LAIR_EVENT_RESULT_REJECTED, 11, 49}};
  CHECK(leis_of(runs(federation.fresh(51))) == std::set<std::uint32_t>{0, 2});
  federation.events = {{20, LAIR_EVENT_RESULT_REJECTED, 1, 48}, {20, LAIR_EVENT_RESULT_REJECTED, 1, 47}};
  CHECK(leis_of(runs(federation.fresh(52))) == std::set<std::uint32_t>{2, 3});
}

TEST_CASE("runs go where they are predicted to end first") {
  Clouds federation;
  federation.pressures = {{0, 1}, {1, 1}, {10, 1}, {11, 0.75}, {20, 0.25}, {21, 1}};
  // LEI 2 and 3 have cores left, LEI 1 a quarter of a task too few, LEI 0 is full.
  CHECK(leis_of(runs(federation.fresh(50))) == std::set<std::uint32_t>{2, 3});
  federation.pressures = {{20, 1}, {21, 1}, {10, 2}, {11, 2}};
  CHECK(leis_of(runs(federation.fresh(51))) == std::set<std::uint32_t>{0, 3});
}

TEST_CASE("what runs took changes the prediction: a slow LEI is left out") {
  Clouds federation;
  for (std::uint64_t id = 50; id < 56; ++id) {
    federation.now = static_cast<double>(id - 50) * 6000;
    const auto hosts = runs(federation.fresh(id));
    REQUIRE(hosts.size() == 2);
    if (id == 55) CHECK(leis_of(hosts) == std::set<std::uint32_t>{2, 3});
    if (id == 55) break;
    for (const std::uint32_t host : hosts) // LEIs 0 and 1 take twice as long as they should
      federation.events.push_back(
          {federation.now + (host < 20 ? 2 : 1) * alone, LAIR_EVENT_RESULT, host, id});
  }
}

TEST_CASE("the regression finds what makes runs long, whatever is not seen stays as it was") {
  CompletionModel model;
  CHECK(model.predict({900, 0, 10}) == Approx(910));
  for (int i = 0; i < 200; ++i) {
    const double size = 300 + 100 * (i % 7), load = 50 * (i % 5);
    model.learn({size, load, 0}, 1.5 * size + 3 * load, 0.98);
  }
  CHECK(model.predict({600, 100, 0}) == Approx(1200).epsilon(1e-3));
  CHECK(model.weights()[2] == 1);
  for (int i = 0; i < 5000; ++i) model.learn({500, 0, 0}, 500, 0.98); // always the same: no blow-up
  model.learn({500, 100, 10}, 700, 0.98);
  for (const double weight : model.weights()) CHECK(std::abs(weight) < 10);
  CHECK(model.predict({900, 0, 0}) >= 90);
}

TEST_CASE("with one LEI runs go to other hosts of it; with one host there is no vote") {
  Clouds federation(1);
  const Decision out = federation.fresh(50);
  CHECK(runs(out).size() == 2);
  CHECK(pairs(out, LAIR_VOTE).size() == 1);
  SmallWorld world;
  world.host(0);
  world.queued(50).quorum = 1;
  Recorder recorder;
  Built<DigestVote> single(recorder, {}, 1);
  Decision alone_out;
  single->decide(world.view(), {}, nullptr, alone_out);
  CHECK(pairs(alone_out, LAIR_VOTE).empty());
  CHECK(pairs(alone_out, LAIR_REPLICATE).empty());
}

TEST_CASE("only the entry LEI starts runs, and another policy starts none") {
  Clouds federation;
  CHECK(federation
            .decide([&](SmallWorld& world) {
              row(world, 50, 0, 0, 1);
              world.running(51, 1).entry_lei = 2;
            })
            .actions()
            .size() == 1); // of 50, which misses one
  SmallWorld world;
  world.host(0);
  world.host(10, false);
  world.queued(50).quorum = 1;
  Recorder recorder;
  Built<LogRerun> other(recorder);
  Decision out;
  other->decide(world.view(), {}, nullptr, out);
  CHECK(pairs(out, LAIR_VOTE).empty());
  CHECK(pairs(out, LAIR_REPLICATE).empty());
}

TEST_CASE("medusa: federations of 1, 16, 100 and 1,000 hosts, and LEIs of one host, decide and repeat themselves") {
  for (SyntheticSpec spec : every_federation(2)) {
    const std::uint32_t hosts = spec.own_hosts + spec.other_hosts;
    spec.queued = 4;
    std::vector<Pairs> answers;
    for (int i = 0; i < 2; ++i) {
      Recorder recorder;
      Built<DigestVote> remediator(recorder, {}, hosts);
      auto& all = answers.emplace_back();
      for (spec.interval = 0; spec.interval < 5; ++spec.interval) {
        const SyntheticObservation seen(spec);
        Decision out;
        remediator->decide(Observation(seen.raw()), {}, nullptr, out);
        const Pairs copies = pairs(out, LAIR_REPLICATE);
        all.insert(all.end(), copies.begin(), copies.end());
      }
    }
    CHECK(answers[0] == answers[1]);
    CHECK((hosts == 1) == answers[0].empty());
  }
}
