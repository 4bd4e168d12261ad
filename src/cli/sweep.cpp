#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/process_pool.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/sweep_point.hpp"
#include "cli/sweep_setup.hpp"
#include "cli/sweep_slurm.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "record/folder_lock.hpp"
#include "record/manifest.hpp"
#include "record/text_file.hpp"
#include "sweep/design_advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

std::string clock(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

/// What runs of each policy take; others, the mean of all.
class Expectation {
public:
  explicit Expectation(const SweepSetup& setup) : plan_(setup.plan()), left_(plan_.policies().size(), 0) {}
  void will_run(std::size_t point) { ++left_[policy(point)]; }
  void started(std::size_t point) { --left_[policy(point)]; }
  void took(std::size_t point, double seconds) {
    auto& [total, count] = taken_[policy(point)];
    total += seconds;
    ++count;
  }
  double mean(std::size_t its_policy) const {
    if (const auto found = taken_.find(its_policy); found != taken_.end())
      return found->second.first / static_cast<double>(found->second.second);
    double total = 0;
    std::size_t count = 0;
    for (const auto& [one, taken] : taken_) {
      total += taken.first;
      count += taken.second;
    }
    return count > 0 ? total / static_cast<double>(count) : 0;
  }
  double left(unsigned parallel) const {
    double seconds = 0;
    for (std::size_t p = 0; p < left_.size(); ++p)
      seconds += mean(p) * static_cast<double>(left_[p]);
    return seconds / parallel;
  }

private:
  std::size_t policy(std::size_t point) const { return plan_.cells()[plan_.cell_of(point)].policy; }
  const sweep::Plan& plan_;
  std::vector<std::size_t> left_;
  std::map<std::size_t, std::pair<double, std::size_t>> taken_;
};

/// Puts what came of a point into the store, and says failures as they come.
class Collector {
public:
  Collector(const SweepSetup& setup, sweep::Store& store, Progress& progress)
      : setup_(setup), store_(store), progress_(progress) {}

  void collect(std::size_t point, const std::string& key, const JobResult& job) {
    const auto run = outcome(setup_, key, job);
    if (!run || job.interrupted) return; // it is run again
    if (run->status == "done") say_once(job.messages);
    take(point, *run);
  }

  void take(std::size_t point, const sweep::StoredRun& run) {
    store_.add(point, run);
    if (run.status == "done") return;
    failures_.push_back({point, run.run, run.status, run.message});
    progress_.clear();
    if (failed() <= most_said)
      std::fprintf(stderr, "lair: point %zu (%s) %s: %s\n", point, setup_.plan().label(point).c_str(),
                   run.status == "timeout" ? "was ended" : "failed", run.message.c_str());
    else if (failed() == most_said + 1)
      std::fprintf(stderr, "lair: more failures; all stand in %s, table runs\n",
                   setup_.store().c_str());
  }

  struct Failure {
    std::size_t point;
    std::string run, status, message;
  };
  std::size_t failed() const { return failures_.size(); }
  /// By point: all that the store knows of, as failures of before are forgotten when it is opened.
  std::vector<Failure> failures() const {
    auto all = failures_;
    std::sort(all.begin(), all.end(), [](const Failure& a, const Failure& b) { return a.point < b.point; });
    return all;
  }

private:
  static constexpr std::size_t most_said = 20;

  void say_once(const std::string& messages) {
    for (std::size_t at = 0; at < messages.size();) {
      const auto end = std::min(messages.find('\n', at), messages.size());
      const std::string line = messages.substr(at, end - at);
      at = end + 1;
      if (line.empty() || said_.size() > 1000 || !said_.insert(line).second) continue;
      progress_.clear();
      std::fprintf(stderr, "%s\n", line.c_str());
    }
  }

  const SweepSetup& setup_;
  sweep::Store& store_;
  Progress& progress_;
  std::set<std::string> said_;
  std::vector<Failure> failures_;
};

/// Looks whether the runs that the store knows are still there as they were written.
class Inspection {
public:
  Inspection(const SweepSetup& setup, sweep::Store& store) : setup_(setup), store_(store) {}

  bool whole(std::size_t point) {
    const std::string& run = store_.run_of(point);
    if (const auto found = lost_.find(run); found != lost_.end()) return false;
    const std::string folder = setup_.out() + "/runs/" + run;
    const std::string changed = record::changed_file(folder, store_.files_of(point));
    if (changed.empty()) return true;
    std::error_code error;
    const bool gone = !fs::exists(folder, error);
    lost_[run] = gone ? "is gone" : fmt::format("is damaged ({})", changed);
    if (!gone) fs::remove(folder + "/summary.json", error); // so that it counts as unfinished
    // The run that is made again would wait for a reader of a pipe for ever.
    if (fs::is_other(fs::symlink_status(folder + "/" + changed, error))) fs::remove(folder + "/" + changed, error);
    return false;
  }

  void say() const {
    if (lost_.empty()) return;
    constexpr std::size_t most = 5;
    std::string which;
    std::size_t said = 0;
    for (const auto& [run, what] : lost_)
      if (said++ < most) which += fmt::format("{} runs/{} {}", which.empty() ? "" : ",", run, what);
    if (lost_.size() > most) which += fmt::format(", and {} more", lost_.size() - most);
    std::fprintf(stderr, "lair: %zu run%s once more:%s\n", lost_.size(), lost_.size() == 1 ? "" : "s", which.c_str());
  }

private:
  const SweepSetup& setup_;
  sweep::Store& store_;
  std::map<std::string, std::string> lost_; ///< name of the run, and what is wrong with its folder
};

/// The points to run: those the store has no run of, and those whose folder has gone or is damaged.
/// What `lair point` has left is taken in; its failures only where they are not tried again.
std::vector<std::size_t> pending(SweepSetup& setup, sweep::Store& store, Collector& collector,
                                 bool failures_again) {
  std::vector<std::size_t> points;
  Inspection inspection(setup, store);
  std::error_code error;
  const bool alone = !fs::exists(setup.out() + "/points", error);
  for (std::size_t i = 0; i < setup.plan().size(); ++i) {
    if (store.done(i) && inspection.whole(i)) continue;
    if (store.done(i)) store.forget(i);
    const auto record = alone ? std::nullopt : read_record(point_file(setup, setup.key(i)));
    if (record && (record->status == "done" || !failures_again))
      if (const auto run = recorded_run(setup, *record)) {
        collector.take(i, *run);
        continue;
      }
    points.push_back(i);
  }
  store.commit();
  inspection.say();
  return points;
}

bool disk_is_full(const std::string& folder) {
  constexpr std::uintmax_t nothing = 16 << 10; // bytes; a summary takes more
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  return !error && space.available < nothing;
}

/// True if it was interrupted. RunError when the disk is full.
bool run_points(SweepSetup& setup, const std::vector<std::size_t>& points, unsigned parallel,
                double time_limit, Collector& collector, Progress& progress) {
  Expectation expectation(setup);
  for (const auto point : points) expectation.will_run(point);
  std::vector<double> started(points.size(), 0);
  std::size_t next = 0, finished = 0;
  const std::size_t before = setup.plan().size() - points.size();
  const auto show = [&] {
    progress.show(before + finished, finished > 0 ? expectation.left(parallel) : -1,
                  collector.failed() > 0 ? fmt::format(", {} failed", collector.failed()) : "");
  };
  bool full = false; // every further run would fail
  JobStream stream;
  stream.parallel = parallel;
  stream.time_limit = time_limit;
  stream.keep_output = true;
  stream.fork_server = true;
  stream.say = [&](const std::string& what) {
    progress.clear();
    std::fprintf(stderr, "lair: %s\n", what.c_str());
  };
  stream.next = [&]() -> std::optional<Job> {
    if (next == points.size() || full) return {};
    started[next] = monotonic_seconds();
    expectation.started(points[next]);
    return point_job(setup, points[next++], setup.out());
  };
  stream.done = [&](std::size_t number, const JobResult& job) {
    expectation.took(points[number], monotonic_seconds() - started[number]);
    full = full || (job.exit_code != exit_ok && disk_is_full(setup.out()));
    collector.collect(points[number], setup.key(points[number]), job);
    ++finished;
    show();
  };
  show();
  const bool interrupted = run_stream(stream);
  if (full && next < points.size())
    throw RunError(fmt::format("the disk of '{}' is full: {} of {} points are left to be run; go on with --resume when there is room",
                               setup.out(), points.size() - next, setup.plan().size()));
  return interrupted;
}

void refuse_folder(const SweepSetup& setup, const SweepOptions& options) {
  const std::string& out = setup.out();
  std::error_code error;
  if (!fs::exists(out, error)) return;
  if (!fs::is_directory(out, error))
    throw InputError("--out", "", fmt::format("'{}' is a file", out), "the path of a folder");
  if (fs::is_empty(out, error)) return;
  if (!fs::exists(setup.store(), error)) {
    for (const auto& entry : fs::directory_iterator(out, error))
      if (const auto name = entry.path().filename(); name != "runs" && name != "points" && name != "slurm" &&
                                                     name != "report.html" && name != "figures")
        throw InputError("--out", "",
                         fmt::format("'{}' is not empty and no sweep: '{}' is in it", out,
                                     name.string()),
                         "another folder");
    return; // killed before its first transaction, or points of `lair point`
  }
  if (options.force) return;
  if (const std::string why = sweep_in_the_way(setup); !why.empty())
    throw InputError("--out", "", why, "another folder, or --force to replace it");
  if (!options.resume && sweep::has_runs(setup.store()))
    throw InputError("--out", "", fmt::format("'{}' holds this sweep already", out),
                     "--resume to go on with it, --force to start anew, or another folder");
}

/// Two would run the same points.
void refuse_while_slurm_runs(const SweepSetup& setup, const SweepOptions& options) {
  if (options.slurm && !options.force) return; // which waits for it
  if (const std::string job = slurm_job_under_way(setup); !job.empty())
    throw InputError("--out", "", fmt::format("Slurm job {} of this sweep is still there", job),
                     fmt::format("--resume --slurm to wait for it, or `scancel {}`", job));
}

void start_anew(const SweepSetup& setup) {
  std::error_code error;
  for (const char* name : {"sweep.db", "sweep.db-journal", "runs", "points", "slurm"}) {
    fs::remove_all(setup.out() + "/" + name, error);
    if (error)
      throw RunError(fmt::format("cannot remove '{}/{}': {}", setup.out(), name, error.message()));
  }
}

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string axis_line(const SweepAxis& axis, std::size_t width) {
  std::string values;
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(axis.values.size(), most); ++i)
    values += (i > 0 ? ", " : "") + axis.values[i].text;
  if (axis.values.size() > most) values += fmt::format(", ... ({})", axis.values.size());
  return fmt::format("  {:<{}}  {}\n", axis.name, width, values);
}

