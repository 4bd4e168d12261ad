// lair twin: how far the analytic twin is from the exact one, and how fast it is.
#include "cli/twin_measure.hpp"

#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/result_guard.hpp"
#include "cli/run.hpp"
#include "cli/watch.hpp"
#include "core/error.hpp"
#include "core/statistics.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lair::cli {

namespace {

struct MetricText {
  const char *name, *title, *unit;
  double scale;    ///< from the row's unit to the printed one
  bool relative;   ///< error in per cent of the truth
  double target;   ///< of p95 |error|; 0: none
};
constexpr MetricText metric_texts[twin_metric_count] = {
    {"cpu", "CPU utilisation", "points", 100, false, 5},
    {"ram", "RAM", "points", 100, false, 0},
    {"energy", "energy", "%", 1, true, 0},
    {"response", "response time", "%", 1, true, 10},
    {"migration", "migration time", "%", 1, true, 0}};

/// Which rows, and what of them is compared with what.
struct Group {
  const char *name, *title;
  bool (*holds)(const TwinRow&);
  double Values::*said;
  double Values::*truth;
  bool judged; ///< against the metric's target
};
constexpr std::size_t group_count = 7;
constexpr Group groups[group_count] = {
    {"no_new_fault", "as its broker sees it", [](const TwinRow&) { return true; }, &Values::forecast,
     &Values::exact, true},
    {"fault_active", "  fault active at the start", [](const TwinRow& r) { return r.fault_active; },
     &Values::forecast, &Values::exact, false},
    {"fault_ending", "    which ends in the interval",
     [](const TwinRow& r) { return r.fault_ended; }, &Values::forecast, &Values::exact, false},
    {"foreign_move", "  another broker's later move",
     [](const TwinRow& r) { return r.foreign_move; }, &Values::forecast, &Values::exact, false},
    {"foreseeable", "  neither that nor a fault's end",
     [](const TwinRow& r) { return !r.fault_ended && !r.foreign_move; }, &Values::forecast,
     &Values::exact, false},
    {"joint_decision", "all decisions known", [](const TwinRow&) { return true; },
     &Values::joint, &Values::exact, true},
    {"new_fault", "new fault on the host", [](const TwinRow& r) { return r.new_fault; },
     &Values::forecast, &Values::actual, false}};

/// Errors of one metric in one group.
struct Errors {
  std::vector<double> errors;
  std::size_t without_forecast = 0; ///< it happened, and the twin did not see it coming
  std::size_t not_happened = 0;     ///< forecast within the interval, and did not happen
};

using Table = std::array<std::array<Errors, group_count>, twin_metric_count>;

void add(Errors& to, const MetricText& metric, double forecast, double truth) {
  if (std::isnan(truth)) {
    to.not_happened += !std::isnan(forecast);
    return;
  }
  if (!std::isfinite(forecast)) {
    ++to.without_forecast;
    return;
  }
  double error = metric.scale * (forecast - truth);
  if (metric.relative && error != 0)
    error = 100 * (forecast - truth) / (truth != 0 ? truth : std::abs(forecast));
  to.errors.push_back(error);
}

Table tabulate(const std::vector<TwinMeasurement>& runs) {
  Table table;
  for (const TwinMeasurement& run : runs)
    for (const TwinRow& row : run.rows) {
      const auto m = static_cast<std::size_t>(row.metric);
      for (std::size_t g = 0; g < group_count; ++g)
        if (groups[g].holds(row))
          add(table[m][g], metric_texts[m], row.value.*groups[g].said, row.value.*groups[g].truth);
    }
  return table;
}

struct Figures {
  std::size_t n = 0;
  double bias = unknown, mean = unknown, p95 = unknown; ///< mean error, mean |error|, p95 |error|
};

/// What was not forecast counts as an endless error: it can only be the p95 or nothing.
Figures figures(const Errors& from) {
  Figures out;
  out.n = from.errors.size() + from.without_forecast;
  out.bias = mean(from.errors);
  std::vector<double> sizes;
  for (const double e : from.errors) sizes.push_back(std::abs(e));
  out.mean = mean(sizes);
  sizes.resize(out.n, 1e300);
  if (!sizes.empty()) out.p95 = percentile(sizes, 0.95);
  if (out.p95 > 1e200) out.p95 = std::numeric_limits<double>::infinity();
  return out;
}

std::string number(double x, int digits) {
  return std::isnan(x) ? "-" : fmt::format("{:.{}f}", x, digits);
}

struct Job {
  std::size_t scenario = 0; ///< index of its configuration
  Scenario content;
  TwinMeasurement result;
  int output = -1; ///< memory file
};

int measure(const Job& job, CallMark* mark) {
  const TwinMeasurement measured = measure_twin(job.content, mark);
  if (interrupted()) return exit_interrupted;
  const std::string bytes = measured.bytes();
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = write(job.output, bytes.data() + at, bytes.size() - at);
    if (n > 0) at += static_cast<std::size_t>(n);
    else if (errno != EINTR) return exit_failed_run;
  }
  return exit_ok;
}

