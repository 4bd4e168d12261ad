#include "record/metrics.hpp"

namespace lair::record {

const std::array<MetricDescription, metric_count>& metric_table() {
  using enum Metric;
  using enum Better;
  static constexpr std::array<MetricDescription, metric_count> table{{
      {energy_kwh, "energy_kwh", "kWh", lower, "energy of all hosts over the run"},
      {energy_per_task_kj, "energy_per_task_kj", "kJ", lower,
       "energy of all hosts divided by the tasks that finished"},
      {response_mean_s, "response_mean_s", "s", lower,
       "mean response time (result at the gateway - arrival) of the tasks that finished"},
      {response_p50_s, "response_p50_s", "s", lower, "median response time"},
      {response_p95_s, "response_p95_s", "s", lower, "95th percentile of the response time"},
      {response_p99_s, "response_p99_s", "s", lower, "99th percentile of the response time"},
      {slo_violation_rate, "slo_violation_rate", "share", lower,
       "late tasks among those with a deadline whose fate is known: finished, failed (late by "
       "definition), or unfinished and already late when the run ends"},
      {throughput_per_hour, "throughput_per_hour", "1/h", higher,
       "tasks finished per simulated hour"},
      {jain_fairness, "jain_fairness", "index", higher,
       "Jain's index over the mean response time of each entry LEI that finished a task"},
      {migrations, "migrations", "count", neither, "migrations that finished"},
      {migration_mean_s, "migration_mean_s", "s", lower, "mean time a finished migration took"},
      {migration_bytes, "migration_bytes", "B", lower, "bytes that finished migrations moved"},
      {migrations_aborted, "migrations_aborted", "count", lower, "migrations that were aborted"},
      {actions_refused, "actions_refused", "count", lower,
       "actions of decisions that were refused, for whatever reason"},
      {tasks_requeued, "tasks_requeued", "count", lower,
       "times a task lost its host and queued again"},
      {work_lost_core_s, "work_lost_core_s", "core-s", lower,
       "computing that tasks lost when they were requeued or failed"},
      {decision_mean_s, "decision_mean_s", "s", lower,
       "mean modelled time of a broker's decision in one interval"},
      {decision_total_s, "decision_total_s", "s", lower, "modelled time of all decisions together"},
      {decisions_skipped, "decisions_skipped", "count", lower,
       "intervals in which a broker did not decide because its last decision still ran"},
      {model_bytes, "model_bytes", "B", lower, "memory of the policy on each broker"},
      {model_ram_share, "model_ram_share", "share", lower,
       "that memory as a share of the broker's RAM, mean over brokers and intervals"},
      {availability, "availability", "share", higher,
       "share of host-time in which the host was on"},
      {mttd_s, "mttd_s", "s", lower,
       "mean time until a host was declared failed: since it went off, or, if it was on but "
       "silent, "
       "since its first missed probe"},
      {mttr_s, "mttr_s", "s", lower, "mean time from a host going off to its being on again"},
      {cpu_mean, "cpu_mean", "share", neither, "mean CPU use over hosts and intervals"},
      {detection_accuracy, "detection.accuracy", "share", higher,
       "host-intervals whose label agrees with the ground truth"},
      {detection_precision, "detection.precision", "share", higher,
       "faulty host-intervals among those labelled faulty"},
      {detection_recall, "detection.recall", "share", higher,
       "host-intervals labelled faulty among the faulty ones"},
      {detection_f1, "detection.f1", "share", higher, "harmonic mean of precision and recall"},
      {detection_auroc, "detection.auroc", "share", higher,
       "area under the ROC curve of the scores"},
      {detection_aupr, "detection.aupr", "share", higher,
       "average precision of the scores (area under the precision-recall curve)"},
      {detection_delay_mean_s, "detection.delay_mean_s", "s", lower,
       "mean time from a host fault's start to the first interval start, while it lasts, at which "
       "its "
       "host is labelled faulty; over the faults that are seen"},
      {detection_faults_seen, "detection.faults_seen", "share", higher,
       "host faults labelled at least once while they lasted"},
  }};
  return table;
}

std::string_view to_string(Better better) {
  switch (better) {
  case Better::lower: return "lower";
  case Better::higher: return "higher";
  case Better::neither: break;
  }
  return "neither";
}

} // namespace lair::record
