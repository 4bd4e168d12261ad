/// events.jsonl and summary.json of a run, as far as a timeline needs them.
#pragma once

#include <string>
#include <vector>

namespace lair::timeline {

struct RecordedEvent {
  double time = 0;
  std::string kind, application, host, target, lei, reason;
  long long task = -1;
  double seconds = 0; ///< decision_s of decision_made
  double images = 0;  ///< of task_arrived
};

struct RunTitle {
  std::string scenario, policy;
  double simulated = 0; ///< s
};

/// InputError with the line that is none. A last line without its end is left out: a killed run's.
std::vector<RecordedEvent> read_events(const std::string& path);
RunTitle read_title(const std::string& folder); ///< of summary.json

} // namespace lair::timeline
