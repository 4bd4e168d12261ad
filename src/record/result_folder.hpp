/// A run's result folder, written as the run goes (docs/results.md).
#pragma once

#include "model/event.hpp"
#include "record/run_record.hpp"
#include "record/summary.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lair::record {

class ResultFolder : public EventSink {
public:
  /// Creates the folder, removes the results of an earlier run from it, writes scenario.toml.
  /// RunError if it cannot.
  ResultFolder(std::string path, RunIdentity);
  ~ResultFolder() override;

  // Never throw: a failure to write is kept, and nothing more is written. Checks the run's
  // invariants.
  void on(const Event&) override;
  void on(const HostInterval&) override;
  void on(const IntervalTotals&) override;
  void on(const HostSample&) override;
  void on(const PolicyCharge&) override;
  void on(const PolicyNote&) override;

  /// False after a failure to write: the run should stop at the interval's end.
  bool writable() const;
  const MetricFold& metrics() const;
  /// Rows of what has not ended, then summary.json as the last file. RunError if anything could not
  /// be written. Call once, after the run.
  void finish(bool completed);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folder's name of a policy's run within a comparison: its options included, safe for a file.
std::string run_folder_name(const std::string& policy, std::uint64_t seed);

/// Every result file with its columns (empty for JSON), for the docs and their test.
struct ResultFile {
  std::string_view name, header;
};
std::vector<ResultFile> result_files();

} // namespace lair::record
