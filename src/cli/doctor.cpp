/// lair doctor: what is missing on this computer and how to get it.
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/process_pool.hpp"
#include "cli/programs.hpp"
#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/temporary_folder.hpp"
#include "core/whole_file.hpp"
#include "policy/neural_module.hpp"
#include "record/text_file.hpp"
#include "report/web_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/statvfs.h>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

struct Check {
  enum class State { ok, warning, missing };
  std::string name;
  State state = State::ok;
  std::string what;      ///< what is there, or what it would be good for
  std::string remedy;    ///< "" if all is well
  bool required = false; ///< nothing runs without it
};
using State = Check::State;

std::string_view to_string(State state) {
  return state == State::ok ? "ok" : state == State::warning ? "warning" : "missing";
}

/// Path of the library whose file name begins so, of those that this process has loaded.
std::string loaded_library(std::string_view name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (const auto slash = line.find('/'); slash != std::string::npos)
      if (const fs::path path = line.substr(slash); path.filename().string().starts_with(name)) {
        std::error_code error; // libsimgrid.so.3.32 says more than libsimgrid.so
        const fs::path real = fs::canonical(path, error);
        return error ? path.string() : real.string();
      }
  return "";
}

Check shipped_files(const Search& search) {
  if (!search.share.empty()) return {"shipped files", State::ok, search.share, "", true};
  return {"shipped files", State::missing, "no platforms/ and workloads/ near the program",
          "install all of Lair (`cmake --install`), or run the program from its build folder", true};
}

/// A short run, in a process of its own as runs are.
Check short_run(const Search& search) {
  Check check{"a short run", State::missing, "", "", true};
  const fs::path scenario = fs::path(search.share) / "scenarios" / "quickstart.toml";
  std::error_code error;
  if (search.share.empty() || !fs::exists(scenario, error)) {
    check.what = "there is no scenarios/quickstart.toml";
    check.remedy = "install all of Lair (`cmake --install`)";
    return check;
  }
  std::optional<TemporaryFolder> folder;
  try {
    folder.emplace("doctor");
  } catch (const RunError& failed) {
    check.what = failed.what();
    check.remedy = "set TMPDIR to a folder that can be written";
    return check;
  }
  const double started = monotonic_seconds();
  const PoolResult pool = run_jobs(
      {{{"run", scenario.string(), "--set", "intervals=2", "--out", folder->path + "/run"}}}, 1,
      [](std::size_t) {});
  const JobResult& job = pool.jobs.front();
  if (job.exit_code == exit_ok) {
    check.state = State::ok;
    check.what = fmt::format("two intervals on 16 hosts in {:.2f} s", monotonic_seconds() - started);
  } else {
    check.what = fmt::format("ended with {}: {}", job.exit_code, job.messages);
    check.remedy = "the message says what to do; if it does not, it is a bug of Lair's";
  }
  while (!check.what.empty() && check.what.back() == '\n') check.what.pop_back();
  return check;
}

Check simgrid() {
  return {"simgrid", State::ok,
          fmt::format("{}, built against {}", fs::path(loaded_library("libsimgrid")).filename().string(),
                      simgrid_version()),
          "", true};
}

void add_neural(std::vector<Check>& checks) {
  try {
    const double started = monotonic_seconds();
    const NeuralModule& module = open_neural_module();
    checks.push_back({"learned policies", State::ok,
                      fmt::format("{} detectors, loaded in {:.2f} s", module.detectors.size(),
                                  monotonic_seconds() - started),
                      ""});
  } catch (const std::exception& error) {
    checks.push_back({"learned policies", State::missing, error.what(),
                      "apt install libtorch-dev libopenblas0-serial, and build with LAIR_NEURAL=ON"});
    return;
  }
  std::string blas = loaded_library("libopenblas");
  if (blas.empty()) blas = loaded_library("libblas");
  const bool serial = blas.find("openblas-serial") != std::string::npos;
  checks.push_back({"BLAS", serial ? State::ok : State::warning, blas.empty() ? "none" : blas,
                    serial ? "" : "training is slower: apt install libopenblas0-serial, and "
                                  "scripts/install-packages chooses it"});
}

