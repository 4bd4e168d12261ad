#include "record/until_width.hpp"

#include "core/precision.hpp"
#include "core/statistics.hpp"
#include "record/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair::record {

namespace {

constexpr std::size_t most_guessed = 1'000'000;

PolicyWidth width_of(const WidthGoal& goal, const std::vector<ComparedPolicy>& policies,
                     std::size_t policy) {
  std::vector<double> values, base;
  for (std::size_t i = 0; i < policies[policy].runs.size(); ++i) {
    const double value = policies[policy].runs[i][goal.metric],
                 other = policies[0].runs[i][goal.metric];
    if (std::isnan(value) || (goal.of == WidthOf::difference && std::isnan(other))) continue;
    values.push_back(value);
    base.push_back(other);
  }
  const bool paired = goal.of == WidthOf::difference;
  const double reference = mean(paired ? base : values);
  if (paired) values = paired_differences(values, base);
  return {policy, relative_width(values, reference),
          needed_runs(values, reference, goal.width, most_guessed)};
}

/// The widest of those that have a width; null if none has.
const PolicyWidth* widest(const WidthReport& report) {
  const PolicyWidth* found = nullptr;
  for (const auto& one : report.widths)
    if (!std::isnan(one.width) && (!found || one.width > found->width)) found = &one;
  return found;
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

} // namespace

WidthReport look_at_width(const WidthGoal& goal, const std::vector<ComparedPolicy>& policies,
                          std::size_t given) {
  WidthReport report{goal, given, policies[0].runs.size(), false, {}};
  for (std::size_t i = goal.of == WidthOf::difference ? 1 : 0; i < policies.size(); ++i)
    report.widths.push_back(width_of(goal, policies, i));
  const PolicyWidth* worst = widest(report);
  report.reached = worst && worst->width <= goal.width &&
                   report.seeds >= std::min(least_seeds, goal.most_seeds);
  return report;
}

std::size_t next_look(const WidthReport& report) {
  const std::size_t now = report.seeds, most = report.goal.most_seeds;
  if (report.reached || now >= most) return now;
  if (now < least_seeds) return std::min(least_seeds, most);
  if (!widest(report)) return now; // more of nothing
  std::size_t needed = 0;
  for (const auto& one : report.widths) needed = std::max(needed, one.needed);
  const std::size_t half = needed > now ? (needed - now + 1) / 2 : 0;
  return std::min(now + std::max(half, least_block), most);
}

std::string width_text(const WidthReport& report, const std::vector<std::string>& policies) {
  const auto name = metric_table()[static_cast<std::size_t>(report.goal.metric)].name;
  const PolicyWidth* worst = widest(report);
  if (!worst) return fmt::format("{}: no run has a value of it, so its interval has no width.", name);
  const bool of_mean = report.goal.of == WidthOf::mean;
  std::string out = fmt::format("{}: the widest 95 % interval of a {} is {} of {} ({}) with {} seeds",
                                name, of_mean ? "mean" : "paired difference", percent(worst->width),
                                of_mean ? "it" : "the baseline's mean", policies[worst->policy],
                                report.seeds);
  const std::string asked = percent(report.goal.width);
  if (report.reached && report.seeds == report.given)
    return out + fmt::format("; {} was asked for.", asked);
  if (report.reached)
    return out + fmt::format(", {} more than given; {} was asked for. Having stopped there, it is "
                             "rather too narrow: fresh seeds confirm it.",
                             report.seeds - report.given, asked);
  std::size_t needed = 0;
  for (const auto& one : report.widths) needed = std::max(needed, one.needed);
  if (report.seeds >= report.goal.most_seeds) out += ", as many as --max-seeds allows";
  out += fmt::format("; {} was asked for", asked);
  return out + (needed >= most_guessed ? ", out of reach."
                                       : fmt::format(", which takes some {} seeds.", needed));
}

} // namespace lair::record
