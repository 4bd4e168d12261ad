#include "report/metric_names.hpp"

#include "core/error.hpp"
#include "report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lair::report {

namespace {

using record::Metric;

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

} // namespace

const record::MetricDescription& description(Metric metric) {
  return record::metric_table()[static_cast<std::size_t>(metric)];
}

std::string title_of(Metric metric) {
  switch (metric) {
  case Metric::energy_kwh: return "Energy";
  case Metric::energy_per_task_kj: return "Energy per task";
  case Metric::response_mean_s: return "Mean response time";
  case Metric::response_p50_s: return "Median response time";
  case Metric::response_p95_s: return "Response time, 95th percentile";
  case Metric::response_p99_s: return "Response time, 99th percentile";
  case Metric::slo_violation_rate: return "SLO violations";
  case Metric::throughput_per_hour: return "Throughput";
  case Metric::jain_fairness: return "Fairness between LEIs (Jain)";
  case Metric::migrations: return "Migrations";
  case Metric::decision_mean_s: return "Mean decision time";
  case Metric::model_bytes: return "Memory of the policy on a broker";
  case Metric::model_ram_share: return "RAM of the policy on a broker";
  case Metric::cpu_mean: return "Mean CPU use";
  case Metric::mttd_s: return "Mean time to detect a lost host";
  case Metric::mttr_s: return "Mean time to repair";
  case Metric::detection_f1: return "Detection: F1";
  case Metric::detection_auroc: return "Detection: AUROC";
  case Metric::detection_aupr: return "Detection: AUPR";
  default: break;
  }
  std::string name(description(metric).name);
  for (const std::string_view unit : {"_s", "_kj", "_bytes", "_100"})
    if (name.ends_with(unit)) name.resize(name.size() - unit.size());
  for (std::size_t dot; (dot = name.find('.')) != std::string::npos;) name.replace(dot, 1, ": ");
  std::replace(name.begin(), name.end(), '_', ' ');
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

std::string axis_of(Metric metric) {
  return fmt::format("{}, {}", title_of(metric), description(metric).unit);
}

std::string id_of(Metric metric) { return slug(description(metric).name); }

const std::vector<Metric>& headline_metrics() {
  using enum Metric;
  static const std::vector<Metric> all{energy_kwh,          response_mean_s, response_p95_s,  slo_violation_rate,
                                       throughput_per_hour, migrations,      decision_mean_s, detection_f1};
  return all;
}

MetricChoice chosen_metrics(const std::vector<std::string>& names) {
  if (names.empty()) return {headline_metrics()};
  std::vector<Metric> all;
  std::vector<Diagnostic> wrong;
  for (const auto& name : names) {
    const auto& table = record::metric_table();
    const auto it = std::find_if(table.begin(), table.end(), [&](const auto& one) {
      return with_underscores(std::string(one.name)) == with_underscores(name);
    });
    if (it == table.end())
      wrong.push_back({"--metric", 0, 0, "", fmt::format("there is no metric '{}'", plain_text(name)),
                       "a name of the table in docs/results.md, such as energy_kwh or detection.f1"});
    else if (std::find(all.begin(), all.end(), it->metric) == all.end()) all.push_back(it->metric);
  }
  if (!wrong.empty()) throw InputError(std::move(wrong));
  return {std::move(all), true};
}

std::vector<Metric> shown_metrics(const MetricChoice& choice, const std::string& folder,
                                  const std::function<Values(Metric)>& values_of) {
  std::vector<Metric> out;
  std::vector<Diagnostic> without;
  for (const Metric metric : choice.metrics) {
    const Values values = values_of(metric);
    if (values == Values::some || (choice.by_name && values == Values::zeros)) out.push_back(metric);
    else if (choice.by_name)
      without.push_back({"--metric", 0, 0, "",
                         fmt::format("no run in '{}' has a value of '{}'", folder, description(metric).name),
                         "another metric, or a run that measures it (docs/results.md says which do)"});
  }
  if (!without.empty()) throw InputError(std::move(without));
  return out;
}

} // namespace lair::report
