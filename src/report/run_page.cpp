// The report of one run.
#include "core/error.hpp"
#include "report/line_chart.hpp"
#include "report/metric_names.hpp"
#include "report/replay.hpp"
#include "report/report.hpp"
#include "report/task_figures.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lair::report {

namespace {

using record::Metric;

std::string roles(const record::Summary& run) {
  std::string out;
  for (const auto& [role, name] : {std::pair("scheduler", &run.scheduler), {"detector", &run.detector},
                                   {"remediator", &run.remediator}})
    if (!name->empty()) out += fmt::format("{}{} {}", out.empty() ? " (" : ", ", role, *name);
  return out.empty() ? out : out + ")";
}

std::string verdict(const record::Summary& run) {
  const auto& m = run.metrics;
  std::string out = fmt::format("{} of {} tasks finished in {} intervals", run.tasks.finished, run.tasks.arrived, run.intervals);
  if (!std::isnan(m[Metric::response_mean_s]))
    out += fmt::format(", in {} s on average", shown(m[Metric::response_mean_s]));
  if (!std::isnan(m[Metric::slo_violation_rate]))
    out += fmt::format("; {:.1f} % of those with a deadline missed it", 100 * m[Metric::slo_violation_rate]);
  out += fmt::format("; {} kWh; {} fault{} injected", shown(m[Metric::energy_kwh]), run.faults_applied,
                     run.faults_applied == 1 ? "" : "s");
  if (!std::isnan(m[Metric::detection_f1]))
    out += fmt::format(", predicted with F1 {:.2f}", m[Metric::detection_f1]);
  return out + ".";
}

Table metric_rows(const std::string& id, const std::string& caption, const record::MetricValues& values,
                  const std::vector<Metric>& metrics, bool with_meaning) {
  Table table{id, caption, {{"metric", false}, {"value"}, {"unit", false}}, {}};
  if (with_meaning) table.columns.push_back({"meaning", false});
  for (const Metric metric : metrics) {
    if (std::isnan(values[metric])) continue;
    const auto& what = description(metric);
    table.rows.push_back({{std::string(what.name)}, number_cell(values[metric]), {std::string(what.unit)}});
    if (with_meaning) table.rows.back().push_back({std::string(what.meaning)});
  }
  return table;
}

struct Curve {
  std::string column, name;
  double factor = 1;
};

/// Points of a run of intervals are drawn without marks; there are many.
Figure over_time(std::string id, std::string title, std::string text, std::string axis,
                 const std::vector<Curve>& curves, const std::map<std::string, std::vector<double>>& columns) {
  LineChart chart{std::move(id), std::move(title), std::move(text), "time, h", std::move(axis)};
  chart.x_title = "time_h";
  chart.markers = false;
  chart.from_zero = true;
  const auto& ends = columns.at("end_s");
  for (const auto& curve : curves) {
    Line line{curve.name, {}};
    const auto& values = columns.at(curve.column);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double y = values[i] * curve.factor;
      line.points.push_back({ends[i] / 3600, {y, y, y}});
    }
    chart.lines.push_back(std::move(line));
  }
  return draw(chart);
}

Section time_section(const LoadedRun& run, std::vector<std::string>& warnings) {
  Section section{"time", "Over time", {}};
  std::string problem;
  const auto columns = load_intervals(run.folder, {"end_s", "active", "queued", "response_mean_s", "energy_j",
                                                   "cpu_mean", "ram_mean", "hosts_faulty", "hosts_labelled"},
                                      problem);
  if (columns.empty()) {
    if (!problem.empty()) warnings.push_back(problem);
    return section;
  }
  section.blocks.push_back(over_time("tasks-over-time", "Tasks in the federation",
                                     "Tasks that run, and tasks that wait for a host, at each interval's end.",
                                     "tasks", {{"active", "running"}, {"queued", "queued"}}, columns));
  section.blocks.push_back(over_time("load-over-time", "Load", "Mean over all hosts and the interval.", "share",
                                     {{"cpu_mean", "CPU"}, {"ram_mean", "RAM"}}, columns));
  std::vector<Curve> faults{{"hosts_faulty", "faulty"}};
  if (!run.summary.detector.empty()) faults.push_back({"hosts_labelled", "labelled faulty"});
  section.blocks.push_back(over_time("faults-over-time", "Faulty hosts",
                                     "Hosts that were faulty within the interval, and hosts that the detector labelled at its start.",
                                     "hosts", faults, columns));
  section.blocks.push_back(over_time("energy-over-time", "Energy per interval", "All hosts together.", "energy, kJ",
                                     {{"energy_j", "", 1e-3}}, columns));
  return section;
}

} // namespace

