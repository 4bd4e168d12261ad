/// All runs of a sweep, in order, from its axes: seed by seed, so that a sweep cut short has all cells
/// for the first seeds; within a cell of the axes policy by policy, so that pairs are complete.
#pragma once

#include "scenario/sweep_table.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lair::sweep {

/// A policy and a row of each group of axes; with a seed it is a point.
struct Cell {
  std::uint32_t policy = 0;
  std::vector<std::uint32_t> rows; ///< one per group; `absent` where no axis is the policy's
};
inline constexpr std::uint32_t absent = std::numeric_limits<std::uint32_t>::max();

class Plan {
public:
  /// `policies`: at least one, as written. InputError for a policy's axis without its policy, a
  /// constraint that cannot be read, no point at all, or more than ten million.
  Plan(SweepTable table, std::vector<std::string> policies);

  std::size_t size() const { return cells_.size() * table_.seeds.size(); }
  const SweepTable& table() const { return table_; } ///< a drawn axis has a value per row by now
  const std::vector<std::string>& policies() const { return policies_; }
  const std::vector<Cell>& cells() const { return cells_; }
  std::size_t group_rows(std::size_t group) const { return rows_[group]; }
  std::uint64_t dropped() const { return dropped_; } ///< cells that a constraint dropped

  std::size_t cell_of(std::size_t point) const { return point % cells_.size(); }
  std::uint64_t seed_of(std::size_t point) const { return table_.seeds[point / cells_.size()]; }
  const std::string& policy_of(std::size_t point) const {
    return policies_[cells_[cell_of(point)].policy];
  }
  /// Null where the axis is not of the cell's policy.
  const AxisValue* value(const Cell& cell, std::size_t axis) const;
  /// key=value, as for --set.
  std::vector<std::string> assignments(const Cell& cell) const;
  /// "policy none, seed 3, faults.rate 0.5"
  std::string label(std::size_t point) const;

private:
  void find_doubles(std::vector<Diagnostic>& wrong) const;
  void draw();
  void cross();

  SweepTable table_;
  std::vector<std::string> policies_;
  std::vector<std::size_t> rows_;     ///< by group
  std::vector<std::size_t> group_of_; ///< by axis
  std::vector<Cell> cells_;
  std::uint64_t dropped_ = 0;
};

/// "dragon" of "dragon:k=5"
std::string policy_name(const std::string& spec);
/// "k" of "dragon:k=5"
std::vector<std::string> option_names(const std::string& spec);

/// Drops the cells for which a constraint is false; where it is NULL, since an axis is not of the
/// cell's policy, the cell stays.
void apply_constraints(const Plan& plan, std::vector<Cell>& cells);

} // namespace lair::sweep