/// In a process of its own, since one holds one simulation.
[[noreturn]] void work(const Job& job) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto measured = [&](CallMark* mark) { return measure(job, mark); };
  _exit(report_errors(false, [&] { return watched(job.content.policy, false, measured); }));
}

std::string read_all(int file) {
  std::string bytes;
  std::array<char, 1 << 16> part{};
  off_t at = 0;
  for (ssize_t n = 0; (n = pread(file, part.data(), part.size(), at)) > 0; at += n)
    bytes.append(part.data(), static_cast<std::size_t>(n));
  return bytes;
}

volatile std::sig_atomic_t told_to_stop = 0;
void stop(int) { told_to_stop = 1; }

/// SIGINT and SIGTERM wake waitpid() for as long as it lives.
class WakeOnSignals {
public:
  WakeOnSignals() {
    struct sigaction action {};
    action.sa_handler = stop; // without SA_RESTART
    sigaction(SIGINT, &action, &before_[0]);
    sigaction(SIGTERM, &action, &before_[1]);
  }
  ~WakeOnSignals() { restore(); }
  WakeOnSignals(const WakeOnSignals&) = delete;
  WakeOnSignals& operator=(const WakeOnSignals&) = delete;
  void restore() const {
    sigaction(SIGINT, &before_[0], nullptr);
    sigaction(SIGTERM, &before_[1], nullptr);
  }

private:
  struct sigaction before_[2]{};
};

/// Exit code of the first run that failed.
int run_all(std::vector<Job>& jobs, unsigned parallel) {
  Progress progress("twin", jobs.size());
  progress.show(0);
  std::map<pid_t, std::size_t> running;
  std::size_t next = 0, done = 0;
  int code = exit_ok;
  const WakeOnSignals signals;
  while (next < jobs.size() || !running.empty()) {
    if (told_to_stop) { // the runs leave nothing behind
      for (const auto& [process, job] : running) kill(process, SIGKILL);
      for (const auto& [process, job] : running) waitpid(process, nullptr, 0);
      progress.clear();
      std::fprintf(stderr, "lair: interrupted\n");
      return exit_interrupted;
    }
    if (code == exit_ok && next < jobs.size() && running.size() < parallel) {
      jobs[next].output = memfd_create("twin", MFD_CLOEXEC);
      std::fflush(nullptr); // or a child would have a copy of what is not written yet
      const pid_t process = jobs[next].output < 0 ? -1 : fork();
      if (process < 0) throw RunError(fmt::format("cannot start a run: {}", std::strerror(errno)));
      if (process == 0) {
        signals.restore();
        work(jobs[next]);
      }
      running[process] = next++;
      continue;
    }
    if (running.empty()) break; // one has failed
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    const auto it = running.find(ended);
    if (it == running.end()) continue;
    Job& job = jobs[it->second];
    running.erase(it);
    const int its_code = WIFEXITED(status) ? WEXITSTATUS(status) : exit_failed_run;
    if (its_code == exit_ok) job.result = TwinMeasurement::of(read_all(job.output));
    else if (code == exit_ok) code = its_code;
    close(job.output);
    progress.show(++done);
  }
  progress.clear();
  return code;
}

