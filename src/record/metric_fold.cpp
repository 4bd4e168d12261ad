#include "record/metric_fold.hpp"

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
    : interval_(run.interval), policy_memory_(run.policy_memory),
      has_detector_(!run.detector.empty()), host_ram_(run.host_ram), deadlines_(run.deadlines),
      lei_response_(run.leis.size()), hosts_(run.hosts.size()) {
  faults_.planned = run.faults_planned;
}

void MetricFold::on(const Event& event) {
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
  case EventKind::host_down: hosts_.at(event.host.index()).down_since = event.time; break;
  case EventKind::host_up:
    if (auto& since = hosts_.at(event.host.index()).down_since; since >= 0) {
      repair_time_.add(event.time - since);
      since = -1;
    }
    break;
  case EventKind::host_failed: {
    const double since = hosts_.at(event.host.index()).down_since;
    detect_time_.add(since >= 0 ? event.time - since : event.value);
    break;
  }
  case EventKind::decision_made: decision_time_.add(event.value); break;
  case EventKind::decision_skipped: ++skipped_; break;
  default: break;
  }
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
  if (row.broker) ram_share_.add(ratio(policy_memory_, host_ram_.at(row.host.index())));
  if (row.label >= 0) detect(row);
  // Faults that ended before the next interval begins cannot be seen any more.
  const double next = (row.interval + 1.0) * interval_;
  auto& faults = hosts_.at(row.host.index()).faults;
  std::erase_if(faults, [&](const OpenFault& fault) {
    if (fault.end > next) return false;
    if (fault.delay >= 0) delay_.add(fault.delay);
    return true;
  });
}

/// The label was given at the interval's start; the truth is the interval's.
void MetricFold::detect(const HostInterval& row) {
  const bool truth = row.fault_share > 0;
  const bool said = row.label > 0;
  (truth ? (said ? true_positive_ : false_negative_) : (said ? false_positive_ : true_negative_)) +=
      1;
  if (std::isfinite(row.score)) scored_.push_back({static_cast<float>(row.score), truth});
  if (!said) return;
  const double when = row.interval * interval_;
  for (auto& fault : hosts_.at(row.host.index()).faults)
    if (fault.delay < 0 && fault.start <= when && when < fault.end)
      fault.delay = when - fault.start;
}

void MetricFold::on(const IntervalTotals& totals) {
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
  const auto tp = static_cast<double>(true_positive_), fp = static_cast<double>(false_positive_),
             tn = static_cast<double>(true_negative_), fn = static_cast<double>(false_negative_);
  out[Metric::detection_accuracy] = ratio(tp + tn, tp + fp + tn + fn);
  out[Metric::detection_precision] = ratio(tp, tp + fp);
  out[Metric::detection_recall] = ratio(tp, tp + fn);
  out[Metric::detection_f1] = ratio(2 * tp, 2 * tp + fp + fn);
  out[Metric::detection_auroc] = area_under_roc(scored_);
  out[Metric::detection_aupr] = average_precision(scored_);
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
  out[Metric::model_bytes] = policy_memory_;
  out[Metric::model_ram_share] = ram_share_.value();
  out[Metric::availability] = on_share_.value();
  out[Metric::mttd_s] = detect_time_.value();
  out[Metric::mttr_s] = repair_time_.value();
  out[Metric::cpu_mean] = cpu_.value();
  detection_metrics(out);
  return out;
}

} // namespace lair::record
