#include "record/metric_fold.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair::record {

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
double ratio(double part, double whole) { return whole > 0 ? part / whole : nan; }
} // namespace

double MetricFold::Mean::value() const { return ratio(total, static_cast<double>(count)); }

MetricFold::MetricFold(const RunIdentity& run)
    : interval_(run.interval), has_detector_(!run.detector.empty()), host_ram_(run.host_ram),
      deadlines_(run.deadlines), lei_response_(run.leis.size()), hosts_(run.hosts.size()),
      detection_(run.hosts.size()) {
  faults_.planned = run.faults_planned;
}

void MetricFold::on(const Event& event) {
  redundant_ |= event.kind >= EventKind::copy_placed;
  switch (event.kind) {
  case EventKind::task_arrived: live_.open(event.task) = {event.time, event.application}; break;
  case EventKind::task_finished:
  case EventKind::task_failed: on_task_end(event); break;
  case EventKind::task_requeued:
    ++requeued_;
    work_lost_ += event.value;
    break;
  case EventKind::task_corrupted: ++corrupted_; break;
  case EventKind::migration_finished:
    migration_time_.add(event.value);
    migration_bytes_ += event.bytes;
    break;
  case EventKind::migration_aborted: ++aborted_; break;
  case EventKind::copy_placed: ++copies_; break;
  case EventKind::copy_ended: copy_work_ += event.value; break;
  case EventKind::copy_promoted:
    promotions_ += event.reason != Reason::cancelled && event.reason != Reason::delivered;
    break;
  case EventKind::checkpoint_stored: checkpoint_bytes_ += event.bytes; break;
  case EventKind::task_restored: images_restored_ += event.value; break;
  case EventKind::action_refused:
    ++refused_;
    ++refused_by_[static_cast<std::size_t>(event.reason)];
    break;
  case EventKind::fault_started:
    ++faults_.applied;
    lasting_.insert(event.fault);
    if (event.host.valid()) {
      ++host_faults_;
      if (event.fault.index() >= host_of_fault_.size())
        host_of_fault_.resize(event.fault.index() + 1);
      host_of_fault_[event.fault.index()] = event.host;
      hosts_.at(event.host.index()).faults.push_back({event.fault, event.time, infinity});
    }
    break;
  case EventKind::fault_ended: close_fault(event); break;
  case EventKind::fault_masked:
    if (lasting_.contains(event.fault)) { // it began, and ended too soon to count
      --faults_.applied;
      close_fault(event);
    }
    ++faults_.masked;
    ++faults_.masked_by[static_cast<std::size_t>(event.reason)];
    break;
  case EventKind::host_down: {
    HostTimes& host = hosts_.at(event.host.index());
    host.down_since = event.time;
    if (host.lost_since < 0) host.lost_since = event.time;
    ++went_down_;
    break;
  }
  case EventKind::host_up: host_back(hosts_.at(event.host.index()), event.time); break;
  case EventKind::host_failed: {
    HostTimes& host = hosts_.at(event.host.index());
    if (host.down_since < 0) host.lost_since = event.time - event.value;
    detect_time_.add(event.time - host.lost_since);
    host.failed_since = event.time;
    ++declared_failed_;
    break;
  }
  case EventKind::broker_promoted: ++promoted_; break;
  case EventKind::decision_made: decision_time_.add(event.value); break;
  case EventKind::decision_skipped: ++skipped_; break;
  case EventKind::policy_learned: fine_tuning_.add(event.value); break;
  default: break;
  }
}

void MetricFold::host_back(HostTimes& host, double time) {
  if (host.down_since < 0) return;
  const bool failed = host.failed_since >= 0;
  const double detected = failed ? host.failed_since : host.lost_since;
  // A host that crashed is off, and on its way back, before anybody knows.
  const double rebooting = std::max(detected, host.down_since);
  repair_time_.add(time - host.lost_since);
  repair_detection_.add(detected - host.lost_since);
  repair_wait_.add(rebooting - detected);
  repair_boot_.add(time - rebooting);
  host.down_since = host.lost_since = host.failed_since = -1;
}