std::string heading(const Scenario& s, const std::string& seeds, std::size_t intervals) {
  return fmt::format("{} ({} hosts), policy {}, seeds {}, {} intervals", s.name,
                     s.federation.hosts.size(), s.policy.name, seeds, intervals);
}

std::string as_text(const Table& table, const world::sim::TwinSpeed& speed) {
  std::string out = fmt::format("  {:<16}{:<32}{:>8}{:>12}{:>12}{:>12}{:>12}\n", "", "hosts", "n",
                                "mean error", "mean |e|", "p95 |e|", "unforeseen");
  for (std::size_t m = 0; m < twin_metric_count; ++m) {
    const MetricText& metric = metric_texts[m];
    for (std::size_t g = 0; g < group_count; ++g) {
      const Figures f = figures(table[m][g]);
      out += fmt::format("  {:<16}{:<32}{:>8}{:>12}{:>12}{:>12}{:>12} {}{}\n",
                         g == 0 ? metric.title : "", groups[g].title, f.n,
                         number(f.bias, 3), number(f.mean, 3), number(f.p95, 3),
                         table[m][g].without_forecast, metric.unit,
                         !groups[g].judged || metric.target == 0 ? ""
                         : f.p95 <= metric.target
                             ? fmt::format("  (target {:g}: met)", metric.target)
                             : fmt::format("  (target {:g}: missed)", metric.target));
    }
  }
  out += fmt::format(
      "  speed: {:.0f} whole forecasts/s (observation loaded each time), {} evaluations of one "
      "changed move/s\n         on observations of {:.1f} hosts and {:.1f} tasks on average\n",
      speed.forecasts / speed.forecast_seconds,
      speed.changes > 0 ? fmt::format("{:.0f}", speed.changes / speed.change_seconds) : "-",
      speed.hosts / speed.observations, speed.tasks / speed.observations);
  return out;
}

std::string json_number(double x) { return std::isfinite(x) ? fmt::format("{}", x) : "null"; }

std::string as_json(const Scenario& s, const std::vector<std::uint64_t>& seeds,
                    std::size_t intervals, const Table& table,
                    const world::sim::TwinSpeed& speed) {
  std::string out = fmt::format(
      "    {{\"scenario\": {}, \"hosts\": {}, \"policy\": {}, \"seeds\": [{}], \"intervals\": {},\n"
      "     \"errors\": {{",
      record::json_quoted(s.name), s.federation.hosts.size(), record::json_quoted(s.policy.name),
      fmt::join(seeds, ", "), intervals);
  for (std::size_t m = 0; m < twin_metric_count; ++m) {
    const MetricText& metric = metric_texts[m];
    out += fmt::format("{}\n       \"{}\": {{\"unit\": \"{}\", \"target_p95\": {}",
                       m > 0 ? "," : "", metric.name, metric.unit,
                       metric.target > 0 ? fmt::format("{:g}", metric.target) : "null");
    for (std::size_t g = 0; g < group_count; ++g) {
      const Figures f = figures(table[m][g]);
      out += fmt::format(",\n         \"{}\": {{\"n\": {}, \"mean\": {}, \"mean_abs\": {}, "
                         "\"p95_abs\": {}, \"unforeseen\": {}}}",
                         groups[g].name, f.n, json_number(f.bias), json_number(f.mean),
                         json_number(f.p95), table[m][g].without_forecast);
    }
    out += "}";
  }
  out += fmt::format("}},\n     \"speed\": {{\"forecasts_per_s\": {}, \"changes_per_s\": {}, "
                     "\"mean_hosts\": {}, \"mean_tasks\": {}}}}}",
                     json_number(speed.forecasts / speed.forecast_seconds),
                     json_number(speed.changes / speed.change_seconds),
                     json_number(speed.hosts / speed.observations),
                     json_number(speed.tasks / speed.observations));
  return out;
}