std::string plan_text(const SweepSetup& setup) {
  const sweep::Plan& plan = setup.plan();
  std::string text = fmt::format("{}: {} = {} x {}{}\n", setup.name(), counted(plan.size(), "point"),
                                 counted(plan.cells().size(), "cell"),
                                 counted(plan.table().seeds.size(), "seed"),
                                 plan.dropped() > 0
                                     ? fmt::format(" ({} dropped by constraints)",
                                                   counted(plan.dropped(), "cell"))
                                     : "");
  std::size_t width = 8;
  for (const auto& axis : plan.table().axes) width = std::max(width, axis.name.size());
  text += fmt::format("  {:<{}}  ", "policies", width);
  for (std::size_t i = 0; i < plan.policies().size(); ++i)
    text += (i > 0 ? ", " : "") + plan.policies()[i];
  text += "\n";
  for (const auto& axis : plan.table().axes) text += axis_line(axis, width);
  return text;
}

std::uintmax_t bytes_under(const std::string& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->is_regular_file(error)) bytes += it->file_size(error);
  return bytes;
}

/// Two runs of each policy, elsewhere, say what the sweep will take: the quicker one, since the first
/// waits until the process that forks them has started up. No run is kept.
struct Trial {
  std::vector<double> seconds; ///< by policy
  std::vector<double> bytes;
  std::string problem; ///< of the first run that failed
};
Trial try_policies(const SweepSetup& setup, unsigned parallel) {
  const sweep::Plan& plan = setup.plan();
  const TemporaryFolder folder("sweep");
  std::vector<std::size_t> points;
  for (std::uint32_t p = 0; p < plan.policies().size(); ++p)
    for (std::size_t c = 0; c < plan.cells().size(); ++c)
      if (plan.cells()[c].policy == p) {
        points.push_back(c);
        if (plan.table().seeds.size() > 1) points.push_back(c + plan.cells().size()); // another seed
        break;
      }
  Trial trial;
  trial.seconds.assign(plan.policies().size(), std::numeric_limits<double>::infinity());
  trial.bytes.assign(plan.policies().size(), 0);
  std::vector<double> started(points.size(), 0);
  std::size_t next = 0;
  JobStream stream;
  stream.parallel = parallel;
  stream.keep_output = true;
  stream.fork_server = true;
  stream.next = [&]() -> std::optional<Job> {
    if (next == points.size()) return {};
    started[next] = monotonic_seconds();
    return point_job(setup, points[next++], folder.path);
  };
  stream.done = [&](std::size_t number, const JobResult& job) {
    const auto policy = plan.cells()[plan.cell_of(points[number])].policy;
    trial.seconds[policy] = std::min(trial.seconds[policy], monotonic_seconds() - started[number]);
    trial.bytes[policy] =
        static_cast<double>(bytes_under(folder.path + "/runs/" + run_name_in(job.output)));
    if (job.exit_code != exit_ok && trial.problem.empty())
      trial.problem = fmt::format("{}: {}", plan.label(points[number]), job.messages);
  };
  if (run_stream(stream) && trial.problem.empty()) trial.problem = "interrupted";
  for (double& seconds : trial.seconds)
    if (std::isinf(seconds)) seconds = 0; // interrupted
  return trial;
}

