#include "twin/tables.hpp"

#include "core/error.hpp"
#include "model/contention.hpp"

#include <lair/policy.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lair::twin {
namespace {

/// Spreads consecutive ids over the slots (Fibonacci hashing).
std::uint32_t slot_of(std::uint64_t id, std::uint32_t mask) {
  return static_cast<std::uint32_t>((id * 0x9e3779b97f4a7c15ull) >> 32) & mask;
}

/// Of the NIC: tasks, images and migrations stay far below it over an interval.
constexpr double flood_share = 0.05;

bool has_own_transfer(Kind kind) {
  return kind == Kind::placed || kind == Kind::moving || kind == Kind::starting ||
         kind == Kind::arriving;
}

bool needs_image(Kind kind) {
  return kind == Kind::placed || kind == Kind::moving || kind == Kind::starting;
}

template <class T> void ensure(std::vector<T>& v, std::size_t size) {
  if (v.size() < size) v.resize(size);
}

} // namespace

void Tables::reserve(std::uint32_t hosts, std::uint32_t task_total, std::uint32_t applications,
                     std::uint32_t lei_total) {
  ensure(rows, hosts);
  ensure(class_row, hosts);
  ensure(fetchers, hosts);
  ensure(tasks, task_total);
  ensure(task_ids, task_total);
  ensure(residents, task_total);
  ensure(crossing, task_total);
  ensure(apps, applications);
  ensure(cells, std::size_t(hosts) * applications);
  ensure(leis, lei_total);
  ensure(row_of_host, hosts);
  ensure(times, std::size_t(task_total) + hosts);
  std::size_t slots = 16;
  while (slots < 2 * std::size_t(task_total)) slots *= 2;
  ensure(task_slots, slots);
}

void Tables::load(const lair_observation& raw, const std::vector<Device>& devices,
                  double probe_rate) {
  length = raw.interval_length > 0 ? raw.interval_length : 0;
  // now = interval x L + elapsed and L = elapsed + length
  elapsed = std::max(0.0, (raw.now + length) / (raw.interval + 1.0) - length);
  observer_lei = raw.lei;
  row_count = raw.host_count;
  std::uint32_t most_tasks = raw.task_count;
  for (const lair_report& report : Observation(raw).reports())
    if (tells(report)) most_tasks += report.task_count;
  reserve(raw.host_count, most_tasks, raw.application_count, raw.lei_count);
  own_tasks = raw.task_count;
  class_count = crossing_count = fetcher_count = 0;
  waiting = waiting_late = 0;
  ages = 0;
  load_apps(raw);
  load_leis(raw);

  const Observation observation(raw);
  std::uint32_t highest = 0;
  for (const lair_host& host : observation.hosts()) highest = std::max(highest, host.id);
  LAIR_ASSERT(highest < (1u << 24), "host ids are indices");
  if (row_count > 0) ensure(row_of_host, highest + 1);
  std::fill(row_of_host.begin(), row_of_host.end(), none);
  static const Device unknown{};
  for (std::uint32_t r = 0; r < row_count; ++r) {
    const lair_host& host = observation.hosts()[r];
    row_of_host[host.id] = r;
    load_row(rows[r], raw, host, host.id < devices.size() ? devices[host.id] : unknown);
    classify(r);
    if (rows[r].flooded && host.lei < leis.size()) {
      leis[host.lei].flows += flood_flows;
      leis[host.lei].flood += rows[r].nic;
    }
  }
  if (probe_rate > 0) load_probes(raw, probe_rate);
  link_image_sources(raw);
  load_tasks(raw);
}

