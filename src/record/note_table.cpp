#include "record/note_table.hpp"

#include "record/host_tables.hpp"

#include <algorithm>

namespace lair::record {

NoteTable::NoteTable(const std::string& folder, const RunIdentity& run, WriteFailure& failure)
    : leis_(csv_names(run.leis)), file_(folder + "/notes.csv", failure) {
  file_.cell(header).end_row();
}

void NoteTable::on(const PolicyNote& note) {
  // One line each, whatever a policy puts into it.
  std::string text(note.text);
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  file_.cell(note.time).cell(leis_.at(note.lei.index())).cell(csv_quoted(text)).end_row();
}

} // namespace lair::record
