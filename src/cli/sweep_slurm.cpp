#include "cli/sweep_slurm.hpp"

#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/programs.hpp"
#include "cli/run.hpp"
#include "cli/slurm.hpp"
#include "core/error.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <time.h>
#include <wordexp.h>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

/// What a task does. It remembers how far it has come, so that a task that Slurm starts again, on
/// another node perhaps, goes on from there. 130 and 143: it was told to end. 75, or a point that died
/// of a signal: the node may be what is wrong.
constexpr const char* job_text = R"(#!/bin/sh
# One task of the array: it runs the lines T, T + {tasks}, T + 2 x {tasks}, ... of the list, T being its number.
point() {{
  {point} --index "$1" </dev/null
}}
folder={folder}
task=${{SLURM_ARRAY_TASK_ID:?}}
state=$folder/tasks/$task
past=$(cat "$state" 2>/dev/null)
number=0
for index in $(awk -v task="$task" 'NR % {tasks} == (task + 1) % {tasks}' "$folder/pending"); do
  number=$((number + 1))
  [ "$number" -gt "${{past:-0}}" ] || continue
  point "$index"
  code=$?
  case $code in 130 | 143) exit "$code" ;; esac
  if [ "$code" -eq 75 ] || [ "$code" -gt 128 ]; then
    echo "$index" >>"$state.again"
    tries=$(grep -cx "$index" "$state.again")
    if [ "${{tries:-0}}" -le 3 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt 20 ] &&
      scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$task"; then
      sleep 600 # Slurm ends it before
      exit 75
    fi
  fi
  echo "$number" >"$state"
done
exit 0
)";

/// As the shell would split them.
std::vector<std::string> split_words(const std::vector<std::string>& texts) {
  std::vector<std::string> words;
  for (const auto& text : texts) {
    wordexp_t found{};
    if (wordexp(text.c_str(), &found, WRDE_NOCMD | WRDE_UNDEF) != 0)
      throw InputError("--sbatch-args", "", fmt::format("'{}' cannot be split into words", text),
                       "quotes as in a shell, such as \"--partition=long --mem=2G\"");
    for (std::size_t i = 0; i < found.we_wordc; ++i) words.emplace_back(found.we_wordv[i]);
    wordfree(&found);
  }
  return words;
}

std::string slurm_folder(const SweepSetup& setup) { return setup.out() + "/slurm"; }
std::string job_file(const SweepSetup& setup) { return slurm_folder(setup) + "/job"; }

std::string job_in(const SweepSetup& setup) {
  const std::string text = content(job_file(setup));
  return text.substr(0, text.find('\n'));
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw RunError(fmt::format("cannot create the folder '{}': {}", path, error.message()));
}