/// Draws that are too small for what they are drawn for: said before hours are spent on them.
void warn_of_designs(const sweep::Plan& plan) {
  for (const auto& group : plan.table().groups)
    if (const auto advice = sweep::design_advice(std::string(to_string(group.method)), group.points); !advice.empty())
      std::fprintf(stderr, "lair: %s\n", advice.c_str());
}

int dry_run(const SweepSetup& setup, unsigned parallel, bool json) {
  const sweep::Plan& plan = setup.plan();
  warn_of_designs(plan);
  const Trial trial = try_policies(setup, parallel);
  std::vector<std::size_t> count(plan.policies().size(), 0);
  for (const auto& cell : plan.cells()) count[cell.policy] += plan.table().seeds.size();
  double seconds = 0, bytes = 0;
  std::string each;
  for (std::size_t p = 0; p < count.size(); ++p) {
    seconds += trial.seconds[p] * static_cast<double>(count[p]) / parallel;
    bytes += trial.bytes[p] * static_cast<double>(count[p]);
    each += fmt::format("{}{} {:.3g} s", p > 0 ? ", " : "", plan.policies()[p], trial.seconds[p]);
  }
  if (json) {
    std::string runs;
    for (std::size_t i = 0; i < plan.size(); ++i)
      runs += (i > 0 ? "," : "") + record::json_quoted(plan.label(i));
    fmt::print("{{\"name\": {}, \"points\": {}, \"expected_s\": {:.3g}, \"expected_bytes\": {:.3g}, "
               "\"jobs\": {}, \"runs\": [{}]}}\n",
               record::json_quoted(setup.name()), plan.size(), seconds, bytes, parallel, runs);
  } else {
    constexpr std::size_t most = 200;
    std::string text = plan_text(setup);
    for (std::size_t i = 0; i < std::min(plan.size(), most); ++i)
      text += fmt::format("{:>8}  {}\n", i, plan.label(i));
    if (plan.size() > most)
      text += fmt::format("     ...  {} more; --json lists all\n", plan.size() - most);
    text += fmt::format("expected: {} with {} at a time, {:.3g} MB in {}\n"
                        "          (the quicker of two runs of each policy just now: {})\n",
                        clock(seconds), parallel, 1e-6 * bytes, setup.out(), each);
    std::fputs(text.c_str(), stdout);
  }
  if (!trial.problem.empty()) std::fprintf(stderr, "lair: a trial failed: %s\n", trial.problem.c_str());
  return trial.problem.empty() ? exit_ok : exit_failed_run;
}

