#include "workload/bitbrains.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lair {

namespace {

constexpr std::size_t columns = 11;
constexpr double kilobyte = 1024; // the archive's KB
constexpr double image_flops = 1e9;
constexpr double largest = 1e15; ///< of any number; no machine has that much of anything

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// All numbers of a row; false if there are fewer than the columns or one is none.
bool read_row(std::string_view row, std::array<double, columns>& out) {
  for (double& cell : out) {
    if (row.data() == nullptr) return false;
    const auto end = row.find(';');
    const auto text = trimmed(row.substr(0, end));
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), cell);
    if (error != std::errc() || stop != text.data() + text.size() || !(std::abs(cell) <= largest))
      return false;
    row = end == std::string_view::npos ? std::string_view() : row.substr(end + 1);
  }
  return true;
}

using Row = std::array<double, columns>;

/// The archive says milliseconds; its files hold seconds. Seconds have 10 digits until 2286.
double time_of(const Row& row) { return row[0] >= 1e11 ? row[0] / 1000 : row[0]; }

template <class Visit>
void each_row(std::string_view text, const std::string& file, const Visit& visit) {
  unsigned line = 0;
  bool any = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto row = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++line;
    if (row.empty() || (line == 1 && row.starts_with("Timestamp"))) continue;
    Row values{};
    const bool whole = read_row(row, values);
    if (!whole || *std::min_element(values.begin(), values.end()) < 0)
      throw InputError({{file, line, 1, "", whole ? "a number is below 0" : "not a row of a GWA-T-12 trace",
                         "eleven numbers with semicolons between: timestamp, CPU cores, MHz "
                         "provisioned, MHz used, % used, KB provisioned, KB used, KB/s read, written, "
                         "received and sent"}});
    any = true;
    visit(values);
  }
  if (!any)
    throw InputError(file, "", "no samples", "rows of a GWA-T-12 trace, such as those of fastStorage");
}

} // namespace

double first_time(std::string_view text, const std::string& file) {
  double first = std::numeric_limits<double>::infinity();
  each_row(text, file, [&](const Row& row) { first = std::min(first, time_of(row)); });
  return first;
}

namespace {

/// Usual distance of two samples: the median, since some are missing.
double period_of(const VmTrace& vm) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < vm.samples.size(); ++i)
    if (const double gap = vm.samples[i].time - vm.samples[i - 1].time; gap > 0) gaps.push_back(gap);
  if (gaps.empty()) return 300;
  std::nth_element(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2), gaps.end());
  return gaps[gaps.size() / 2];
}

/// Wrong units would make a wrong workload without a word.
void check_times(const VmTrace& vm, const std::string& file) {
  constexpr double day = 86400, years = 20 * 365 * day;
  if (vm.samples.size() < 2) return;
  const double period = period_of(vm), span = vm.samples.back().time - vm.samples.front().time;
  const char* remedy = "timestamps in seconds, or in milliseconds since 1970 (13 digits)";
  if (period > day)
    throw InputError(file, "", fmt::format("its samples are {} s apart, more than a day", period), remedy);
  if (span > years)
    throw InputError(file, "", fmt::format("its timestamps reach from {:.0f} s to {:.0f} s, over more than 20 years",
                                           vm.samples.front().time, vm.samples.back().time), remedy);
}

} // namespace

VmTrace read_bitbrains(std::string_view text, const std::string& name, const std::string& file) {
  VmTrace vm{name, {}};
  each_row(text, file, [&](const Row& v) {
    VmSample sample;
    sample.time = time_of(v);
    sample.cores = v[1];
    sample.usage_mhz = v[3];
    sample.usage_share = v[2] > 0 ? v[3] / v[2] : v[4] / 100;
    sample.memory_used = kilobyte * v[6];
    sample.disk_read = kilobyte * v[7];
    sample.disk_write = kilobyte * v[8];
    sample.net_received = kilobyte * v[9];
    sample.net_sent = kilobyte * v[10];
    vm.samples.push_back(sample);
  });
  std::stable_sort(vm.samples.begin(), vm.samples.end(),
                   [](const VmSample& a, const VmSample& b) { return a.time < b.time; });
  check_times(vm, file);
  return vm;
}

namespace {

/// What a machine did while it was busy.
struct Totals {
  double images = 0, read = 0, received = 0, sent = 0, memory = 0, seconds = 0, cores = 0;
  std::size_t tasks = 0;
};

} // namespace

void BitbrainsTasks::add(const VmTrace& machine) {
  const auto& samples = machine.samples;
  const double period = period_of(machine);
  const ApplicationId application(static_cast<std::uint32_t>(out_.applications.size()));
  const LeiId lei(machines_++ % mapping_.leis);
  Totals all;
  double length = 0, images = 0, start = 0; // of the task that is being put together
  const auto finish = [&] {
    if (length > 0) {
      out_.trace.push_back({Seconds(start - begin_), lei, application, std::max(1.0, std::round(images))});
      all.images += out_.trace.back().images;
      ++all.tasks;
    }
    length = images = 0;
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& s = samples[i];
    if (s.time < begin_ || s.time >= end_) continue;
    // A sample counts until the next one, which comes a bit early or late; a gap in the trace is no
    // work.
    const double next = i + 1 < samples.size() ? samples[i + 1].time - s.time : period;
    const bool gap = next > 1.5 * period;
    const double lasts = gap ? period : next;
    if (lasts <= 0) continue; // the same instant twice: the last one counts
    const double work = 1e6 * s.usage_mhz * mapping_.flops_per_cycle * mapping_.work_scale * lasts;
    if (s.usage_share < mapping_.idle_share || work <= 0) {
      finish();
      continue;
    }
    if (length > 0 && length + lasts > mapping_.longest.value) finish();
    if (length == 0) start = s.time;
    length += lasts;
    images += work / image_flops;
    all.read += s.disk_read * lasts;
    all.received += s.net_received * lasts;
    all.sent += s.net_sent * lasts;
    all.memory += s.memory_used * lasts;
    all.cores = std::max(all.cores, s.cores);
    all.seconds += lasts;
    if (gap) finish();
  }
  finish();
  if (all.tasks == 0) return; // never busy
  const double tasks = static_cast<double>(all.tasks);
  Application a;
  a.name = machine.name;
  a.weight = tasks;
  a.images = std::max(1.0, std::round(all.images / tasks));
  a.macs_per_image = image_flops / 2;
  a.bytes_per_image = Bytes(std::round(all.read / all.images));
  a.resident = Bytes(std::max(1e6, std::round(mapping_.memory_scale * all.memory / all.seconds)));
  a.weights = Bytes(std::round(mapping_.touched * a.resident.value));
  a.input = Bytes(std::round(all.received / tasks));
  a.result = Bytes(std::round(all.sent / tasks));
  a.threads = static_cast<unsigned>(std::clamp(all.cores, 1.0, 4096.0));
  out_.applications.push_back(std::move(a));
}

Workload BitbrainsTasks::finish() && {
  std::stable_sort(out_.trace.begin(), out_.trace.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  out_.arrivals = ArrivalProcess::continuous;
  return std::move(out_);
}

} // namespace lair