void MetricFold::close_fault(const Event& event) {
  lasting_.erase(event.fault);
  if (event.fault.index() >= host_of_fault_.size()) return;
  const HostId host = host_of_fault_[event.fault.index()];
  if (!host.valid()) return;
  if (event.kind == EventKind::fault_masked) --host_faults_;
  std::vector<OpenFault>& faults = hosts_[host.index()].faults;
  for (auto fault = faults.begin(); fault != faults.end(); ++fault)
    if (fault->fault == event.fault) {
      fault->end = event.time;
      // An interval start may lie within it, but what does not count is not seen either.
      if (event.kind == EventKind::fault_masked) faults.erase(fault);
      return;
    }
}

void MetricFold::on_task_end(const Event& event) {
  const LiveTask task = live_.at(event.task);
  live_.close(event.task);
  if (event.kind == EventKind::task_failed) {
    work_lost_ += event.value;
    if (deadlines_.at(task.application.index()) < infinity) {
      ++with_deadline_;
      ++late_;
    }
    return;
  }
  responses_.push_back(event.value);
  lei_response_.at(event.lei.index()).add(event.value);
  if (event.extra < infinity) {
    ++with_deadline_;
    late_ += event.value > event.extra;
  }
}

void MetricFold::on(const HostInterval& row) {
  cpu_.add(row.state[LAIR_CPU]);
  on_share_.add(row.state[LAIR_ALIVE]);
  if (row.broker) {
    policy_memory_.add(row.policy_memory);
    ram_share_.add(ratio(row.policy_memory, host_ram_.at(row.host.index())));
  }
  if (row.label >= 0) detect(row);
  else detection_.skip(row.host.index(), row.fault_share > 0);
  hosts_.at(row.host.index()).truth_before = row.fault_share > 0;
  // Faults that ended before the next interval begins cannot be seen any more.
  const double next = (row.interval + 1.0) * interval_;
  auto& faults = hosts_.at(row.host.index()).faults;
  std::erase_if(faults, [&](const OpenFault& fault) {
    if (fault.end > next) return false;
    if (fault.delay >= 0) delay_.add(fault.delay);
    return true;
  });
}

/// The label was given at the interval's start: what it says of the interval is a prediction, what
/// it says of the one before is what the detector has seen.
void MetricFold::detect(const HostInterval& row) {
  const bool truth = row.fault_share > 0;
  const bool said = row.label > 0;
  detection_.add(row.host.index(), truth, said, row.score);
  if (const int before = hosts_.at(row.host.index()).truth_before; before >= 0)
    seen_.add(before > 0, said);
  if (!said) return;
  const double when = row.interval * interval_;
  for (auto& fault : hosts_.at(row.host.index()).faults)
    if (fault.delay < 0 && fault.start <= when && when < fault.end)
      fault.delay = when - fault.start;
}

void MetricFold::on(const IntervalTotals& totals) {
  detection_.end_interval();
  totals_ = totals;
  ++intervals_;
}

double MetricFold::violation_rate() const {
  std::uint64_t overdue = 0;
  live_.for_each([&](TaskId, const LiveTask& task) {
    overdue += totals_.time - task.arrived > deadlines_.at(task.application.index());
  });
  return ratio(static_cast<double>(late_ + overdue), static_cast<double>(with_deadline_ + overdue));
}