void write_rows(const std::string& path, const std::vector<Job>& jobs) {
  std::string out =
      "scenario,seed,interval,metric,host,task,fault_active,fault_ended,foreign_move,new_fault,"
      "forecast,joint,exact,actual\n";
  const auto cell = [](double x) { return std::isnan(x) ? std::string() : fmt::format("{}", x); };
  for (const Job& job : jobs)
    for (const TwinRow& row : job.result.rows) {
      const bool of_task =
          row.metric == TwinMetric::response || row.metric == TwinMetric::migration;
      const Values& v = row.value;
      if (of_task && std::isnan(v.exact) && std::isnan(v.actual) &&
          row.metric == TwinMetric::migration && std::isnan(v.forecast))
        continue;
      out += fmt::format("{},{},{},{},{},{},{:d},{:d},{:d},{:d},{},{},{},{}\n",
                         record::csv_quoted(job.content.name), job.content.seed, row.interval,
                         metric_texts[static_cast<std::size_t>(row.metric)].name,
                         row.host == LAIR_NONE ? std::string() : fmt::format("{}", row.host),
                         of_task ? fmt::format("{}", row.task) : "", row.fault_active,
                         row.fault_ended, row.foreign_move, row.new_fault, cell(v.forecast),
                         cell(v.joint), cell(v.exact), cell(v.actual));
    }
  record::write_file(path, out);
}

} // namespace

int twin_command(const TwinOptions& options) {
  refuse_to_overwrite(options.out, options.force);
  std::vector<Job> jobs;
  std::vector<std::vector<std::uint64_t>> seeds;
  for (const std::string& path : options.scenarios) {
    RunOptions run;
    run.scenario = path;
    run.policy = options.policy;
    run.sets = options.sets;
    if (options.intervals > 0) run.sets.push_back(fmt::format("intervals={}", options.intervals));
    std::vector<std::uint64_t> its_seeds;
    if (options.seeds.empty()) its_seeds.push_back(read_run_scenario(run).seed);
    else its_seeds = parse_seeds(options.seeds);
    for (const std::uint64_t seed : its_seeds) {
      run.seed = seed;
      jobs.push_back({seeds.size(), read_run_scenario(run), {}, -1});
    }
    seeds.push_back(std::move(its_seeds));
  }
  const unsigned parallel = options.jobs > 0 ? options.jobs : core_count();
  if (const int code = run_all(jobs, parallel); code != exit_ok) {
    if (options.json)
      print_json_error(code, {{"", 0, 0, "",
                               code == exit_interrupted ? "interrupted" : "a run failed",
                               "standard error says why"}});
    return code;
  }
  if (!options.out.empty()) write_rows(options.out, jobs); // before anything is printed

  if (options.json) std::fputs("{\n  \"configurations\": [\n", stdout);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::vector<TwinMeasurement> runs;
    world::sim::TwinSpeed speed;
    std::size_t intervals = 0;
    const Scenario* scenario = nullptr;
    for (const Job& job : jobs) {
      if (job.scenario != i) continue;
      if (scenario == nullptr) scenario = &job.content;
      const auto& s = job.result.speed;
      speed.forecasts += s.forecasts;
      speed.forecast_seconds += s.forecast_seconds;
      speed.changes += s.changes;
      speed.change_seconds += s.change_seconds;
      speed.hosts += s.hosts;
      speed.tasks += s.tasks;
      speed.observations += s.observations;
      intervals += job.result.intervals;
      runs.push_back(job.result);
    }
    const Table table = tabulate(runs);
    if (options.json) {
      fmt::print("{}{}\n", as_json(*scenario, seeds[i], intervals, table, speed),
                 i + 1 < seeds.size() ? "," : "");
    } else {
      const std::string names = options.seeds.empty() ? fmt::format("{}", seeds[i].front())
                                                      : options.seeds;
      fmt::print("{}{}\n{}", i > 0 ? "\n" : "", heading(*scenario, names, intervals),
                 as_text(table, speed));
    }
  }
  if (options.json) std::fputs("  ]\n}\n", stdout);
  return exit_ok;
}

} // namespace lair::cli
