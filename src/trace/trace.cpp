#include "trace/trace.hpp"

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/whole_file.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lair::trace {

Trace Trace::read(const std::string& path) {
  const std::string bytes = read_whole_file(path);
  Trace trace;
  from_bytes(bytes, path, trace.origin_, trace.columns_);
  trace.hash_ = "xxh3-128:" + hash128_hex(bytes);
  trace.check(path);
  std::size_t at = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    trace.forecast_at_.push_back(at);
    at += std::size_t(trace.moment(i).own_hosts) * LAIR_METRICS;
  }
  return trace;
}

std::pair<std::size_t, std::size_t> Trace::rows(std::size_t i, std::size_t which) const {
  const auto at = [&](std::size_t row) {
    return static_cast<std::size_t>(columns_.ends[row * Columns::end_width + which]);
  };
  return {i == 0 ? 0 : at(i - 1), at(i)};
}

/// That every index lies where it points into. The hash says that the file is what was written; this,
/// that nothing else was.
void Trace::check(const std::string& file) const {
  const auto demand = [&](bool holds, const char* key, const char* problem) {
    if (!holds) throw InputError(file, key, problem, "record it again with `lair trace`");
  };
  const Columns& c = columns_;
  const auto finite = [](const std::vector<double>& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
  };
  const std::size_t n = c.times.size(), hosts = origin_.hosts.size();
  const std::size_t states = c.states.size() / LAIR_METRICS, windows = c.windows.size() / origin_.window;
  const std::size_t host_rows = c.hosts.size() / Columns::host_width;
  demand(hosts > 0 && c.host_cores.size() == hosts &&
             c.host_constants.size() == hosts * Columns::host_constant_count,
         "host.cores", "has not one row for each host");
  demand(c.application_threads.size() == origin_.applications.size() &&
             c.application_constants.size() ==
                 c.application_threads.size() * Columns::application_constant_count,
         "application.threads", "has not one row for each application");
  demand(!c.seeds.empty() && c.fault_share.size() == c.seeds.size() * origin_.intervals * hosts &&
             c.fault_kinds.size() == c.fault_share.size(),
         "truth.fault_share", "has not one number for each run, interval and host");
  demand(!c.has_outcomes() || c.energy.size() == c.fault_share.size(), "outcome.energy",
         "has not one number for each run, interval and host");
  demand(c.ended.size() == c.end_times.size() * Columns::ended_width, "outcome.ended",
         "has not one row for each task that left");
  demand(finite(c.energy) && finite(c.end_times), "outcome.energy", "holds something that is no number");
  for (std::size_t i = 0; i < c.ended.size(); i += Columns::ended_width)
    demand(c.ended[i] < c.seeds.size(), "outcome.ended", "is of a run that is not there");
  demand(c.observations.size() == n * Columns::observation_width && c.ends.size() == n * Columns::end_width,
         "observation", "has not as many rows as there are times");
  demand(c.host_ages.size() == host_rows, "observed.host.age", "has not one row for each host seen");
  demand(c.task_places.size() == c.tasks.size() * Columns::place_width &&
             c.task_progress.size() == c.tasks.size() * Columns::progress_width,
         "observed.task", "has not as many rows as its other parts");
  demand(c.placed_hosts.size() == c.placed_tasks.size(), "placement.host", "has not a host for each task");
  demand(finite(c.states) && finite(c.forecasts) && finite(c.times) && finite(c.host_ages) &&
             finite(c.task_progress) && finite(c.fault_share) && finite(c.host_constants),
         "", "holds something that is no number");
  for (const std::uint32_t state : c.windows)
    demand(state < states, "window", "has states that are not there");
  std::size_t own = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Moment m = moment(i);
    demand(m.run < c.seeds.size() && m.interval < origin_.intervals, "observation",
           "is of a run or interval that is not there");
    for (std::size_t which = 0; which < Columns::end_width; ++which)
      demand(rows(i, which).first <= rows(i, which).second, "observation.ends", "do not rise");
    const auto [first, last] = rows(i, 0);
    demand(last <= host_rows && rows(i, 1).second <= c.tasks.size() &&
               rows(i, 2).second <= c.placed_tasks.size(),
           "observation.ends", "lie behind the last row");
    demand(m.own_hosts <= last - first, "observation", "has more own hosts than hosts");
    for (std::size_t row = first; row < last; ++row) {
      const std::uint32_t* h = &c.hosts[row * Columns::host_width];
      demand(h[0] < hosts, "observed.host", "is no host of the federation");
      demand(h[4] == LAIR_NONE || h[4] < windows, "observed.host", "has a window that is not there");
      demand(((h[3] & LAIR_HOST_OWN) != 0) == (row - first < m.own_hosts), "observed.host",
             "does not stand with the own hosts first");
    }
    own += m.own_hosts;
  }
  for (std::size_t t = 0; t < c.tasks.size(); ++t)
    demand(c.task_places[t * Columns::place_width] < origin_.applications.size(), "observed.task.place",
           "has an application that is not there");
  demand(c.forecasts.size() == own * LAIR_METRICS, "forecast", "has not one state for each own host");
}

