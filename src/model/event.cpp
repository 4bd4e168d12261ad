#include "model/event.hpp"

namespace lair {

std::string_view to_string(EventKind kind) {
  static constexpr std::string_view names[event_kind_count] = {
      "task_arrived",      "task_placed",       "task_started",       "task_finished",
      "task_requeued",     "task_failed",       "task_corrupted",     "migration_started",
      "migration_finished", "migration_aborted", "action_refused",    "image_fetched",
      "fault_started",     "fault_ended",       "fault_masked",       "host_down",
      "host_up",           "host_unresponsive", "host_responsive",    "host_failed",
      "broker_promoted",   "host_rejoined",     "report_lost",        "decision_made",
      "decision_skipped",  "task_killed",       "policy_learned",     "copy_placed",
      "copy_started",      "copy_ended",        "copy_promoted",      "result_delivered",
      "task_reopened",     "checkpoint_stored", "task_restored"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Reason reason) {
  static constexpr std::string_view names[reason_count] = {
      "none",         "crash",           "reboot",       "out_of_memory", "host_off",
      "unreachable",  "not_enough_memory", "not_running", "already_moving", "same_host",
      "unknown_task", "not_own_task",    "unknown_host", "duplicate",     "not_queued",
      "target_lost",  "source_lost",     "link_lost",    "past_horizon",  "restarts_exhausted",
      "too_late",     "no_tasks_allowed", "no_copy",    "last_copy",     "bad_value",
      "too_many",     "cancelled",       "done",         "delivered"};
  return names[static_cast<std::size_t>(reason)];
}

} // namespace lair