/// The broker and each of its workers watch one another, and so do the broker and those of its peers.
/// In the last states of LEIs whose tasks are not known probes are already contained.
void Tables::load_probes(const lair_observation& raw, double rate) {
  const auto probe = [&](std::uint32_t row, double pairs) {
    rows[row].back_in += 2 * rate * pairs;
    rows[row].back_out += 2 * rate * pairs;
  };
  double brokers = 0;
  for (const lair_lei& lei : Observation(raw).leis()) brokers += lei.alive != 0;
  const auto hosts = Observation(raw).hosts();
  for (std::uint32_t r = 0; r < row_count; ++r) {
    if (!lei(rows[r].lei).told || !rows[r].reachable) continue;
    const std::uint32_t broker = row_of(hosts[r].broker);
    if (broker == none || !rows[broker].reachable || rows[broker].lei != rows[r].lei) continue;
    if (broker != r) {
      probe(r, 1);
      probe(broker, 1);
    } else if (brokers > 1) { // as many peers as the observer has
      probe(r, brokers - 1);
    }
  }
}

void Tables::load_apps(const lair_observation& raw) {
  app_count = raw.application_count;
  image_size = image_transfer = 0;
  const auto applications = Observation(raw).applications();
  for (std::uint32_t a = 0; a < app_count; ++a) {
    const lair_application& from = applications[a];
    apps[a] = {from.flops_per_image,
               from.bytes_per_image,
               from.weights,
               from.activations,
               from.flops_per_image > 0 ? from.bytes_per_image / from.flops_per_image : 0,
               double(from.threads),
               from.input,
               from.result};
    // One container image for all applications.
    image_size = std::max(image_size, from.image_size);
    image_transfer = std::max(image_transfer, from.image_transfer);
  }
}

void Tables::load_leis(const lair_observation& raw) {
  const auto views = Observation(raw).leis();
  std::fill(leis.begin(), leis.end(), Lei{});
  lei_count = 0;
  for (const lair_lei& view : views) {
    LAIR_ASSERT(view.id < (1u << 24), "LEI ids are indices");
    ensure(leis, view.id + 1);
    leis[view.id] = {view.wan_bandwidth, view.wan_latency, 0, 0, false};
    lei_count = std::max(lei_count, view.id + 1);
  }
  const auto tell = [&](std::uint32_t id) {
    LAIR_ASSERT(id < (1u << 24), "LEI ids are indices");
    ensure(leis, id + 1);
    leis[id].told = true;
  };
  tell(observer_lei);
  for (const lair_report& report : Observation(raw).reports())
    if (tells(report)) tell(report.lei);
}

