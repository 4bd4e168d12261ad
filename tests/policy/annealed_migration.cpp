// What annealed-migration decides, with real twins and brokers that tell one another what they see: its
// fitness against one computed here, exhaustive search, fictitious play, what it leaves alone.
#include "every_federation.hpp"
#include "played_federation.hpp"
#include "policy/synthetic_observation.hpp"
#include "twin/twin.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <set>

using namespace lair;

namespace {

using Moves = std::map<std::uint64_t, std::uint32_t>;
using Options = PlayedBroker::Options;

struct Weights {
  double alpha = 0.5, beta = 0.5, delta1 = 0.5;
  bool of_ended = false;
};

/// alpha ART + beta AEC + delta1 N / H by definition, with the limits of the threshold detector.
class Definition {
public:
  Definition(const Ground& ground, const lair_observation& seen, Weights weights = {})
      : ground_(ground), weights_(weights), twin_(platform(ground)) {
    twin_.load(seen);
    for (const lair_task& task : ground.tasks) {
      mean_age_ += (task.age + 300) / double(ground.tasks.size());
      most_response_ = std::max(most_response_, task.age + 300);
    }
    most_response_ = std::max({most_response_, forecast({}).response, forecast({}).outlook});
  }
  const Forecast& forecast(const Moves& moves) {
    std::vector<lair_action> actions;
    for (const auto& [task, host] : moves) actions.push_back({LAIR_MIGRATE, host, task});
    return twin_.forecast(actions);
  }
  double operator()(const Moves& moves) {
    const Forecast& f = forecast(moves);
    const double hosts = double(ground_.hosts.size());
    double anomalies = 0;
    for (std::size_t h = 0; h < f.states.size() / LAIR_METRICS; ++h) {
      const double* s = &f.states[h * LAIR_METRICS];
      anomalies += s[LAIR_CPU_PRESSURE] >= 1.25 || s[LAIR_RAM] >= 0.95 || s[LAIR_SWAP] >= 0.01 ||
                   s[LAIR_IO_WAIT] >= 2 || s[LAIR_NET_IN] >= 0.2 * 125e6;
    }
    const double of_ended = f.finished > 0 ? f.response : mean_age_;
    return weights_.alpha * (weights_.of_ended ? of_ended : outlook()) / most_response_ +
           weights_.beta * f.energy / (300 * 4.75 * hosts) + weights_.delta1 * anomalies / hosts;
  }
  /// The best of all sets of moves of these tasks to hosts of other LEIs.
  std::pair<double, Moves> best(const std::vector<std::uint64_t>& tasks, std::size_t at = 0,
                                Moves moves = {}) {
    if (at == tasks.size()) return {(*this)(moves), moves};
    auto least = best(tasks, at + 1, moves);
    const auto& task = *std::find_if(ground_.tasks.begin(), ground_.tasks.end(),
                                     [&](const lair_task& t) { return t.id == tasks[at]; });
    for (const lair_host& host : ground_.hosts) {
      if (host.lei == ground_.hosts[task.host].lei) continue;
      moves[task.id] = host.id;
      auto one = best(tasks, at + 1, moves);
      if (one.first < least.first) least = one;
    }
    return least;
  }

private:
  /// Mean response of all tasks of the last forecast, none further away than ten intervals.
  double outlook() {
    double sum = 0;
    for (std::uint32_t i = 0; i < twin_.task_count(); ++i) {
      const TaskForecast task = twin_.task(i);
      sum += task.response - task.end + std::min(task.end, 3000.0);
    }
    return sum / twin_.task_count();
  }
  static TwinPlatform platform(const Ground& ground) {
    TwinPlatform p;
    twin::Device device;
    device.power = {{2.45, 2.78, 2.90, 3.03, 3.65, 3.66, 3.69, 3.71, 3.72, 4.14, 4.75}};
    p.devices.assign(ground.hosts.size(), device);
    return p;
  }
  const Ground& ground_;
  Weights weights_;
  Twin twin_;
  double mean_age_ = 0, most_response_ = 0;
};

/// Moving costs nothing here, so that it is worth it; all is recorded.
const Options free_moves = {{"delta2", "0"}, {"resolution", "0"}, {"record", "yes"}};
Options with(Options options, const char* name, const char* value) {
  options.emplace_back(name, value);
  return options;
}

Moves chosen(const PlayedBroker& broker) {
  Moves moves;
  for (const std::string& note : broker.with("chosen "))
    moves[std::stoull(PlayedBroker::value(note, "task"))] =
        static_cast<std::uint32_t>(std::stoul(PlayedBroker::value(note, "host")));
  return moves;
}
Moves applied(const Broker::Decided& decided) {
  Moves moves;
  for (const lair_action& action : decided.decision.actions) {
    CHECK(action.kind == LAIR_MIGRATE);
    CHECK(moves.emplace(action.task, action.host).second);
  }
  CHECK(decided.decision.refusals.empty());
  return moves;
}
double number(const PlayedBroker& broker, const char* key) {
  for (const std::string& note : broker.notes)
    if (const std::string text = PlayedBroker::value(note, key); !text.empty())
      return std::stod(text);
  FAIL("no such note");
  return 0;
}

/// Two LEIs of three; both have an attacked host with tasks. Some tasks could end if they were alone.
Ground attacked() {
  Ground ground(2, 3);
  ground.attack(1, 8);
  ground.attack(4, 8);
  ground.task(1, 200, 700);
  ground.task(1, 500, 100);
  ground.task(4, 220, 900);
  ground.task(2, 600, 50);
  return ground;
}

} // namespace

