/// Remediator `overload-migration`: relieves every own host that its detector labels. From each it
/// moves the task that moves fastest first (minimum migration time), to the least loaded alive host
/// of the federation, until the host is relieved, nothing may be moved, or `moves` are made.
///
///  * A target has RAM for the task (up to `memory` of its RAM, 1: no swap), is labelled by nobody, and has at most `fill`
///  runnable
///    threads per core with the task on it. Ties: own LEI first, then by id counted on from the own
///    broker's, so that brokers that decide at the same time do not all pick the same host.
///  * A task stays if its work left, alone on its host, is shorter than its migration, or if it
///  moved
///    within the last `cooldown` intervals.
///  * `steer` = 1: a new task that the scheduler would put on a labelled host goes to the least
///  loaded
///    unlabelled own one instead, if that one is not the busier of the two.
/// Without a detector it does nothing.
#pragma once

#include <lair/policy.hpp>

#include <map>
#include <vector>

namespace lair {

class OverloadMigration : public Remediator {
public:
  explicit OverloadMigration(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own,
              Decision& out) override;

private:
  /// A host as this decision leaves it.
  struct Place {
    const Host* host;
    bool labelled;
    double score;   ///< of its own LEI's detector
    double threads; ///< runnable, unexplained ones included
    double need;    ///< bytes
    double pressure(double more = 0) const { return (threads + more) / host->cores; }
  };

  void read(const Observation&, Actions placement, const DetectionView& own);
  Place* find(std::uint32_t id);
  bool relieved(const Place&) const;
  double room(const Host& host) const { return memory_ * host.ram; } ///< bytes to be filled
  void steer(const Observation&, Actions placement, Decision& out);
  void relieve(const Observation&, Place& from, Decision& out);
  Place* target(const Observation&, const Place& from, const TaskView&, double threads);
  double migration_time(const Observation&, const Host& from, const Host& to, double bytes) const;

  unsigned moves_, cooldown_;
  double fill_, memory_;
  bool steer_;
  std::vector<Place> places_;                       ///< by id
  std::map<std::uint64_t, std::uint32_t> moved_at_; ///< task -> interval of its last move
  double flops_ = 0;
};

} // namespace lair
