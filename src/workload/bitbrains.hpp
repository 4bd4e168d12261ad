/// GWA-T-12 traces of virtual machines (Bitbrains), as arrivals and sizes of tasks. One file is one
/// machine; a row is a sample, by default of five minutes: timestamp, cores, capacity and usage of
/// the CPU in MHz, usage in percent, memory provisioned and used in KB, disk read and written, network
/// received and sent in KB/s, with semicolons between.
#pragma once

#include "workload/workload.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lair {

struct VmSample {
  double time = 0; ///< s since 1970
  double cores = 0, usage_mhz = 0, usage_share = 0;
  double memory_used = 0;                     ///< B
  double disk_read = 0, disk_write = 0;       ///< B/s
  double net_received = 0, net_sent = 0;      ///< B/s
};

struct VmTrace {
  std::string name;
  std::vector<VmSample> samples; ///< in order of time
};

/// InputError with file and line if it is none. `name`: of the machine; `file`: for messages.
VmTrace read_bitbrains(std::string_view text, const std::string& name, const std::string& file);

struct BitbrainsMapping {
  std::uint32_t leis = 4;       ///< machines enter lei1, lei2, ... in turn
  double idle_share = 0.05;     ///< of the capacity; a sample below it is no work
  Seconds longest{300};         ///< samples in a row are one task up to this length
  double flops_per_cycle = 1;
  double work_scale = 1, memory_scale = 1;
  /// Share of the resident memory that each image (1 GFLOP) touches; swapped parts are read back.
  /// As resnet18 of AIoTBench: 13 % for 3.64 GFLOP.
  double touched = 0.036;
  Seconds from{0}, length{std::numeric_limits<double>::infinity()}; ///< of the trace
};

/// A task for each stretch of busy samples, an application for each machine that has any. Times begin
/// at `from` after the first sample of all machines. Application and LEI are indices.
Workload tasks_of(const std::vector<VmTrace>&, const BitbrainsMapping&);

} // namespace lair