TEST_CASE("the fitness is the paper's, term by term") {
  const Ground ground = attacked();
  for (const Weights& w : {Weights{}, Weights{1, 0, 0}, Weights{0, 1, 0}, Weights{0, 0, 1},
                           Weights{1, 0, 0, true}, Weights{0.5, 0.5, 0.5, true}}) {
    Options options = with(free_moves, "alpha", std::to_string(w.alpha).c_str());
    options = with(options, "beta", std::to_string(w.beta).c_str());
    options = with(options, "delta1", std::to_string(w.delta1).c_str());
    options = with(options, "response", w.of_ended ? "ended" : "all");
    PlayedFederation play(ground, options);
    play.decide();
    for (const auto& broker : play.brokers) {
      Definition defined(ground, broker->seen(), w);
      CHECK(number(*broker, "idle") == doctest::Approx(defined({})).epsilon(1e-9));
      CHECK(number(*broker, "best") == doctest::Approx(defined(chosen(*broker))).epsilon(1e-9));
      // And every proposal on the way, by replaying it.
      for (const std::string& note : broker->with("proposal="))
        CHECK(std::isfinite(std::stod(PlayedBroker::value(note, "fitness"))));
    }
  }
}

TEST_CASE("one task: the best of all single migrations; several: the best of all sets") {
  for (const double seconds : {120.0, 200.0, 240.0, 400.0})
    for (const int tasks : {1, 2}) {
      Ground ground(3, 2);
      ground.attack(1, 8);
      ground.task(2, 900, 10); // one target is busy
      std::vector<std::uint64_t> ids;
      for (int i = 0; i < tasks; ++i) ids.push_back(ground.task(1, seconds, 600 + 100 * i).id);
      PlayedFederation play(ground, free_moves);
      play.decide();
      Definition defined(ground, play.brokers[0]->seen());
      const auto [least, best] = defined.best(ids);
      CHECK(number(*play.brokers[0], "best") == doctest::Approx(least).epsilon(1e-9));
      CHECK(defined(chosen(*play.brokers[0])) == doctest::Approx(least).epsilon(1e-9));
      if (chosen(*play.brokers[0]).empty()) CHECK(least == defined({}));
    }
}

TEST_CASE("migrations are dear: with the paper's weights one that gains little is not made") {
  Ground ground(2, 2);
  ground.attack(1, 8);
  const std::uint64_t task = ground.task(1, 200, 700).id;
  PlayedFederation cheap(ground, free_moves), dear(ground, with({{"record", "yes"}}, "delta2", "0.5"));
  CHECK(applied(cheap.decide()[0]).contains(task));
  CHECK(applied(dear.decide()[0]).empty());
  // The only migration there is takes the maximum time: O is 1.
  CHECK(number(*dear.brokers[0], "start") >
        number(*cheap.brokers[0], "start") + 0.5 - 1e-9);
}

TEST_CASE("nothing labelled: nothing moves, no twin is asked, and it costs next to nothing") {
  Ground ground(4, 4);
  for (std::uint32_t h = 0; h < 16; ++h) ground.task(h, 500);
  PlayedFederation play(ground, free_moves);
  for (std::size_t lei = 0; lei < 4; ++lei) {
    const auto decided = play.decide()[lei];
    CHECK(decided.decision.actions.empty());
    CHECK(decided.flops < 400);
  }
  for (const auto& broker : play.brokers) CHECK(broker->notes.empty());
  ground.attack(5, 8);
  PlayedFederation busy(ground, free_moves);
  CHECK(busy.decide()[0].flops > 1e5); // another LEI's trouble is played here as well
}

