/// A small observation for the tests and the benchmark of the twin: hosts of one or more LEIs,
/// hand-made.
#pragma once

#include "../board.hpp"
#include "core/random.hpp"
#include "model/observation.hpp"
#include "twin/twin.hpp"

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace twin_test {

inline lair::PowerCurve curve_4gb() {
  return {{2.45, 2.78, 2.90, 3.03, 3.65, 3.66, 3.69, 3.71, 3.72, 4.14, 4.75}};
}

struct Builder {
  lair::ObservationBuffer buffer;
  double lan_latency = 0;
  struct Told {
    double age = 0;
    std::vector<lair_task> tasks;
  };
  std::map<std::uint32_t, Told> told; ///< what LEIs report of their tasks

  explicit Builder(double length = 300) {
    buffer.raw.interval_length = length;
    buffer.raw.window_length = 1;
    buffer.raw.lei = 0;
    buffer.raw.broker = 0;
    lei(0);
    application("plain");
  }
  void lei(std::uint32_t id, double bandwidth = 125e6, double latency = 0) {
    buffer.leis.push_back({id, LAIR_NONE, 0, 1, bandwidth, latency});
  }
  /// 1 Gflop an image, nothing read from the card.
  lair_application& application(const char* name) {
    lair_application a{};
    a.name = name;
    a.images = 1000;
    a.flops_per_image = 1e9;
    a.resident = 400e6;
    a.input = 25e6;
    a.result = 0;
    a.image_size = 500e6;
    a.image_transfer = 200e6;
    a.deadline = std::numeric_limits<double>::infinity();
    a.threads = 2;
    buffer.applications.push_back(a);
    return buffer.applications.back();
  }
  /// An own, warm host of 4 x 1 Gflop/s and 4 GB. Its id is its row.
  lair_host& host(bool own = true, std::uint32_t lei = 0) {
    lair_host h = board_4gb(static_cast<std::uint32_t>(buffer.hosts.size()), own, lei);
    h.image_cached = 1;
    h.core_flops = 1e9;
    h.ram_system = h.ram_need;
    buffer.hosts.push_back(h);
    buffer.window_at.push_back(static_cast<std::ptrdiff_t>(buffer.windows.size()));
    buffer.windows.resize(buffer.windows.size() + LAIR_METRICS);
    buffer.windows[buffer.windows.size() - LAIR_METRICS + LAIR_ALIVE] = 1;
    buffer.raw.own_count += own;
    return buffer.hosts.back();
  }
  double& metric(std::uint32_t row, lair_metric which) {
    return buffer.windows[std::size_t(row) * LAIR_METRICS + which];
  }
  lair_task& task(std::uint32_t state, std::uint32_t host, double gflop, std::uint32_t app = 0) {
    lair_task t{};
    t.id = 1000 + 7 * buffer.tasks.size();
    t.application = app;
    t.host = host;
    t.target = LAIR_NONE;
    t.entry_lei = 0;
    t.state = state;
    t.deadline = std::numeric_limits<double>::infinity();
    t.images_left = gflop * 1e9 / buffer.applications[app].flops_per_image;
    t.resident = buffer.applications[app].resident;
    if (host != LAIR_NONE) buffer.hosts[host].ram_need += t.resident;
    buffer.tasks.push_back(t);
    return buffer.tasks.back();
  }
  lair_task& running(std::uint32_t host, double gflop, std::uint32_t app = 0) {
    return task(LAIR_TASK_RUNNING, host, gflop, app);
  }
  lair_task& queued(double gflop, std::uint32_t app = 0) {
    return task(LAIR_TASK_QUEUED, LAIR_NONE, gflop, app);
  }
  std::uint64_t id(std::uint32_t task) const { return buffer.tasks[task].id; }
  /// The task made last stands in the report of this LEI, no longer in the own list.
  lair_task& tell(std::uint32_t lei) {
    std::vector<lair_task>& tasks = told[lei].tasks;
    tasks.push_back(buffer.tasks.back());
    buffer.tasks.pop_back(); // whose length gives the next own task's id: that of this one again
    tasks.back().id = 1000000 * (lei + 1) + 7 * tasks.size();
    return tasks.back();
  }
  /// Own tasks, then those of reports.
  std::vector<lair_task> all_tasks() const {
    std::vector<lair_task> all = buffer.tasks;
    for (const auto& [lei, report] : told)
      all.insert(all.end(), report.tasks.begin(), report.tasks.end());
    return all;
  }
  const lair_observation& seal() {
    buffer.reports.clear();
    for (const auto& [lei, report] : told) {
      lair_report& view = buffer.reports.emplace_back();
      view = {};
      view.size = sizeof view;
      view.lei = lei;
      view.age = report.age;
      view.tasks = report.tasks.data();
      view.task_count = static_cast<std::uint32_t>(report.tasks.size());
      view.task_stride = sizeof(lair_task);
    }
    buffer.seal();
    return buffer.raw;
  }
  lair::TwinPlatform platform() const {
    lair::TwinPlatform p;
    p.devices.assign(buffer.hosts.size(), {curve_4gb(), lan_latency});
    return p;
  }
  lair::Twin twin() {
    lair::Twin t(platform());
    t.load(seal());
    return t;
  }
};

/// AIoTBench as the workload file has it: MAC/image G, Mparam, efficiency, images, resident MB.
inline void aiotbench(Builder& b) {
  struct Net {
    const char* name;
    double gmac, mparam, efficiency, images, resident;
  };
  static constexpr Net nets[] = {{"resnet18", 1.82, 11.69, 1, 1600, 357},
                                 {"resnet34", 3.68, 21.80, 1, 800, 417},
                                 {"resnext50_32x4d", 4.29, 25.03, 0.6, 800, 470},
                                 {"squeezenet1_0", 0.82, 1.25, 0.7, 3200, 315},
                                 {"googlenet", 1.51, 6.62, 0.8, 2400, 336},
                                 {"mobilenet_v2", 0.32, 3.50, 0.3, 1600, 334},
                                 {"mnasnet1_0", 0.34, 4.38, 0.3, 800, 328}};
  b.buffer.applications.clear();
  for (const Net& net : nets) {
    lair_application& a = b.application(net.name);
    a.images = net.images;
    a.flops_per_image = 2e9 * net.gmac / net.efficiency;
    a.bytes_per_image = 160e3;
    a.weights = 4e6 * net.mparam;
    a.activations = 20e6;
    a.resident = net.resident * 1e6;
    a.input = 20e6;
    a.result = 1e6;
    a.deadline = 1500;
  }
}

struct Shape {
  std::uint32_t hosts = 16, tasks = 50, leis = 1;
  double queued = 0.1;  ///< share of the tasks
  double faulty = 0.1;  ///< share of the hosts with unexplained load
  double cold = 0.1;    ///< share of the hosts without the image
  double odd = 0;       ///< share of tasks that are starting, migrating or returning
  double dead = 0;      ///< share of the hosts
  std::uint32_t told = 0; ///< further tasks, of other LEIs, that their reports tell
};

/// A federation in the middle of a run at medium load. Own are the hosts of LEI 0; with more LEIs
/// every second host is another LEI's.
inline Builder random_federation(lair::RandomStream& random, const Shape& shape) {
  Builder b;
  b.lan_latency = 2e-4;
  aiotbench(b);
  for (std::uint32_t l = 1; l < shape.leis; ++l) b.lei(l, random.below(2) ? 12.5e6 : 125e6, 5e-3);
  const std::uint32_t own = shape.leis > 1 ? (shape.hosts + 1) / 2 : shape.hosts;
  for (std::uint32_t h = 0; h < shape.hosts; ++h) {
    lair_host& host = b.host(h < own, h < own ? 0 : 1 + random.below(shape.leis - 1));
    host.core_flops = 3.2e9;
    if (random.below(2)) host.ram = 8e9;
    if (h > 0 && random.uniform() < shape.cold) host.image_cached = 0;
    if (random.uniform() < shape.dead) {
      host.flags &= ~std::uint32_t(LAIR_HOST_ALIVE);
      b.metric(h, LAIR_ALIVE) = random.below(2);
    }
    if (random.uniform() < shape.faulty) {
      switch (random.below(3)) {
      case 0: host.unexplained.threads = 8; break;
      case 1:
        host.unexplained.ram = 0.9 * host.ram;
        host.unexplained.threads = 1;
        host.ram_need += host.unexplained.ram;
        break;
      default: host.unexplained.streams = 128;
      }
    }
    if (random.uniform() < shape.faulty / 3) b.metric(h, LAIR_NET_IN) = 124e6; // flooded
    b.metric(h, LAIR_CPU) = random.uniform();
    b.metric(h, LAIR_CPU_PRESSURE) = 2 * random.uniform();
  }
  const auto queued = static_cast<std::uint32_t>(shape.queued * shape.tasks);
  for (std::uint32_t t = 0; t < shape.tasks; ++t) {
    const std::uint32_t app = random.below(7);
    const lair_application& a = b.buffer.applications[app];
    lair_task* task;
    if (t < queued)
      task = &b.task(LAIR_TASK_QUEUED, LAIR_NONE, 0, app);
    else if (random.uniform() < shape.odd) {
      static constexpr std::uint32_t states[] = {LAIR_TASK_STARTING, LAIR_TASK_MIGRATING,
                                                 LAIR_TASK_RETURNING};
      task = &b.task(states[random.below(3)], random.below(own), 0, app);
      if (task->state == LAIR_TASK_MIGRATING) {
        task->target = (task->host + 1) % shape.hosts;
        b.buffer.hosts[task->target].ram_need += task->resident;
      }
    } else
      task = &b.running(random.below(own), 0, app);
    task->deadline = a.deadline;
    task->age = t < queued ? 0 : random.uniform(0, 1600);
    task->images_left = a.images * (t < queued ? 1 : random.uniform());
    task->entry_lei = random.below(8) == 0 ? shape.leis - 1 : 0;
  }
  for (std::uint32_t t = 0; t < shape.told && own < shape.hosts; ++t) {
    const std::uint32_t app = random.below(7);
    const lair_application& a = b.buffer.applications[app];
    const std::uint32_t host = own + random.below(shape.hosts - own);
    const std::uint32_t lei = b.buffer.hosts[host].lei;
    const double kind = random.uniform();
    lair_task* task = kind < 0.3 ? &b.queued(0, app) : &b.running(host, 0, app);
    task->images_left = a.images * (kind < 0.3 ? 1 : random.uniform());
    task->deadline = a.deadline;
    task->age = random.uniform(0, 1600);
    task->entry_lei = lei;
    if (kind < 0.25) task->target = random.below(shape.hosts); // anywhere, as a scheduler may
    if (kind > 0.85) {
      task->state = kind > 0.95 ? LAIR_TASK_STARTING : LAIR_TASK_MIGRATING;
      if (task->state == LAIR_TASK_MIGRATING) {
        task->target = (host + 1) % shape.hosts;
        b.buffer.hosts[task->target].ram_need += task->resident;
      }
    }
    b.tell(lei);
    b.told[lei].age = 0.01;
  }
  return b;
}

} // namespace twin_test
