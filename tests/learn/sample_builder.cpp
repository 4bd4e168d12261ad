// Observations to samples: ranges, padding, masks, the graph, the schedule, and what tasks did.
#include "learn/model_path.hpp"
#include "learn/sample_builder.hpp"
#include "model/topology.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace lair;
using namespace lair::learn;

namespace {

NetworkOptions two_metrics(std::uint32_t window) {
  NetworkOptions o;
  o.metrics = {LAIR_CPU, LAIR_NET_IN};
  o.window = window;
  return o;
}

/// Ranges: CPU as it is, net from 100 to 200 bytes/s.
const Normalisation ranges{{0, 100}, {1, 200}};

/// Two own hosts and one stranger, windows of three states; cpu = .1 .2 .3 (+ host), net = 110 ...
struct World {
  ObservationBuffer buffer;
  World() {
    for (std::uint32_t id = 0; id < 3; ++id) {
      lair_host h{};
      h.id = id;
      h.lei = id / 2;
      h.broker = id < 2 ? 0 : 2;
      h.flags = LAIR_HOST_ALIVE | LAIR_HOST_KNOWN | (id < 2 ? LAIR_HOST_OWN : 0) |
                (h.broker == id ? LAIR_HOST_BROKER : 0);
      h.cores = 4;
      h.core_flops = 1e9;
      h.ram = 4e9;
      buffer.hosts.push_back(h);
      buffer.window_at.push_back(static_cast<std::ptrdiff_t>(buffer.windows.size()));
      for (int s = 0; s < 3; ++s) {
        std::vector<double> state(LAIR_METRICS, 0.0);
        state[LAIR_CPU] = 0.1 * (s + 1) + id;
        state[LAIR_NET_IN] = 110 + 10 * s;
        buffer.windows.insert(buffer.windows.end(), state.begin(), state.end());
      }
    }
    lair_application a{};
    a.name = "app";
    a.flops_per_image = 4e9;
    a.bytes_per_image = 1000;
    a.threads = 2;
    buffer.applications.push_back(a);
    buffer.raw.own_count = 2;
    buffer.raw.window_length = 3;
    buffer.raw.interval_length = 300;
    buffer.raw.broker = 0;
  }
  lair_task& task(std::uint64_t id, std::uint32_t host, lair_task_state state) {
    lair_task t{};
    t.id = id;
    t.host = host;
    t.target = LAIR_NONE;
    t.state = state;
    t.resident = 400e6;
    t.age = 300;
    buffer.tasks.push_back(t);
    return buffer.tasks.back();
  }
  Observation at(std::uint32_t interval) {
    buffer.raw.interval = interval;
    buffer.raw.now = 300.0 * interval;
    buffer.seal();
    return Observation(buffer.raw);
  }
};

} // namespace

TEST_CASE("host windows: in training ranges, clipped to [0, 1], oldest first, padded by the first") {
  World world;
  for (const std::uint32_t k : {2u, 3u, 5u}) {
    const Sample s = SampleBuilder(two_metrics(k), ranges, GraphFeatures::all)
                         .build(world.at(0), {}, {});
    REQUIRE(s.hosts == 2);
    CHECK(s.nodes == 3);
    REQUIRE(s.window.size() == 2 * 2 * k);
    for (std::uint32_t i = 0; i < k; ++i) {
      const int state = std::max(0, 3 - static_cast<int>(k - i));
      CHECK(s.window[2 * i] == doctest::Approx(0.1 * (state + 1)));
      CHECK(s.window[2 * i + 1] == doctest::Approx(0.1 + 0.1 * state));
      CHECK(s.window[2 * k + 2 * i] == 1); // host 1 has a CPU above its range
    }
  }
  const auto unit = SampleBuilder(two_metrics(3), ranges, GraphFeatures::all)
                        .unit_state(world.buffer.windows.data() + 3 * LAIR_METRICS);
  CHECK(unit[0] == doctest::Approx(1.1)); // scores see how far above
}