/// Until then, or until a signal comes.
void sleep_for(double seconds) {
  const timespec span{static_cast<time_t>(seconds),
                      static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  nanosleep(&span, nullptr);
}

std::string point_words(const SlurmSweep& sweep) {
  const SweepOptions& options = sweep.options;
  std::string words = shell_quoted(fs::read_symlink("/proc/self/exe").string()) + " point " +
                      shell_quoted(options.file) + " --out " + shell_quoted(sweep.setup.out());
  for (const auto& set : options.sets) words += " --set " + shell_quoted(set);
  if (!options.time_limit.empty()) words += " --time-limit " + shell_quoted(options.time_limit);
  return words;
}

/// Writes slurm/ and gives the array to Slurm.
std::string submit(const SlurmSweep& sweep, const std::vector<std::size_t>& points) {
  const SweepSetup& setup = sweep.setup;
  const std::string folder = slurm_folder(setup);
  const std::string absolute = fs::absolute(folder).lexically_normal().string();
  std::size_t tasks = std::min(points.size(), slurm::largest_array());
  if (sweep.options.array_tasks > 0) tasks = std::min<std::size_t>(tasks, sweep.options.array_tasks);

  std::error_code error;
  fs::remove_all(folder + "/tasks", error);
  for (const std::string& each : {folder + "/log", folder + "/tasks", setup.out() + "/points"})
    make_folder(each);
  std::string list;
  for (const auto point : points) list += fmt::format("{}\n", point);
  record::replace_file(folder + "/pending", list);
  record::replace_file(folder + "/sweep", fmt::format("{}\n{}\n", setup.name(), program_hash()));
  record::replace_file(folder + "/job.sh",
                       fmt::format(fmt::runtime(job_text), fmt::arg("tasks", tasks),
                                   fmt::arg("point", point_words(sweep)),
                                   fmt::arg("folder", shell_quoted(absolute))));

  std::string log; // '%' begins a field of sbatch's
  for (const char c : absolute + "/log/") log += c == '%' ? std::string("%%") : std::string(1, c);
  std::vector<std::string> words{"sbatch", "--job-name=lair-" + setup.name(),
                                 "--chdir=" + fs::current_path().string(), "--ntasks=1",
                                 "--output=" + log + "%A_%a.txt", "--open-mode=append", "--requeue"};
  for (auto& word : split_words(sweep.options.sbatch_args)) words.push_back(std::move(word));
  std::string array = fmt::format("--array=0-{}", tasks - 1);
  if (sweep.options.jobs > 0) array += fmt::format("%{}", sweep.options.jobs);
  words.insert(words.end(), {"--parsable", array, folder + "/job.sh"});
  const std::string job = slurm::submit(std::move(words));
  record::replace_file(job_file(setup), job + "\n");
  std::fprintf(stderr, "lair: Slurm job %s: %zu task%s for %zu point%s\n", job.c_str(), tasks,
               tasks == 1 ? "" : "s", points.size(), points.size() == 1 ? "" : "s");
  return job;
}

/// Takes points in as their records appear.
class Gathering {
public:
  Gathering(const SlurmSweep& sweep, const std::vector<std::size_t>& points)
      : sweep_(sweep), total_(sweep.setup.plan().size()), before_(total_ - points.size()),
        began_(monotonic_seconds()) {
    for (const auto point : points) left_.emplace(sweep_.setup.key(point), point);
  }

  std::vector<std::size_t> left() const {
    std::vector<std::size_t> points;
    for (const auto& [key, point] : left_) points.push_back(point);
    std::sort(points.begin(), points.end());
    return points;
  }
  bool complete() const { return left_.empty(); }

  /// Failures of an earlier job: they are tried again.
  void forget_records() {
    std::error_code error;
    for (const auto& [key, point] : left_) fs::remove(point_file(sweep_.setup, key), error);
  }

  /// One listing instead of a question per point, as the folder may be on a network.
  void look() {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator it(sweep_.setup.out() + "/points", error), end; !error && it != end;
         it.increment(error))
      names.push_back(it->path().filename().string());
    for (const auto& name : names) take(name, false);
  }
  /// Nobody will write any more.
  void look_for_the_last_time() {
    std::vector<std::string> names;
    for (const auto& [key, point] : left_)
      if (names.empty() || names.back() != key) names.push_back(key);
    for (const auto& name : names) take(name, true);
  }

  void show(const slurm::JobState& job) {
    const std::size_t done = total_ - before_ - left_.size();
    const double rate = static_cast<double>(done) / (monotonic_seconds() - began_);
    sweep_.progress.show(before_ + done, done > 0 ? static_cast<double>(left_.size()) / rate : -1,
                         !job.answered     ? ", Slurm does not answer"
                         : job.running > 0 ? fmt::format(", {} running", job.running)
                                           : ", waiting");
  }

private:
  void take(const std::string& key, bool last) {
    const auto [first, end] = left_.equal_range(key);
    if (first == end) return;
    const auto record = read_record(point_file(sweep_.setup, key));
    if (!record || (record->status == try_again && !last)) return;
    const auto run = recorded_run(sweep_.setup, *record);
    if (!run) return;
    for (auto it = first; it != end; ++it) sweep_.take(it->second, *run);
    left_.erase(first, end);
  }

  const SlurmSweep& sweep_;
  std::multimap<std::string, std::size_t> left_; ///< by key
  std::size_t total_, before_;
  double began_;
};

