/// hosts.csv, labels.csv and samples.csv: hosts over time.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <string>
#include <vector>

namespace lair::record {

/// One row per host and interval: means of its metrics, energy, tasks.
class HostTable {
public:
  static constexpr std::string_view header =
      "interval,host,lei,broker,cpu,cpu_pressure,ram,swap,disk_read,disk_write,net_in,net_out,io_"
      "wait,"
      "alive,energy_j,tasks,migration_in_bytes,migration_out_bytes";
  HostTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void add(const HostInterval&);
  void flush() { file_.flush(); }

private:
  std::vector<std::string> hosts_, leis_;
  TextFile file_;
};

/// One row per host and interval: ground truth, and what the detector said at the interval's start.
class LabelTable {
public:
  static constexpr std::string_view header =
      "interval,host,faulty,fault_share,fault_kinds,score,threshold,label";
  LabelTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void add(const HostInterval&);
  void flush() { file_.flush(); }

private:
  std::vector<std::string> hosts_, kinds_;
  TextFile file_;
};

/// One row per host and sample.
class SampleTable {
public:
  static constexpr std::string_view header = "time_s,host,cpu,cpu_pressure,ram,swap,disk_read,disk_"
                                             "write,net_in,net_out,io_wait,alive,faulty";
  SampleTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void add(const HostSample&);
  void flush() { file_.flush(); }

private:
  std::vector<std::string> hosts_;
  TextFile file_;
};

/// Names ready for a CSV cell.
std::vector<std::string> csv_names(const std::vector<std::string>&);

} // namespace lair::record