/// BLAS and torch choose their kernels by the processor's type unless told; see core/own_library.cpp.
Check kernels() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return {"kernels", State::warning, "no AVX2 and FMA here: kernels are as the libraries choose",
            "trained models may differ in their last bits from those of other machines; runs do not"};
  std::string other;
  for (const auto& [name, wanted] : {std::pair{"OPENBLAS_CORETYPE", "Haswell"},
                                     std::pair{"ATEN_CPU_CAPABILITY", "avx2"},
                                     std::pair{"ONEDNN_MAX_CPU_ISA", "AVX2"}})
    if (const char* value = std::getenv(name); value != nullptr && std::string_view(value) != wanted)
      other += fmt::format("{}{}={}", other.empty() ? "" : " ", name, value);
  if (!other.empty())
    return {"kernels", State::warning, "not pinned to AVX2: " + other,
            "unset these variables, or training gives other bits than elsewhere"};
  return {"kernels", State::ok, "AVX2 and FMA; learned policies are pinned to them", ""};
}

/// The text behind `"key": "` in a manifest; "" if it is not there. Enough for files that we wrote.
std::string text_after(const std::string& manifest, const std::string& key) {
  const auto at = manifest.find(fmt::format("\"{}\": \"", key));
  if (at == std::string::npos) return "";
  const auto begin = at + key.size() + 5;
  return manifest.substr(begin, manifest.find('"', begin) - begin);
}

Check models(const Search& search) {
  const fs::path folder = fs::path(search.share) / "models";
  std::error_code error;
  unsigned whole = 0;
  std::string broken;
  if (!search.share.empty())
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() != ".json") continue;
      const std::string manifest = read_whole_file(it->path().string());
      const fs::path weights = folder / text_after(manifest, "file");
      bool fine = fs::is_regular_file(weights, error);
      if (fine) {
        const std::string bytes = read_whole_file(weights.string());
        fine = text_after(manifest, "hash") == "xxh3-128:" + hash128_hex(bytes);
      }
      if (fine) ++whole;
      else broken += (broken.empty() ? "" : ", ") + it->path().stem().string();
      error.clear();
    }
  if (!broken.empty())
    return {"models", State::missing, "damaged, or without their weights: " + broken,
            "install Lair again, or `lair train`"};
  if (whole == 0)
    return {"models", State::missing, "none in " + folder.string(),
            "install all of Lair, or make your own with `lair trace` and `lair train`"};
  return {"models", State::ok, fmt::format("{} whole in {}", whole, folder.string()), ""};
}

Check charts() {
  if (!report::chart_script().empty())
    return {"charts of reports", State::ok, "uPlot is built in", ""};
  return {"charts of reports", State::missing, "built without uPlot: series are drawn more simply",
          "scripts/install-web (needs npm), then build again"};
}

Check cores() {
  const unsigned usable = core_count(), all = std::thread::hardware_concurrency();
  return {"cores", State::ok, fmt::format("{} of {} usable", usable, std::max(all, usable)), ""};
}

Check memory() {
  std::ifstream file("/proc/meminfo");
  double available = 0;
  std::string word;
  while (file >> word)
    if (word == "MemAvailable:") file >> available; // KiB
  const double gib = available / (1 << 20);
  const bool enough = gib >= 1;
  return {"memory", enough ? State::ok : State::warning, fmt::format("{:.1f} GiB available", gib),
          enough ? "" : "fewer runs at a time: -j 1"};
}

Check disk(const std::string& name, const fs::path& folder) {
  struct statvfs space {};
  if (::statvfs(folder.c_str(), &space) != 0)
    return {name, State::warning, fmt::format("cannot look at '{}'", folder.string()), "another folder"};
  const double gib = double(space.f_bavail) * double(space.f_frsize) / (1 << 30);
  const bool enough = gib >= 1; // a run with events takes some 10 MB
  return {name, enough ? State::ok : State::warning,
          fmt::format("{:.1f} GiB free in {}", gib, folder.string()),
          enough ? "" : "make room, or write elsewhere with --out; record.level = \"summary\" writes least"};
}

