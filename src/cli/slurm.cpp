#include "cli/slurm.hpp"

#include "cli/programs.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

namespace lair::cli::slurm {

namespace {

std::string tidy(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

ProgramResult ask(std::vector<std::string> words) {
  const std::string program = words.front();
  if (find_program(program).empty())
    throw InputError("--slurm", "", fmt::format("there is no program {} on this computer", program),
                     "a computer that Slurm takes jobs from, or apt install slurm-client");
  return run_program(std::move(words));
}

} // namespace

std::size_t largest_array() {
  constexpr std::size_t usual = 1001; // of a Slurm that was told nothing else
  const ProgramResult config = ask({"scontrol", "show", "config"});
  if (config.exit_code != 0)
    throw InputError("--slurm", "", "Slurm does not answer: " + tidy(config.messages),
                     "`scontrol ping` says more");
  std::istringstream lines(config.output);
  std::string key, sign, value;
  for (std::string line; std::getline(lines, line);)
    if (std::istringstream words(line); words >> key >> sign >> value && key == "MaxArraySize") {
      const std::size_t size = std::strtoull(value.c_str(), nullptr, 10);
      if (size == 0)
        throw InputError("--slurm", "", "this cluster takes no job arrays (MaxArraySize = 0)",
                         "`lair point` under another runner");
      return size;
    }
  return usual;
}

std::string submit(std::vector<std::string> words) {
  const ProgramResult result = ask(std::move(words));
  if (result.exit_code != 0)
    throw InputError("--slurm", "", tidy(result.messages),
                     "--sbatch-args for what the cluster wants; --array-tasks N for fewer tasks");
  const std::string job = result.output.substr(0, result.output.find_first_of(";\n")); // ID[;CLUSTER]
  if (job.empty() || job.find_first_not_of("0123456789") != std::string::npos)
    throw InputError("--slurm", "", fmt::format("sbatch names no job: '{}'", tidy(result.output + result.messages)),
                     "--sbatch-args without what keeps sbatch from submitting, such as --test-only");
  return job;
}

JobState look(const std::string& job) {
  const ProgramResult queue =
      ask({"squeue", "-h", "-t", "PD,R,S,CG,CF,ST", "-j", job, "-o", "%t %r"});
  JobState state;
  // It has been forgotten (MinJobAge); anything else is a controller that does not answer.
  state.answered =
      queue.exit_code == 0 || queue.messages.find("Invalid job id") != std::string::npos;
  std::istringstream lines(queue.output);
  std::string status, reason;
  while (lines >> status && std::getline(lines >> std::ws, reason)) {
    state.there = true;
    if (status == "R" || status == "CF") ++state.running;
    if (status == "PD" && (reason.find("Held") != std::string::npos || reason.find("held") != std::string::npos))
      state.held = reason;
  }
  return state;
}

std::string cancel(const std::string& job) {
  const ProgramResult result = ask({"scancel", job});
  return result.exit_code == 0 ? std::string() : tidy(result.messages);
}

} // namespace lair::cli::slurm
