// The scheduler gobi: its objective's gradient, what the descent finds, RAM, sizes, and that the same draws give
// the same placement.
#include "core/random.hpp"
#include "policy/synthetic_observation.hpp"
#include "schedulers/gobi.hpp"
#include "small_world.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions some_metrics() {
  NetworkOptions o;
  o.window = 1;
  o.metrics = {LAIR_CPU, LAIR_RAM};
  return o;
}

Surrogate some_surrogate() {
  RandomStream random(11, "weights");
  Weights weights =
      initial_surrogate(some_metrics(), {{"layer1", 12}, {"layer2", 10}, {"layer3", 6}, {"horizon", 10}}, random);
  for (Tensor& tensor : weights.tensors)
    for (float& value : tensor.values) value *= 3;
  return Surrogate(some_metrics(), weights);
}

PlacementProblem some_problem(std::size_t hosts, std::size_t tasks, std::uint64_t seed) {
  RandomStream random(seed, "problem");
  PlacementProblem problem;
  problem.tasks = tasks;
  problem.energy_weight = 0.3;
  problem.response_weight = 0.9;
  problem.base.resize(hosts, SurrogateColumns(some_metrics()).count());
  const SurrogateColumns columns(some_metrics());
  for (std::size_t h = 0; h < hosts; ++h)
    for (std::size_t j = 0; j < columns.placed(); ++j)
      problem.base(h, j) = static_cast<float>(random.uniform());
  for (std::size_t i = 0; i < tasks * hosts; ++i) {
    Demand demand{1 / tasks_per_unit};
    for (std::size_t d = 1; d < demand_width; ++d) demand[d] = static_cast<float>(random.uniform());
    problem.demands.push_back(demand);
  }
  return problem;
}

Placement nearest(const std::vector<double>& x, std::size_t tasks, std::size_t hosts) {
  Placement placement;
  for (std::size_t i = 0; i < tasks; ++i)
    placement.push_back(static_cast<std::uint32_t>(
        std::max_element(x.begin() + std::ptrdiff_t(i * hosts), x.begin() + std::ptrdiff_t((i + 1) * hosts)) -
        x.begin() - std::ptrdiff_t(i * hosts)));
  return placement;
}

/// Services that count, with draws of a seed.
struct Lender {
  explicit Lender(std::uint64_t seed = 1) : random(seed, "policy") {
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) { return static_cast<Lender*>(self)->random.uniform(); };
    services.charge_flops = [](void* self, double f) { static_cast<Lender*>(self)->flops += f; };
    services.charge_memory = [](void* self, double b) { static_cast<Lender*>(self)->memory += b; };
    services.log = [](void*, int, const char*) {};
  }
  RandomStream random;
  lair_services services{};
  double flops = 0, memory = 0;
};

Pairs placed(const Observation& seen, Lender& lender, std::vector<lair_option> options = {}) {
  options.push_back({"surrogate", "untrained"});
  PolicyContext context(lender.services,
                        lair_setup{sizeof(lair_setup), static_cast<std::uint32_t>(options.size()), options.data(), 0,
                                   16, "pi-config2"});
  GobiScheduler scheduler(context);
  Decision out;
  scheduler.place(seen, out);
  CHECK(pairs(out, LAIR_MIGRATE).empty()); // what runs stays
  return pairs(out, LAIR_PLACE);
}

} // namespace

TEST_CASE("the objective's gradient with respect to the placement is that of differences") {
  Surrogate surrogate = some_surrogate();
  const std::size_t hosts = 5, tasks = 3;
  const PlacementProblem problem = some_problem(hosts, tasks, 1);
  RandomStream random(2, "shares");
  std::vector<float> shares(hosts * tasks);
  for (float& share : shares) share = static_cast<float>(random.uniform());
  PlacementValue value(surrogate, problem);
  (void)value.set(shares, 0);
  std::vector<double> gradient;
  value.gradient(gradient);
  double largest = 0;
  for (std::size_t at = 0; at < shares.size(); ++at) {
    const auto moved = [&](float by) {
      auto other = shares;
      other[at] += by;
      return PlacementValue(surrogate, problem).set(other, 0);
    };
    const double difference = (moved(1e-2f) - moved(-1e-2f)) / 2e-2;
    CHECK(gradient[at] == doctest::Approx(difference).epsilon(0.02).scale(5e-3));
    largest = std::max(largest, std::abs(gradient[at]));
  }
  CHECK(largest > 0.01);
}

TEST_CASE("rows that stay as they were need not be computed again: the value is that of a fresh one") {
  Surrogate surrogate = some_surrogate();
  const PlacementProblem problem = some_problem(6, 4, 3);
  PlacementValue kept(surrogate, problem);
  RandomStream random(4, "placements");
  double all = 0;
  for (int n = 0; n < 20; ++n) {
    std::vector<float> shares(24);
    for (std::size_t i = 0; i < 4; ++i) shares[i * 6 + random.below(6)] = 1;
    PlacementValue fresh(surrogate, problem);
    CHECK(kept.set(shares, 0) == fresh.set(shares, 0));
    all += fresh.flops();
  }
  CHECK(kept.flops() < 0.9 * all);
}

