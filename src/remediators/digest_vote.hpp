/// Remediator `digest-vote`, of Medusa (Costa et al. 2016): to bear f faulty clouds, every task runs on f + 1
/// LEIs and is finished when f + 1 results are equal. As long as fewer are, as many runs are kept going
/// undisturbed as are missing: one more, on another LEI, for each result that differs, each run that is lost
/// and each that takes `timeout` times as long as predicted. Runs go where they are predicted to end first,
/// by a regression for each LEI; a LEI's faults in the past count against it.
/// docs/baselines.md has what the paper leaves open.
///
///   option      meaning                                                             default
///   f           faulty LEIs to bear                                                   1
///   timeout     a run that takes so many times its prediction counts as lost          3
///   forgetting  of the regressions, by run, and of LEIs' faults, by interval          0.98
/// It needs no detector; with one, labelled hosts get no run.
#pragma once

#include "remediators/completion_model.hpp"
#include "remediators/load_board.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace lair {

class DigestVote : public Remediator {
public:
  explicit DigestVote(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  struct Run {
    std::uint32_t host, lei;
    double began, predicted; ///< seconds
    CompletionModel::Features features;
    bool late = false;    ///< timed out; it may still deliver
    bool over = false;    ///< delivered, lost or refused
    bool delivered = false;
  };
  struct Job {
    std::vector<Run> runs;
    bool seen = false;
  };
  struct Cloud {
    CompletionModel model;
    double faults = 0;
  };
  void hear(const Observation&);
  void watch(const Observation&, const std::vector<const TaskView*>& rows, Job&);
  /// Starts `missing` runs more; queued tasks are placed first.
  void start(const Observation&, LoadBoard&, Actions placement, const std::vector<const TaskView*>& rows,
             Job&, std::uint32_t missing, Decision&);
  CompletionModel::Features features(const Observation&, const LoadBoard&, const TaskView&,
                                     const LoadBoard::Place&) const;

  std::uint32_t f_;
  double timeout_, forgetting_;
  std::map<std::uint64_t, Job> jobs_;     ///< by task; of this LEI
  std::map<std::uint32_t, Cloud> clouds_; ///< by LEI
  double flops_ = 0, memory_ = 0;
};

} // namespace lair
