/// lair import: workloads from traces of others.
#include "cli/commands.hpp"
#include "cli/result_guard.hpp"
#include "core/error.hpp"
#include "core/whole_file.hpp"
#include "record/text_file.hpp"
#include "scenario/quantity.hpp"
#include "scenario/tables.hpp"
#include "workload/bitbrains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

Seconds time_option(const char* option, const std::string& text, double least) {
  const auto read = read_quantity(text, Unit::seconds);
  if (!read.problem.empty() || read.value < least || read.value > 1e9)
    throw InputError(option, "", read.problem.empty() ? fmt::format("'{}' is out of range", text) : read.problem,
                     fmt::format("a time such as \"300 s\" or \"24 h\", {}, at most 1e+09 s",
                                 least > 0 ? fmt::format("at least {} s", least) : "at least 0 s"));
  return Seconds(read.value);
}

/// 2.csv before 10.csv: by length, then by text.
bool before(const fs::path& a, const fs::path& b) {
  const auto x = a.stem().string(), y = b.stem().string();
  return x.size() != y.size() ? x.size() < y.size() : x != y ? x < y : a < b;
}

/// Files as given; a folder stands for the .csv files in and below it.
std::vector<fs::path> all_files(const std::vector<std::string>& given) {
  std::vector<fs::path> all;
  for (const auto& one : given) {
    std::error_code error;
    if (!fs::is_directory(one, error)) {
      all.emplace_back(one);
      continue;
    }
    const auto had = all.size();
    for (fs::recursive_directory_iterator it(one, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".csv") all.push_back(it->path());
    if (all.size() == had)
      throw InputError(one, "", "no .csv file in this folder", "a folder of GWA-T-12, such as fastStorage");
    std::sort(all.begin() + static_cast<std::ptrdiff_t>(had), all.end(), before);
  }
  return all;
}

/// "7.csv" -> "vm7"; other names as they are, without what no name may hold.
std::string machine_name(const fs::path& file) {
  std::string name = file.stem().string();
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '_';
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 || name.front() == '-')
    name = "vm" + name;
  return name.substr(0, 100);
}

/// Files of one name are one machine: the archive has a folder for each month.
struct Machine {
  std::string name;
  std::vector<fs::path> files;
};

std::vector<Machine> machines_of(const std::vector<fs::path>& files) {
  std::vector<Machine> all;
  std::map<std::string, std::size_t> index;
  for (const auto& file : files) {
    const auto [at, fresh] = index.emplace(machine_name(file), all.size());
    if (fresh) all.push_back({at->first, {}});
    all[at->second].files.push_back(file);
  }
  return all;
}

