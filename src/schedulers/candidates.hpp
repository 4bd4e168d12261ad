/// What all simple schedulers share: which hosts may take a task, and how loaded they are, kept up
/// to date while one decision is being made.
#pragma once

#include <lair/policy.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lair {

enum class Scope { lei, federation };    ///< which hosts are considered
enum class LoadMeasure { threads, cpu }; ///< how load is known
enum class Admission { swap, ram };      ///< what a host may be filled with

/// Option `scope`: "lei" (default) or "federation".
Scope scope_option(PolicyContext& context);
/// Option `admit`: "swap" (default) or "ram".
Admission admission_option(PolicyContext& context);

class Candidates {
public:
  explicit Candidates(Admission admission = Admission::swap) : admission_(admission) {}

  /// Hosts of the scope that are alive and run tasks, by ascending id. `threads`: a host's load is
  /// the threads of the tasks that the observation places on it, plus the unexplained ones, per
  /// core; for other LEIs' hosts the reported pressure. `cpu`: its share of CPU in use over the
  /// last interval. Both grow by what assign() adds.
  void reset(const Observation& observation, Scope scope, LoadMeasure measure);

  /// Indices of hosts on which the task fits into RAM; if there is none and swap may be used, those on
  /// which it fits into RAM and swap; ascending by host id. Valid until the next call.
  const std::vector<std::uint32_t>& feasible(const TaskView& task);
  void assign(std::uint32_t index, const TaskView& task, const ApplicationView& application);

  std::uint32_t id(std::uint32_t index) const { return entries_[index].id; }
  /// Load after a task of `threads` more threads were there.
  double load_with(std::uint32_t index, double threads) const {
    const Entry& entry = entries_[index];
    return entry.load + threads / entry.cores;
  }
  bool own(std::uint32_t index) const { return entries_[index].own; }
  std::size_t size() const { return entries_.size(); }
  /// Additions, comparisons and divisions since reset().
  double flops() const { return flops_; }

private:
  struct Entry {
    std::uint32_t id;
    bool own;
    double cores, load, need, ram, swap;
  };
  Admission admission_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> feasible_;
  double flops_ = 0;
};

} // namespace lair
