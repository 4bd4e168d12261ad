/// What Lair asks of Slurm, through Slurm's own programs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lair::cli::slurm {

/// The most tasks of one job array that the cluster takes. InputError if there is no Slurm here.
std::size_t largest_array();

/// sbatch with these words; the job's number. InputError with what sbatch says, since it is mostly about
/// the words.
std::string submit(std::vector<std::string> words);

struct JobState {
  bool answered = false; ///< false: the controller could not be asked just now
  bool there = false;    ///< waiting, running or ending
  std::size_t running = 0;
  std::string held; ///< why tasks of it wait for a person; empty if none does
};
JobState look(const std::string& job);

/// Empty, or why the job could not be cancelled.
std::string cancel(const std::string& job);

} // namespace lair::cli::slurm
