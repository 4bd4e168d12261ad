/// GWA-T-12 traces become tasks: every number of a small trace by hand.
#include "core/error.hpp"
#include "workload/bitbrains.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace lair;

namespace {

const std::string header =
    "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\t"
    "Memory capacity provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\tDisk write "
    "throughput [KB/s];\tNetwork received throughput [KB/s];\tNetwork transmitted throughput [KB/s]\n";

/// Two cores of 1000 MHz, at `share` of them.
std::string row(double time, double share, double memory_kb = 1000, double read = 0, double received = 0,
                double sent = 0) {
  return fmt::format("{};\t2;\t2000;\t{};\t{};\t4000000;\t{};\t{};\t5;\t{};\t{}\r\n", time, 2000 * share,
                     100 * share, memory_kb, read, received, sent);
}

VmTrace machine(const std::string& rows, const std::string& name = "vm1") {
  return read_bitbrains(header + rows, name, name + ".csv");
}

Workload tasks_of(const std::vector<VmTrace>& machines, const BitbrainsMapping& mapping) {
  double first = machines.front().samples.front().time;
  for (const auto& vm : machines) first = std::min(first, vm.samples.front().time);
  BitbrainsTasks tasks(mapping, first);
  for (const auto& vm : machines) tasks.add(vm);
  return std::move(tasks).finish();
}

void check_refused(const std::string& text, const std::string& where) {
  INFO(text);
  try {
    read_bitbrains(text, "vm1", "1.csv");
    FAIL("was read");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find(where) != std::string::npos);
  }
}

} // namespace

TEST_CASE("rows are read with seconds or milliseconds, with and without a header, in any order") {
  const std::string rows = row(1376314846, 0.5, 2000, 3, 7, 11) + "\n" + row(1376315146, 0.25);
  const auto vm = machine(rows);
  REQUIRE(vm.samples.size() == 2);
  CHECK(vm.samples[0].time == 1376314846);
  CHECK(vm.samples[0].cores == 2);
  CHECK(vm.samples[0].usage_mhz == 1000);
  CHECK(vm.samples[0].usage_share == 0.5);
  CHECK(vm.samples[0].memory_used == 2000 * 1024);
  CHECK(vm.samples[0].disk_read == 3 * 1024);
  CHECK(vm.samples[0].disk_write == 5 * 1024);
  CHECK(vm.samples[0].net_received == 7 * 1024);
  CHECK(vm.samples[0].net_sent == 11 * 1024);
  CHECK(read_bitbrains(row(1376314846000, 0.5), "vm", "x").samples[0].time == 1376314846);
  const auto turned = machine(row(600, 0.5) + row(300, 0.25));
  CHECK(turned.samples[0].time == 300);
  CHECK(first_time(header + row(600, 0.5) + row(300, 0.25), "x") == 300);
}

TEST_CASE("what is no such trace is refused with its line") {
  check_refused("", "no samples");
  check_refused(header, "no samples");
  check_refused(header + row(0, 0.1) + "1;2;3\n", "1.csv:3:1");
  check_refused("time,cpu\n1,2\n", "1.csv:1:1");
  check_refused(header + "0;2;2000;x;50;1;1;1;1;1;1\n", "1.csv:2:1");
  check_refused(header + "0;2;2000;-3;50;1;1;1;1;1;1\n", "a number is below 0");
  check_refused(header + "0;2;2000;nan;50;1;1;1;1;1;1\n", "1.csv:2:1");
}

TEST_CASE("each busy sample is a task with its work; idle ones and gaps are none") {
  const double t = 1376314846;
  // 1000 MHz for 300 s are 300 images of 1 GFLOP; then idle; then 500 MHz, and an hour's gap.
  const auto vm = machine(row(t, 0.5, 1000, 4, 6, 3) + row(t + 300, 0.01) + row(t + 600, 0.25, 3000) +
                          row(t + 4200, 0.5, 2000));
  const auto idle = machine(row(t, 0.01), "vm2");
  const auto other = machine(row(t + 300, 1), "vm3");
  const Workload w = tasks_of({vm, idle, other}, {});
  REQUIRE(w.applications.size() == 2); // vm2 never works
  CHECK(w.applications[1].name == "vm3");
  REQUIRE(w.trace.size() == 4);
  CHECK(w.trace[0].time == Seconds(0));
  CHECK(w.trace[0].images == 300);
  CHECK(w.trace[0].lei == LeiId(0));
  CHECK(w.trace[1].time == Seconds(300));
  CHECK(w.trace[1].lei == LeiId(2)); // the third machine
  CHECK(w.trace[1].application == ApplicationId(1));
  CHECK(w.trace[1].images == 600);
  CHECK(w.trace[2].time == Seconds(600));
  CHECK(w.trace[2].images == 150); // 300 s, not the 3600 s until the next sample
  CHECK(w.trace[3].time == Seconds(4200));
  const Application& a = w.applications[0];
  CHECK(a.flops_per_image().value == 1e9);
  CHECK(a.images == 250);                                 // (300 + 150 + 300) / 3
  CHECK(a.resident.value == doctest::Approx(2000 * 1024)); // mean while busy
  CHECK(a.weights.value == doctest::Approx(0.036 * 2000 * 1024).epsilon(1e-4));
  CHECK(a.bytes_per_image.value == doctest::Approx(4 * 1024 * 300 / 750.0).epsilon(1e-3));
  CHECK(a.input.value == 6 * 1024 * 300 / 3);
  CHECK(a.result.value == 3 * 1024 * 300 / 3);
  CHECK(a.threads == 2);
}

TEST_CASE("samples in a row become one task up to the longest length") {
  std::string rows;
  for (int i = 0; i < 7; ++i) rows += row(300 * i, 0.5);
  BitbrainsMapping mapping;
  mapping.longest = Seconds(900);
  const Workload w = tasks_of({machine(rows)}, mapping);
  REQUIRE(w.trace.size() == 3);
  CHECK(w.trace[0].images == 900);
  CHECK(w.trace[1].time == Seconds(900));
  CHECK(w.trace[2].images == 300);
  // Samples that come some seconds late are no gap.
  const std::string late = row(0, 0.5) + row(300, 0.5) + row(610, 0.5) + row(900, 0.5) + row(1200, 0.5);
  mapping.longest = Seconds(1500);
  CHECK(tasks_of({machine(late)}, mapping).trace.size() == 1);
  double total = 0;
  for (const auto& task : tasks_of({machine(rows)}, {}).trace) total += task.images;
  CHECK(total == 2100); // no work is lost or doubled by cutting
}

TEST_CASE("scales, LEIs and the part of the trace that is taken") {
  std::string rows;
  for (int i = 0; i < 10; ++i) rows += row(300 * i, 0.5);
  BitbrainsMapping mapping;
  mapping.leis = 2;
  mapping.work_scale = 0.5;
  mapping.flops_per_cycle = 4;
  mapping.memory_scale = 3;
  mapping.from = Seconds(600);
  mapping.length = Seconds(900);
  const Workload w = tasks_of({machine(rows), machine(rows, "b"), machine(rows, "c")}, mapping);
  REQUIRE(w.trace.size() == 9);
  CHECK(w.trace.front().time == Seconds(0));
  CHECK(w.trace.back().time == Seconds(600));
  CHECK(w.trace[0].images == 600);
  CHECK(w.trace[1].lei == LeiId(1));
  CHECK(w.trace[2].lei == LeiId(0));
  CHECK(w.applications[0].resident == Bytes(3 * 1000 * 1024));
}