TEST_CASE("the descent improves on where it began, and says the value of what it found") {
  Surrogate surrogate = some_surrogate();
  const std::size_t hosts = 4, tasks = 4;
  for (const bool relaxed : {false, true}) {
    CAPTURE(relaxed);
    double began = 0, found = 0, best = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const PlacementProblem problem = some_problem(hosts, tasks, seed);
      const auto value_of = [&](const Placement& placement) {
        std::vector<float> shares(hosts * tasks);
        for (std::size_t i = 0; i < tasks; ++i) shares[i * hosts + placement[i]] = 1;
        return PlacementValue(surrogate, problem).set(shares, 0);
      };
      const auto project = [&](const std::vector<double>& x) { return nearest(x, tasks, hosts); };
      RandomStream random(seed, "start");
      std::vector<double> start(hosts * tasks);
      for (double& x : start) x = random.uniform();
      DescentOptions options;
      options.relaxed = relaxed;
      const Descent descent = descend(surrogate, problem, options, start, project);
      CHECK(descent.value == value_of(descent.placement));
      CHECK(descent.value <= value_of(project(start)));
      CHECK(descent.steps <= options.steps);
      CHECK(descent.flops > 0);
      began += value_of(project(start));
      found += descent.value;
      double least = 1e9;
      for (std::uint32_t code = 0; code < 256; ++code)
        least = std::min(least, value_of({code % 4, code / 4 % 4, code / 16 % 4, code / 64}));
      best += least;
    }
    MESSAGE("began at " << began / 20 << ", found " << found / 20 << ", least of all " << best / 20);
    CHECK(found - best < 0.4 * (began - best));
  }
}

TEST_CASE("no step without options for steps: gobi_steps = 0 leaves the random start") {
  const SyntheticObservation made({.queued = 5});
  Lender one(3), two(3);
  const auto start = placed(Observation(made.raw()), one, {{"gobi_steps", "0"}});
  CHECK(start.size() == 5);
  CHECK(placed(Observation(made.raw()), two) != start);
}

TEST_CASE("the same draws give the same placement; own hosts only, queued tasks only, each once") {
  for (const char* relaxation : {"one-hot", "softmax"}) {
    SyntheticSpec spec;
    spec.queued = 7;
    const SyntheticObservation made(spec);
    const Observation seen(made.raw());
    Lender one(5), two(5);
    const auto first = placed(seen, one, {{"relaxation", relaxation}});
    CHECK(first == placed(seen, two, {{"relaxation", relaxation}}));
    CHECK(one.flops == two.flops);
    CHECK(one.flops > 1e5);
    CHECK(one.memory > 1e5);
    std::set<std::uint64_t> queued, tasks;
    for (const TaskView& task : seen.tasks())
      if (task.state == LAIR_TASK_QUEUED) queued.insert(task.id);
    for (const auto& [task, host] : first) {
      CHECK(host < 4);
      CHECK(queued.count(task) == 1);
      CHECK(tasks.insert(task).second);
    }
  }
}

TEST_CASE("no host gets more than its RAM holds") {
  for (const char* relaxation : {"one-hot", "softmax"})
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SmallWorld world;
      for (std::uint32_t h = 0; h < 3; ++h) world.host(h).ram_need = 4e9 - (h + 0.5) * SmallWorld::resident;
      for (std::uint64_t t = 0; t < 5; ++t) world.queued(100 + t); // there is room for 0, 1 and 2
      Lender lender(seed);
      const auto pairs = placed(world.view(), lender, {{"relaxation", relaxation}, {"admit", "ram"}});
      std::map<std::uint32_t, int> on;
      for (const auto& [task, host] : pairs) ++on[host];
      CHECK(on[0] == 0);
      CHECK(on[1] == 1);
      CHECK(on[2] == 2);
    }
}

TEST_CASE("LEIs of 1, 16, 100 and 1,000 hosts, dead ones, absurd ones, no task") {
  for (const char* relaxation : {"one-hot", "softmax"})
    for (const std::uint32_t hosts : {1u, 16u, 100u, 1000u})
      for (const std::uint32_t queued : {0u, 1u, 20u}) {
        SyntheticSpec spec;
        spec.own_hosts = hosts;
        spec.other_hosts = 0;
        spec.running = 2 * hosts;
        spec.queued = queued;
        const SyntheticObservation made(spec);
        Lender lender;
        const auto all = placed(Observation(made.raw()), lender,
                                {{"relaxation", relaxation}, {"gobi_steps", hosts > 100 ? "20" : "200"}});
        if (hosts >= 100) CHECK(all.size() == queued);
        spec.dead = true;
        const SyntheticObservation dead(spec);
        CHECK(placed(Observation(dead.raw()), lender, {{"relaxation", relaxation}}).empty());
        spec.dead = false;
        spec.extreme = true;
        if (hosts > 100) continue;
        const SyntheticObservation absurd(spec);
        (void)placed(Observation(absurd.raw()), lender, {{"relaxation", relaxation}});
      }
}