/// Folders of runs that belong to no point any more, for the file has changed. None while points are
/// to go: one of these may be of a run that was cut short.
std::vector<std::string> unused_folders(const SweepSetup& setup, const sweep::Store& store) {
  std::vector<std::string> unused;
  const auto counts = store.counts();
  if (counts.done + counts.failed < counts.points) return unused;
  std::set<std::string> used;
  for (std::size_t i = 0; i < counts.points; ++i) used.insert(store.run_of(i));
  std::error_code error;
  for (fs::directory_iterator it(setup.out() + "/runs", error), end; !error && it != end; it.increment(error))
    if (const auto name = it->path().filename().string();
        is_run_name(name) && used.count(name) == 0 && fs::exists(it->path() / "scenario.toml", error) &&
        !record::FolderLock::held(it->path().string()))
      unused.push_back(it->path().string());
  return unused;
}

void print_result(const SweepSetup& setup, sweep::Store& store, const Collector& collector,
                  const SweepOptions& options) {
  const auto counts = store.counts();
  const std::string digest = store.digest();
  const auto unused = unused_folders(setup, store);
  if (options.prune)
    for (const auto& folder : unused) {
      std::error_code error;
      fs::remove_all(folder, error);
      if (error) throw RunError(fmt::format("cannot remove '{}': {}", folder, error.message()));
    }
  if (options.json) {
    std::string failures;
    for (const auto& one : collector.failures())
      failures += fmt::format("{}{{\"point\": {}, \"policy\": {}, \"seed\": {}, \"run\": {}, \"status\": \"{}\", "
                              "\"message\": {}}}",
                              failures.empty() ? "" : ", ", one.point,
                              record::json_quoted(setup.plan().policy_of(one.point)),
                              setup.plan().seed_of(one.point), record::json_quoted(one.run), one.status,
                              record::json_quoted(one.message));
    fmt::print("{{\"name\": {}, \"points\": {}, \"done\": {}, \"failed\": {}, \"unused_folders\": {}, "
               "\"pruned\": {}, \"digest\": \"{}\", \"store\": {}, \"failures\": [{}]}}\n",
               record::json_quoted(setup.name()), counts.points, counts.done, counts.failed, unused.size(),
               options.prune, digest, record::json_quoted(setup.store()), failures);
    return;
  }
  fmt::print("{}{} done, {} failed, {} to go; content {}\nresults: {}\n", plan_text(setup),
             counts.done, counts.failed, counts.points - counts.done - counts.failed, digest,
             setup.store());
  if (!unused.empty())
    fmt::print("{} of runs that the file no longer has {}\n", counted(unused.size(), "folder"),
               options.prune ? "removed" : fmt::format("in {}/runs: --resume --prune removes them", setup.out()));
}

} // namespace

