/// migrations.csv: one row per migration, written when it ends; those under way follow at the end.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <map>
#include <string>
#include <vector>

namespace lair::record {

class MigrationTable {
public:
  static constexpr std::string_view header =
      "task,from,to,started_s,ended_s,duration_s,bytes,outcome,reason";
  MigrationTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void finish();
  void flush() { file_.flush(); }

private:
  void write(const Event& start, const Event* end);

  std::vector<std::string> hosts_;
  std::map<TaskId, Event> under_way_; ///< few at a time; its start
  TextFile file_;
};

} // namespace lair::record