void Tables::load_row(Row& row, const lair_observation& raw, const lair_host& host,
                      const Device& device) {
  const Observation observation(raw);
  row = Row{};
  row.id = host.id;
  row.lei = host.lei;
  row.cores = host.cores;
  row.core_flops = host.core_flops;
  row.capacity = row.cores * row.core_flops;
  row.ram = host.ram;
  row.swap = host.swap;
  row.need = host.ram_need;
  row.disk_read = host.disk_read;
  row.disk_write = host.disk_write;
  row.random_read = host.disk_random_read;
  row.random_write = host.disk_random_write;
  row.nic = host.nic;
  row.latency = device.lan_latency;
  row.power = device.power;
  row.cold = host.image_cached == 0;
  row.reachable = is_alive(host);
  row.takes_tasks = row.reachable && (host.flags & LAIR_HOST_NO_TASKS) == 0;
  row.on = row.reachable;
  if (is_own(host) || lei(host.lei).told) {
    // A probe that stays unanswered on a host that was on for the whole last interval means
    // overload, not an outage: it goes on computing, although nothing can be moved there or away.
    if (observation.metric(host, LAIR_ALIVE) >= 1) row.on = true;
    row.other_threads = std::max(0.0, host.unexplained.threads);
    row.streams = std::max(0.0, host.unexplained.streams);
    if (host.unexplained.ram > 0) {
      // Threads that touch their own memory have page requests out as long as some of it is
      // swapped, and no longer; what they have out now is part of the observed streams.
      if (row.need > row.ram) {
        row.touch_streams = std::min(row.streams, row.other_threads);
        row.streams -= row.touch_streams;
      } else {
        row.touch_streams = std::min(1.0, row.other_threads);
      }
    }
    row.other_bound = std::min(row.other_threads, row.cores) * row.core_flops;
    // A mean that no transfer of tasks comes near is a flood, and goes on while somebody has to
    // answer it.
    const double in = observation.metric(host, LAIR_NET_IN);
    if (in > flood_share * row.nic) row.back_in = in;
    row.flooded = row.back_in > 0 && row.other_threads > 0;
    return;
  }
  // Of this LEI nothing but the last state is known: it goes on as a constant load.
  const double cpu = observation.metric(host, LAIR_CPU);
  const double waiting = observation.metric(host, LAIR_IO_WAIT);
  row.other_threads = std::max(0.0, observation.metric(host, LAIR_CPU_PRESSURE) * row.cores);
  row.other_bound = std::min(row.other_threads, row.cores) * row.core_flops;
  if (cpu < 0.99) row.other_bound = std::min(row.other_bound, cpu * row.capacity);
  row.streams = waiting >= 1 ? waiting : 0;
  row.back_read = observation.metric(host, LAIR_DISK_READ);
  row.back_write = observation.metric(host, LAIR_DISK_WRITE);
  row.back_in = observation.metric(host, LAIR_NET_IN);
  row.back_out = observation.metric(host, LAIR_NET_OUT);
  // Bytes that became fewer are a flood that has ended meanwhile.
  const std::uint32_t states = raw.window_length;
  const double before = host.window != nullptr && states > 1
                            ? host.window[std::size_t(states - 2) * LAIR_METRICS + LAIR_NET_IN]
                            : 0;
  row.flooded = row.back_in > flood_share * row.nic && row.back_in > 0.99 * before;
  if (!(row.need > 0))
    row.need = observation.metric(host, LAIR_RAM) * row.ram +
               observation.metric(host, LAIR_SWAP) * row.swap;
}

/// Hosts of one kind with the same unexplained threads share their cells.
void Tables::classify(std::uint32_t r) {
  Row& row = rows[r];
  for (std::uint32_t c = 0; c < class_count; ++c) {
    const Row& other = rows[class_row[c]];
    if (other.cores == row.cores && other.core_flops == row.core_flops &&
        other.disk_read == row.disk_read && other.random_read == row.random_read &&
        other.random_write == row.random_write && other.other_threads == row.other_threads) {
      row.cells = other.cells;
      return;
    }
  }
  row.cells = class_count * app_count;
  class_row[class_count++] = r;
  HostConditions host;
  host.cores = row.cores;
  host.core_flops = row.core_flops;
  host.disk_read = row.disk_read;
  host.disk_random_read = row.random_read;
  host.disk_random_write = row.random_write;
  host.attack_threads = row.other_threads;
  for (std::uint32_t a = 0; a < app_count; ++a) {
    const App& app = apps[a];
    const ComputeDemand demand{app.threads, app.flops_per_image, app.bytes_per_image, app.weights,
                               app.activations};
    Cell& cell = cells[row.cells + a];
    cell.compute = compute_seconds(demand, host);
    cell.card = card_seconds(demand, host, 0);
    cell.card_swap = (demand.weights + demand.activations) / host.disk_random_read +
                     demand.activations / host.disk_random_write;
    compute_bounds({&demand, 1}, host, {&cell.bound, 1}, {&cell.wait, 1});
  }
}

/// A host fetches from its own broker if that has the image, else from the first other host of its
/// LEI that has it, else from the observer's broker. From where else it might is not known here.
void Tables::link_image_sources(const lair_observation& raw) {
  const auto hosts = Observation(raw).hosts();
  const auto usable = [&](std::uint32_t source, std::uint32_t r) {
    return source != none && source != r && rows[source].reachable && !rows[source].cold;
  };
  for (std::uint32_t r = 0; r < row_count; ++r) {
    if (!rows[r].cold) continue;
    std::uint32_t source = row_of(hosts[r].broker);
    for (std::uint32_t other = 0; !usable(source, r) && other < row_count; ++other)
      if (rows[other].lei == rows[r].lei) source = other;
    if (!usable(source, r)) source = row_of(raw.broker);
    rows[r].image_source = usable(source, r) ? source : none;
  }
}

