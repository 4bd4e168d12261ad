#include "policy/synthetic_observation.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair {
namespace {

/// docs/model.md, "Tasks and load": G MAC per image, M parameters, efficiency, images of a task /
/// 800, resident MB. Names are literals, so that they outlive every observation.
struct Profile {
  const char* name;
  double gmac, mparam, efficiency, images, resident;
};
constexpr Profile profiles[] = {
    {"resnet18", 1.82, 11.69, 1, 2, 357},          {"resnet34", 3.68, 21.80, 1, 1, 417},
    {"resnext50_32x4d", 4.29, 25.03, 0.6, 1, 470}, {"squeezenet1_0", 0.82, 1.25, 0.7, 4, 315},
    {"googlenet", 1.51, 6.62, 0.8, 3, 336},        {"mobilenet_v2", 0.32, 3.50, 0.3, 2, 334},
    {"mnasnet1_0", 0.34, 4.38, 0.3, 1, 328},
};
constexpr std::uint32_t profile_count = sizeof profiles / sizeof *profiles;

constexpr double interval_length = 300; // seconds

lair_application application(const Profile& p) {
  lair_application a{};
  a.name = p.name;
  a.images = 800 * p.images;
  a.flops_per_image = 2e9 * p.gmac / p.efficiency;
  a.bytes_per_image = 160e3;
  a.weights = 4e6 * p.mparam;
  a.activations = 0.3 * a.weights + 20e6;
  a.resident = 1e6 * p.resident;
  a.input = 20e6;
  a.result = 1e6;
  a.image_size = 500e6;
  a.image_transfer = 200e6;
  a.deadline = 2000;
  a.threads = 2;
  return a;
}

} // namespace

Federation synthetic_federation(std::uint32_t hosts) {
  Federation federation;
  federation.name = "synthetic";
  HostDescription host;
  for (std::size_t k = 0; k < host.spec.power.watts.size(); ++k)
    host.spec.power.watts[k] = 2.5 + 0.25 * static_cast<double>(k); // about a Pi 4's
  for (std::uint32_t i = 0; i < hosts; ++i) {
    host.name = "host-" + std::to_string(i);
    federation.hosts.push_back(host);
  }
  return federation;
}

