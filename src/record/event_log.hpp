/// events.jsonl: every event as one line of JSON, in order of time.
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/text_file.hpp"

#include <array>
#include <string>
#include <vector>

namespace lair::record {

/// How a kind of event names its numbers; empty = it has none.
struct EventNumbers {
  std::string_view value = {}, extra = {}, target = "target";
  bool bytes = false;
};
EventNumbers event_numbers(EventKind);

class EventLog {
public:
  EventLog(const std::string& folder, const RunIdentity&, WriteFailure&);
  void on(const Event&);
  void flush() { file_.flush(); }

private:
  void number(std::string_view prefix, double);

  std::vector<std::string> hosts_, leis_, applications_, kinds_;
  /// `,"kind":"task_arrived"` and the like, put together once.
  struct Prefixes {
    std::string kind, value, extra, target;
    bool bytes = false;
  };
  std::array<Prefixes, event_kind_count> prefixes_;
  TextFile file_;
};

} // namespace lair::record