void Tables::load_tasks(const lair_observation& raw) {
  const Observation observation(raw);
  const auto views = observation.tasks();
  std::uint32_t most = own_tasks;
  for (const lair_report& report : observation.reports())
    if (tells(report)) most += report.task_count;
  std::uint32_t slots = 16;
  while (slots < 2 * most) slots *= 2;
  slot_mask = slots - 1;
  std::fill(task_slots.begin(), task_slots.begin() + slots, none);

  task_count = own_tasks;
  for (std::uint32_t i = 0; i < own_tasks; ++i) {
    load_task(i, views[i]);
    // What another LEI sends and no report shows on its way has begun with the decision there.
    if (tasks[i].kind == Kind::arriving || tasks[i].kind == Kind::moving)
      tasks[i].fresh = tasks[i].home == none || rows[tasks[i].home].lei != observer_lei;
  }
  for (const lair_report& report : observation.reports()) {
    if (!tells(report)) continue;
    for (const lair_task& view : Observation::tasks_of(report)) {
      // In several lists stands what is between two LEIs. The own one is the newest: what was on no
      // way when the report was sent has begun since.
      if (const std::uint32_t known = row_like(view); known != none) {
        if (known < own_tasks)
          tasks[known].fresh = view.state == LAIR_TASK_QUEUED || view.state == LAIR_TASK_RUNNING;
        continue;
      }
      const std::uint32_t i = task_count++;
      load_task(i, view);
      Task& task = tasks[i];
      task.age += report.age;
      task.lag = report.age;
      if (view.state == LAIR_TASK_QUEUED) task.planned = row_of(view.target);
    }
  }

  waiting = waiting_late = 0;
  further = 0;
  ages = 0;
  for (std::uint32_t i = 0; i < task_count; ++i) {
    if (tasks[i].further) ++further;
    else ages += tasks[i].age;
    if (tasks[i].kind == Kind::waiting || tasks[i].kind == Kind::lost) {
      waiting += tasks[i].further ? 0 : 1;
      waiting_late += late_waiting(tasks[i]);
    } else if (tasks[i].home != none) {
      ++rows[tasks[i].home].resident_count;
    }
  }
  std::uint32_t first = 0;
  for (std::uint32_t r = 0; r < row_count; ++r) {
    rows[r].resident_first = first;
    first += rows[r].resident_count;
    rows[r].resident_count = 0;
  }
  for (std::uint32_t i = 0; i < task_count; ++i)
    if (Row* row = tasks[i].home == none ? nullptr : &rows[tasks[i].home])
      residents[row->resident_first + row->resident_count++] = i;
  for (std::uint32_t i = task_count; i-- > 0;) {
    Task& task = tasks[i];
    if (task.target == none) continue;
    const std::uint32_t target = std::exchange(task.target, none);
    if (rows[target].cold && !task.fresh && needs_image(task.kind))
      rows[target].image_underway = true;
    attach(i, target);
  }
}

