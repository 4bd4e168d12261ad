#include "record/host_tables.hpp"

#include <limits>

namespace lair::record {

std::vector<std::string> csv_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const auto& name : names) out.push_back(csv_quoted(name));
  return out;
}

HostTable::HostTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), leis_(csv_names(run.leis)),
      file_(folder + "/hosts.csv", failure) {
  file_.cell(header).end_row();
}

void HostTable::add(const HostInterval& row) {
  file_.cell(row.interval).cell(hosts_.at(row.host.index()));
  row.lei.valid() ? file_.cell(leis_.at(row.lei.index())) : file_.empty_cell();
  file_.cell(row.broker ? "1" : "0");
  for (const double metric : row.state) file_.cell(metric);
  file_.cell(row.energy).cell(row.tasks).cell(row.migration_in).cell(row.migration_out).end_row();
}

LabelTable::LabelTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), kinds_(run.fault_kinds),
      file_(folder + "/labels.csv", failure) {
  file_.cell(header).end_row();
}

void LabelTable::add(const HostInterval& row) {
  file_.cell(row.interval).cell(hosts_.at(row.host.index())).cell(row.fault_share > 0 ? "1" : "0");
  file_.cell(row.fault_share);
  bool first = true;
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
    if ((row.fault_kinds >> kind & 1) != 0) {
      if (!first) file_.character(' ');
      file_.text(kinds_[kind]);
      first = false;
    }
  file_.character(',');
  if (row.label < 0)
    file_.empty_cell().empty_cell().empty_cell();
  else {
    file_.cell(row.score);
    // The largest number, or infinity, says that the detector has no threshold yet.
    if (row.threshold < std::numeric_limits<double>::max()) file_.cell(row.threshold);
    else file_.empty_cell();
    file_.cell(row.label > 0 ? "1" : "0");
  }
  file_.end_row();
}

SampleTable::SampleTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), file_(folder + "/samples.csv", failure) {
  file_.cell(header).end_row();
}

void SampleTable::add(const HostSample& sample) {
  file_.cell(sample.time).cell(hosts_.at(sample.host.index()));
  for (const double metric : sample.state) file_.cell(metric);
  file_.cell(sample.faulty ? "1" : "0").end_row();
}

} // namespace lair::record