Trace::Moment Trace::moment(std::size_t i) const {
  const std::uint32_t* o = &columns_.observations[i * Columns::observation_width];
  return {o[0], o[1], o[2], o[3], o[4], o[5], columns_.times[i]};
}

std::vector<lair_action> Trace::placement(std::size_t i) const {
  const auto [first, last] = rows(i, 2);
  std::vector<lair_action> actions;
  for (std::size_t row = first; row < last; ++row)
    actions.push_back({LAIR_PLACE, columns_.placed_hosts[row], columns_.placed_tasks[row]});
  return actions;
}

std::span<const double> Trace::forecast(std::size_t i) const {
  return {columns_.forecasts.data() + forecast_at_[i],
          std::size_t(moment(i).own_hosts) * LAIR_METRICS};
}

void Trace::observe(std::size_t i, ObservationBuffer& out) const {
  const Columns& c = columns_;
  const Moment m = moment(i);
  out = {};
  out.raw.interval = m.interval;
  out.raw.now = m.time;
  out.raw.interval_length = origin_.interval_length;
  out.raw.lei = m.lei;
  out.raw.broker = m.broker;
  out.raw.window_length = origin_.window;
  out.raw.own_count = m.own_hosts;
  for (std::size_t a = 0; a < origin_.applications.size(); ++a) {
    const double* x = &c.application_constants[a * Columns::application_constant_count];
    lair_application app{};
    app.name = origin_.applications[a].c_str();
    app.threads = c.application_threads[a];
    double* const fields[] = {&app.images, &app.flops_per_image, &app.bytes_per_image, &app.weights,
                              &app.activations, &app.resident, &app.input, &app.result,
                              &app.image_size, &app.image_transfer, &app.deadline};
    for (double* field : fields) *field = *x++;
    out.applications.push_back(app);
  }
  const auto [first, last] = rows(i, 0);
  for (std::size_t row = first; row < last; ++row) {
    const std::uint32_t* r = &c.hosts[row * Columns::host_width];
    const double* x = &c.host_constants[r[0] * Columns::host_constant_count];
    lair_host host{};
    host.id = r[0];
    host.lei = r[1];
    host.broker = r[2];
    host.flags = r[3];
    host.name = origin_.hosts[r[0]].c_str();
    host.cores = c.host_cores[r[0]];
    double* const fields[] = {&host.core_flops, &host.ram, &host.swap, &host.disk_read,
                              &host.disk_write, &host.disk_random_read, &host.disk_random_write,
                              &host.nic};
    for (double* field : fields) *field = *x++;
    host.age = c.host_ages[row];
    out.hosts.push_back(host);
    if (r[4] == LAIR_NONE) {
      out.window_at.push_back(-1);
      continue;
    }
    out.window_at.push_back(static_cast<std::ptrdiff_t>(out.windows.size()));
    for (std::uint32_t s = 0; s < origin_.window; ++s) {
      const double* state =
          &c.states[std::size_t(c.windows[std::size_t(r[4]) * origin_.window + s]) * LAIR_METRICS];
      out.windows.insert(out.windows.end(), state, state + LAIR_METRICS);
    }
  }
  const auto [first_task, last_task] = rows(i, 1);
  for (std::size_t row = first_task; row < last_task; ++row) {
    const std::uint32_t* r = &c.task_places[row * Columns::place_width];
    const double* x = &c.task_progress[row * Columns::progress_width];
    const lair_application& app = out.applications[r[0]];
    lair_task task{};
    task.id = c.tasks[row];
    task.application = r[0];
    task.host = r[1];
    task.target = r[2];
    task.entry_lei = r[3];
    task.state = r[4];
    task.restarts = r[5];
    task.age = x[0];
    task.images_done = x[1];
    task.images_left = x[2];
    task.deadline = app.deadline;
    task.resident = app.resident;
    out.tasks.push_back(task);
  }
  out.seal();
}

} // namespace lair::trace
