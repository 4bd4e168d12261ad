#include "cli/sweep_point.hpp"

#include "cli/environment.hpp"
#include "cli/run.hpp"
#include "core/error.hpp"
#include "record/manifest.hpp"
#include "record/text_file.hpp"
#include "scenario/quantity.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace lair::cli {

namespace {

/// The text up to the separator, which is taken off too.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

std::string tidy(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

} // namespace

Job point_job(const SweepSetup& setup, std::size_t point, const std::string& root) {
  const RunOptions run = setup.run(point);
  Job job;
  job.learned = setup.learned(point);
  job.arguments = {"run-point", run.scenario, "--seed", fmt::format("{}", *run.seed), "--root", root};
  if (!run.policy.empty()) {
    job.arguments.emplace_back("--policy");
    job.arguments.push_back(run.policy);
  }
  for (const auto& set : run.sets) {
    job.arguments.emplace_back("--set");
    job.arguments.push_back(set);
  }
  return job;
}

bool is_run_name(const std::string& name) {
  return name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string run_name_in(const std::string& output) {
  constexpr std::string_view mark = "run ";
  if (!output.starts_with(mark)) return {};
  return output.substr(mark.size(), output.find('\n') - mark.size());
}

std::optional<sweep::StoredRun> outcome(const SweepSetup& setup, const std::string& key,
                                        const JobResult& job) {
  sweep::StoredRun run;
  run.run = run_name_in(job.output);
  run.exit_code = job.exit_code;
  if (job.exit_code == exit_ok && take_run(setup, run)) return run;
  if (job.exit_code == exit_interrupted) return {}; // its folder says so; it is run again
  if (run.run.empty()) run.run = "point-" + key.substr(0, 16); // it did not get as far as a name
  run.status = job.timed_out ? "timeout" : "failed";
  run.message = job.timed_out ? "the time limit" : tidy(job.messages);
  if (run.message.empty())
    run.message = job.exit_code == exit_ok  ? "its results are not whole"
                  : job.exit_code > 128 ? fmt::format("ended by signal {}", job.exit_code - 128)
                                        : fmt::format("exit code {}", job.exit_code);
  return run;
}

bool take_run(const SweepSetup& setup, sweep::StoredRun& run) {
  const std::string folder = setup.out() + "/runs/" + run.run;
  if (run.run.empty()) return false;
  try {
    const auto summary = record::read_summary(folder);
    if (!summary || !summary->completed || !record::damaged_file(folder, *summary).empty()) return false;
    run.summary = *summary;
  } catch (const InputError&) { // what is there is no summary
    return false;
  }
  run.files = record::manifest(folder, run.summary);
  run.cost = record::read_cost(folder);
  return true;
}

std::string point_file(const SweepSetup& setup, const std::string& key) {
  return setup.out() + "/points/" + key;
}

void write_record(const std::string& file, const PointRecord& record) {
  try {
    record::replace_file(file, record.status == "done"
                                   ? fmt::format("done {}\n", record.run)
                                   : fmt::format("{} {} {}\n{}\n", record.status, record.exit_code,
                                                 record.run, record.message));
  } catch (const RunError&) {
    if (!read_record(file)) throw; // else another process has written the same at this moment
  }
}

std::optional<PointRecord> read_record(const std::string& file) {
  const std::string text = content(file);
  if (text.empty() || text.back() != '\n') return {};
  std::string_view rest(text);
  std::string_view line = cut(rest, '\n');
  PointRecord record;
  record.status = cut(line, ' ');
  if (record.status != "done") {
    if (record.status != "failed" && record.status != "timeout" && record.status != try_again) return {};
    const std::string_view code = cut(line, ' ');
    const char* end = code.data() + code.size();
    if (const auto read = std::from_chars(code.data(), end, record.exit_code); read.ptr != end) return {};
    record.message = tidy(std::string(rest));
  }
  record.run = line;
  if (record.run.empty()) return {};
  return record;
}

std::optional<sweep::StoredRun> recorded_run(const SweepSetup& setup, const PointRecord& record) {
  sweep::StoredRun run;
  run.run = record.run;
  run.exit_code = record.exit_code;
  run.message = record.message;
  if (record.status != "done") {
    run.status = record.status == try_again ? "failed" : record.status;
    return run;
  }
  if (!take_run(setup, run)) return {};
  if (record::read_origin(setup.out() + "/runs/" + run.run).program != program_hash()) return {};
  return run;
}

double time_limit_of(const SweepSetup& setup, const std::string& option) {
  if (option.empty()) return setup.plan().table().time_limit;
  const ReadQuantity limit = read_quantity(option, Unit::seconds);
  if (!limit.problem.empty() || !(limit.value > 0))
    throw InputError("--time-limit", "",
                     limit.problem.empty() ? fmt::format("'{}' is no time to wait", option)
                                           : limit.problem,
                     "a time such as \"10 min\"");
  return limit.value;
}

} // namespace lair::cli