SyntheticObservation::SyntheticObservation(const SyntheticSpec& spec) {
  // Everything about hosts that lasts comes from one stream, what changes from another.
  RandomStream lasting(spec.seed, "synthetic.hosts");
  RandomStream random(spec.seed, "synthetic." + std::to_string(spec.interval));
  lair_observation& raw = buffer.raw;
  raw.interval = spec.interval;
  raw.now = spec.interval * interval_length;
  raw.interval_length = interval_length;
  raw.window_length = spec.window;
  raw.own_count = spec.own_hosts;
  for (const Profile& p : profiles) buffer.applications.push_back(application(p));

  const std::uint32_t total = spec.own_hosts + spec.other_hosts;
  const std::uint32_t per_lei = std::max(spec.hosts_per_lei, 1u);
  std::vector<double> threads(total, 0);
  for (std::uint32_t id = 0; id < total; ++id) {
    const bool own = id < spec.own_hosts;
    lair_host host{};
    host.id = id;
    host.lei = own ? 0 : 1 + (id - spec.own_hosts) / per_lei;
    host.broker = own ? 0 : spec.own_hosts + (host.lei - 1) * per_lei;
    if (own) host.flags |= LAIR_HOST_OWN;
    if (host.broker == id) host.flags |= LAIR_HOST_BROKER;
    const bool alive = random.uniform() < 0.95 || (own && id == 0);
    if (alive && !spec.dead) host.flags |= LAIR_HOST_ALIVE;
    const bool known = own || !spec.extreme || random.uniform() < 0.5;
    if (known) host.flags |= LAIR_HOST_KNOWN;
    host.cores = 4;
    host.image_cached = host.broker == id || random.uniform() < 0.5;
    host.name = names_.emplace_back("host-" + std::to_string(id)).c_str();
    host.core_flops = 3.2e9;
    host.ram = lasting.uniform() < 0.5 ? 4e9 : 8e9;
    host.swap = 2147483648.0;
    host.disk_read = 40e6;
    host.disk_write = 20e6;
    host.disk_random_read = 8e6;
    host.disk_random_write = 4e6;
    host.nic = 125e6;
    host.age = own ? 0 : random.uniform() < 0.9 ? 0.5 : interval_length;
    host.ram_system = 700e6;
    host.ram_need = host.ram_system;
    host.power_max = 5;
    if (random.uniform() < spec.faulty) switch (random.below(3)) {
      case 0: host.unexplained.threads = 8; break;
      case 1: host.unexplained.ram = 0.9 * host.ram; break;
      default: host.unexplained.streams = 64;
      }
    host.ram_need += host.unexplained.ram;
    threads[id] = host.unexplained.threads;
    buffer.hosts.push_back(host);
    buffer.window_at.push_back(known ? 0 : -1); // offsets are set below
  }
  raw.broker = 0;

  const std::uint32_t running = spec.own_hosts > 0 ? spec.running : 0;
  for (std::uint32_t i = 0; i < spec.queued + running; ++i) {
    lair_task task{};
    task.id =
        std::uint64_t(spec.interval) * 1000000 + (i < spec.queued ? running + i : i - spec.queued);
    task.application = random.below(profile_count);
    const lair_application& a = buffer.applications[task.application];
    task.host = task.target = LAIR_NONE;
    task.deadline = a.deadline;
    task.resident = a.resident;
    task.images_left = a.images;
    task.quorum = 1;
    std::fill(std::begin(task.stores), std::end(task.stores), LAIR_NONE);
    task.copies = i < spec.queued ? 0 : 1;
    if (i < spec.queued) {
      task.age = random.uniform(0, interval_length);
    } else {
      task.host = random.below(spec.own_hosts);
      task.state = LAIR_TASK_RUNNING;
      task.age = random.uniform(0, 3 * interval_length);
      task.images_done = std::floor(a.images * random.uniform(0, 0.95));
      task.images_left = a.images - task.images_done;
      if (const double kind = random.uniform(); kind < 0.1 && total > 1) {
        task.state = LAIR_TASK_MIGRATING;
        task.target = (task.host + 1) % total;
        buffer.hosts[task.target].ram_need += task.resident;
      } else if (kind < 0.2) {
        task.state = LAIR_TASK_STARTING;
      }
      buffer.hosts[task.host].ram_need += task.resident;
      if (task.state == LAIR_TASK_RUNNING) threads[task.host] += a.threads;
    }
    if (spec.extreme) {
      task.images_left = 1e18;
      task.age = 1e12;
      task.deadline = std::numeric_limits<double>::infinity();
    }
    buffer.tasks.push_back(task);
    // Of every other one a copy on the next host, that has come half as far.
    if (!spec.copies || task.state != LAIR_TASK_RUNNING || i % 2 == 0 || total < 2) continue;
    lair_task& first = buffer.tasks.back();
    first.copies = 2;
    first.quorum = 1 + (i / 4) % 2;
    first.stores[first.store_count++] = (first.host + 1) % total;
    first.images_committed = first.images_done / 2;
    lair_task copy = first;
    copy.copy = 1;
    copy.host = (first.host + 1) % total;
    copy.images_done = first.images_done / 2;
    copy.images_left = spec.extreme ? 1e18 : a.images - copy.images_done;
    buffer.hosts[copy.host].ram_need += copy.resident;
    threads[copy.host] += a.threads;
    buffer.tasks.push_back(copy);
  }

  for (std::uint32_t id = 0; id < total; ++id) {
    lair_host& host = buffer.hosts[id];
    if (spec.extreme) host.ram_need = 1e15;
    if (buffer.window_at[id] < 0) continue;
    buffer.window_at[id] = static_cast<std::ptrdiff_t>(buffer.windows.size());
    const double pressure = threads[id] / host.cores;
    const double swapped = std::max(0.0, host.ram_need - host.ram);
    double newest[LAIR_METRICS];
    newest[LAIR_CPU] = std::min(1.0, pressure);
    newest[LAIR_CPU_PRESSURE] = pressure;
    newest[LAIR_RAM] = std::min(1.0, host.ram_need / host.ram);
    newest[LAIR_SWAP] = std::min(1.0, swapped / host.swap);
    newest[LAIR_DISK_READ] = 0.3e6 * pressure + (host.unexplained.streams > 0 ? 20e6 : 0);
    newest[LAIR_DISK_WRITE] = host.unexplained.streams > 0 ? 10e6 : 0;
    newest[LAIR_NET_IN] = random.uniform(0, 1e6);
    newest[LAIR_NET_OUT] = random.uniform(0, 1e6);
    newest[LAIR_IO_WAIT] = host.unexplained.streams + random.uniform(0, 0.2);
    newest[LAIR_ALIVE] = (host.flags & LAIR_HOST_ALIVE) != 0 ? 1 : 0;
    for (std::uint32_t k = 0; k < spec.window; ++k)
      for (std::uint32_t m = 0; m < LAIR_METRICS; ++m) {
        const double wobble = k + 1 == spec.window ? 1 : random.uniform(0.8, 1);
        buffer.windows.push_back(spec.extreme ? 1e9 * (1 + newest[m]) : newest[m] * wobble);
      }
  }

  const std::uint32_t leis = total == 0 ? 1 : 1 + (spec.other_hosts + per_lei - 1) / per_lei;
  for (std::uint32_t id = 0; id < leis; ++id) {
    lair_lei lei{};
    lei.id = id;
    lei.broker =
        id == 0 ? (spec.own_hosts > 0 ? 0 : LAIR_NONE) : spec.own_hosts + (id - 1) * per_lei;
    lei.alive = spec.dead ? 0 : 1;
    lei.wan_bandwidth = 125e6;
    lei.wan_latency = lasting.uniform(1e-3, 2e-2);
    for (const lair_host& host : buffer.hosts) lei.hosts += host.lei == id;
    buffer.leis.push_back(lei);
  }

  if (spec.reports)
    for (std::uint32_t id = 1; id < leis; ++id) {
      Rows& rows = rows_.emplace_back();
      for (const lair_host& host : buffer.hosts)
        if (host.lei == id) {
          const bool bad =
              host.unexplained.threads + host.unexplained.ram + host.unexplained.streams > 0;
          rows.hosts.push_back(host.id);
          rows.scores.push_back(bad ? 2 : 0.5);
          rows.thresholds.push_back(1);
          rows.labels.push_back(bad);
        }
      lair_detection& detection = detections_.emplace_back();
      detection = {};
      detection.size = sizeof detection;
      detection.count = static_cast<std::uint32_t>(rows.hosts.size());
      detection.hosts = rows.hosts.data();
      detection.scores = rows.scores.data();
      detection.thresholds = rows.thresholds.data();
      detection.labels = rows.labels.data();
      lair_report report{};
      report.size = sizeof report;
      report.lei = id;
      report.age = 0.5;
      report.detection = &detection;
      // A task on its first host and one that waits, placed there.
      std::vector<lair_task>& tasks = tasks_.emplace_back();
      for (std::uint32_t k = 0; k < 2 && !rows.hosts.empty(); ++k) {
        lair_task task{};
        task.id = std::uint64_t(spec.interval) * 1000000 + 100000 * id + k;
        task.application = (id + k) % profile_count;
        const lair_application& a = buffer.applications[task.application];
        task.state = k == 0 ? LAIR_TASK_RUNNING : LAIR_TASK_QUEUED;
        task.host = k == 0 ? rows.hosts[0] : LAIR_NONE;
        task.target = k == 0 ? LAIR_NONE : rows.hosts[0];
        task.entry_lei = id;
        task.deadline = a.deadline;
        task.resident = a.resident;
        task.images_left = spec.extreme ? 1e18 : a.images;
        task.quorum = 1;
        std::fill(std::begin(task.stores), std::end(task.stores), LAIR_NONE);
        task.copies = k == 0 ? 1 : 0;
        tasks.push_back(task);
      }
      report.tasks = tasks.data();
      report.task_count = static_cast<std::uint32_t>(tasks.size());
      report.task_stride = sizeof(lair_task);
      buffer.reports.push_back(report);
    }
  if (spec.interval > 0) buffer.events.push_back({raw.now, LAIR_EVENT_HOST_BACK, 0, UINT64_MAX});
  buffer.seal();
}

} // namespace lair
