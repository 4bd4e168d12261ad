/// Every metric of a run, by name: the one list that the summary, comparisons and the docs use.
/// How each is computed stands in metric_fold.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lair::record {

enum class Metric : std::uint8_t {
  energy_kwh,
  energy_per_task_kj,
  response_mean_s,
  response_p50_s,
  response_p95_s,
  response_p99_s,
  slo_violation_rate,
  throughput_per_hour,
  jain_fairness,
  migrations,
  migration_mean_s,
  migration_bytes,
  migrations_aborted,
  actions_refused,
  tasks_requeued,
  work_lost_core_s,
  decision_mean_s,
  decision_total_s,
  decisions_skipped,
  fine_tuning_total_s,
  model_bytes,
  model_ram_share,
  availability,
  hosts_down,
  hosts_declared_failed,
  brokers_promoted,
  mttd_s,
  mttr_s,
  mttr_detection_s,
  mttr_wait_s,
  mttr_boot_s,
  cpu_mean,
  detection_accuracy,
  detection_precision,
  detection_recall,
  detection_f1,
  detection_auroc,
  detection_aupr,
  detection_hit_rate_100,
  detection_ndcg_100,
  detection_adjusted_accuracy,
  detection_adjusted_precision,
  detection_adjusted_recall,
  detection_adjusted_f1,
  detection_adjusted_auroc,
  detection_adjusted_aupr,
  detection_adjusted_hit_rate_100,
  detection_adjusted_ndcg_100,
  detection_seen_precision,
  detection_seen_recall,
  detection_seen_f1,
  detection_delay_mean_s,
  detection_faults_seen,
  redundancy_copies_started,
  redundancy_promotions,
  redundancy_copy_work_core_s,
  redundancy_checkpoint_bytes,
  redundancy_images_restored,
  redundancy_wrong_results
};
inline constexpr std::size_t metric_count = 59;

enum class Better : std::uint8_t { lower, higher, neither };

struct MetricDescription {
  Metric metric;
  std::string_view name; ///< snake_case; "group.name" stands inside an object `group`
  std::string_view unit;
  Better better;
  std::string_view meaning; ///< one line
};

const std::array<MetricDescription, metric_count>& metric_table(); ///< in order of Metric
std::string_view to_string(Better);

/// One value per metric; NaN where it has none (no task finished, no detector).
struct MetricValues {
  std::array<double, metric_count> values;
  double& operator[](Metric m) { return values[static_cast<std::size_t>(m)]; }
  double operator[](Metric m) const { return values[static_cast<std::size_t>(m)]; }
};

} // namespace lair::record
