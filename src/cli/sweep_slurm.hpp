/// The points of a sweep as a job array of Slurm, and the wait for what `lair point` leaves of them.
#pragma once

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/sweep_point.hpp"

#include <functional>
#include <string>
#include <vector>

namespace lair::cli {

/// The array of this sweep that Slurm has still to do with; empty if there is none, or no Slurm to ask.
std::string slurm_job_under_way(const SweepSetup&);

struct SlurmSweep {
  SweepSetup& setup;
  const SweepOptions& options;
  Progress& progress;
  std::function<void(std::size_t point, const sweep::StoredRun&)> take; ///< as points come in
};
struct SlurmEnd {
  bool interrupted = false;
  std::size_t lost = 0; ///< points that nothing came of
};
/// Waits for an array of this sweep that is still there, then runs what is left of `points` by another.
/// An interrupt cancels the array.
SlurmEnd run_on_slurm(const SlurmSweep&, const std::vector<std::size_t>& points);

} // namespace lair::cli
