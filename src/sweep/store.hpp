/// The results of a sweep in one SQLite file (docs/sweeps.md): what each point is, which run it got,
/// what the run came to and what it cost. Written by one process at a time, in transactions; a reader
/// may look at any moment.
#pragma once

#include "record/summary.hpp"
#include "sweep/plan.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lair::sweep {

/// What a point's run came to. Points of equal scenario, seed and policy share one.
struct StoredRun {
  std::string run;               ///< its name: the folder is runs/<run>
  std::string status = "done";   ///< done, failed or timeout
  int exit_code = 0;             ///< 128 + signal if one ended it
  std::string message;           ///< of a run that failed
  std::string files;             ///< of one that is done: record::manifest()
  record::Summary summary;       ///< likewise
  record::Cost cost;
};

/// What the sweep was made from; the file's text, the base scenario's hash, the program.
using Facts = std::vector<std::pair<std::string, std::string>>;

class Store {
public:
  struct Counts {
    std::size_t points = 0, done = 0, failed = 0;
  };

  /// Opens or creates the file and lays the plan's points down. `key(point)` says what the point is:
  /// points of an earlier plan with the same key keep their run if it is done; what belongs to no
  /// point any more, and what failed, is forgotten. RunError if the file cannot be used.
  Store(const std::string& file, const Plan& plan, const Facts& facts,
        const std::function<std::string(std::size_t)>& key);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  bool done(std::size_t point) const;
  const std::string& run_of(std::size_t point) const; ///< of a point that is done or has failed
  std::string files_of(std::size_t point);            ///< of one that is done: record::manifest()
  void forget(std::size_t point);                     ///< its run is not there any more
  /// Keeps it in memory until the transaction ends: every second, or at commit().
  void add(std::size_t point, const StoredRun&);
  void commit();
  Counts counts() const;
  /// 32 hex digits over everything but costs, files and `sweep`: the same for the same sweep and program,
  /// in whatever order its runs ended.
  std::string digest();

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A fact of a store that is there; empty if the file or the fact is not. RunError if the file is no
/// store.
std::string read_fact(const std::string& file, const std::string& key);

/// Whether any run of it has ended, well or not. RunError likewise.
bool has_runs(const std::string& file);

/// The column of a metric: its name with '_' for '.'.
std::string metric_column(record::Metric);

} // namespace lair::sweep