/// Where it is and what it does. Its `target` is set, but it is not among its incoming tasks yet.
void Tables::load_task(std::uint32_t i, const lair_task& view) {
  LAIR_ASSERT(view.application < app_count, "a task's application is in the observation");
  Task& task = tasks[i];
  task = Task{};
  task.copy = view.copy;
  task.further = view.copies > 1 && task_of(view.id) != none;
  task_ids[i] = view.id;
  std::uint32_t slot = slot_of(view.id, slot_mask);
  while (task_slots[slot] != none) slot = (slot + 1) & slot_mask;
  task_slots[slot] = i;

  task.app = view.application;
  task.left = std::max(0.0, view.images_left) * apps[task.app].flops_per_image;
  task.resident = view.resident;
  task.age = view.age;
  task.deadline = view.deadline;
  task.threads = apps[task.app].threads;
  task.entry_lei = view.entry_lei;
  times[i] = Times{};
  const std::uint32_t row = row_of(view.host);
  switch (view.state) {
  case LAIR_TASK_QUEUED: task.kind = Kind::waiting; return;
  case LAIR_TASK_STARTING:
    task.kind = row == none ? Kind::lost : Kind::starting;
    task.target = row;
    return;
  case LAIR_TASK_RUNNING: task.kind = row == none ? Kind::lost : Kind::staying; break;
  case LAIR_TASK_RETURNING: task.kind = row == none ? Kind::lost : Kind::returning; break;
  case LAIR_TASK_MIGRATING:
    task.target = row_of(view.target);
    if (task.target == none) break; // lost
    task.kind = Kind::arriving;
    // Before its target has the image it goes on computing; it will move, whatever is decided now.
    if (row != none && rows[task.target].cold) {
      task.kind = Kind::moving;
      task.fixed = true;
    }
    break;
  default: LAIR_ASSERT(false, "a task's state is one of lair_task_state");
  }
  if (task.kind != Kind::lost) task.home = row;
}

std::uint32_t Tables::task_of(std::uint64_t id) const {
  if (task_count == 0) return none;
  for (std::uint32_t slot = slot_of(id, slot_mask);; slot = (slot + 1) & slot_mask) {
    const std::uint32_t i = task_slots[slot];
    if (i == none || task_ids[i] == id) return i; // of rows with one id the first that was loaded
  }
}

std::uint32_t Tables::row_like(const lair_task& view) const {
  if (task_count == 0) return none;
  for (std::uint32_t slot = slot_of(view.id, slot_mask);; slot = (slot + 1) & slot_mask) {
    const std::uint32_t i = task_slots[slot];
    if (i == none || (task_ids[i] == view.id && tasks[i].copy == view.copy)) return i;
  }
}

bool Tables::crosses(const Task& task) const {
  const std::uint32_t to = rows[task.target].lei;
  if (task.kind == Kind::placed || task.kind == Kind::starting) return task.entry_lei != to;
  return task.home != none && rows[task.home].lei != to;
}

/// The kind is set before. Incoming tasks stay in the order of their index: sums must not depend on
/// the order in which a decision was put together.
void Tables::attach(std::uint32_t i, std::uint32_t r) {
  Task& task = tasks[i];
  Row& row = rows[r];
  task.target = r;
  std::uint32_t* link = &row.incoming;
  while (*link != none && *link < i) link = &tasks[*link].next;
  task.next = *link;
  *link = i;
  if (crosses(task)) crossing[crossing_count++] = i;
  if (needs_image(task.kind)) {
    ++row.image_users;
    refresh_fetch(r);
  }
}

void Tables::detach(std::uint32_t i) {
  Task& task = tasks[i];
  Row& row = rows[task.target];
  LAIR_ASSERT(has_own_transfer(task.kind), "only a task with a target can leave it");
  std::uint32_t* link = &row.incoming;
  while (*link != i) link = &tasks[*link].next;
  *link = task.next;
  if (crosses(task)) {
    std::uint32_t* at = std::find(crossing.data(), crossing.data() + crossing_count, i);
    *at = crossing[--crossing_count];
  }
  if (needs_image(task.kind)) {
    --row.image_users;
    refresh_fetch(task.target);
  }
  task.target = task.next = none;
}

void Tables::refresh_fetch(std::uint32_t r) {
  Row& row = rows[r];
  const bool fetching = row.cold && row.image_users > 0;
  if (fetching == row.fetching) return;
  row.fetching = fetching;
  std::uint32_t* const first = fetchers.data();
  std::uint32_t* const last = first + fetcher_count;
  std::uint32_t* const at = std::lower_bound(first, last, r);
  if (fetching) {
    std::copy_backward(at, last, last + 1);
    *at = r;
    ++fetcher_count;
  } else {
    std::copy(at + 1, last, at);
    --fetcher_count;
  }
}

} // namespace lair::twin