TEST_CASE("without a detector nothing moves") {
  const Ground ground = attacked();
  PlayedFederation play(ground, {{"delta2", "0"}}, "none");
  for (const auto& decided : play.decide()) CHECK(decided.decision.actions.empty());
}

TEST_CASE("a label alone, without an expected state, lets tasks move but never counts as cured") {
  const Ground ground = attacked();
  // delta1 alone: only curing a host would be worth anything.
  const Options only = with(with(free_moves, "alpha", "0"), "beta", "0");
  PlayedBroker broker(ground, 0, only, "none");
  broker.sense();
  Detection labels;
  labels.add(4, 2, 1, true);
  const auto decided = broker.decide({{1, labels.raw()}});
  CHECK(decided.decision.actions.empty());
  CHECK(number(broker, "idle") == doctest::Approx(0.5 * 1 / 6));
  CHECK_FALSE(broker.with("proposal=").empty());
}

TEST_CASE("sign = printed rewards energy, which is why it is not the default") {
  const Ground ground = attacked();
  const Options energy = with(with(free_moves, "alpha", "0"), "delta1", "0");
  double joules[2];
  for (int printed = 0; printed < 2; ++printed) {
    PlayedFederation play(ground, with(energy, "sign", printed == 1 ? "printed" : "minimised"));
    play.decide();
    Definition defined(ground, play.brokers[0]->seen());
    joules[printed] = defined.forecast(chosen(*play.brokers[0])).energy;
    const double idle = defined.forecast({}).energy;
    CHECK((printed == 1 ? joules[1] >= idle : joules[0] <= idle));
  }
  CHECK(joules[1] > joules[0]);
}

TEST_CASE("fictitious play: all brokers find the same moves, and each makes those of its own tasks") {
  Ground ground(4, 4);
  for (std::uint32_t h = 1; h < 16; h += 3) {
    ground.attack(h, 8);
    ground.task(h, 150 + 10 * h, 400 + 30 * h);
    ground.task(h, 700, 100);
  }
  PlayedFederation play(ground, free_moves);
  const auto decided = play.decide();
  const Moves plan = chosen(*play.brokers[0]);
  CHECK(plan.size() >= 2);
  Moves all;
  for (std::uint32_t lei = 0; lei < 4; ++lei) {
    CHECK(chosen(*play.brokers[lei]) == plan);
    CHECK(play.brokers[lei]->with("proposal=") == play.brokers[0]->with("proposal="));
    for (const auto& [task, host] : applied(decided[lei])) {
      CHECK(ground.hosts[ground.tasks[task - 100].host].lei == lei);
      CHECK(ground.hosts[host].lei != lei);
      CHECK(all.emplace(task, host).second);
    }
  }
  CHECK(all == plan);

  // As printed: each for itself.
  PlayedFederation apart(ground, with(free_moves, "seeds", "own"));
  const auto own = apart.decide();
  CHECK(apart.brokers[0]->with("proposal=") != apart.brokers[1]->with("proposal="));
  for (std::uint32_t lei = 0; lei < 4; ++lei)
    for (const auto& [task, host] : applied(own[lei])) {
      CHECK(ground.hosts[ground.tasks[task - 100].host].lei == lei);
      CHECK(ground.hosts[host].lei != lei);
    }
}

TEST_CASE("targets inside the own LEI only if they are asked for") {
  Ground ground(2, 4);
  ground.attack(1, 8);
  ground.task(1, 200, 900);
  for (const std::uint32_t other : {4u, 5u, 6u, 7u}) { // the other LEI is overloaded
    ground.attack(other, 16);
    ground.task(other, 900, 2000);
  }
  const Options options = with(free_moves, "beta", "0");
  PlayedFederation outside(ground, options), inside(ground, with(options, "inside", "yes"));
  for (const auto& [task, host] : applied(outside.decide()[0])) CHECK(host >= 4);
  const Moves moved = applied(inside.decide()[0]);
  REQUIRE(moved.contains(100));
  CHECK(moved.at(100) < 4);
}

