#include "cli/result_guard.hpp"

#include "cli/environment.hpp"
#include "cli/run.hpp"
#include "core/error.hpp"
#include "record/comparison.hpp"
#include "record/result_folder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;
using State = FolderContent::State;

/// The first name in order, so that the message is the same each time; empty if there is none.
std::string first_name(const std::string& folder) {
  std::string first;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto name = it->path().filename().string(); first.empty() || name < first)
      first = name;
  return first;
}

void refuse_file(const std::string& path, const fs::file_status& status) {
  if (!fs::is_directory(status))
    throw InputError("--out", "", fmt::format("'{}' is a file", path), "the path of a folder");
}

bool is_result(const std::string& folder) {
  std::error_code error;
  return fs::exists(folder + "/scenario.toml", error) &&
         (fs::exists(folder + "/intervals.csv", error) ||
          fs::exists(folder + "/summary.json", error));
}

std::string no_result_of_lair(const std::string& folder) {
  return fmt::format("'{}' is not empty and no result of lair: '{}' is in it", folder,
                     first_name(folder));
}

/// In what the result of another run differs, as far as its summary tells.
std::string other_run(const IntendedRun& run, const std::optional<record::Summary>& there) {
  const std::string& folder = run.folder;
  if (!there)
    return fmt::format("'{}' holds the unfinished result of another scenario, seed or policy",
                       folder);
  if (there->scenario_hash != run.scenario_hash)
    return fmt::format("'{}' holds a result of another scenario: '{}' with hash {}, not {}", folder,
                       there->scenario_name, there->scenario_hash, run.scenario_hash);
  return fmt::format("'{}' holds a result of another seed or policy: seed {}, policy '{}'", folder,
                     there->seed, there->policy);
}

/// Why a complete result of this run is not what it would be now; empty if it is.
std::string other_program(const IntendedRun& run) {
  const record::Origin origin = record::read_origin(run.folder);
  if (origin.program != program_hash())
    return fmt::format("'{}' holds a result of another build of lair{}", run.folder,
                       origin.lair_version.empty() ? "" : " (" + origin.lair_version + ")");
  for (const auto& library : run.libraries)
    if (std::none_of(
            origin.libraries.begin(), origin.libraries.end(),
            [&](const auto& one) { return one.name == library.name && one.hash == library.hash; }))
      return fmt::format("'{}' holds a result of another build of the policy library {}",
                         run.folder, library.name);
  if (!run.policy_notes.empty() && origin.policy_notes != run.policy_notes)
    return fmt::format("'{}' holds a result with another model: {}, not {}", run.folder,
                       fmt::join(origin.policy_notes, ", "), fmt::join(run.policy_notes, ", "));
  return {};
}

} // namespace

FolderContent look_into(const IntendedRun& run) {
  std::error_code error;
  const auto status = fs::status(run.folder, error);
  if (!fs::exists(status)) return {};
  refuse_file(run.folder, status);
  if (fs::is_empty(run.folder, error)) return {};
  if (!is_result(run.folder)) {
    // Cut short before its first table.
    if (content(run.folder + "/scenario.toml") == run.resolved_scenario)
      return {State::unfinished, {}};
    return {State::other, no_result_of_lair(run.folder)};
  }
  std::optional<record::Summary> summary;
  try {
    summary = record::read_summary(run.folder);
  } catch (const InputError&) {
    return {State::other, fmt::format("'{}/summary.json' cannot be read", run.folder)};
  }
  if (content(run.folder + "/scenario.toml") != run.resolved_scenario)
    return {State::other, other_run(run, summary)};
  if (!summary || !summary->completed) return {State::unfinished, {}};
  if (const std::string damaged = record::damaged_file(run.folder, *summary); !damaged.empty())
    return {State::other, fmt::format("'{}' is damaged: '{}' is not as it was written", run.folder, damaged)};
  if (const std::string why = other_program(run); !why.empty()) return {State::other, why};
  return {State::complete, fmt::format("'{}' holds a complete result", run.folder)};
}

void protect_scenario(const std::string& scenario, const std::string& folder) {
  std::error_code error;
  if (fs::equivalent(scenario, folder + "/scenario.toml", error) && !error)
    throw InputError("--out", "", fmt::format("'{}' is the folder of the scenario itself", folder),
                     "another folder");
}

std::string comparison_in_the_way(const std::string& folder, const std::string& scenario_hash) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (!fs::exists(status)) return {};
  refuse_file(folder, status);
  if (fs::is_empty(folder, error)) return {};
  const std::string hash = record::read_comparison_hash(folder);
  if (!hash.empty() && hash != scenario_hash)
    return fmt::format("'{}' holds a comparison of another scenario: hash {}, not {}", folder, hash,
                       scenario_hash);
  if (!hash.empty()) return {};
  if (is_result(folder)) return fmt::format("'{}' holds the result of a single run", folder);
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (is_result(it->path().string())) return {}; // cut short, or single runs
  return no_result_of_lair(folder);
}

void refuse_to_overwrite(const std::string& file, bool force) {
  std::error_code error;
  if (!file.empty() && !force && fs::is_regular_file(file, error))
    throw InputError("--out", "", fmt::format("'{}' is there already", file),
                     "another name, or --force to replace it");
}

} // namespace lair::cli