int sweep_command(const SweepOptions& options) {
  if (options.force && options.resume)
    throw InputError("--force", "", "starts anew, and --resume goes on", "one of them");
  SweepSetup setup(options.file, options.sets, options.out);
  setup.check_values();
  const double time_limit = time_limit_of(setup, options.time_limit);
  const unsigned parallel = options.jobs > 0 ? options.jobs : core_count();
  if (options.dry_run) return dry_run(setup, parallel, options.json);
  refuse_folder(setup, options);
  refuse_while_slurm_runs(setup, options);
  const record::FolderLock lock(setup.out());
  if (options.force) start_anew(setup);
  sweep::Store store(setup.store(), setup.plan(), setup.facts(),
                     [&](std::size_t point) { return setup.key(point); });
  Progress progress("sweep " + setup.name(), setup.plan().size());
  Collector collector(setup, store, progress);
  const auto points = pending(setup, store, collector, options.resume);
  SlurmEnd end;
  if (options.slurm)
    end = run_on_slurm({setup, options, progress,
                        [&](std::size_t point, const sweep::StoredRun& run) { collector.take(point, run); }},
                       points);
  else
    end.interrupted = run_points(setup, points, parallel, time_limit, collector, progress);
  progress.clear();
  print_result(setup, store, collector, options);
  if (end.interrupted) {
    std::fprintf(stderr, "lair: interrupted; go on with --resume%s\n",
                 options.slurm ? ", with or without --slurm" : "");
    return exit_interrupted;
  }
  if (end.lost > 0)
    std::fprintf(stderr,
                 "lair: %zu points were left without a result (cancelled, or out of the job's time?): what "
                 "they said is in %s/slurm/log; go on with --resume\n",
                 end.lost, setup.out().c_str());
  return collector.failed() + end.lost > 0 ? exit_failed_run : exit_ok;
}

} // namespace lair::cli
