#include "report/verdict_sentence.hpp"

#include "report/metric_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace lair::report {

namespace {

using record::Verdict;

constexpr std::size_t most_policies = 4;

std::string one_policy(const JudgedPolicy& policy) {
  std::vector<std::string> better, worse;
  std::size_t same = 0, unclear = 0;
  for (const auto& one : policy.metrics) {
    std::string name = lower_title(one.metric);
    if (!std::isnan(one.change)) name += fmt::format(" ({})", record::change_text(one.change));
    if (one.verdict == Verdict::better) better.push_back(std::move(name));
    else if (one.verdict == Verdict::worse) worse.push_back(std::move(name));
    same += one.verdict == Verdict::same;
    unclear += one.verdict == Verdict::unclear;
  }
  std::string out =
      better.empty() ? "better in none of these metrics" : fmt::format("better in {}", fmt::join(better, ", "));
  if (!worse.empty()) out += fmt::format("; worse in {}", fmt::join(worse, ", "));
  const auto others = [](std::size_t count) { return fmt::format("{} other{}", count, count == 1 ? "" : "s"); };
  if (same > 0) out += fmt::format("; the same in {}", others(same));
  if (unclear > 0) out += fmt::format("; no clear difference in {}", others(unclear));
  return out + ".";
}

} // namespace

std::string verdict_sentences(const std::string& baseline, const std::vector<JudgedPolicy>& policies,
                              std::size_t seeds) {
  if (policies.empty()) return {};
  std::string out;
  for (std::size_t i = 0; i < std::min(most_policies, policies.size()); ++i)
    out += fmt::format("{}{} against {}: {}", out.empty() ? "" : " ", policies[i].name, baseline,
                       seeds < 2 ? "one seed shows a difference, never that there is one." : one_policy(policies[i]));
  if (policies.size() > most_policies)
    out += fmt::format(" {} more policies: see the tables.", policies.size() - most_policies);
  if (seeds < 2) return out;
  // With n pairs the smallest p of the test is 2 / 2^n.
  if (seeds < 6)
    return out + fmt::format(" With {} seeds Wilcoxon's p is at least {:.3g}; a test at 0.05 takes at least 6.", seeds,
                             std::ldexp(1.0, 1 - static_cast<int>(seeds)));
  return out + fmt::format(" Over {} seeds.", seeds);
}

std::string lower_title(record::Metric metric) {
  std::string title = title_of(metric);
  const bool abbreviation = title.size() > 1 && title[1] >= 'A' && title[1] <= 'Z';
  if (!abbreviation && title[0] >= 'A' && title[0] <= 'Z') title[0] = static_cast<char>(title[0] - 'A' + 'a');
  return title;
}

} // namespace lair::report