TEST_CASE("hosts never heard of are marked, and nodes can leave out the own hosts' windows") {
  World world;
  world.buffer.window_at[2] = -1;
  const NetworkOptions o = two_metrics(3);
  const std::size_t n = o.node_inputs();
  const Sample all = SampleBuilder(o, ranges, GraphFeatures::all).build(world.at(0), {}, {});
  const Sample peers = SampleBuilder(o, ranges, GraphFeatures::peers).build(world.at(0), {}, {});
  const auto at = [&](const Sample& s, std::size_t node, std::size_t j) {
    return s.node_inputs[node * n + j];
  };
  const std::size_t present = o.features(), known = present + 2, broker = known + 1;
  CHECK(at(all, 0, 0) == doctest::Approx(0.1));
  CHECK(at(all, 0, present) == 1);
  CHECK(at(all, 0, known) == 1);
  CHECK(at(all, 0, broker) == 1);
  CHECK(at(all, 1, broker) == 0);
  for (std::size_t j = 0; j <= known; ++j) CHECK(at(all, 2, j) == 0);
  CHECK(at(all, 2, broker) == 1);
  CHECK(at(peers, 0, 0) == 0);
  CHECK(at(peers, 0, present) == 0);
  CHECK(at(peers, 0, known) == 1);
  CHECK(peers.window == all.window);
}

TEST_CASE("S: running tasks where they run, waiting ones where they will start, leaving ones gone") {
  World world;
  world.task(1, 1, LAIR_TASK_RUNNING);
  world.task(2, LAIR_NONE, LAIR_TASK_QUEUED);
  world.task(3, LAIR_NONE, LAIR_TASK_QUEUED);
  world.task(4, 0, LAIR_TASK_MIGRATING).target = 2;
  const lair_action placement[] = {{LAIR_PLACE, 0, 2}};
  const Sample s = SampleBuilder(two_metrics(3), ranges, GraphFeatures::all)
                       .build(world.at(0), placement, {});
  CHECK(s.host_of_task == std::vector<std::uint32_t>{1, 0, nowhere, nowhere});
  CHECK(s.rows() == 6);
  for (std::size_t i = 2 * 2; i < 6 * 2; ++i) CHECK(s.present[i] == 0); // no history was kept
}

TEST_CASE("a task's state is what its images cost since the observation before") {
  World world;
  lair_task& task = world.task(7, 0, LAIR_TASK_RUNNING);
  task.images_done = 30;
  TaskHistory history;
  history.update(world.at(1), 4);
  task.images_done = 90; // 60 images of 4 Gflop in 300 s on a host of 4 Gflop/s
  history.update(world.at(2), 4);
  history.update(world.at(2), 4); // the same interval again
  const auto states = history.of(7, 4);
  REQUIRE(states.size() == 4);
  CHECK(states[3][LAIR_CPU] == doctest::Approx(60.0 / 300));
  CHECK(states[3][LAIR_DISK_READ] == doctest::Approx(60.0 * 1000 / 300));
  CHECK(states[3][LAIR_RAM] == doctest::Approx(0.1));
  CHECK(states[2][LAIR_CPU] == doctest::Approx(30.0 / 300)); // its mean since arrival
  CHECK(states[0] == states[2]);                             // replicated
  CHECK(history.of(8, 4).empty());
  world.buffer.tasks.clear();
  history.update(world.at(3), 4);
  CHECK(history.of(7, 4).empty());
}

TEST_CASE("hubs are the edges of the topology") {
  for (const std::uint32_t per_lei : {1u, 3u, 4u}) {
    SyntheticSpec spec;
    spec.hosts_per_lei = per_lei;
    const SyntheticObservation synthetic(spec);
    const Observation seen(synthetic.raw());
    const Sample s = SampleBuilder(NetworkOptions{}, untrained_model().normalisation,
                                   GraphFeatures::all)
                         .build(seen, {}, {});
    const Topology topology(seen);
    std::set<Topology::Edge> wanted, found;
    for (const auto& edge : topology.edges()) wanted.insert(edge);
    std::vector<std::uint32_t> index; // rows of the observation to rows of the topology
    for (const Host& host : seen.hosts()) index.push_back(topology.index(HostId{host.id}));
    for (std::uint32_t i = 0; i < s.nodes; ++i) {
      if (!s.is_isolated(i) && !s.is_broker(i))
        found.insert(std::minmax(index[i], index[s.hub[i]]));
      for (std::uint32_t j = 0; j < i; ++j)
        if (s.is_broker(i) && s.is_broker(j)) found.insert(std::minmax(index[i], index[j]));
    }
    CHECK(found == wanted);
    CHECK(!wanted.empty());
  }
}
