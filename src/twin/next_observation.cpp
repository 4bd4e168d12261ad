#include "twin/next_observation.hpp"

#include "core/error.hpp"

#include <lair/policy.hpp>

#include <algorithm>

namespace lair {

using twin::Kind;
using twin::none;

const lair_observation& NextObservation::make(const lair_observation& seen, Twin& twin) {
  LAIR_ASSERT(twin.has_base() && !twin.has_open_change(), "the next interval follows a decision");
  const twin::Tables& tables = twin.tables_;

  // The hosts once more, this time to learn what is left of each task. The base stays as it is.
  left_.assign(tables.task_count, -1);
  ends_.resize(tables.task_count);
  double state[LAIR_METRICS];
  twin.hosts_.record_left(left_.data());
  for (std::uint32_t r = 0; r < tables.row_count; ++r)
    twin.hosts_.run(tables, r, result_, state, ends_.data());
  twin.hosts_.record_left(nullptr);

  raw_ = seen;
  raw_.size = sizeof raw_;
  ++raw_.interval;
  raw_.now = raw_.interval * raw_.interval_length;
  needs_.resize(tables.row_count);
  for (std::uint32_t r = 0; r < tables.row_count; ++r) needs_[r] = tables.rows[r].need;
  add_tasks(seen, twin);
  add_hosts(seen, twin);
  add_reports();
  raw_.events = nullptr;
  raw_.event_count = 0;
  return raw_;
}

bool NextObservation::advance_task(const Twin& twin, std::uint32_t i, const lair_task& before,
                                   lair_task& after) {
  const twin::Tables& tables = twin.tables_;
  const twin::Task& task = tables.tasks[i];
  const twin::Times& times = tables.times[i];
  const double length = tables.length;
  const auto id_of = [&](std::uint32_t row) { return tables.rows[row].id; };
  const auto needs = [&](std::uint32_t row, double bytes) {
    if (tables.rows[row].on) needs_[row] += bytes;
  };
  after = before;
  after.age = task.age + length;
  if (task.kind == Kind::lost) return true; // nothing is known of it
  if (task.kind == Kind::waiting) {
    after.target = LAIR_NONE; // where it goes next is not planned yet
    return true;
  }
  const bool reserved_now =
      task.kind == Kind::placed || (task.kind == Kind::moving && !task.fixed);
  if (reserved_now) needs(task.target, task.resident);

  const std::uint32_t row = tables.computes_on(i);
  double left = task.left;
  if (tables.rows[row].on && left_[i] >= 0) { // it computes there, or has computed
    left = left_[i];
    after.host = id_of(row);
    after.target = LAIR_NONE;
    after.state = left > 0 ? LAIR_TASK_RUNNING : LAIR_TASK_RETURNING;
    const bool left_home = task.home != none && task.home != row;
    if (left_home) needs(task.home, -task.resident);
    if (task.target != none && task.target != row) { // it ends, or goes on, before it is frozen
      if (left > 0) {
        after.state = LAIR_TASK_MIGRATING;
        after.target = id_of(task.target);
      } else {
        needs(task.target, -task.resident);
      }
    }
    if (left <= 0 && task.kind != Kind::returning) needs(row, -task.resident);
    if (twin.ends_[i].finished) return false;
  } else if (task.kind == Kind::moving || task.kind == Kind::arriving) { // on its way
    after.state = LAIR_TASK_MIGRATING;
    after.target = id_of(task.target);
    if (task.kind == Kind::moving)
      left = std::max(0.0, left - task.rate * std::min(times.start, length));
  } else if (task.kind == Kind::placed || task.kind == Kind::starting) {
    after.state = LAIR_TASK_STARTING;
    after.host = id_of(task.target);
    after.target = LAIR_NONE;
  } // else it is on a host that is off
  const double images = before.images_done + before.images_left;
  after.images_left = left / tables.apps[task.app].flops_per_image;
  after.images_done = images - after.images_left;
  return true;
}

/// In the world's order: queued ones as they were, then by id. What is between two LEIs stands in the
/// lists of both.
void NextObservation::add_tasks(const lair_observation& seen, const Twin& twin) {
  const twin::Tables& tables = twin.tables_;
  const Observation observation(seen);
  tasks_.clear();
  told_count_ = 0;
  for (const lair_report& report : observation.reports()) {
    if (!tables.tells(report)) continue;
    if (told_count_ == told_.size()) told_.emplace_back();
    told_[told_count_].lei = report.lei;
    told_[told_count_++].tasks.clear();
  }
  const auto list_of = [&](std::uint32_t lei) -> std::vector<lair_task>* {
    if (lei == seen.lei) return &tasks_;
    for (std::size_t k = 0; k < told_count_; ++k)
      if (told_[k].lei == lei) return &told_[k].tasks;
    return nullptr; // its tasks are not known, nor who joins them
  };
  std::uint32_t i = 0;
  const auto add = [&](const lair_task& before, std::uint32_t lei) {
    lair_task after;
    if (!advance_task(twin, i, before, after)) return;
    const auto lei_of = [&](std::uint32_t host) {
      const std::uint32_t row = tables.row_of(host);
      return row == none ? lei : tables.rows[row].lei;
    };
    const std::uint32_t at = lei_of(after.host);
    const std::uint32_t to = after.target == LAIR_NONE ? at : lei_of(after.target);
    if (auto* list = list_of(at)) list->push_back(after);
    if (auto* list = to == at ? nullptr : list_of(to)) list->push_back(after);
  };
  for (; i < tables.own_tasks; ++i) add(observation.tasks()[i], seen.lei);
  for (const lair_report& report : observation.reports()) {
    if (!tables.tells(report)) continue;
    for (const lair_task& view : Observation::tasks_of(report)) {
      // Those that stood in an earlier list were not loaded again.
      if (i == tables.task_count || tables.task_ids[i] != view.id ||
          tables.tasks[i].copy != view.copy)
        continue;
      add(view, report.lei);
      ++i;
    }
  }
  LAIR_ASSERT(i == tables.task_count, "every task of the twin stands in a list");
  const auto arrange = [](std::vector<lair_task>& list) {
    const auto queued = [](const lair_task& t) { return t.state == LAIR_TASK_QUEUED; };
    // Not stable_partition, which allocates: queued tasks are put first by their rank.
    std::size_t first = 0;
    for (std::size_t k = 0; k < list.size(); ++k)
      if (queued(list[k])) {
        std::rotate(list.begin() + static_cast<std::ptrdiff_t>(first),
                    list.begin() + static_cast<std::ptrdiff_t>(k),
                    list.begin() + static_cast<std::ptrdiff_t>(k) + 1);
        ++first;
      }
    std::sort(list.begin() + static_cast<std::ptrdiff_t>(first), list.end(),
              [](const lair_task& a, const lair_task& b) {
                return a.id != b.id ? a.id < b.id : a.copy < b.copy;
              });
  };
  arrange(tasks_);
  for (std::size_t k = 0; k < told_count_; ++k) arrange(told_[k].tasks);
  raw_.tasks = tasks_.data();
  raw_.task_count = static_cast<std::uint32_t>(tasks_.size());
  raw_.task_stride = sizeof(lair_task);
}

void NextObservation::add_hosts(const lair_observation& seen, const Twin& twin) {
  const twin::Tables& tables = twin.tables_;
  const Observation observation(seen);
  const std::size_t window = std::size_t(seen.window_length) * LAIR_METRICS;
  hosts_.resize(tables.row_count);
  windows_.resize(window * tables.row_count);
  for (std::uint32_t r = 0; r < tables.row_count; ++r) {
    const twin::Row& row = tables.rows[r];
    lair_host& host = hosts_[r];
    host = observation.hosts()[r];
    const bool known = is_own(host) || tables.lei(host.lei).told;
    if (host.window != nullptr && window > 0) {
      double* states = windows_.data() + window * r;
      std::copy(host.window + LAIR_METRICS, host.window + window, states);
      std::copy_n(twin.states_.data() + std::size_t(r) * LAIR_METRICS, LAIR_METRICS,
                  states + window - LAIR_METRICS);
      host.window = states;
    }
    host.age = known ? 0 : host.age + tables.length;
    if (row.fetching && tables.times[tables.fetch_flow(r)].done <= tables.length)
      host.image_cached = 1;
    host.ram_need = needs_[r];
    // The page requests of threads whose memory is swapped are seen while there are any.
    if (known && host.unexplained.ram > 0)
      host.unexplained.streams =
          row.streams + (host.ram_need > host.ram ? row.touch_streams : 0);
  }
  raw_.hosts = hosts_.data();
  raw_.host_stride = sizeof(lair_host);
}

void NextObservation::add_reports() {
  reports_.clear();
  for (std::size_t k = 0; k < told_count_; ++k) {
    lair_report& report = reports_.emplace_back();
    report = {};
    report.size = sizeof report;
    report.lei = told_[k].lei;
    report.task_count = static_cast<std::uint32_t>(told_[k].tasks.size());
    report.task_stride = sizeof(lair_task);
    report.tasks = told_[k].tasks.data();
  }
  raw_.reports = reports_.data();
  raw_.report_count = static_cast<std::uint32_t>(reports_.size());
  raw_.report_stride = sizeof(lair_report);
}

} // namespace lair
