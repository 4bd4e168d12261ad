// Runs the figures of docs/performance.md: each command several times in a child, CPU seconds (user +
// system) and peak memory of the child as the kernel counts them, medians. Machines are noisy: trust
// CPU seconds and ratios, not wall clocks.
//   lair_bench LAIR BARE TWIN_BENCH [--large] [--runs N]
#include "core/temporary_folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace {

struct Cost {
  double cpu = 0, wall = 0, rss = 0; // seconds, seconds, MiB
  int status = 0;
};

double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

Cost once(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const double began = now();
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  Cost c;
  c.wall = now() - began;
  c.cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
          1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  c.rss = usage.ru_maxrss / 1024.0;
  c.status = status;
  if (status != 0) std::fprintf(stderr, "%s ... ended with status %d\n", argv[0], status);
  return c;
}

Cost median(const std::vector<std::string>& command, int runs) {
  std::vector<Cost> all;
  for (int i = 0; i < runs; ++i) all.push_back(once(command));
  std::sort(all.begin(), all.end(), [](const Cost& a, const Cost& b) { return a.cpu < b.cpu; });
  Cost m = all[all.size() / 2];
  for (const Cost& c : all) m.rss = std::max(m.rss, c.rss);
  return m;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: lair_bench LAIR BARE TWIN_BENCH [--large] [--runs N]\n");
    return 2;
  }
  const std::string program = argv[1], bare = argv[2], twin = argv[3];
  bool large = false;
  int runs = 5;
  for (int i = 4; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--large")) large = true;
    if (!std::strcmp(argv[i], "--runs") && i + 1 < argc) runs = std::atoi(argv[++i]);
  }
  const lair::TemporaryFolder scratch("bench");
  const std::string& dir = scratch.path;
  const auto lair_run = [&](const std::string& scenario, std::vector<std::string> sets,
                            const std::string& policy = "none") {
    std::vector<std::string> c = {program, "run", scenario, "--policy", policy, "--force", "--out",
                                  dir + "/out"};
    for (const auto& s : sets) c.insert(c.end(), {"--set", s});
    return c;
  };
  const auto bare_run = [&](const std::string& scenario, std::vector<std::string> sets) {
    std::vector<std::string> c = {bare, scenario};
    c.insert(c.end(), sets.begin(), sets.end());
    return c;
  };

  std::printf("| case | Lair CPU s | bare SimGrid CPU s | ratio | Lair MiB | bare MiB |\n");
  std::printf("|---|--:|--:|--:|--:|--:|\n");
  const auto row = [&](const std::string& name, const Cost& a, const Cost& b) {
    std::printf("| %s | %.3f | %.3f | %.2f | %.0f | %.0f |\n", name.c_str(), a.cpu, b.cpu, a.cpu / b.cpu,
                a.rss, b.rss);
    std::fflush(stdout);
  };
  const std::string quick = "scenarios/quickstart.toml";
  row("16 hosts x 100 intervals, `none`", median(lair_run(quick, {}), runs),
      median(bare_run(quick, {}), runs));
  row("16 hosts x 100 intervals, `overload-migration`",
      median(lair_run(quick, {}, "overload-migration"), runs), median(bare_run(quick, {}), runs));

  struct Size {
    int leis, intervals, runs;
  };
  std::vector<Size> sizes = {{4, 100, runs}, {16, 100, runs}, {64, 100, 3}, {256, 100, 3}};
  if (large) sizes.insert(sizes.end(), {{1024, 100, 1}, {4096, 10, 1}});
  std::vector<double> x, y;
  for (const Size& size : sizes) {
    const int hosts = size.leis * 4;
    const std::string platform = dir + "/p" + std::to_string(hosts) + ".toml";
    once({program, "platform", "--leis", std::to_string(size.leis), "--hosts-per-lei", "4", "--out",
          platform});
    // One light task a host and interval, a fault a 32 hosts and interval, and no record of events.
    const std::vector<std::string> sets = {"platform=" + platform,
                                           "intervals=" + std::to_string(size.intervals),
                                           "workload.rate=" + std::to_string(hosts),
                                           "faults.rate=" + std::to_string(hosts / 32.0),
                                           "record.level=summary"};
    const std::string scenario = "tests/bench/light.toml";
    const Cost a = median(lair_run(scenario, sets), size.runs);
    const Cost b = median(bare_run(scenario, sets), size.runs);
    const double tasks = static_cast<double>(hosts) * size.intervals;
    row(std::to_string(hosts) + " hosts x " + std::to_string(size.intervals) + " intervals, " +
            std::to_string(static_cast<long>(tasks)) + " tasks (" +
            std::to_string(static_cast<long>(tasks / a.cpu)) + " tasks per CPU-s)",
        a, b);
    x.push_back(std::log(hosts));
    y.push_back(std::log(a.cpu / size.intervals));
  }
  double mx = 0, my = 0, xy = 0, xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mx += x[i] / x.size(), my += y[i] / x.size();
  for (std::size_t i = 0; i < x.size(); ++i) xy += (x[i] - mx) * (y[i] - my), xx += (x[i] - mx) * (x[i] - mx);
  std::printf("\nGrowth of CPU seconds per interval with the number of hosts: exponent %.2f\n", xy / xx);

  const double cpu0 = [] {
    rusage u{};
    getrusage(RUSAGE_CHILDREN, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + 1e-6 * (u.ru_utime.tv_usec + u.ru_stime.tv_usec);
  }();
  const double wall0 = now();
  once({program, "compare", quick, "--policies", "none,overload-migration", "--seeds", "1..100", "-j", "2",
        "--out", dir + "/compare"});
  rusage u{};
  getrusage(RUSAGE_CHILDREN, &u);
  const double cpu = u.ru_utime.tv_sec + u.ru_stime.tv_sec +
                     1e-6 * (u.ru_utime.tv_usec + u.ru_stime.tv_usec) - cpu0;
  const double wall = now() - wall0;
  std::printf("\n`lair compare`, 200 runs, -j 2: %.2f s, CPU / (2 x wall) = %.2f\n\n", wall, cpu / (2 * wall));
  std::fflush(stdout);
  return std::system(twin.c_str()) == 0 ? 0 : 1;
}
