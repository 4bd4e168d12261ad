#include "trace/recorder.hpp"

#include "core/error.hpp"

#include <utility>

namespace lair::trace {

Recorder::Recorder(Origin origin, std::uint64_t seed, bool outcomes)
    : origin_(std::move(origin)), outcomes_(outcomes) {
  const std::size_t hosts = origin_.hosts.size();
  columns_.seeds = {seed};
  columns_.host_cores.resize(hosts);
  columns_.host_constants.resize(hosts * Columns::host_constant_count);
  columns_.fault_share.resize(hosts * origin_.intervals);
  columns_.fault_kinds.resize(hosts * origin_.intervals);
  if (outcomes_) columns_.energy.resize(hosts * origin_.intervals);
  host_known_.resize(hosts);
}

void Recorder::on(const Event& event) {
  if (!outcomes_ || event.kind != EventKind::task_finished) return;
  columns_.ended.insert(columns_.ended.end(), {0, event.task.index()});
  columns_.end_times.push_back(event.time);
}

void Recorder::on(const HostInterval& row) {
  const std::size_t at = std::size_t(row.interval) * origin_.hosts.size() + row.host.index();
  columns_.fault_share.at(at) = row.fault_share;
  columns_.fault_kinds.at(at) = row.fault_kinds;
  if (outcomes_) columns_.energy.at(at) = row.energy;
}

std::uint32_t Recorder::row_of(const std::string& bytes,
                               std::unordered_map<std::string, std::uint32_t>& known) {
  return known.try_emplace(bytes, static_cast<std::uint32_t>(known.size())).first->second;
}

std::uint32_t Recorder::window_row(const double* states) {
  std::vector<std::uint32_t> rows(origin_.window);
  for (std::uint32_t s = 0; s < origin_.window; ++s) {
    const double* state = states + std::size_t(s) * LAIR_METRICS;
    rows[s] = row_of({reinterpret_cast<const char*>(state), LAIR_METRICS * sizeof(double)}, states_);
    if (std::size_t(rows[s]) * LAIR_METRICS == columns_.states.size())
      columns_.states.insert(columns_.states.end(), state, state + LAIR_METRICS);
  }
  const std::uint32_t row = row_of(
      {reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(std::uint32_t)}, windows_);
  if (std::size_t(row) * origin_.window == columns_.windows.size())
    columns_.windows.insert(columns_.windows.end(), rows.begin(), rows.end());
  return row;
}

void Recorder::keep_constants(const Observation& seen) {
  for (const Host& h : seen.hosts()) {
    if (host_known_.at(h.id)) continue;
    host_known_[h.id] = true;
    columns_.host_cores[h.id] = h.cores;
    const double constants[Columns::host_constant_count] = {
        h.core_flops, h.ram, h.swap, h.disk_read, h.disk_write, h.disk_random_read,
        h.disk_random_write, h.nic};
    std::copy(std::begin(constants), std::end(constants),
              columns_.host_constants.begin() +
                  static_cast<std::ptrdiff_t>(h.id * Columns::host_constant_count));
  }
  if (!columns_.application_threads.empty()) return;
  for (const ApplicationView& a : seen.applications()) {
    columns_.application_threads.push_back(a.threads);
    columns_.application_constants.insert(
        columns_.application_constants.end(),
        {a.images, a.flops_per_image, a.bytes_per_image, a.weights, a.activations, a.resident,
         a.input, a.result, a.image_size, a.image_transfer, a.deadline});
  }
}

void Recorder::sensed(std::uint32_t stream, const Observation& seen, Actions placement,
                      const double* forecast) {
  LAIR_ASSERT(seen.window_length() == origin_.window, "windows as long as the scenario says");
  keep_constants(seen);
  const lair_observation& raw = seen.raw();
  columns_.observations.insert(columns_.observations.end(), {0, stream, raw.interval, raw.lei,
                                                             raw.broker, raw.own_count});
  columns_.times.push_back(raw.now);
  for (const Host& h : seen.hosts()) {
    columns_.hosts.insert(columns_.hosts.end(),
                          {h.id, h.lei, h.broker, h.flags,
                           h.window == nullptr ? LAIR_NONE : window_row(h.window)});
    columns_.host_ages.push_back(h.age);
  }
  for (const TaskView& t : seen.tasks()) {
    columns_.tasks.push_back(t.id);
    columns_.task_places.insert(columns_.task_places.end(), {t.application, t.host, t.target,
                                                             t.entry_lei, t.state, t.restarts});
    columns_.task_progress.insert(columns_.task_progress.end(),
                                  {t.age, t.images_done, t.images_left});
  }
  for (const Action& action : placement) {
    columns_.placed_tasks.push_back(action.task);
    columns_.placed_hosts.push_back(action.host);
  }
  columns_.ends.insert(columns_.ends.end(), {columns_.hosts.size() / Columns::host_width,
                                             columns_.tasks.size(), columns_.placed_tasks.size()});
  columns_.forecasts.insert(columns_.forecasts.end(), forecast,
                            forecast + std::size_t(raw.own_count) * LAIR_METRICS);
}

} // namespace lair::trace
