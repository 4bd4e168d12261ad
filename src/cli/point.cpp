#include "cli/environment.hpp"
#include "cli/policy_spec.hpp"
#include "cli/result_guard.hpp"
#include "cli/run.hpp"
#include "cli/sweep_setup.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "record/folder_lock.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

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
  IntendedRun intended{"", scenario.resolved, scenario.hash, used_libraries(scenario.policy, run)};
  const std::string name = run_name(intended);
  intended.folder = run.out = root + "/runs/" + name;
  named(name);
  run.force = true; // the folder's name says that it is this run's, or nobody's
  while (true) {
    if (look_into(intended).state == FolderContent::State::complete) return exit_ok;
    if (!record::FolderLock::held(intended.folder)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50)); // another point of the same run
  }
  return watched(scenario.policy, false,
                 [&](CallMark* mark) { return execute_run(run, scenario, mark).exit_code; });
}

int run_point_command(const RunPointOptions& options) {
  return run_point_here(options.run, options.root, [](const std::string& name) {
    fmt::print("run {}\n", name);
    std::fflush(stdout);
  });
}

int point_command(const PointOptions& options) {
  SweepSetup setup(options.file, options.sets, options.out);
  if (options.index >= setup.plan().size())
    throw InputError("--index", "", fmt::format("there is no point {}", options.index),
                     fmt::format("0 to {}", setup.plan().size() - 1));
  const std::string why = sweep_in_the_way(setup);
  if (!why.empty()) throw InputError("--out", "", why, "another folder");
  const std::size_t index = options.index;
  const std::string key = setup.key(index);
  std::string name;
  const int code = run_point_here(setup.run(index), setup.out(),
                                  [&](const std::string& its_name) { name = its_name; });
  if (code != exit_ok) return code;
  // Found by `lair sweep --resume`, which has nothing left to do for this point.
  std::error_code error;
  std::filesystem::create_directories(setup.out() + "/points", error); // writing says what is wrong
  record::replace_file(setup.out() + "/points/" + key, name + "\n");
  const std::string folder = setup.out() + "/runs/" + name;
  if (options.json)
    fmt::print("{{\"point\": {}, \"label\": {}, \"run\": \"{}\", \"folder\": {}}}\n", index,
               record::json_quoted(setup.plan().label(index)), name, record::json_quoted(folder));
  else
    fmt::print("point {}: {}\nresults: {}\n", index, setup.plan().label(index), folder);
  return exit_ok;
}

} // namespace lair::cli
