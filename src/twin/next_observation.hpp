/// The start of the next interval as the twin foresees it, as an observation: what looking ahead by
/// more than one interval stands on. docs/twin.md names what it leaves out.
#pragma once

#include "model/observation.hpp"
#include "twin/twin.hpp"

#include <cstdint>
#include <vector>

namespace lair {

/// Owns what it makes; making it again needs no memory once it has had room for as much.
class NextObservation {
public:
  NextObservation() = default;
  NextObservation(const NextObservation&) = delete;
  NextObservation& operator=(const NextObservation&) = delete;

  /// `twin` is loaded with `seen`, possibly shortened to what is left of its interval, and has a base
  /// decision. What it does not change (names, applications, LEIs) stays where `seen` has it.
  const lair_observation& make(const lair_observation& seen, Twin& twin);
  const lair_observation& raw() const { return raw_; }

private:
  struct Told { ///< the tasks of one LEI's report
    std::uint32_t lei = 0;
    std::vector<lair_task> tasks;
  };
  void add_tasks(const lair_observation& seen, const Twin& twin);
  /// False: it has ended.
  bool advance_task(const Twin& twin, std::uint32_t i, const lair_task& before, lair_task& after);
  void add_hosts(const lair_observation& seen, const Twin& twin);
  void add_reports();

  lair_observation raw_{};
  std::vector<lair_host> hosts_;
  std::vector<double> windows_;
  std::vector<lair_task> tasks_;
  std::vector<lair_report> reports_;
  std::vector<Told> told_; ///< the first told_count_ are in use
  std::size_t told_count_ = 0;
  std::vector<double> left_;    ///< flops, by the twin's task
  std::vector<double> needs_;   ///< bytes, by row
  std::vector<twin::TaskEnd> ends_; ///< scratch
  twin::HostResult result_;         ///< scratch
};

} // namespace lair
