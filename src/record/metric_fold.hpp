/// The one definition of every metric: a fold over the events of a run.
#pragma once

#include "core/detection_metrics.hpp"
#include "model/event.hpp"
#include "record/metrics.hpp"
#include "record/run_record.hpp"
#include "record/task_slots.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <vector>

namespace lair::record {

class MetricFold : public EventSink {
public:
  explicit MetricFold(const RunIdentity&);
  void on(const Event&) override;
  void on(const HostInterval&) override;
  void on(const IntervalTotals&) override;

  MetricValues metrics() const; ///< of what was seen so far

  using Reasons = std::array<std::uint64_t, reason_count>;
  struct Faults {
    std::uint64_t planned = 0, applied = 0, masked = 0;
    Reasons masked_by{};
  };
  const Faults& faults() const { return faults_; }
  const Reasons& refused_by() const { return refused_by_; }
  const IntervalTotals& totals() const { return totals_; } ///< of the last interval that ended
  std::uint64_t tasks_corrupted() const { return corrupted_; }
  std::uint32_t intervals() const { return intervals_; }
  /// Has a policy asked for copies, checkpoints or votes, and got any?
  bool redundant() const { return redundant_; }

private:
  struct LiveTask {
    double arrived = 0;
    ApplicationId application;
  };
  struct OpenFault { ///< a fault on a host; looked at until an interval begins after its end
    FaultId fault;
    double start = 0, end = 0; ///< end is infinity while it lasts
    double delay = -1;         ///< until it was seen; -1 before
  };
  struct Mean {
    double total = 0, lost = 0; ///< Kahan's compensation: millions of terms, and the mean of equal
    std::uint64_t count = 0;    ///< ones is that one
    void add(double x) {
      const double y = x - lost, next = total + y;
      lost = (next - total) - y;
      total = next;
      ++count;
    }
    double value() const;
  };
  struct HostTimes {
    double down_since = -1;   ///< -1 while on
    double lost_since = -1;   ///< off, or silent and declared failed; -1 while neither
    double failed_since = -1; ///< declared failed within that; -1 if not
    int truth_before = -1;    ///< of the last interval; -1 before the first has ended
    std::vector<OpenFault> faults;
  };

  void on_task_end(const Event&);
  void close_fault(const Event&);
  void host_back(HostTimes&, double time);
  void detect(const HostInterval&);
  double violation_rate() const;
  void detection_metrics(MetricValues&) const;

  double interval_;
  bool has_detector_;
  std::vector<double> host_ram_, deadlines_;

  TaskSlots<LiveTask> live_;
  std::vector<double> responses_;
  std::vector<Mean> lei_response_;
  std::uint64_t with_deadline_ = 0, late_ = 0, corrupted_ = 0, requeued_ = 0;
  double work_lost_ = 0;
  Mean migration_time_, decision_time_, detect_time_, repair_time_, repair_detection_,
      repair_wait_, repair_boot_, fine_tuning_, cpu_, on_share_, policy_memory_,
      ram_share_;
  double migration_bytes_ = 0;
  bool redundant_ = false;
  std::uint64_t copies_ = 0, promotions_ = 0;
  double copy_work_ = 0, checkpoint_bytes_ = 0, images_restored_ = 0;
  std::uint64_t aborted_ = 0, refused_ = 0, skipped_ = 0;
  Reasons refused_by_{};
  Faults faults_;
  std::vector<HostTimes> hosts_;
  DetectionMetrics detection_; ///< labels and scores against the interval that follows
  Confusion seen_;             ///< labels against the interval before
  std::uint64_t went_down_ = 0, declared_failed_ = 0, promoted_ = 0;
  Mean delay_;
  std::set<FaultId> lasting_;         ///< faults that have started and not ended
  std::vector<HostId> host_of_fault_; ///< by fault id; none for faults of links
  std::uint64_t host_faults_ = 0;
  IntervalTotals totals_;
  std::uint32_t intervals_ = 0;
};

} // namespace lair::record
