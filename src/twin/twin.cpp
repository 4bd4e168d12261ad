#include "twin/twin.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <utility>

namespace lair {

using twin::Kind;

TwinPlatform TwinPlatform::of(const Federation& federation, double probe_rate) {
  TwinPlatform platform;
  platform.probe_rate = probe_rate;
  platform.devices.reserve(federation.hosts.size());
  for (const HostDescription& host : federation.hosts)
    platform.devices.push_back({host.spec.power, host.spec.lan_latency.value});
  return platform;
}

Twin::Twin(TwinPlatform platform) : platform_(std::move(platform)) {}

void Twin::reserve(std::uint32_t hosts, std::uint32_t tasks, std::uint32_t applications,
                   std::uint32_t leis) {
  tables_.reserve(hosts, tasks, applications, leis);
  grow();
}

/// Everything else follows the size of the tables.
void Twin::grow() {
  const auto rows = static_cast<std::uint32_t>(tables_.rows.size());
  const auto tasks = static_cast<std::uint32_t>(tables_.tasks.size());
  transfers_.reserve(rows, tasks, static_cast<std::uint32_t>(tables_.leis.size()));
  hosts_.reserve(tasks);
  if (results_.size() < rows) {
    results_.resize(rows);
    states_.resize(std::size_t(rows) * LAIR_METRICS);
    touched_.resize(rows);
    touch_mark_.resize(rows, 0);
    trial_results_.resize(rows);
    trial_states_.resize(std::size_t(rows) * LAIR_METRICS);
    path_at_.resize(rows);
    path_value_.resize(rows);
  }
  std::size_t leaves = 1;
  while (leaves < rows) leaves *= 2;
  if (tree_.size() < 2 * leaves) tree_.resize(2 * leaves);
  if (ends_.size() < tasks) {
    ends_.resize(tasks);
    trial_ends_.resize(tasks);
  }
  if (saved_.size() < std::size_t(rows) + tasks) saved_.resize(std::size_t(rows) + tasks);
}

void Twin::load(const lair_observation& observation) {
  tables_.load(observation, platform_.devices, platform_.probe_rate);
  grow();
  for (std::uint32_t r = 0; r < tables_.row_count; ++r) hosts_.initial_rates(tables_, r);
  for (std::uint32_t i = tables_.own_tasks; i < tables_.task_count; ++i)
    if (twin::Task& task = tables_.tasks[i];
        task.kind == Kind::staying || task.kind == Kind::moving)
      task.left = std::max(0.0, task.left - task.rate * task.lag);
  leaves_ = 1;
  while (leaves_ < tables_.row_count) leaves_ *= 2;
  loaded_ = true;
  simulated_ = open_ = false;
}

bool Twin::movable(std::uint32_t index) const {
  if (tables_.tasks[index].fixed) return false;
  switch (tables_.tasks[index].kind) {
  case Kind::waiting:
  case Kind::placed:
  case Kind::staying:
  case Kind::moving: return true;
  default: return false;
  }
}

/// Gives a movable task a target, or takes it away (`row` none or where it is): a peer's queued task
/// then goes where its broker places it. A target that cannot take the task leaves it without one,
/// as the world does when it refuses the action.
bool Twin::assign(std::uint32_t i, std::uint32_t row) {
  twin::Task& task = tables_.tasks[i];
  const bool queued = task.kind == Kind::waiting || task.kind == Kind::placed;
  if (row != twin::none && row == task.home) row = twin::none;
  if (row == twin::none) row = task.planned;
  bool refused = false;
  if (row != twin::none) {
    const twin::Row& to = tables_.rows[row];
    refused = !to.takes_tasks || to.need + task.resident > to.ram + to.swap ||
              (!queued && !tables_.rows[task.home].reachable);
    if (refused) row = twin::none;
  }
  retarget(i, row);
  return !refused;
}

void Twin::retarget(std::uint32_t i, std::uint32_t row) {
  twin::Task& task = tables_.tasks[i];
  if (row == task.target) return;
  if (task.target != twin::none) tables_.detach(i);
  const bool queued = task.kind == Kind::waiting || task.kind == Kind::placed;
  const Kind before = task.kind;
  task.kind = queued ? (row == twin::none ? Kind::waiting : Kind::placed)
                     : (row == twin::none ? Kind::staying : Kind::moving);
  if (row != twin::none) tables_.attach(i, row);
  if (queued && before != task.kind) {
    const int late = tables_.late_waiting(task) ? 1 : 0;
    tables_.waiting_late += task.kind == Kind::waiting ? late : -late;
    tables_.waiting += task.kind == Kind::waiting ? 1 : -1;
  }
}

void Twin::clear_actions() {
  for (std::uint32_t i = 0; i < tables_.task_count; ++i)
    if (const twin::Task& task = tables_.tasks[i];
        task.target != task.planned && movable(i))
      assign(i, twin::none);
}

const Forecast& Twin::forecast(std::span<const lair_action> actions) {
  LAIR_ASSERT(loaded_ && !open_, "a forecast needs an observation and no open change");
  clear_actions();
  refused_ = 0;
  for (const lair_action& action : actions) {
    if (action.kind > LAIR_MIGRATE) continue; // what comes of them is not forecast
    const std::uint32_t i = tables_.task_of(action.task);
    const std::uint32_t row = tables_.row_of(action.host);
    bool taken = false;
    if (i != twin::none && row != twin::none && movable(i)) {
      const Kind kind = tables_.tasks[i].kind;
      const bool queued = kind == Kind::waiting || kind == Kind::placed;
      if (queued == (action.kind == LAIR_PLACE)) taken = assign(i, row);
    }
    refused_ += !taken;
  }
  simulate_all();
  static_cast<Outcome&>(forecast_) = outcome(tree_[1], finished_, violations_);
  forecast_.refused = refused_;
  forecast_.states = {states_.data(), std::size_t(tables_.row_count) * LAIR_METRICS};
  return forecast_;
}

void Twin::simulate_all() {
  transfers_.run_all(tables_);
  for (std::uint32_t i = 0; i < tables_.task_count; ++i)
    if (const Kind kind = tables_.tasks[i].kind; kind == Kind::waiting || kind == Kind::lost)
      ends_[i] = twin::TaskEnd{};
  finished_ = violations_ = 0;
  for (std::uint32_t r = 0; r < tables_.row_count; ++r) {
    twin::HostResult& result = results_[r];
    hosts_.run(tables_, r, result, &states_[std::size_t(r) * LAIR_METRICS], ends_.data());
    tree_[leaves_ + r] = {result.energy, result.response, result.migration, result.outlook};
    finished_ += result.finished;
    violations_ += result.violations;
  }
  for (std::uint32_t r = tables_.row_count; r < leaves_; ++r) tree_[leaves_ + r] = Node{};
  for (std::uint32_t at = leaves_; at-- > 1;) tree_[at] = add(tree_[2 * at], tree_[2 * at + 1]);
  simulated_ = true;
}

Outcome Twin::outcome(const Node& root, std::int64_t finished, std::int64_t violations) const {
  Outcome out;
  out.finished = static_cast<std::uint32_t>(finished);
  out.violations = static_cast<std::uint32_t>(violations + tables_.waiting_late);
  out.energy = root.energy;
  out.response = finished > 0 ? root.response / double(finished) : 0;
  out.migration_time = root.migration;
  const double waiting = static_cast<double>(tables_.waiting) * twin::farthest * tables_.length;
  const std::uint32_t tasks = tables_.task_count - tables_.further;
  if (tasks > 0) out.outlook = (tables_.ages + root.outlook + waiting) / tasks;
  return out;
}

bool Twin::forecast_into(const lair_action* actions, std::uint32_t count, lair_forecast* out) {
  if (!loaded_ || open_ || out == nullptr || out->size < sizeof(lair_forecast)) return false;
  if (count > 0 && actions == nullptr) return false;
  const Forecast& f = forecast({actions, count});
  out->finished = f.finished;
  out->energy = f.energy;
  out->response = f.response;
  out->violations = f.violations;
  out->migration_time = f.migration_time;
  out->outlook = f.outlook;
  out->states = f.states.empty() ? nullptr : f.states.data();
  return true;
}

void Twin::touch(std::uint32_t row) {
  if (row == twin::none || touch_mark_[row] == touch_epoch_) return;
  touch_mark_[row] = touch_epoch_;
  // Ascending: the sums above them are put together pair by pair.
  std::uint32_t at = touched_count_++;
  for (; at > 0 && touched_[at - 1] > row; --at) touched_[at] = touched_[at - 1];
  touched_[at] = row;
}

Outcome Twin::try_move(std::uint64_t id, std::uint32_t host) {
  LAIR_ASSERT(simulated_ && !open_, "a change needs a base decision and no other open change");
  open_ = true;
  changed_ = false;
  touched_count_ = saved_count_ = 0;
  if (++touch_epoch_ == 0) {
    std::fill(touch_mark_.begin(), touch_mark_.end(), 0);
    touch_epoch_ = 1;
  }
  const std::uint32_t i = tables_.task_of(id);
  if (i == twin::none || !movable(i)) return outcome(tree_[1], finished_, violations_);

  twin::Task& task = tables_.tasks[i];
  const std::uint32_t from = task.target, to = tables_.row_of(host);
  const auto fetching = [&](std::uint32_t r) {
    return r != twin::none && tables_.rows[r].fetching;
  };
  const bool fetched_from = fetching(from), fetched_to = fetching(to);
  const bool crossed = from != twin::none && tables_.crosses(task);
  assign(i, to);
  if (task.target == from) return outcome(tree_[1], finished_, violations_);
  changed_ = true;
  moved_ = i;
  moved_from_ = from;

  // Transfers that met the old one or meet the new one, directly or through others.
  transfers_.begin_group();
  for (const std::uint32_t r : {task.home, from, task.target}) {
    touch(r);
    transfers_.add_row(r);
  }
  if (crossed) transfers_.add_crossing();
  const auto image_changed = [&](std::uint32_t r) {
    const std::uint32_t source = tables_.rows[r].image_source;
    touch(source);
    transfers_.add_row(source);
    if (source != twin::none && tables_.rows[source].lei != tables_.rows[r].lei)
      transfers_.add_crossing();
  };
  if (fetching(from) != fetched_from) image_changed(from);
  if (fetching(to) != fetched_to) image_changed(to);
  transfers_.close_group(tables_);
  for (std::uint32_t k = 0; k < transfers_.group_size(); ++k) {
    const std::uint32_t flow = transfers_.flow(k);
    saved_[saved_count_++] = {flow, tables_.times[flow]};
  }
  transfers_.run(tables_);
  for (std::uint32_t k = 0; k < saved_count_; ++k) {
    const std::uint32_t flow = saved_[k].flow;
    if (flow == i || saved_[k].times == tables_.times[flow]) continue;
    if (flow < tables_.task_count) {
      touch(tables_.tasks[flow].home);
      touch(tables_.tasks[flow].target);
    } else {
      touch(flow - tables_.task_count);
      touch(tables_.rows[flow - tables_.task_count].image_source);
    }
  }

  // The hosts they touch, and the sums above those.
  std::int64_t finished = finished_, violations = violations_;
  std::uint32_t count = touched_count_;
  for (std::uint32_t k = 0; k < count; ++k) {
    const std::uint32_t r = touched_[k];
    twin::HostResult& result = trial_results_[k];
    hosts_.run(tables_, r, result, &trial_states_[std::size_t(k) * LAIR_METRICS],
               trial_ends_.data());
    finished += std::int64_t(result.finished) - results_[r].finished;
    violations += std::int64_t(result.violations) - results_[r].violations;
    path_at_[k] = leaves_ + r;
    path_value_[k] = {result.energy, result.response, result.migration, result.outlook};
  }
  while (path_at_[0] > 1) {
    std::uint32_t kept = 0;
    for (std::uint32_t k = 0; k < count; ++kept) {
      const std::uint32_t at = path_at_[k];
      Node sum;
      if (at % 2 == 1) {
        sum = add(tree_[at - 1], path_value_[k]);
        k += 1;
      } else if (k + 1 < count && path_at_[k + 1] == at + 1) {
        sum = add(path_value_[k], path_value_[k + 1]);
        k += 2;
      } else {
        sum = add(path_value_[k], tree_[at + 1]);
        k += 1;
      }
      path_at_[kept] = at / 2;
      path_value_[kept] = sum;
    }
    count = kept;
  }
  return outcome(path_value_[0], finished, violations);
}

void Twin::undo() {
  LAIR_ASSERT(open_, "nothing was tried");
  open_ = false;
  if (!changed_) return;
  for (std::uint32_t k = 0; k < saved_count_; ++k)
    tables_.times[saved_[k].flow] = saved_[k].times;
  retarget(moved_, moved_from_);
}

void Twin::accept() {
  LAIR_ASSERT(open_, "nothing was tried");
  open_ = false;
  if (!changed_) return;
  for (std::uint32_t k = 0; k < touched_count_; ++k) {
    const std::uint32_t r = touched_[k];
    const twin::HostResult& result = trial_results_[k];
    finished_ += std::int64_t(result.finished) - results_[r].finished;
    violations_ += std::int64_t(result.violations) - results_[r].violations;
    results_[r] = result;
    std::copy_n(&trial_states_[std::size_t(k) * LAIR_METRICS], LAIR_METRICS,
                &states_[std::size_t(r) * LAIR_METRICS]);
    tree_[leaves_ + r] = {result.energy, result.response, result.migration, result.outlook};
    const twin::Row& row = tables_.rows[r];
    for (std::uint32_t j = 0; j < row.resident_count; ++j) {
      const std::uint32_t i = tables_.residents[row.resident_first + j];
      if (tables_.computes_on(i) == r) ends_[i] = trial_ends_[i];
    }
    for (std::uint32_t i = row.incoming; i != twin::none; i = tables_.tasks[i].next)
      if (tables_.computes_on(i) == r) ends_[i] = trial_ends_[i];
  }
  for (std::uint32_t k = 0; k < touched_count_; ++k)
    for (std::uint32_t at = (leaves_ + touched_[k]) / 2; at > 0; at /= 2)
      tree_[at] = add(tree_[2 * at], tree_[2 * at + 1]);
  if (tables_.tasks[moved_].kind == Kind::waiting) ends_[moved_] = twin::TaskEnd{};
}

Outcome Twin::evaluate_change(std::uint64_t task, std::uint32_t host) {
  const Outcome out = try_move(task, host);
  undo();
  return out;
}

TaskForecast Twin::task(std::uint32_t index) const {
  LAIR_ASSERT(simulated_ && index < tables_.task_count, "tasks are known after a forecast");
  const twin::Task& task = tables_.tasks[index];
  const std::uint32_t row = tables_.computes_on(index);
  TaskForecast out;
  out.id = tables_.task_ids[index];
  out.host = row == twin::none ? LAIR_NONE : tables_.rows[row].id;
  out.finished = ends_[index].finished;
  out.end = ends_[index].end;
  out.response = task.age + out.end;
  if (task.kind == Kind::moving && row == task.target)
    out.migration = tables_.times[index].done - tables_.times[index].start;
  return out;
}

} // namespace lair