/// A limit of this shell under which sweeps or large platforms would fail.
void add_limit(std::vector<Check>& checks, const char* name, int resource, double wanted,
               const char* remedy) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  const bool unlimited = limit.rlim_cur == RLIM_INFINITY;
  const bool enough = unlimited || static_cast<double>(limit.rlim_cur) >= wanted;
  checks.push_back({name, enough ? State::ok : State::warning,
                    unlimited ? "unlimited" : fmt::format("{}", limit.rlim_cur), enough ? "" : remedy});
}

void add_limits(std::vector<Check>& checks) {
  add_limit(checks, "ulimit -n (open files)", RLIMIT_NOFILE, 256, "ulimit -n 1024");
  add_limit(checks, "ulimit -u (processes)", RLIMIT_NPROC, 256, "ulimit -u 4096, or -j 1");
  add_limit(checks, "ulimit -f (file size)", RLIMIT_FSIZE, 4e9, "ulimit -f unlimited");
  add_limit(checks, "ulimit -v (address space)", RLIMIT_AS, 8e9, "ulimit -v unlimited");
}

struct Tool {
  const char* program;
  const char* purpose;
  const char* remedy;
};

void add_tools(std::vector<Check>& checks) {
  for (const Tool& tool : {
           Tool{"c++", "compiles policies", "apt install g++"},
           Tool{"cmake", "builds policies", "apt install cmake"},
           Tool{"gnuplot", "scripts/plot-decision", "apt install gnuplot-nox"},
           Tool{"node", "sets up the charts of reports", "apt install nodejs"},
           Tool{"npm", "sets up the charts of reports", "apt install npm"},
           Tool{"chromium", "tests reports", "apt install chromium"},
           Tool{"duckdb", "lair export --parquet",
                "the program of https://duckdb.org/install (Debian 12 has no package)"},
           Tool{"sbatch", "lair sweep --slurm", "apt install slurm-client"},
           Tool{"slurmctld", "tests sweeps on Slurm", "apt install slurmctld slurmd munge"},
           Tool{"sqlite3", "looks into a sweep.db", "apt install sqlite3"},
       }) {
    const std::string path = find_program(tool.program);
    checks.push_back({tool.program, path.empty() ? State::missing : State::ok,
                      path.empty() ? fmt::format("({})", tool.purpose) : path,
                      path.empty() ? tool.remedy : ""});
  }
}

void print_json(const std::vector<Check>& checks, bool healthy) {
  using record::json_quoted;
  fmt::print("{{\"ok\": {}, \"version\": {}, \"checks\": [", healthy, json_quoted(version_text()));
  for (const Check& check : checks)
    fmt::print("{}\n  {{\"name\": {}, \"state\": \"{}\", \"required\": {}, \"what\": {}, \"remedy\": {}}}",
               &check == &checks.front() ? "" : ",", json_quoted(check.name), to_string(check.state),
               check.required, json_quoted(check.what), json_quoted(check.remedy));
  fmt::print("\n]}}\n");
}

void print_text(const std::vector<Check>& checks, bool healthy) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, check.name.size());
  fmt::print("{}\n", version_text());
  for (const Check& check : checks) {
    fmt::print("{:<7}  {:<{}}  {}\n", to_string(check.state), check.name, width, check.what);
    if (!check.remedy.empty()) fmt::print("{:9}{:<{}}  -> {}\n", "", "", width, check.remedy);
  }
  fmt::print("{}\n", healthy ? "all that Lair requires works" : "something that Lair requires does not work");
}

} // namespace

int doctor_command(const DoctorOptions& options) {
  const Search search = default_search();
  std::vector<Check> checks{shipped_files(search), short_run(search), simgrid()};
  add_neural(checks);
  checks.push_back(kernels());
  checks.push_back(models(search));
  checks.push_back(charts());
  checks.push_back(cores());
  checks.push_back(memory());
  std::error_code error;
  checks.push_back(disk("disk", fs::current_path(error)));
  checks.push_back(disk("temporary files", fs::temp_directory_path(error)));
  add_limits(checks);
  add_tools(checks);
  const bool healthy = std::all_of(checks.begin(), checks.end(), [](const Check& check) {
    return !check.required || check.state == State::ok;
  });
  options.json ? print_json(checks, healthy) : print_text(checks, healthy);
  return healthy ? exit_ok : exit_failed_run;
}

} // namespace lair::cli
