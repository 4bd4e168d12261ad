/// libFuzzer target: any bytes as a machine's trace are refused with their line, or become tasks that lie
/// in the run and have work.
#include "core/error.hpp"
#include "workload/bitbrains.hpp"

#include <cmath>
#include <cstdlib>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const lair::VmTrace vm = lair::read_bitbrains(text, "vm", "x.csv");
    require(!vm.samples.empty());
    const double first = lair::first_time(text, "x.csv");
    require(first == vm.samples.front().time);
    lair::BitbrainsTasks tasks({}, first);
    tasks.add(vm);
    const lair::Workload workload = std::move(tasks).finish();
    require(workload.applications.size() == (workload.trace.empty() ? 0 : 1));
    double before = 0;
    for (const auto& task : workload.trace) {
      require(task.time.value >= before && task.images >= 1 && std::isfinite(task.images));
      before = task.time.value;
    }
    for (const auto& a : workload.applications)
      for (const double number : {a.images, a.bytes_per_image.value, a.resident.value, a.input.value, a.result.value})
        require(std::isfinite(number) && number >= 0);
  } catch (const lair::InputError& error) {
    require(!error.diagnostics().empty());
  }
  return 0;
}
