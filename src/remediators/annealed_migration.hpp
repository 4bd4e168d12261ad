/// Remediator `annealed-migration`: DRAGON's and DRAGON+'s (IEEE TNSM 2022, Alg. 2, lines 8 to 14, and
/// Alg. 3). Every broker looks for the set M of migrations, of all LEIs' tasks, that is best for the
/// federation (fictitious play on a twin of it), and then makes only its own part of it: its own tasks'
/// moves to other LEIs. Receivers accept. docs/dragon.md has every choice that the paper leaves open.
///
/// It works with any detector. Labels say which hosts' tasks may be moved; with `expected` and `scale` of
/// the detections (lair_detection) the number of anomalous hosts is forecast for every set, without them
/// each host's label stays what it is.
#pragma once

#include "remediators/annealer.hpp"
#include "remediators/migration_fitness.hpp"

#include <lair/policy.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace lair {

class AnnealedMigration : public Remediator {
public:
  explicit AnnealedMigration(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own,
              Decision& out) override;

private:
  using Moves = std::map<std::uint64_t, std::uint32_t>; ///< task -> host

  /// One step of Alg. 3's loop: the best moves on this observation, and the forecast of the twin under
  /// them as its base. False if nothing is labelled, so that nothing can be moved.
  bool step(const Observation&, TwinView&, Actions placement, const DetectionView* own,
            Strided<ReportView> detections, std::uint32_t k, Moves& merged);
  MoveSpace space_of(const Observation&, const std::vector<std::uint8_t>& sources) const;
  std::uint64_t seed_of(const Observation&, const MoveSpace&, std::uint32_t k);
  void apply(const Observation&, const Moves& merged, Decision& out);
  void note_step(const Observation&, std::uint32_t k, const Annealed&, const std::vector<Proposal>&);

  // In the order in which the options are read.
  FitnessOptions fitness_;
  AnnealingOptions annealing_;
  std::uint32_t look_ahead_;
  double discount_, budget_;
  bool shared_seeds_, inside_, every_task_, iterate_, record_;

  FitnessMaxima maxima_;
  double flops_ = 0;  ///< of this decision
  double memory_ = 0; ///< bytes charged so far
};

} // namespace lair