Page run_page(const std::string& folder, const MetricChoice& chosen) {
  std::string problem;
  const auto run = load_run(folder, problem);
  if (!run) throw InputError(folder, "", "holds no run that ended: " + problem, "`lair run` it again with --force");
  const auto& summary = run->summary;
  // One run is no comparison: a 0 of it says something.
  const auto metrics = shown_metrics(chosen, folder, [&](Metric metric) {
    return std::isnan(summary.metrics[metric]) ? Values::none : Values::some;
  });
  Page page;
  page.title = fmt::format("{}: {}, seed {}", summary.scenario_name, summary.policy, summary.seed);
  page.verdict = verdict(summary);
  page.warnings = run->problems;
  page.facts = {{"scenario", fmt::format("{}, hash {}", summary.scenario_name, summary.scenario_hash)},
                {"policy", summary.policy + roles(summary)},
                {"seed", fmt::format("{}", summary.seed)},
                {"length", fmt::format("{} intervals", summary.intervals)},
                {"fingerprint", summary.fingerprint + " (equal for equal results)"}};
  if (!run->origin.lair_version.empty())
    page.facts.emplace_back("made by", fmt::format("lair {}, program {}", run->origin.lair_version, run->origin.program));

  Section numbers{"numbers", "Numbers", {}};
  numbers.blocks.push_back(metric_rows("metrics", "What the run came to", summary.metrics, metrics, true));
  Table counts{"counts", "Tasks and faults", {{"what", false}, {"count"}}, {}};
  for (const auto& [name, count] : {std::pair<const char*, std::uint64_t>{"tasks arrived", summary.tasks.arrived},
                                    {"tasks finished", summary.tasks.finished},
                                    {"tasks failed", summary.tasks.failed},
                                    {"tasks running at the end", summary.tasks.active},
                                    {"tasks queued at the end", summary.tasks.queued},
                                    {"faults planned", summary.faults_planned},
                                    {"faults applied", summary.faults_applied},
                                    {"faults masked", summary.faults_masked}})
    counts.rows.push_back({{name}, {fmt::format("{}", count)}});
  numbers.blocks.push_back(std::move(counts));
  std::vector<Metric> all;
  for (const auto& one : record::metric_table()) all.push_back(one.metric);
  Table every = metric_rows("all-metrics", "Every metric that has a value", summary.metrics, all, true);
  every.folded = true;
  numbers.blocks.push_back(std::move(every));
  page.sections.push_back(std::move(numbers));

  Section tasks{"tasks", "Tasks", {}};
  for (auto& figure : task_figures({{summary.policy, {&*run}}})) tasks.blocks.push_back(std::move(figure));
  if (tasks.blocks.empty())
    tasks.blocks.push_back(Paragraph{"There is no table of tasks (record.level = \"summary\", or no task arrived)."});
  page.sections.push_back(std::move(tasks));
  Section time = time_section(*run, page.warnings);
  if (!time.blocks.empty()) page.sections.push_back(std::move(time));
  try {
    page.sections.push_back({"replay", "Replay", {Html{replay_section(folder)}}});
  } catch (const InputError& error) {
    page.warnings.push_back(error.what());
  }
  return page;
}

} // namespace lair::report
