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

/// Time of the earliest sample, without keeping any. InputError as read_bitbrains().
double first_time(std::string_view text, const std::string& file);

/// Makes tasks of machines one after the other, so that only one need be in memory: a task for each
/// stretch of busy samples, an application for each machine that has any.
class BitbrainsTasks {
public:
  /// `first`: time of the earliest sample of all machines; the workload begins `from` after it.
  BitbrainsTasks(const BitbrainsMapping& mapping, double first)
      : mapping_(mapping), begin_(first + mapping.from.value), end_(begin_ + mapping.length.value) {}
  void add(const VmTrace&);
  Workload finish() &&; ///< tasks in order of time; LEIs and applications are indices

private:
  BitbrainsMapping mapping_;
  double begin_, end_;
  std::uint32_t machines_ = 0;
  Workload out_;
};

} // namespace lair
