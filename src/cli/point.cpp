#include "cli/environment.hpp"
#include "cli/policy_spec.hpp"
#include "cli/result_guard.hpp"
#include "cli/run.hpp"
#include "cli/sweep_point.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "record/folder_lock.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

namespace lair::cli {

namespace {

/// Scenario, seed, policy and its libraries: what makes a run what it is.
std::string run_name(const IntendedRun& run) {
  std::string all = run.resolved_scenario;
  for (const auto& library : run.libraries) all += library.hash + "\n";
  return hash128_hex(all).substr(0, 16);
}

} // namespace

int run_point_here(RunOptions run, const std::string& root,
                   const std::function<void(const std::string&)>& named) {
  const Scenario scenario = read_run_scenario(run);
  IntendedRun intended{"", scenario.resolved, scenario.hash, used_libraries(scenario.policy, run),
                       policy_notes(scenario.policy, scenario.federation)};
  const std::string name = run_name(intended);
  intended.folder = run.out = root + "/runs/" + name;
  named(name);
  run.force = true; // the folder's name says that it is this run's, or nobody's
  while (true) {
    if (look_into(intended).state == FolderContent::State::complete) return exit_ok;
    if (!record::FolderLock::held(intended.folder)) {
      try {
        return watched(scenario.policy, false,
                       [&](CallMark* mark) { return execute_run(run, scenario, mark).exit_code; });
      } catch (const InputError&) {
        // It was locked just now, or that other run has ended already.
        if (!record::FolderLock::held(intended.folder) &&
            look_into(intended).state != FolderContent::State::complete)
          throw;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50)); // another point of the same run
  }
}

int run_point_command(const RunPointOptions& options) {
  return run_point_here(options.run, options.root, [](const std::string& name) {
    fmt::print("run {}\n", name);
    std::fflush(stdout);
  });
}

namespace {

/// What the sweep in the folder has that this one does not. While an array of Slurm is under way it
/// stands in a file: the store is being written, on another machine perhaps.
std::string in_the_way(const SweepSetup& setup) {
  const std::string now = content(setup.out() + "/slurm/sweep");
  if (now.empty()) return sweep_in_the_way(setup);
  return now == fmt::format("{}\n{}\n", setup.name(), program_hash())
             ? ""
             : fmt::format("'{}' holds another sweep, or results of another build of lair", setup.out());
}

/// Where another try, or another machine, may do better: the file system failed, or somebody
/// killed the run, as the kernel does when memory ends.
bool may_pass(const sweep::StoredRun& run) {
  return run.status == "failed" && (run.exit_code == exit_failed_run || run.exit_code == 128 + SIGKILL);
}

void print_point(const SweepSetup& setup, const PointOptions& options, const std::string& name) {
  const std::string folder = setup.out() + "/runs/" + name;
  if (options.json)
    fmt::print("{{\"point\": {}, \"label\": {}, \"run\": \"{}\", \"folder\": {}}}\n", options.index,
               record::json_quoted(setup.plan().label(options.index)), name, record::json_quoted(folder));
  else
    fmt::print("point {}: {}\nresults: {}\n", options.index, setup.plan().label(options.index), folder);
}

/// The point in a process of its own, so that this one can say what became of it; nothing if it was
/// interrupted.
std::optional<sweep::StoredRun> run_point(const SweepSetup& setup, const std::string& key,
                                          std::size_t index, double time_limit) {
  std::optional<Job> job = point_job(setup, index, setup.out());
  std::optional<sweep::StoredRun> run;
  JobStream stream;
  stream.time_limit = time_limit;
  stream.keep_output = true;
  stream.next = [&] { return std::exchange(job, std::nullopt); };
  stream.done = [&](std::size_t, const JobResult& result) {
    std::fputs(result.messages.c_str(), stderr);
    run = outcome(setup, key, result);
  };
  if (run_stream(stream) && run && run->status != "done") return {}; // told to end
  return run;
}

} // namespace

int point_command(const PointOptions& options) {
  SweepSetup setup(options.file, options.sets, options.out, options.index);
  if (options.index >= setup.plan().size())
    throw InputError("--index", "", fmt::format("there is no point {}", options.index),
                     fmt::format("0 to {}", setup.plan().size() - 1));
  const double time_limit = time_limit_of(setup, options.time_limit);
  const std::string why = in_the_way(setup);
  if (!why.empty()) throw InputError("--out", "", why, "another folder");
  const std::size_t index = options.index;
  const std::string key = setup.key(index);
  // Found by `lair sweep --resume`, which has nothing left to do for this point.
  const std::string file = point_file(setup, key);
  if (const auto record = read_record(file); record && record->status == "done")
    if (recorded_run(setup, *record)) {
      print_point(setup, options, record->run);
      return exit_ok;
    }
  const auto run = run_point(setup, key, index, time_limit);
  if (!run) return exit_interrupted;
  const bool again = may_pass(*run);
  try {
    std::error_code error;
    std::filesystem::create_directories(setup.out() + "/points", error); // writing says what is wrong
    write_record(file, {again ? try_again : run->status, run->exit_code, run->run, run->message});
  } catch (const RunError& failure) {
    std::fprintf(stderr, "lair: %s\n", failure.what());
    return exit_try_again;
  }
  if (run->status == "done") {
    print_point(setup, options, run->run);
    return exit_ok;
  }
  if (run->status == "timeout") std::fprintf(stderr, "lair: the run was ended: the time limit\n");
  if (again) return exit_try_again;
  return run->status == "timeout" ? exit_failed_run : run->exit_code;
}

} // namespace lair::cli