void MetricFold::detection_metrics(MetricValues& out) const {
  if (!has_detector_) return;
  const DetectionMetrics::Values raw = detection_.raw(), adjusted = detection_.adjusted();
  out[Metric::detection_accuracy] = raw.labels.accuracy();
  out[Metric::detection_precision] = raw.labels.precision();
  out[Metric::detection_recall] = raw.labels.recall();
  out[Metric::detection_f1] = raw.labels.f1();
  out[Metric::detection_auroc] = raw.auroc;
  out[Metric::detection_aupr] = raw.aupr;
  out[Metric::detection_hit_rate_100] = raw.hit_rate;
  out[Metric::detection_ndcg_100] = raw.ndcg;
  out[Metric::detection_adjusted_accuracy] = adjusted.labels.accuracy();
  out[Metric::detection_adjusted_precision] = adjusted.labels.precision();
  out[Metric::detection_adjusted_recall] = adjusted.labels.recall();
  out[Metric::detection_adjusted_f1] = adjusted.labels.f1();
  out[Metric::detection_adjusted_auroc] = adjusted.auroc;
  out[Metric::detection_adjusted_aupr] = adjusted.aupr;
  out[Metric::detection_adjusted_hit_rate_100] = adjusted.hit_rate;
  out[Metric::detection_adjusted_ndcg_100] = adjusted.ndcg;
  out[Metric::detection_seen_precision] = seen_.precision();
  out[Metric::detection_seen_recall] = seen_.recall();
  out[Metric::detection_seen_f1] = seen_.f1();
  Mean delay = delay_;
  for (const auto& host : hosts_)
    for (const auto& fault : host.faults)
      if (fault.delay >= 0) delay.add(fault.delay);
  out[Metric::detection_delay_mean_s] = delay.value();
  out[Metric::detection_faults_seen] =
      ratio(static_cast<double>(delay.count), static_cast<double>(host_faults_));
}

MetricValues MetricFold::metrics() const {
  MetricValues out;
  out.values.fill(nan);
  std::vector<double> sorted(responses_);
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> lei_means;
  for (const auto& lei : lei_response_)
    if (lei.count > 0) lei_means.push_back(lei.value());

  const auto finished = static_cast<double>(responses_.size());
  out[Metric::energy_kwh] = totals_.energy / 3.6e6;
  out[Metric::energy_per_task_kj] = ratio(totals_.energy / 1e3, finished);
  out[Metric::response_mean_s] = mean(responses_);
  out[Metric::response_p50_s] = percentile_of_sorted(sorted, 0.50);
  out[Metric::response_p95_s] = percentile_of_sorted(sorted, 0.95);
  out[Metric::response_p99_s] = percentile_of_sorted(sorted, 0.99);
  out[Metric::slo_violation_rate] = violation_rate();
  out[Metric::throughput_per_hour] = ratio(finished * 3600, totals_.time);
  out[Metric::jain_fairness] = jain_index(lei_means);
  out[Metric::migrations] = static_cast<double>(migration_time_.count);
  out[Metric::migration_mean_s] = migration_time_.value();
  out[Metric::migration_bytes] = migration_bytes_;
  out[Metric::migrations_aborted] = static_cast<double>(aborted_);
  out[Metric::actions_refused] = static_cast<double>(refused_);
  out[Metric::tasks_requeued] = static_cast<double>(requeued_);
  out[Metric::work_lost_core_s] = work_lost_;
  out[Metric::decision_mean_s] = decision_time_.value();
  out[Metric::decision_total_s] = decision_time_.total;
  out[Metric::decisions_skipped] = static_cast<double>(skipped_);
  out[Metric::fine_tuning_total_s] = fine_tuning_.total;
  out[Metric::model_bytes] = policy_memory_.value();
  out[Metric::model_ram_share] = ram_share_.value();
  out[Metric::availability] = on_share_.value();
  out[Metric::hosts_down] = static_cast<double>(went_down_);
  out[Metric::hosts_declared_failed] = static_cast<double>(declared_failed_);
  out[Metric::brokers_promoted] = static_cast<double>(promoted_);
  out[Metric::mttd_s] = detect_time_.value();
  out[Metric::mttr_s] = repair_time_.value();
  out[Metric::mttr_detection_s] = repair_detection_.value();
  out[Metric::mttr_wait_s] = repair_wait_.value();
  out[Metric::mttr_boot_s] = repair_boot_.value();
  out[Metric::cpu_mean] = cpu_.value();
  out[Metric::redundancy_copies_started] = static_cast<double>(copies_);
  out[Metric::redundancy_promotions] = static_cast<double>(promotions_);
  out[Metric::redundancy_copy_work_core_s] = copy_work_;
  out[Metric::redundancy_checkpoint_bytes] = checkpoint_bytes_;
  out[Metric::redundancy_images_restored] = images_restored_;
  out[Metric::redundancy_wrong_results] = static_cast<double>(corrupted_);
  detection_metrics(out);
  return out;
}

} // namespace lair::record
