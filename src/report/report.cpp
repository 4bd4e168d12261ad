#include "report/report.hpp"

#include "core/error.hpp"
#include "report/escape.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lair::report {

namespace {
namespace fs = std::filesystem;
}

std::string_view to_string(FolderKind kind) {
  switch (kind) {
  case FolderKind::run: return "run";
  case FolderKind::comparison: return "comparison";
  case FolderKind::sweep: break;
  }
  return "sweep";
}

FolderKind folder_kind(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error))
    throw InputError(folder, "", "is not there", "a folder that `lair run`, `compare` or `sweep` has written");
  if (!fs::is_directory(folder, error))
    throw InputError(folder, "", "is no folder", "the folder that it lies in");
  if (fs::exists(folder + "/sweep.db", error)) return FolderKind::sweep;
  if (fs::exists(folder + "/compare.json", error)) return FolderKind::comparison;
  if (fs::exists(folder + "/summary.json", error) || fs::exists(folder + "/scenario.toml", error))
    return FolderKind::run;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (fs::exists(it->path() / "scenario.toml", error))
      throw InputError(folder, "", "holds runs, but no compare.json and no sweep.db: it was cut short, or they are single runs",
                       "`lair compare --resume` to finish a comparison, or the folder of one run");
  throw InputError(folder, "", "is no result of lair: no summary.json, compare.json or sweep.db",
                   "a folder that `lair run`, `compare` or `sweep` has written");
}

Page make_page(const std::string& folder, const MetricChoice& metrics) {
  switch (folder_kind(folder)) {
  case FolderKind::run: return run_page(folder, metrics);
  case FolderKind::comparison: return comparison_page(folder, metrics);
  case FolderKind::sweep: break;
  }
  return sweep_page(folder, metrics);
}

} // namespace lair::report
