#include "report/load_comparison.hpp"

#include "core/error.hpp"
#include "record/result_folder.hpp"

#include <fmt/format.h>

namespace lair::report {

LoadedComparison load_comparison(const std::string& folder) {
  auto comparison = record::read_comparison(folder);
  if (!comparison)
    throw InputError(folder, "", "has no compare.json", "the folder of a comparison");
  LoadedComparison out{std::move(*comparison), {}, {}};
  for (const auto& policy : out.comparison.policies) {
    out.runs.emplace_back();
    for (const auto seed : out.comparison.seeds) {
      std::string problem;
      auto run = load_run(folder + "/" + record::run_folder_name(policy, seed), problem);
      if (!run) out.problems.push_back(problem);
      else out.problems.insert(out.problems.end(), run->problems.begin(), run->problems.end());
      out.runs.back().push_back(std::move(run));
    }
  }
  return out;
}

} // namespace lair::report
