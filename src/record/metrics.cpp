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
      {fine_tuning_total_s, "fine_tuning_total_s", "s", lower,
       "modelled time of all learning of policies together, part of decision_total_s"},
      {model_bytes, "model_bytes", "B", lower,
       "memory of the policy on a broker, what it charges as it runs included, mean over brokers "
       "and "
       "intervals' ends"},
      {model_ram_share, "model_ram_share", "share", lower,
       "that memory as a share of the broker's RAM, mean over brokers and intervals"},
      {availability, "availability", "share", higher,
       "share of host-time in which the host was on"},
      {hosts_down, "hosts_down", "count", lower,
       "times a host went off: crashes, and reboots of hosts declared failed"},
      {hosts_declared_failed, "hosts_declared_failed", "count", lower,
       "times a host was declared failed by its watchers"},
      {brokers_promoted, "brokers_promoted", "count", lower,
       "times a worker had to take over as broker of its LEI"},
      {mttd_s, "mttd_s", "s", lower,
       "mean time until a host was declared failed: since it went off, or, if it was on but "
       "silent, since it stopped answering"},
      {mttr_s, "mttr_s", "s", lower,
       "mean time from a host's loss (it went off, or it was on but silent and later declared "
       "failed) to its being on again; the sum of the next three"},
      {mttr_detection_s, "mttr_detection_s", "s", lower,
       "of that: until it was declared failed; 0 for a host that was back before"},
      {mttr_wait_s, "mttr_wait_s", "s", lower,
       "of that: from then until it went off for its reboot; 0 for a host that was off already"},
      {mttr_boot_s, "mttr_boot_s", "s", lower, "of that: the rest, off and booting"},
      {cpu_mean, "cpu_mean", "share", neither, "mean CPU use over hosts and intervals"},
      {detection_accuracy, "detection.accuracy", "share", higher,
       "host-intervals whose label, given at the interval's start, agrees with the ground truth of "
       "that same interval: a prediction"},
      {detection_precision, "detection.precision", "share", higher,
       "faulty host-intervals among those labelled faulty"},
      {detection_recall, "detection.recall", "share", higher,
       "host-intervals labelled faulty among the faulty ones"},
      {detection_f1, "detection.f1", "share", higher, "harmonic mean of precision and recall"},
      {detection_auroc, "detection.auroc", "share", higher,
       "area under the ROC curve of the scores"},
      {detection_aupr, "detection.aupr", "share", higher,
       "average precision of the scores (area under the precision-recall curve)"},
      {detection_hit_rate_100, "detection.hit_rate_100", "share", higher,
       "HitRate@100 %: of an interval's n faulty hosts, those among the n highest scores; mean "
       "over "
       "the intervals that have any"},
      {detection_ndcg_100, "detection.ndcg_100", "share", higher,
       "NDCG@100 %: discounted cumulative gain of the n highest scores over the best possible one; "
       "mean over the same intervals"},
      {detection_adjusted_accuracy, "detection.adjusted_accuracy", "share", higher,
       "accuracy, point-adjusted: one hit counts for the whole fault"},
      {detection_adjusted_precision, "detection.adjusted_precision", "share", higher,
       "precision, point-adjusted"},
      {detection_adjusted_recall, "detection.adjusted_recall", "share", higher,
       "recall, point-adjusted"},
      {detection_adjusted_f1, "detection.adjusted_f1", "share", higher,
       "F1, point-adjusted"},
      {detection_adjusted_auroc, "detection.adjusted_auroc", "share", higher,
       "area under the ROC curve, point-adjusted: a faulty interval has its segment's highest score"},
      {detection_adjusted_aupr, "detection.adjusted_aupr", "share", higher,
       "average precision, point-adjusted alike"},
      {detection_adjusted_hit_rate_100, "detection.adjusted_hit_rate_100", "share", higher,
       "HitRate@100 %, point-adjusted alike"},
      {detection_adjusted_ndcg_100, "detection.adjusted_ndcg_100", "share", higher,
       "NDCG@100 %, point-adjusted alike"},
      {detection_seen_precision, "detection.seen_precision", "share", higher,
       "precision of the same labels against the interval before, which the detector has seen"},
      {detection_seen_recall, "detection.seen_recall", "share", higher,
       "recall of the same labels against the interval before"},
      {detection_seen_f1, "detection.seen_f1", "share", higher,
       "harmonic mean of the two: diagnosis, where detection.f1 is prediction"},
      {detection_delay_mean_s, "detection.delay_mean_s", "s", lower,
       "mean time from a host fault's start to the first interval start, while it lasts, at which "
       "its host is labelled faulty; over the faults that are seen"},
      {detection_faults_seen, "detection.faults_seen", "share", higher,
       "host faults labelled at least once while they lasted"},
      {redundancy_copies_started, "redundancy.copies_started", "count", neither,
       "further copies of tasks that were started"},
      {redundancy_promotions, "redundancy.promotions", "count", neither,
       "times a copy took the place of a primary that was lost"},
      {redundancy_copy_work_core_s, "redundancy.copy_work_core_s", "core-s", lower,
       "computing of copies that ended without being of use: another one was first, or they were "
       "cancelled or lost"},
      {redundancy_checkpoint_bytes, "redundancy.checkpoint_bytes", "B", lower,
       "inputs of tasks that were stored on other hosts"},
      {redundancy_images_restored, "redundancy.images_restored", "images", higher,
       "images that tasks did not compute again, since they started from a checkpoint"},
      {redundancy_wrong_results, "redundancy.wrong_results", "count", lower,
       "wrong results that nobody noticed"},
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
