#include "record/comparison.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lair::record {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const MetricDescription& description(Metric metric) {
  return metric_table()[static_cast<std::size_t>(metric)];
}

ComparisonRow compare_metric(Metric metric, std::size_t policy, const ComparedPolicy& it,
                             const ComparedPolicy& baseline) {
  ComparisonRow row;
  row.metric = metric;
  row.policy = policy;
  std::vector<double> all, values, base;
  for (std::size_t i = 0; i < it.runs.size(); ++i) {
    all.push_back(it.runs[i][metric]);
    base.push_back(baseline.runs[i][metric]);
    if (!std::isnan(all.back())) values.push_back(all.back());
  }
  row.runs = values.size();
  row.mean = mean(values);
  row.interval = bootstrap_mean_interval(values);
  row.difference = row.difference_interval.low = row.difference_interval.high = row.p = row.a12 =
      nan;
  if (policy == 0) return row;
  const PairedComparison pairs = compare_pairs(all, base, rounding);
  row.pairs = pairs.pairs;
  row.difference = pairs.difference;
  row.difference_interval = pairs.interval;
  row.a12 = pairs.a12;
  row.p = pairs.p;
  row.verdict = judge(metric, pairs.pairs, pairs.difference, pairs.interval, pairs.mean_x, pairs.mean_y);
  return row;
}

/// "-10.2 %" of the baseline's mean, or nothing if that is zero.
std::string change(const ComparisonRow& row, double baseline) {
  if (baseline == 0 || std::isnan(row.difference)) return "";
  return change_text(row.difference / std::abs(baseline));
}

std::string verdict(const Comparison& all, std::size_t policy) {
  std::string better, worse;
  std::size_t same = 0, unclear = 0;
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const ComparisonRow& row = all.rows[i];
    if (row.policy != policy || row.verdict == Verdict::none) continue;
    same += row.verdict == Verdict::same;
    unclear += row.verdict == Verdict::unclear;
    if (row.verdict != Verdict::better && row.verdict != Verdict::worse) continue;
    std::string& list = row.verdict == Verdict::better ? better : worse;
    const std::string by = change(row, all.rows[i - policy].mean);
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", description(row.metric).name,
                        by.empty() ? "" : " (" + by + ")");
  }
  std::string out = fmt::format("{} against {}, {} seed{}: ", all.policies[policy], all.policies[0],
                                all.seeds.size(), all.seeds.size() == 1 ? "" : "s");
  if (all.seeds.size() < 2) return out + "one seed shows a difference, never that there is one.";
  out += better.empty() ? "better in nothing" : "better in " + better;
  out += worse.empty() ? "; worse in nothing" : "; worse in " + worse;
  out += fmt::format(
      "; the same (to {} %) in {}; no clear difference in {} other{} (the 95 % interval "
      "of the paired difference holds 0).",
      100 * negligible, same, unclear, unclear == 1 ? "" : "s");
  if (const auto seeds = all.seeds.size(); seeds < 6)
    out += fmt::format(" With {} seeds Wilcoxon's p is at least {:.3g}, so at least 6 seeds are "
                       "needed for a test at 0.05.",
                       seeds, std::ldexp(2.0, -static_cast<int>(seeds)));
  return out;
}

} // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
  case Verdict::none: break;
  case Verdict::better: return "better";
  case Verdict::worse: return "worse";
  case Verdict::same: return "same";
  case Verdict::unclear: return "unclear";
  }
  return "";
}

Verdict judge(Metric metric, std::size_t pairs, double difference, const Interval& interval, double mean,
              double baseline_mean) {
  const Better better = description(metric).better;
  if (better == Better::neither || pairs == 0) return Verdict::none;
  const bool lower = interval.high < 0, higher = interval.low > 0;
  // One pair has an interval of no width: it shows a difference, never that there is one.
  const bool clear = pairs > 1 && (lower || higher);
  const double floor = negligible * std::max(std::abs(mean), std::abs(baseline_mean));
  const bool within = -floor <= interval.low && interval.high <= floor;
  if (within || (clear && std::abs(difference) <= floor)) return Verdict::same;
  if (!clear) return Verdict::unclear;
  return lower == (better == Better::lower) ? Verdict::better : Verdict::worse;
}

Comparison compare(const std::vector<ComparedPolicy>& policies,
                   const std::vector<std::uint64_t>& seeds) {
  LAIR_ASSERT(!policies.empty(), "a comparison has a baseline");
  Comparison out;
  out.seeds = seeds;
  for (const auto& policy : policies) {
    LAIR_ASSERT(policy.runs.size() == seeds.size(), "every policy has a run for every seed");
    out.policies.push_back(policy.name);
  }
  std::vector<double> p_values;
  for (const auto& metric : metric_table())
    for (std::size_t i = 0; i < policies.size(); ++i) {
      out.rows.push_back(compare_metric(metric.metric, i, policies[i], policies[0]));
      p_values.push_back(out.rows.back().p);
    }
  const auto adjusted = holm_adjust(p_values);
  for (std::size_t i = 0; i < adjusted.size(); ++i) out.rows[i].p_holm = adjusted[i];
  for (std::size_t i = 1; i < policies.size(); ++i) out.verdicts.push_back(verdict(out, i));
  return out;
}

std::string change_text(double share) {
  return share >= 10 ? fmt::format("{:.3g} times", 1 + share) : fmt::format("{:+.1f} %", 100 * share);
}

} // namespace lair::record
