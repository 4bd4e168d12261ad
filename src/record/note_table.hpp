/// notes.csv: what a policy says beside its decisions; only there if it says something.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <string>
#include <vector>

namespace lair::record {

class NoteTable {
public:
  static constexpr std::string_view header = "time_s,lei,note";
  NoteTable(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const PolicyNote&);
  void flush() { file_.flush(); }

private:
  std::vector<std::string> leis_;
  TextFile file_;
};

} // namespace lair::record