/// Until all points are in, the job has gone or somebody interrupts.
void wait_for(const std::string& job, const SlurmSweep& sweep, Gathering& gathering) {
  constexpr double first_pause = 0.25, longest_pause = 2, longest_silence = 15; // seconds
  double pause = first_pause, silence = 1, asked = monotonic_seconds();
  slurm::JobState state{true, true, 0, {}};
  bool said_held = false;
  for (unsigned absent = 0; absent < 2 && !interrupted();) {
    gathering.look();
    if (gathering.complete()) return;
    gathering.show(state);
    sleep_for(pause);
    pause = std::min(pause * 1.2, longest_pause);
    if (absent == 0 && monotonic_seconds() - asked < silence) continue;
    silence = std::min(silence * 1.2, longest_silence); // the controller serves others too
    state = slurm::look(job);
    asked = monotonic_seconds();
    absent = state.answered && !state.there ? absent + 1 : 0;
    if (!state.held.empty() && !said_held) {
      said_held = true;
      sweep.progress.clear();
      std::fprintf(stderr, "lair: Slurm holds tasks of job %s back (%s): `scontrol release %s` lets them go on\n",
                   job.c_str(), state.held.c_str(), job.c_str());
    }
  }
}

void cancel(const std::string& job, const SlurmSweep& sweep) {
  sweep.progress.clear();
  const std::string why = slurm::cancel(job);
  if (why.empty()) std::fprintf(stderr, "lair: Slurm job %s is cancelled\n", job.c_str());
  else std::fprintf(stderr, "lair: Slurm job %s could not be cancelled: %s\n", job.c_str(), why.c_str());
}

} // namespace

std::string slurm_job_under_way(const SweepSetup& setup) {
  const std::string job = job_in(setup);
  if (job.empty() || find_program("squeue").empty()) return {};
  const slurm::JobState state = slurm::look(job);
  return state.there || !state.answered ? job : std::string();
}

SlurmEnd run_on_slurm(const SlurmSweep& sweep, const std::vector<std::size_t>& points) {
  catch_interrupts();
  const std::string earlier = slurm_job_under_way(sweep.setup);
  if (earlier.empty() && points.empty()) return {};
  Gathering gathering(sweep, points);
  SlurmEnd end;
  const auto run = [&](const std::string& job) {
    try {
      wait_for(job, sweep, gathering);
    } catch (...) { // such as a full disk
      sweep.progress.clear();
      std::fprintf(stderr, "lair: Slurm job %s goes on without me; `scancel %s` ends it, --resume gathers it\n", job.c_str(),
                   job.c_str());
      throw;
    }
    end.interrupted = interrupted();
    if (end.interrupted && !gathering.complete()) cancel(job, sweep);
    else gathering.look_for_the_last_time();
    // Tasks that Slurm would not start again have nothing to do any more, and would wait for ever.
    if (gathering.complete() && !slurm::look(job).held.empty()) cancel(job, sweep);
    // Of a job that was cancelled the file stays, for whoever goes on while it is still ending.
    std::error_code error;
    if (!end.interrupted)
      for (const char* name : {"/job", "/sweep"}) fs::remove(slurm_folder(sweep.setup) + name, error);
  };
  if (!earlier.empty()) {
    std::fprintf(stderr, "lair: Slurm job %s of this sweep is still there: waiting for it\n",
                 earlier.c_str());
    run(earlier);
  }
  if (!end.interrupted && !gathering.complete()) {
    gathering.forget_records();
    run(submit(sweep, gathering.left()));
  }
  end.lost = gathering.left().size();
  return end;
}

} // namespace lair::cli
