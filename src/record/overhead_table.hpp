/// overhead.csv: what each decision of a policy has cost, where costs are measured. The only clock
/// in a result: written so that a run can be played again with the same costs.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <string>
#include <vector>

namespace lair::record {

class OverheadTable {
public:
  static constexpr std::string_view header = "time_s,lei,broker,learn_s,sense_s,decide_s,flops";
  OverheadTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const PolicyCharge&);
  void flush() { file_.flush(); }

private:
  std::vector<std::string> hosts_, leis_;
  TextFile file_;
};

/// The rows of a result's overhead.csv, in their order. InputError if there is none or a row of it
/// is not of this run.
std::vector<PolicyCharge> read_overhead(const std::string& path, const RunIdentity&);

} // namespace lair::record
