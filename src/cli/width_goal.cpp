#include "cli/width_goal.hpp"

#include "core/error.hpp"
#include "policy/nearest.hpp"
#include "scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lair::cli {

namespace {

/// "5%", "5 %" or "0.05"; none for anything else, 0 and above 1 included.
std::optional<double> share_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return {};
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (rest == "%" || rest == " %")
    value /= 100;
  else if (!rest.empty())
    return {};
  if (!(value > 0 && value <= 1)) return {};
  return value;
}

std::optional<record::Metric> metric_named(const std::string& name) {
  for (const auto& metric : record::metric_table())
    if (metric.name == name) return metric.metric;
  return {};
}

} // namespace

std::optional<record::WidthGoal> width_goal(const CompareOptions& options, std::size_t policies) {
  if (options.until_width.empty()) return {};
  std::vector<Diagnostic> wrong;
  record::WidthGoal goal;
  if (const auto share = share_of(options.until_width))
    goal.width = *share;
  else
    wrong.push_back({"--until-width", 0, 0, "",
                     fmt::format("'{}' is no share above 0 and at most 100 %", options.until_width),
                     "such as 5% (or 0.05)"});
  if (const auto metric = metric_named(options.width_metric)) {
    goal.metric = *metric;
  } else {
    std::vector<std::string> names;
    for (const auto& known : record::metric_table()) names.emplace_back(known.name);
    wrong.push_back({"--width-metric", 0, 0, "",
                     fmt::format("there is no metric '{}'", options.width_metric),
                     suggest(options.width_metric, names)});
  }
  if (options.width_of == "difference") {
    goal.of = record::WidthOf::difference;
    if (policies < 2)
      wrong.push_back({"--width-of", 0, 0, "", "one policy has no difference to another",
                       "--width-of mean, or a second policy"});
  }
  goal.most_seeds = options.max_seeds;
  const auto given = parse_seeds(options.seeds);
  if (given.size() > goal.most_seeds)
    wrong.push_back({"--max-seeds", 0, 0, "",
                     fmt::format("{} is less than the {} seeds given", goal.most_seeds, given.size()),
                     fmt::format("at least {}", given.size())});
  else if (*std::max_element(given.begin(), given.end()) >
           largest_seed - (goal.most_seeds - given.size()))
    wrong.push_back({"--seeds", 0, 0, "",
                     fmt::format("leaves no room for {} more above them",
                                 goal.most_seeds - given.size()),
                     fmt::format("seeds well below {}", largest_seed)});
  if (!wrong.empty()) throw InputError(std::move(wrong));
  return goal;
}

void add_seeds(std::vector<std::uint64_t>& seeds, std::size_t most) {
  std::uint64_t next = *std::max_element(seeds.begin(), seeds.end());
  while (seeds.size() < most) seeds.push_back(++next);
}

} // namespace lair::cli
