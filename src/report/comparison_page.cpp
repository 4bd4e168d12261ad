// The report of a comparison.
#include "report/bar_chart.hpp"
#include "report/load_comparison.hpp"
#include "report/metric_names.hpp"
#include "report/report.hpp"
#include "report/task_figures.hpp"
#include "report/verdict_sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace lair::report {

namespace {

using record::Comparison;
using record::ComparisonRow;
using record::Metric;
using record::Verdict;

const ComparisonRow& row_of(const Comparison& all, Metric metric, std::size_t policy) {
  const auto it = std::find_if(all.rows.begin(), all.rows.end(), [&](const ComparisonRow& row) {
    return row.metric == metric && row.policy == policy;
  });
  return *it; // read_comparison() has every metric and policy
}

Values values_of(const Comparison& all, Metric metric) {
  Values out = Values::none;
  for (const ComparisonRow& row : all.rows) {
    if (row.metric != metric || std::isnan(row.mean)) continue;
    if (row.mean != 0 || row.interval.high > row.interval.low) return Values::some;
    out = Values::zeros;
  }
  return out;
}

std::string in_percent(double share) { return record::change_text(share); }

/// The difference as a share of the baseline's mean; NaN if that is zero.
Estimate relative(const ComparisonRow& row, const ComparisonRow& baseline) {
  const double base = std::abs(baseline.mean);
  if (!(base > 0)) return {std::nan(""), std::nan(""), std::nan("")};
  return {row.difference / base, row.difference_interval.low / base, row.difference_interval.high / base};
}

/// Sentences on the given metrics; those of compare.json hold all.
std::string verdict(const Comparison& all, const std::vector<Metric>& metrics) {
  std::vector<JudgedPolicy> judged;
  for (std::size_t policy = 1; policy < all.policies.size(); ++policy) {
    judged.push_back({all.policies[policy], {}});
    for (const Metric metric : metrics) {
      const ComparisonRow& row = row_of(all, metric, policy);
      judged.back().metrics.push_back({metric, row.verdict, relative(row, row_of(all, metric, 0)).value});
    }
  }
  return verdict_sentences(all.policies[0], judged, all.seeds.size());
}

Table means(const Comparison& all, const std::vector<Metric>& metrics, std::string id, std::string caption) {
  Table table{std::move(id), std::move(caption), {{"metric", false}, {"unit", false}, {"better", false}}, {}};
  for (const auto& policy : all.policies) table.columns.push_back(interval_column(policy, policy));
  for (const Metric metric : metrics) {
    const auto& what = description(metric);
    std::vector<Cell> row{{std::string(what.name)}, {std::string(what.unit)}, {std::string(to_string(what.better))}};
    for (std::size_t policy = 0; policy < all.policies.size(); ++policy) {
      const ComparisonRow& one = row_of(all, metric, policy);
      row.push_back(interval_cell(one.mean, one.interval.low, one.interval.high));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table differences(const Comparison& all, const std::vector<Metric>& metrics, std::size_t policy) {
  Table table{fmt::format("differences-{}", policy),
              fmt::format("{} against {}: paired differences per seed", all.policies[policy], all.policies[0]),
              {{"metric", false},
               {"unit", false},
               interval_column("difference", "difference"),
               {"of baseline", true},
               {"pairs"},
               {"p (Wilcoxon, Holm)", true, {"p_holm"}},
               {"A12"},
               {"verdict", false}},
              {}};
  for (const Metric metric : metrics) {
    const ComparisonRow& row = row_of(all, metric, policy);
    const Estimate share = relative(row, row_of(all, metric, 0));
    table.rows.push_back({{std::string(description(metric).name)},
                          {std::string(description(metric).unit)},
                          interval_cell(row.difference, row.difference_interval.low, row.difference_interval.high),
                          {std::isnan(share.value) ? "-" : in_percent(share.value), {exact(share.value)}},
                          {fmt::format("{}", row.pairs)},
                          number_cell(row.p_holm),
                          number_cell(row.a12),
                          {std::string(to_string(row.verdict))}});
  }
  return table;
}

/// With a capital letter.
std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

Figure bars(const Comparison& all, Metric metric) {
  const auto& what = description(metric);
  BarChart chart{"metric-" + id_of(metric), title_of(metric),
                 fmt::format("{}; mean over {} seed{}, 95 % intervals{}.", sentence(what.meaning), all.seeds.size(),
                             all.seeds.size() == 1 ? "" : "s",
                             what.better == record::Better::neither ? "" : fmt::format("; {} is better", to_string(what.better))),
                 axis_of(metric)};
  chart.series_title = "policy";
  chart.groups = {""};
  chart.series = all.policies;
  chart.values.emplace_back();
  for (std::size_t policy = 0; policy < all.policies.size(); ++policy) {
    const ComparisonRow& row = row_of(all, metric, policy);
    chart.values[0].push_back({row.mean, row.interval.low, row.interval.high});
  }
  return draw(chart);
}

Figure relative_bars(const Comparison& all, const std::vector<Metric>& metrics) {
  BarChart chart{"differences", "Difference to " + all.policies[0],
                 "Mean paired difference per seed as a share of the baseline's mean, with its 95 % interval: a "
                 "whisker that holds 0 shows no clear difference.",
                 fmt::format("difference, % of {}", all.policies[0])};
  chart.group_title = "metric";
  chart.series_title = "policy";
  chart.series.assign(all.policies.begin() + 1, all.policies.end());
  std::vector<std::string> left_out;
  for (const Metric metric : metrics) {
    std::vector<Estimate> values;
    for (std::size_t policy = 1; policy < all.policies.size(); ++policy) {
      const Estimate e = relative(row_of(all, metric, policy), row_of(all, metric, 0));
      values.push_back({100 * e.value, 100 * e.low, 100 * e.high});
    }
    // Twice the baseline would dwarf all others; against one of next to nothing a share says nothing.
    if (std::any_of(values.begin(), values.end(), [](const Estimate& e) { return !(std::abs(e.value) <= 100); })) {
      if (std::any_of(values.begin(), values.end(), [](const Estimate& e) { return std::isfinite(e.value); }))
        left_out.push_back(title_of(metric));
      continue;
    }
    chart.groups.push_back(title_of(metric));
    chart.values.push_back(std::move(values));
  }
  if (chart.groups.empty()) return {};
  if (!left_out.empty())
    chart.description += fmt::format(" Left out, since more than 100 %: {}; see the table.", fmt::join(left_out, ", "));
  return draw(chart);
}

void add_facts(Page& page, const LoadedComparison& loaded) {
  const Comparison& all = loaded.comparison;
  page.facts = {{"scenario", fmt::format("{}, hash {}", all.scenario_name, all.scenario_hash)},
                {"policies", fmt::format("{}; baseline {}", fmt::join(all.policies, ", "), all.policies[0])},
                {"seeds", fmt::format("{}", fmt::join(all.seeds, ", "))}};
  std::vector<std::string> makers;
  for (const auto& runs : loaded.runs)
    for (const auto& run : runs)
      if (run && !run->origin.lair_version.empty()) {
        auto maker = fmt::format("lair {}, program {}", run->origin.lair_version, run->origin.program);
        if (std::find(makers.begin(), makers.end(), maker) == makers.end()) makers.push_back(std::move(maker));
      }
  if (!makers.empty()) page.facts.emplace_back("made by", fmt::format("{}", fmt::join(makers, "; ")));
}

} // namespace

Page comparison_page(const std::string& folder, const MetricChoice& chosen) {
  const LoadedComparison loaded = load_comparison(folder);
  const Comparison& all = loaded.comparison;
  const auto of = [&](Metric metric) { return values_of(all, metric); };
  const auto metrics = shown_metrics(chosen, folder, of);
  Page page;
  page.title = fmt::format("{}: {}", all.scenario_name, fmt::join(all.policies, ", "));
  page.verdict = verdict(all, metrics);
  page.warnings = loaded.problems;
  add_facts(page, loaded);

  Section overview{"metrics", "Metrics", {}};
  overview.blocks.push_back(means(all, metrics, "metrics", "Means over the seeds with bootstrap 95 % intervals"));
  for (const Metric metric : metrics) overview.blocks.push_back(bars(all, metric));
  page.sections.push_back(std::move(overview));

  if (all.policies.size() > 1) {
    Section pairs{"differences", "Differences", {}};
    if (Figure figure = relative_bars(all, metrics); !figure.svg.empty()) pairs.blocks.push_back(std::move(figure));
    for (std::size_t policy = 1; policy < all.policies.size(); ++policy)
      pairs.blocks.push_back(differences(all, metrics, policy));
    pairs.blocks.push_back(Paragraph{
        "p: Wilcoxon's signed-rank test over the seeds, adjusted (Holm) for the number of tests. A12: how often a run of the "
        "policy has the larger value, 0.5 if the two are alike. Better and worse: the interval of the difference holds no 0."});
    for (const auto& sentence : all.verdicts) pairs.blocks.push_back(Paragraph{sentence});
    if (all.until_width)
      pairs.blocks.push_back(Paragraph{record::width_text(*all.until_width, all.policies)});
    page.sections.push_back(std::move(pairs));
  }

  std::vector<PolicyRuns> policies;
  for (std::size_t i = 0; i < all.policies.size(); ++i) {
    policies.push_back({all.policies[i], {}});
    for (const auto& run : loaded.runs[i])
      if (run) policies.back().runs.push_back(&*run);
  }
  Section tasks{"tasks", "Tasks", {}};
  for (auto& figure : task_figures(policies)) tasks.blocks.push_back(std::move(figure));
  if (tasks.blocks.empty())
    tasks.blocks.push_back(Paragraph{"There is no table of tasks (record.level = \"summary\", or the runs' folders are gone)."});
  page.sections.push_back(std::move(tasks));

  Section rest{"all-metrics", "Every metric", {}};
  std::vector<Metric> every;
  for (const auto& one : record::metric_table()) every.push_back(one.metric);
  Table table = means(all, shown_metrics({every}, folder, of), "all-metrics", "Every metric that has a value other than 0");
  table.folded = true;
  rest.blocks.push_back(std::move(table));
  page.sections.push_back(std::move(rest));
  return page;
}

} // namespace lair::report
