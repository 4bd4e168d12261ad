/// A policy as the command line names it: a name or a library, and options of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lair::cli {

/// "overload-migration:cooldown=2:moves=1", "none:detector=topomad:remediator=annealed-migration"
struct PolicySpec {
  std::string name;
  /// Of these, scheduler, detector and remediator are roles that take the place of the policy's own.
  std::vector<std::pair<std::string, std::string>> options;

  std::string suffix() const; ///< ":cooldown=2:moves=1", or nothing
};

/// InputError (as `option`: "--policy") without a name, or with an option that has none.
PolicySpec parse_policy(const std::string& text, const std::string& option);

/// The policies of --policies lists, with commas between. InputError if one is empty.
std::vector<std::string> split_policies(const std::vector<std::string>& lists);

} // namespace lair::cli