/// Time of the earliest sample; everything that is wrong with any file is said here.
double first_of(const std::vector<fs::path>& files) {
  double first = std::numeric_limits<double>::infinity();
  std::vector<Diagnostic> wrong;
  for (const auto& file : files) {
    try {
      first = std::min(first, first_time(read_whole_file(file.string()), file.string()));
    } catch (const InputError& error) {
      wrong.insert(wrong.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!wrong.empty()) throw InputError(std::move(wrong));
  return first;
}

VmTrace read_machine(const Machine& machine) {
  VmTrace all{machine.name, {}};
  for (const auto& file : machine.files) {
    const VmTrace part = read_bitbrains(read_whole_file(file.string()), machine.name, file.string());
    all.samples.insert(all.samples.end(), part.samples.begin(), part.samples.end());
  }
  std::stable_sort(all.samples.begin(), all.samples.end(),
                   [](const VmSample& a, const VmSample& b) { return a.time < b.time; });
  return all;
}

std::string workload_text(const Workload& workload, const ImportOptions& o, const std::string& trace,
                          std::size_t machines) {
  std::string out = fmt::format(
      "# {} tasks of {} machines of a GWA-T-12 (Bitbrains) trace, made by\n"
      "#   lair import bitbrains --leis {} --idle {} --longest \"{}\" --flops-per-cycle {} \\\n"
      "#     --work-scale {} --memory-scale {} --touched {} --from \"{}\"{} ...\n"
      "# An application is a machine, a task a stretch of its samples; an image is 1 GFLOP of work. Sizes and\n"
      "# times of the tasks are in {}.csv. What is mapped how, and what is lost: docs/scenarios.md.\n\n",
      workload.trace.size(), machines, o.leis, o.idle, o.longest, o.flops_per_cycle, o.work_scale,
      o.memory_scale, o.touched, o.from,
      o.length.empty() ? "" : fmt::format(" --length \"{}\"", o.length), trace);
  out += fmt::format("trace = {}\n", quote(trace));
  for (const auto& application : workload.applications)
    out += fmt::format("\n[applications.{}]\n{}", write_key(application.name),
                       write_fields(application_fields(), application));
  return out;
}

std::string trace_text(const Workload& workload) {
  std::string out = "time_s,lei,application,images\n";
  for (const auto& task : workload.trace)
    out += fmt::format("{},lei{},{},{}\n", task.time.value, task.lei.index() + 1,
                       workload.applications[task.application.index()].name, task.images);
  return out;
}

} // namespace

int import_command(const ImportOptions& options) {
  BitbrainsMapping mapping;
  mapping.leis = options.leis;
  mapping.idle_share = options.idle;
  mapping.longest = time_option("--longest", options.longest, 1);
  mapping.flops_per_cycle = options.flops_per_cycle;
  mapping.work_scale = options.work_scale;
  mapping.memory_scale = options.memory_scale;
  mapping.touched = options.touched;
  mapping.from = time_option("--from", options.from, 0);
  if (!options.length.empty()) mapping.length = time_option("--length", options.length, 1);
  const fs::path out = options.out;
  if (out.extension() != ".toml" || machine_name(out).empty())
    throw InputError("--out", "", fmt::format("'{}' does not end in .toml", options.out),
                     "the name of a workload, such as bitbrains.toml");
  const fs::path table = fs::path(out).replace_extension(".csv");
  refuse_to_overwrite(options.out, options.force);
  refuse_to_overwrite(table.string(), options.force);
  const auto files = all_files(options.files);
  for (const auto& file : files)
    if (std::error_code error; fs::equivalent(file, table, error))
      throw InputError("--out", "", fmt::format("would replace '{}'", file.string()), "another name");
  const auto machines = machines_of(files);
  BitbrainsTasks tasks(mapping, first_of(files));
  for (const auto& machine : machines) tasks.add(read_machine(machine));
  const Workload workload = std::move(tasks).finish();
  if (workload.trace.empty())
    throw InputError("--idle", "", "no machine is ever busy", "a smaller share, or another --from and --length");
  for (const auto& task : workload.trace) // what the reader of workloads takes
    if (task.images > 1e12)
      throw InputError("--work-scale", "", fmt::format("a task of {} GFLOP", task.images), "at most 1e+12");
  for (const auto& application : workload.applications)
    if (application.resident.value > 1e15)
      throw InputError("--memory-scale", "", fmt::format("{} needs {} B of memory", application.name, application.resident.value),
                       "at most 1e+15");
  if (const fs::path folder = out.parent_path(); !folder.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw RunError(fmt::format("cannot create '{}': {}", folder.string(), error.message()));
  }
  record::write_file(table.string(), trace_text(workload));
  record::write_file(out.string(), workload_text(workload, options, out.stem().string(), machines.size()));

  double images = 0, memory = 0;
  for (const auto& task : workload.trace) images += task.images;
  for (const auto& application : workload.applications) memory = std::max(memory, application.resident.value);
  const double span = workload.trace.back().time.value + mapping.longest.value;
  if (options.json)
    fmt::print("{{\"file\": {}, \"trace\": {}, \"machines\": {}, \"applications\": {}, \"tasks\": {}, "
               "\"span_s\": {}, \"mean_gflops\": {}, \"largest_resident_bytes\": {}}}\n",
               record::json_quoted(out.string()), record::json_quoted(table.string()), machines.size(),
               workload.applications.size(), workload.trace.size(), span, images / span, memory);
  else
    fmt::print("{}: {} tasks of {} of {} machines in {:.1f} h\n"
               "  mean demand {:.4g} GFLOPS (a Raspberry Pi 4B does 12.8), largest memory {:.4g} GB\n",
               out.string(), workload.trace.size(), workload.applications.size(), machines.size(),
               span / 3600, images / span, memory / 1e9);
  return exit_ok;
}

} // namespace lair::cli
