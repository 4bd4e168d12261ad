/// A sweep file made ready to run, for `sweep` and `point`: its plan, its folder, the names of its
/// points.
#pragma once

#include "cli/commands.hpp"
#include "scenario/scenario.hpp"
#include "sweep/plan.hpp"
#include "sweep/store.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lair::cli {

class SweepSetup {
public:
  /// Reads and plans; InputError for everything that is wrong with the file and with the scenario as
  /// each policy would run it. Values of axes are checked by check_values().
  /// With `only`, a point's number, other points' policies are not looked at: for that point's key and run.
  SweepSetup(std::string file, std::vector<std::string> sets, std::string out,
             std::optional<std::size_t> only = std::nullopt);

  const sweep::Plan& plan() const { return plan_; }
  const std::string& name() const { return base_.name; }
  const std::string& out() const { return out_; }
  std::string store() const { return out_ + "/sweep.db"; }
  sweep::Facts facts() const;

  RunOptions run(std::size_t point) const; ///< without its folder
  bool learned(std::size_t point) const { return learned_[plan_.cells()[plan_.cell_of(point)].policy]; }
  /// Every value of every axis alone, drawn ones at the ends of their range: what is wrong with one
  /// stands in hundreds of points. InputError with all of it.
  void check_values();
  /// 32 hex digits: base scenario, policy, its library, its model, values, files that values name, seed.
  std::string key(std::size_t point);

private:
  bool zipped(const SweepAxis&) const;
  void check_zips(std::vector<Diagnostic>& wrong) const;
  RunOptions run_of(const std::string& policy, const std::vector<std::string>& sets) const;
  std::string resolved_hash(const RunOptions&) const;
  const std::string& cell_digest(std::size_t cell);
  std::string value_digest(const sweep::Cell&, std::size_t axis);
  /// Which model a learned policy loads in this cell: that follows from all of its options and the platform.
  std::string model_notes(const sweep::Cell&);

  std::string file_;
  std::vector<std::string> sets_; ///< without those of [sweep]
  Scenario base_;
  std::string out_;
  sweep::Plan plan_;
  std::vector<bool> learned_; ///< by policy
  std::vector<std::string> policy_digests_, cell_digests_;
  std::map<std::string, std::string> value_digests_; ///< of texts, which may name files
  std::map<std::string, std::string> model_notes_;   ///< by what they follow from
};

/// What the sweep in this folder has that this one cannot go on with; empty if nothing.
std::string sweep_in_the_way(const SweepSetup&);

/// Runs one point in this process, in the folder `root`/runs/<name>; `named` is told the name before
/// anything else. A run that is complete there is not repeated; one that another process writes is
/// waited for.
int run_point_here(RunOptions run, const std::string& root,
                   const std::function<void(const std::string& name)>& named);

} // namespace lair::cli
