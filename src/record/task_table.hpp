/// tasks.csv: one row per task, written when it ends; the unfinished follow at the end of the run.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/task_slots.hpp"
#include "record/text_file.hpp"

#include <string>
#include <vector>

namespace lair::record {

class TaskTable {
public:
  static constexpr std::string_view header =
      "task,application,lei,host,outcome,arrived_s,placed_s,started_s,ended_s,response_s,deadline_"
      "s,"
      "late,images,restarts,migrations,lost_core_s,corrupted";
  TaskTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void finish(double now); ///< rows of the tasks that have not ended
  void flush() { file_.flush(); }

private:
  static constexpr double unset = -1;
  struct Row {
    double arrived = 0, placed = unset, started = unset; ///< the first of each
    double images = 0, lost = 0;
    ApplicationId application;
    LeiId lei;
    HostId host; ///< the last one
    std::uint32_t restarts = 0, migrations = 0;
    bool queued = true, corrupted = false;
  };
  void write(TaskId, const Row&, std::string_view outcome, double ended, double response,
             double deadline, bool late);

  std::vector<std::string> hosts_, leis_, applications_;
  std::vector<double> deadlines_;
  TaskSlots<Row> live_;
  TextFile file_;
};

} // namespace lair::record
