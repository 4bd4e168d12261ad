#include "record/task_table.hpp"

#include "record/host_tables.hpp"

#include <cmath>
#include <limits>

namespace lair::record {

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
}

TaskTable::TaskTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), leis_(csv_names(run.leis)),
      applications_(csv_names(run.applications)), deadlines_(run.deadlines),
      file_(folder + "/tasks.csv", failure) {
  file_.cell(header).end_row();
}

void TaskTable::on(const Event& event) {
  switch (event.kind) {
  case EventKind::task_arrived: {
    Row& row = live_.open(event.task);
    row.arrived = event.time;
    row.images = event.value;
    row.application = event.application;
    row.lei = event.lei;
    break;
  }
  case EventKind::task_placed: {
    Row& row = live_.at(event.task);
    row.queued = false;
    row.host = event.host;
    if (row.placed == unset) row.placed = event.time;
    break;
  }
  case EventKind::task_started: {
    Row& row = live_.at(event.task);
    if (row.started == unset) row.started = event.time;
    break;
  }
  case EventKind::task_requeued: {
    Row& row = live_.at(event.task);
    row.queued = true;
    row.lost += event.value;
    ++row.restarts;
    break;
  }
  case EventKind::task_corrupted: live_.at(event.task).corrupted = true; break;
  case EventKind::copy_promoted: live_.at(event.task).host = event.host; break;
  case EventKind::task_reopened: live_.at(event.task).queued = true; break;
  case EventKind::migration_finished: {
    Row& row = live_.at(event.task);
    if (row.host == event.host) row.host = event.target; // else a further copy
    ++row.migrations;
    break;
  }
  case EventKind::task_finished: {
    Row& row = live_.at(event.task);
    row.host = event.host; // of its copies the one that was first
    write(event.task, row, "finished", event.time, event.value, event.extra,
          event.value > event.extra);
    live_.close(event.task);
    break;
  }
  case EventKind::task_failed: {
    Row& row = live_.at(event.task);
    row.lost += event.value;
    const double deadline = deadlines_.at(row.application.index());
    write(event.task, row, "failed", event.time, nan, deadline, std::isfinite(deadline));
    live_.close(event.task);
    break;
  }
  default: break;
  }
}

void TaskTable::finish(double now) {
  live_.for_each([&](TaskId task, const Row& row) {
    const double deadline = deadlines_.at(row.application.index());
    write(task, row, row.queued ? "queued" : "active", nan, nan, deadline,
          now - row.arrived > deadline);
  });
}

void TaskTable::write(TaskId task, const Row& row, std::string_view outcome, double ended,
                      double response, double deadline, bool late) {
  const auto time = [](double t) { return t == unset ? nan : t; };
  file_.cell(task.value).cell(applications_.at(row.application.index()));
  file_.cell(leis_.at(row.lei.index()));
  row.host.valid() ? file_.cell(hosts_.at(row.host.index())) : file_.empty_cell();
  file_.cell(outcome).cell(row.arrived).cell(time(row.placed)).cell(time(row.started)).cell(ended);
  file_.cell(response).cell(std::isfinite(deadline) ? deadline : nan).cell(late ? "1" : "0");
  file_.cell(row.images).cell(row.restarts).cell(row.migrations).cell(row.lost);
  file_.cell(row.corrupted ? "1" : "0").end_row();
}

} // namespace lair::record