TEST_CASE("only running tasks move, only to hosts that can take them") {
  Ground ground = attacked();
  for (const std::uint32_t state : {LAIR_TASK_STARTING, LAIR_TASK_MIGRATING, LAIR_TASK_RETURNING}) {
    lair_task& task = ground.task(1, 200, 500);
    task.state = state;
    if (state == LAIR_TASK_MIGRATING) task.target = 2;
  }
  ground.hosts[3].flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
  ground.hosts[4].flags |= LAIR_HOST_NO_TASKS;
  ground.hosts[5].ram_need = 5.9e9; // of 6 GB with swap
  PlayedFederation full(ground, free_moves);
  CHECK(applied(full.decide()[0]).empty());
  ground.hosts[5].ram_need = 1e9;
  PlayedFederation room(ground, free_moves);
  for (const auto& [task, host] : applied(room.decide()[0])) {
    CHECK(host == 5);
    CHECK(task <= 101);
  }
  for (const std::string& note : room.brokers[0]->with("proposal=")) {
    const auto task = std::stoull(PlayedBroker::value(note, "task"));
    CHECK((task <= 102));
  }
}

TEST_CASE("the same again, and another interval another search") {
  Ground ground = attacked();
  PlayedFederation one(ground, free_moves), two(ground, free_moves);
  const auto a = one.decide(), b = two.decide();
  for (std::size_t lei = 0; lei < 2; ++lei) {
    CHECK(one.brokers[lei]->notes == two.brokers[lei]->notes);
    CHECK(applied(a[lei]) == applied(b[lei]));
    CHECK(a[lei].flops == b[lei].flops);
  }
  ground.interval = 4;
  PlayedFederation later(ground, free_moves);
  later.decide();
  CHECK(later.brokers[0]->with("proposal=") != one.brokers[0]->with("proposal="));
}

TEST_CASE("a lost report, a stale one, and one of another time") {
  const Ground ground = attacked();
  PlayedBroker alone(ground, 0, free_moves), late(ground, 0, free_moves);
  alone.sense();
  for (const auto& [task, host] : applied(alone.decide({}))) CHECK(task <= 101);
  for (const std::string& note : alone.with("proposal="))
    CHECK(std::stoull(PlayedBroker::value(note, "task")) <= 101); // the peer's tasks are not known
  Detection old;
  for (std::uint32_t h = 3; h < 6; ++h) old.add(h, h == 4 ? 2 : 0, 1, h == 4);
  old.add(77, 5, 1, true); // of a host that is nobody's any more
  late.sense();
  const auto decided = late.decide({{1, old.raw()}}, 900);
  for (const auto& [task, host] : applied(decided)) CHECK(task <= 101);
}

TEST_CASE("thousands of tasks take bounded time") {
  Ground ground(10, 10);
  for (std::uint32_t h = 0; h < 100; ++h) {
    ground.hosts[h].ram = 64e9;
    ground.attack(h, h % 3 == 0 ? 8 : 0);
    for (int i = 0; i < 30; ++i) ground.task(h, 500 + i, 100 + i);
  }
  PlayedFederation play(ground, {{"delta2", "0"}});
  for (auto& broker : play.brokers) broker->sense();
  const auto began = std::chrono::steady_clock::now();
  PlayedFederation one(ground, {{"delta2", "0"}});
  const auto decided = one.decide();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(took.count() < 60); // ten brokers; a sanitizer build is slow
  MESSAGE("ten brokers, 3,000 tasks: ", took.count(), " s");
}

TEST_CASE("iterate_moves never does worse, and off is the default") {
  Ground ground(3, 3);
  ground.attack(1, 8);
  for (int i = 0; i < 3; ++i) ground.task(1, 300 + 50 * i, 500 + 100 * i);
  ground.task(4, 500);
  ground.task(4, 400);
  PlayedFederation once(ground, free_moves), again(ground, with(free_moves, "iterate_moves", "yes"));
  PlayedFederation off(ground, with(free_moves, "iterate_moves", "no"));
  once.decide();
  again.decide();
  off.decide();
  CHECK(once.brokers[0]->notes == off.brokers[0]->notes);
  double best = 1e9;
  for (const std::string& note : again.brokers[0]->with("best="))
    best = std::min(best, std::stod(PlayedBroker::value(note, "best")));
  CHECK(best <= number(*once.brokers[0], "best"));
}

