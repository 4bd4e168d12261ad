/// Remediator `reference-migration`: what the public Python code of the baselines does about the hosts that it
/// has picked, its errors included. Not what the papers say (docs/baselines.md). Of every labelled own host the
/// task with the least memory moves, once an interval, to the `target`:
///   fastest     the host to which the memory takes the least time, by network interfaces alone, whether it      PBFM, ECLB
///               has room or not: where all interfaces are alike, always the first of the federation
///   least-cpu   the one that uses the least CPU, of those with room                                  TBAFT, FDMR
///   first-fit   the first one with room                                                      IoTEF, TopoMAD, Medusa
#pragma once

#include <lair/policy.hpp>

namespace lair {

class ReferenceMigration : public Remediator {
public:
  explicit ReferenceMigration(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  enum class Target { fastest, least_cpu, first_fit };
  const Host* target(const Observation&, const TaskView&) const;
  Target target_;
};

} // namespace lair
