#include "report/task_figures.hpp"

#include "core/statistics.hpp"
#include "report/bar_chart.hpp"
#include "report/cdf_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace lair::report {

namespace {

constexpr std::size_t most_applications = 16, most_lines = 8;

using Values = std::vector<double> ApplicationTasks::*;

struct Quantity {
  Values values;
  std::string id, title, axis, what;
};

const std::vector<Quantity>& quantities() {
  static const std::vector<Quantity> all{
      {&ApplicationTasks::responses, "response-by-application", "Mean response time by application",
       "mean response time, s", "Mean response time of the tasks that finished"},
      {&ApplicationTasks::late, "slo-by-application", "SLO violations by application",
       "late tasks, share", "Tasks that missed their deadline, among those whose fate is known"}};
  return all;
}

std::vector<std::string> application_names(const std::vector<PolicyRuns>& policies) {
  std::set<std::string> names;
  for (const auto& policy : policies)
    for (const auto* run : policy.runs)
      for (const auto& [name, tasks] : run->applications) names.insert(name);
  return {names.begin(), names.end()};
}

/// One run: over tasks. Several: the run is the sample, since its tasks depend on one another.
Estimate estimate_of(const PolicyRuns& policy, const std::string& application, Values values, bool over_tasks) {
  std::vector<double> sample;
  for (const auto* run : policy.runs) {
    const auto it = run->applications.find(application);
    if (it == run->applications.end()) continue;
    const auto& its = it->second.*values;
    if (over_tasks) sample.insert(sample.end(), its.begin(), its.end());
    else if (!its.empty()) sample.push_back(mean(its));
  }
  return estimate(sample);
}

CdfChart distribution(const std::vector<PolicyRuns>& policies, const std::vector<std::string>& names) {
  CdfChart chart{"response-cdf", "Distribution of response times", "", "response time, s"};
  chart.value_title = "response_s";
  const bool single = policies.size() == 1;
  if (single && names.size() <= most_lines) {
    chart.series_title = "application";
    chart.description = "Share of the tasks that finished within a time, by application.";
    for (const auto& name : names) {
      std::vector<double> values;
      for (const auto* run : policies[0].runs)
        if (const auto it = run->applications.find(name); it != run->applications.end())
          values.insert(values.end(), it->second.responses.begin(), it->second.responses.end());
      chart.series.emplace_back(name, std::move(values));
    }
    return chart;
  }
  chart.series_title = "policy";
  chart.description = "Share of the tasks that finished within a time, all runs of a policy together.";
  for (const auto& policy : policies) {
    std::vector<double> values;
    for (const auto* run : policy.runs)
      for (const auto& [name, tasks] : run->applications)
        values.insert(values.end(), tasks.responses.begin(), tasks.responses.end());
    chart.series.emplace_back(policy.policy, std::move(values));
  }
  return chart;
}

} // namespace

Estimate estimate(std::span<const double> values) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {nan, nan, nan};
  const double middle = mean(values);
  // The bootstrap of so many values is the normal interval, to a few hundredths of its width, and takes seconds.
  if (values.size() > 1000) {
    const double half = normal_quantile(0.975) * sample_deviation(values) / std::sqrt(static_cast<double>(values.size()));
    return {middle, middle - half, middle + half};
  }
  const Interval interval = bootstrap_mean_interval(values);
  return {middle, interval.low, interval.high};
}

std::vector<Figure> task_figures(const std::vector<PolicyRuns>& given) {
  std::vector<PolicyRuns> policies;
  for (const auto& policy : given)
    if (std::any_of(policy.runs.begin(), policy.runs.end(), [](const auto* run) { return !run->applications.empty(); }))
      policies.push_back(policy);
  std::string left_out;
  if (policies.size() > most_lines) {
    left_out = fmt::format(" Shown are the first {} of {} policies.", most_lines, policies.size());
    policies.resize(most_lines);
  }
  auto names = application_names(policies);
  if (names.empty()) return {};
  std::vector<Figure> out;
  const bool over_tasks = policies.size() == 1 && policies[0].runs.size() == 1;
  CdfChart cdf = distribution(policies, names);
  cdf.description += left_out;
  if (names.size() > most_applications) {
    left_out += fmt::format(" Shown are the first {} of {} applications.", most_applications, names.size());
    names.resize(most_applications);
  }
  for (const auto& quantity : quantities()) {
    BarChart chart{quantity.id, quantity.title,
                   quantity.what + (over_tasks ? "; 95 % intervals over tasks."
                                               : "; means over runs, with 95 % intervals.") + left_out,
                   quantity.axis};
    chart.group_title = "application";
    chart.series_title = "policy";
    chart.groups = names;
    for (const auto& policy : policies) chart.series.push_back(policy.policy);
    for (const auto& name : names) {
      chart.values.emplace_back();
      for (const auto& policy : policies)
        chart.values.back().push_back(estimate_of(policy, name, quantity.values, over_tasks));
    }
    const bool any = std::any_of(chart.values.begin(), chart.values.end(), [](const auto& group) {
      return std::any_of(group.begin(), group.end(), [](const Estimate& e) { return !std::isnan(e.value); });
    });
    if (any) out.push_back(draw(chart)); // without deadlines nothing is late
  }
  out.push_back(draw(cdf));
  return out;
}

} // namespace lair::report
