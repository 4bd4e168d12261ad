/// copies.csv: one row per further copy of a task, written when it ends or becomes the primary, and one
/// for a primary that ends before its task does. Only there if a policy makes copies.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lair::record {

class CopyTable {
public:
  static constexpr std::string_view header =
      "task,host,placed_s,started_s,ended_s,outcome,reason,lost_core_s";
  CopyTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void finish();
  void flush() { file_.flush(); }

private:
  struct Times {
    double placed, started;
  };
  using Key = std::pair<TaskId, HostId>;
  void write(const Key&, const Times&, const Event* end, std::string_view outcome);
  void end(const Event&, std::string_view outcome);

  std::vector<std::string> hosts_;
  std::map<Key, Times> alive_; ///< further copies; few at a time
  TextFile file_;
};

} // namespace lair::record
