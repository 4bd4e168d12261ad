/// faults.csv: one row per planned fault, written when it ends or is masked.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <map>
#include <string>
#include <vector>

namespace lair::record {

class FaultTable {
public:
  static constexpr std::string_view header =
      "fault,kind,host,lei,outcome,reason,started_s,ended_s,strength,measured,expected";
  FaultTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void finish(); ///< rows of the faults that last
  void flush() { file_.flush(); }

private:
  void begin_row(const Event&, std::string_view outcome);

  std::vector<std::string> hosts_, leis_, kinds_;
  std::map<FaultId, Event> open_; ///< its start
  TextFile file_;
};

} // namespace lair::record