TEST_CASE("looking ahead: one step is none, more steps are other forecasts") {
  const Ground ground = attacked();
  PlayedFederation one(ground, free_moves), same(ground, with(free_moves, "look_ahead", "1"));
  PlayedFederation five(ground, with(free_moves, "look_ahead", "5"));
  const auto a = one.decide(), b = same.decide(), c = five.decide();
  for (std::size_t lei = 0; lei < 2; ++lei) {
    CHECK(one.brokers[lei]->notes == same.brokers[lei]->notes);
    CHECK(applied(a[lei]) == applied(b[lei]));
    CHECK(a[lei].flops == b[lei].flops);
    CHECK(c[lei].flops > a[lei].flops);
    // The first step is the same search.
    const auto first = five.brokers[lei]->with("step=0");
    CHECK(first == one.brokers[lei]->notes);
    CHECK_FALSE(five.brokers[lei]->with("step=1").empty());
    std::set<std::string> intervals;
    for (const std::string& note : five.brokers[lei]->with("best="))
      intervals.insert(PlayedBroker::value(note, "interval"));
    CHECK(intervals.size() >= 2);
    for (const auto& [task, host] : applied(c[lei])) {
      CHECK(ground.hosts[ground.tasks[task - 100].host].lei == lei);
      CHECK(ground.hosts[host].lei != lei);
    }
  }
}

TEST_CASE("looking ahead merges: the latest target of a task counts") {
  Ground ground(4, 2);
  for (const std::uint32_t h : {1u, 3u}) {
    ground.attack(h, 8);
    ground.task(h, 900, 800);
    ground.task(h, 500, 300);
  }
  PlayedFederation play(ground, with(free_moves, "look_ahead", "4"));
  const auto decided = play.decide();
  Moves merged; // notes come step by step
  for (const auto& [task, host] : chosen(*play.brokers[0])) merged[task] = host;
  for (const auto& [task, host] : applied(decided[0])) {
    REQUIRE(merged.contains(task));
    CHECK(merged.at(task) == host);
  }
  for (const auto& [task, host] : merged) {
    const lair_task& t = ground.tasks[task - 100];
    if (ground.hosts[t.host].lei != 0 || host == t.host || ground.hosts[host].lei == 0) continue;
    CHECK(applied(decided[0]).contains(task));
  }
}

TEST_CASE("looking ahead stops when its time is up") {
  const Ground ground = attacked();
  PlayedFederation play(ground, with(with(free_moves, "look_ahead", "5"), "budget", "0"));
  play.decide();
  CHECK_FALSE(play.brokers[0]->with("step=0").empty());
  CHECK(play.brokers[0]->with("step=1").empty());
}

TEST_CASE("a frozen world: after the merged moves another look finds no better ones") {
  // A 2-thread task beside an attack of 8 moves to an idle host once, and stays there.
  Ground ground(2, 2);
  ground.attack(1, 8);
  ground.task(1, 100, 900);
  const Options options = with(with(free_moves, "look_ahead", "3"), "beta", "0");
  PlayedFederation first(ground, options);
  const Moves moved = applied(first.decide()[0]);
  REQUIRE(moved.size() == 1);
  Ground then(2, 2);
  then.attack(1, 8);
  then.interval = 4;
  then.task(moved.begin()->second, 100, 900);
  PlayedFederation second(then, options);
  for (const auto& decided : second.decide()) CHECK(applied(decided).empty());
}

TEST_CASE("whatever it sees: odd observations") {
  Ground ground(4, 4); // for the twin's platform only
  Federation federation;
  federation.hosts.resize(16);
  federation.leis.resize(4);
  for (const char* ahead : {"1", "3"}) {
    PolicyFactory::Choice choice;
    choice.name = "none";
    choice.detector = "threshold";
    choice.remediator = "annealed-migration";
    choice.options = {{"look_ahead", ahead}, {"delta2", "0"}, {"limits", "sent"}};
    const PolicyFactory factory(choice);
    Forecaster forecaster(federation);
    Broker broker(LeiId(0), factory, 16, 1, [](int, const std::string&) {}, &forecaster);
    for (SyntheticSpec spec : odd_observations(0))
      for (std::uint32_t i = 0; i < 10; ++i) {
        spec.interval = i;
        const SyntheticObservation seen(spec);
        broker.sense(seen.raw());
        const Broker::Decided decided = broker.decide(seen.raw());
        const Observation view(seen.raw());
        for (const lair_action& action : decided.decision.actions) {
          if (action.kind != LAIR_MIGRATE) continue;
          const Host* to = view.find_host(action.host);
          REQUIRE(to != nullptr);
          CHECK(takes_tasks(*to));
          CHECK_FALSE(is_own(*to));
        }
        CHECK(std::isfinite(decided.flops));
      }
  }
}
