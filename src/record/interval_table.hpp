/// intervals.csv: one row per interval, over the whole federation.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <string>

namespace lair::record {

class IntervalTable {
public:
  static constexpr std::string_view header =
      "interval,end_s,arrived,finished,failed,active,queued,requeued,response_mean_s,late,energy_j,"
      "cpu_mean,ram_mean,hosts_on_mean,hosts_faulty,hosts_labelled,faults_started,migrations,"
      "migrations_aborted,actions_refused,decision_s";
  IntervalTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void on(const HostInterval&);
  void on(const IntervalTotals&); ///< writes the row
  void flush() { file_.flush(); }

private:
  /// What happened since the last row.
  struct Row {
    std::uint64_t requeued = 0, finished = 0, late = 0, faults = 0, migrations = 0, aborted = 0;
    std::uint64_t refused = 0, hosts = 0, faulty = 0, labelled = 0;
    double response = 0, cpu = 0, ram = 0, on = 0, decision = 0;
  };
  bool has_detector_;
  Row row_;
  IntervalTotals before_;
  TextFile file_;
};

} // namespace lair::record
