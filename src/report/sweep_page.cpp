// The report of a sweep.
#include "record/comparison.hpp"
#include "core/statistics.hpp"
#include "report/load_run.hpp"
#include "report/metric_names.hpp"
#include "report/report.hpp"
#include "report/sweep_figures.hpp"
#include "report/sweep_matching.hpp"
#include "report/sweep_numbers.hpp"
#include "report/task_figures.hpp"
#include "report/verdict_sentence.hpp"
#include "sweep/design_advice.hpp"
#include "core/sensitivity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lair::report {

namespace {

using record::Better;
using record::Metric;

// What a page can carry; the rest is named, and --metric shows it.
constexpr std::size_t most_axis_figures = 48, most_pair_figures = 12, most_share_figures = 12;
constexpr std::size_t most_cells = 500; ///< rows of the table of configurations
constexpr std::size_t most_runs = 300;  ///< whose tasks are read

Values values_of(const LoadedSweep& sweep, Metric metric) {
  Values out = Values::none;
  for (const auto& point : sweep.points) {
    if (!point.done || std::isnan(point.metrics[metric])) continue;
    if (point.metrics[metric] != 0) return Values::some;
    out = Values::zeros;
  }
  return out;
}

JudgedMetric judged(const PolicyDifference& d, Metric metric) {
  const Interval interval{d.difference.low, d.difference.high};
  const double share = d.base == 0 ? std::nan("") : d.difference.value / std::abs(d.base);
  return {metric, record::judge(metric, d.seeds, d.difference.value, interval, d.base + d.difference.value, d.base),
          share};
}

std::string policy_sentences(const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  if (sweep.policies.size() < 2) return {};
  std::vector<JudgedPolicy> policies;
  for (std::size_t p = 1; p < sweep.policies.size(); ++p) {
    policies.push_back({sweep.policies[p], {}});
    for (const Metric metric : metrics)
      policies.back().metrics.push_back(
          judged(difference(sweep, sweep.policies[p], sweep.policies[0], metric), metric));
  }
  return " " + verdict_sentences(sweep.policies[0], policies, sweep.seeds.size());
}

/// What each metric depends on: over all points (""), and over those of each policy that has axes of
/// its own. Made once, for it takes longest.
struct Shares {
  std::vector<std::string> over;
  std::map<std::pair<std::string, Metric>, std::vector<AxisShare>> of;
};

/// The strongest axis of each of the first three metrics that have a direction, if chance alone
/// would hardly do as much. Nothing of a sweep that is not done.
std::string axis_sentence(const LoadedSweep& sweep, const Shares& all, const std::vector<Metric>& metrics) {
  if (!std::all_of(sweep.points.begin(), sweep.points.end(), [](const auto& one) { return one.done; })) return {};
  std::vector<std::string> parts;
  for (const Metric metric : metrics) {
    if (description(metric).better == Better::neither || parts.size() == 3) continue;
    auto shares = all.of.at({"", metric});
    std::erase_if(shares, [](const AxisShare& one) { return one.name == "seed" || std::isnan(one.share.value); });
    if (shares.empty()) continue;
    const auto most = std::max_element(shares.begin(), shares.end(), [](const AxisShare& a, const AxisShare& b) {
      return a.share.value < b.share.value;
    });
    const std::string name = lower_title(metric);
    // Without an interval (few seeds) the factor decides alone.
    if (most->share.value < 3 * most->chance || most->share.low <= most->chance)
      parts.push_back(fmt::format("nothing beyond chance for {}", name));
    else
      parts.push_back(fmt::format("{} for {} ({:.2g} %; by chance {:.2g} %)", most->name, name,
                                  100 * most->share.value, 100 * most->chance));
  }
  return parts.empty() ? "" : fmt::format(" What matters most, by its share of the variance: {}.", fmt::join(parts, ", "));
}

std::string level_list(const SweptAxis& axis) {
  if (axis.levels.empty()) return "no value";
  if (axis.binned)
    return fmt::format("many values, in {} bins: {}, ..., {}", axis.levels.size(), axis.levels.front().name, axis.levels.back().name);
  if (axis.numeric && axis.levels.size() > 8)
    return fmt::format("{} values from {} to {}", axis.levels.size(), shown(axis.levels.front().value),
                       shown(axis.levels.back().value));
  std::vector<std::string> names;
  for (const auto& level : axis.levels) names.push_back(level.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// "1..5, 9"
std::string seed_list(const std::vector<std::uint64_t>& seeds) {
  std::string out;
  for (std::size_t i = 0; i < seeds.size();) {
    std::size_t end = i;
    while (end + 1 < seeds.size() && seeds[end + 1] == seeds[end] + 1) ++end;
    out += (out.empty() ? "" : ", ") + fmt::format("{}", seeds[i]);
    if (end > i) out += fmt::format("{}{}", end == i + 1 ? ", " : "..", seeds[end]);
    i = end + 1;
  }
  return out;
}

void add_facts(Page& page, const LoadedSweep& sweep) {
  const auto fact = [&](const char* key) {
    const auto it = sweep.facts.find(key);
    return it == sweep.facts.end() ? std::string() : it->second;
  };
  page.title = "Sweep " + (fact("name").empty() ? std::string("without a name") : fact("name"));
  if (!fact("scenario_hash").empty()) page.facts.emplace_back("scenario", "hash " + fact("scenario_hash"));
  page.facts.emplace_back("policies", fmt::format("{}", fmt::join(sweep.policies, ", ")));
  page.facts.emplace_back("seeds", seed_list(sweep.seeds));
  for (const auto& axis : sweep.axes) page.facts.emplace_back(axis_label(axis), level_list(axis));
  page.facts.emplace_back("points", fmt::format("{}: {} done, {} failed, {} pending", sweep.points.size(), sweep.done,
                                                sweep.failures.size(), sweep.pending));
  if (!fact("lair_version").empty())
    page.facts.emplace_back("made by", fmt::format("lair {}, program {}", fact("lair_version"), fact("program")));
}

void add_warnings(Page& page, const LoadedSweep& sweep) {
  if (sweep.pending > 0)
    page.warnings.push_back(fmt::format("{} of {} points have not run yet: `lair sweep FILE --resume`",
                                        sweep.pending, sweep.points.size()));
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < std::min(most, sweep.failures.size()); ++i) page.warnings.push_back(sweep.failures[i]);
  if (sweep.failures.size() > most)
    page.warnings.push_back(fmt::format("and {} more that failed", sweep.failures.size() - most));
}

std::vector<Cell> cells_of(const LoadedSweep& sweep, const Group& group, const std::vector<Metric>& metrics) {
  std::vector<Cell> out;
  for (const Metric metric : metrics) {
    const Estimate e = estimate_over_seeds(sweep, group, metric);
    out.push_back(interval_cell(e.value, e.low, e.high));
  }
  return out;
}

void add_columns(Table& table, const std::vector<Metric>& metrics) {
  for (const Metric metric : metrics)
    table.columns.push_back(interval_column(axis_of(metric), std::string(description(metric).name)));
}

Section policy_section(const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  Section section{"policies", "Policies", {}};
  const Matched matched = matched_over_policies(sweep, all_done(sweep));
  Table table{"policies",
              fmt::format("Means over all points of a policy{}, with 95 % intervals over seeds",
                          matched_text(matched, "every policy")),
              {{"policy", false}, {"points"}}, {}};
  add_columns(table, metrics);
  for (const auto& policy : sweep.policies) {
    const Group its = of_policy(sweep, matched.points, policy);
    std::vector<Cell> row{{policy}, {fmt::format("{}", its.size())}};
    for (auto& cell : cells_of(sweep, its, metrics)) row.push_back(std::move(cell));
    table.rows.push_back(std::move(row));
  }
  section.blocks.push_back(std::move(table));

  if (sweep.policies.size() > 1) {
    Table pairs{"differences",
                fmt::format("Against {}: paired differences, on the points for which both have a value", sweep.policies[0]),
                {{"policy", false}, {"metric", false}, {"unit", false}, interval_column("difference", "difference"),
                 {"of baseline"}, {"pairs"}, {"verdict", false}},
                {}};
    for (std::size_t p = 1; p < sweep.policies.size(); ++p)
      for (const Metric metric : metrics) {
        const auto d = difference(sweep, sweep.policies[p], sweep.policies[0], metric);
        if (d.pairs == 0) continue;
        const JudgedMetric verdict = judged(d, metric);
        pairs.rows.push_back({{sweep.policies[p]},
                              {std::string(description(metric).name)},
                              {std::string(description(metric).unit)},
                              interval_cell(d.difference.value, d.difference.low, d.difference.high),
                              {std::isnan(verdict.change) ? "-" : record::change_text(verdict.change), {exact(verdict.change)}},
                              {d.pairs < d.planned ? fmt::format("{} of {}", d.pairs, d.planned) : fmt::format("{}", d.pairs),
                               {fmt::format("{}", d.pairs)}},
                              {d.seeds < 2 ? "" : std::string(to_string(verdict.verdict))}});
      }
    section.blocks.push_back(std::move(pairs));
  }
  if (sweep.policies.size() > 1)
    for (const Metric metric : metrics) section.blocks.push_back(policy_figure(sweep, metric));
  return section;
}

/// A table and figures for each axis.
std::vector<Section> axis_sections(const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  std::vector<Section> out;
  const std::size_t axes = sweep.axes.size();
  const std::size_t each = axes == 0 ? 0 : std::min(metrics.size(), std::max<std::size_t>(1, most_axis_figures / axes));
  const Group done = all_done(sweep);
  for (std::size_t a = 0; a < axes; ++a) {
    const SweptAxis& axis = sweep.axes[a];
    if (axis.levels.size() < 2) continue;
    Section section{fmt::format("axis-{}", a + 1), axis.name, {}};
    if (out.size() * each >= most_axis_figures) {
      section.blocks.push_back(Paragraph{"Its figures are left out, for there are many axes; its table is below."});
    } else {
      for (std::size_t m = 0; m < each; ++m) section.blocks.push_back(axis_figure(sweep, a, metrics[m]));
      if (each < metrics.size())
        section.blocks.push_back(Paragraph{fmt::format(
            "Figures of the first {} metrics; `--metric NAME` draws others.", each)});
    }
    const Matched matched = matched_along(sweep, done, a);
    Table table{fmt::format("axis-{}-means", a + 1),
                fmt::format("Means by {} and policy{}, with 95 % intervals over seeds", axis.name,
                            matched_text(matched, "every value of " + axis.name)),
                {{axis_label(axis), false}, {"policy", false}, {"points"}}, {}};
    table.folded = true;
    add_columns(table, metrics);
    for (std::size_t level = 0; level < axis.levels.size(); ++level)
      for (const auto& policy : sweep.policies) {
        const Group its = of_policy(sweep, of_level(sweep, matched.points, a, level), policy);
        if (its.empty()) continue;
        std::vector<Cell> row{{axis.levels[level].name}, {policy}, {fmt::format("{}", its.size())}};
        for (auto& cell : cells_of(sweep, its, metrics)) row.push_back(std::move(cell));
        table.rows.push_back(std::move(row));
      }
    section.blocks.push_back(std::move(table));
    out.push_back(std::move(section));
  }
  return out;
}

/// Policies with an axis of their own are looked at by themselves.
std::vector<std::string> own_axes(const LoadedSweep& sweep) {
  std::vector<std::string> out;
  for (const auto& policy : sweep.policies)
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      bool has = false, lacks = false;
      for (const auto& point : sweep.points)
        (point.policy == policy ? has : lacks) |= point.policy == policy ? point.level[a] != absent : point.level[a] == absent;
      if (has && lacks && sweep.policies.size() > 1) {
        out.push_back(policy);
        break;
      }
    }
  return out;
}

Shares all_shares(const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  Shares out{{""}, {}};
  for (auto& policy : own_axes(sweep)) out.over.push_back(std::move(policy));
  const Group done = all_done(sweep);
  for (const auto& policy : out.over) {
    const Group points = policy.empty() ? done : of_policy(sweep, done, policy);
    for (const Metric metric : metrics) out.of[{policy, metric}] = axis_shares(sweep, points, metric);
  }
  return out;
}

/// For sweeps whose points were drawn for it.
void add_designs(Section& section, const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  Table sobol{"sobol", "Sobol indices, from means over seeds: the share of the variance that goes with an axis alone, and "
                       "with all of its interactions",
              {{"policy", false}, {"metric", false}, {"axis", false}, interval_column("first order", "first"),
               interval_column("total", "total")},
              {}};
  Table morris{"morris", "Elementary effects (Morris), from means over seeds, per whole range of an axis: how much it "
                         "matters (mu*), in which direction (mu), and how much that depends on the others (sigma)",
               {{"policy", false}, {"metric", false}, {"axis", false}, interval_column("mu*", "mu_star"), {"mu"}, {"sigma"}},
               {}};
  for (const auto& policy : sweep.policies)
    for (const Metric metric : metrics) {
      const Cell name{std::string(description(metric).name)};
      for (const auto& one : sobol_rows(sweep, policy, metric))
        sobol.rows.push_back({{policy}, name, {one.name}, share_cell(one.first.value, one.first.low, one.first.high),
                              share_cell(one.total.value, one.total.low, one.total.high)});
      for (const auto& one : morris_rows(sweep, policy, metric))
        morris.rows.push_back({{policy}, name, {one.name},
                               interval_cell(one.mean_absolute.value, one.mean_absolute.low, one.mean_absolute.high),
                               number_cell(one.mean), number_cell(one.deviation)});
    }
  std::set<std::string> said;
  for (const auto& policy : sweep.policies)
    for (const char* method : {"sobol", "morris"})
      if (auto advice = sweep::design_advice(method, design_size(sweep, policy, method)); !advice.empty()) {
        advice[0] = 'A';
        if (said.insert(advice).second) section.blocks.push_back(Paragraph{advice + "."});
      }
  for (auto* table : {&sobol, &morris})
    if (!table->rows.empty()) section.blocks.push_back(std::move(*table));
}

Section sensitivity_section(const LoadedSweep& sweep, const Shares& all, const std::vector<Metric>& metrics) {
  Section section{"sensitivity", "What matters", {}};
  Table table{"shares", "Share of each metric's variance that goes with an axis by itself (first-order eta squared), and the share "
                        "that an axis without any effect has by chance",
              {{"points", false}, {"axis", false}}, {}};
  for (const Metric metric : metrics) {
    const std::string name(description(metric).name);
    table.columns.push_back({title_of(metric), true, {name, name + "_low", name + "_high", name + "_chance"}});
  }
  table.columns.push_back({"by chance", true, {"chance"}}); // the largest, where metrics have values of different runs
  std::vector<std::string> names{"policy"}; // axes in their order, the policy first and the seed last
  for (const auto& axis : sweep.axes) names.push_back(axis.name);
  names.push_back("seed");
  std::size_t drawn = 0;
  for (const auto& policy : all.over) {
    for (const auto& name : names) {
      std::vector<Cell> row{{policy.empty() ? "all" : policy}, {name}};
      bool any = false;
      double chance = std::nan("");
      for (const Metric metric : metrics) {
        const auto& shares = all.of.at({policy, metric});
        const auto it = std::find_if(shares.begin(), shares.end(), [&](const AxisShare& one) { return one.name == name; });
        if (it == shares.end()) row.push_back(number_cell(std::nan("")));
        else {
          row.push_back(share_cell(it->share.value, it->share.low, it->share.high));
          row.back().values.push_back(exact(it->chance));
          chance = std::fmax(chance, it->chance);
        }
        any = any || it != shares.end();
      }
      row.push_back({shown_share(chance), {exact(chance)}});
      if (any) table.rows.push_back(std::move(row));
    }
    for (const Metric metric : metrics)
      if (const auto& shares = all.of.at({policy, metric}); !shares.empty() && drawn < most_share_figures) {
        section.blocks.push_back(share_figure(shares, policy, metric));
        ++drawn;
      }
  }
  for (std::size_t a = 0; a < sweep.axes.size(); ++a)
    if (const Matched matched = matched_along(sweep, all_done(sweep), a);
        !table.rows.empty() && (!matched.possible || matched.points.size() < matched.all)) {
      section.blocks.push_back(Paragraph{"Some combinations of the axes' values were not run (a constraint leaves them out, or they are "
                                         "not done), so the axes depend on one another here: a part of one axis' share may be another's."});
      break;
    }
  if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  if (sweep.seeds.size() < least_seeds_of_shares)
    section.blocks.push_back(Paragraph{fmt::format(
        "Shares have no interval with fewer than {} seeds: a bootstrap of so few is far too narrow.", least_seeds_of_shares)});
  add_designs(section, sweep, metrics);
  return section;
}

/// Pairs of axes that matter together most: by the sum of their shares of the first metric.
Section pair_section(const LoadedSweep& sweep, const Shares& all, const std::vector<Metric>& metrics) {
  Section section{"pairs", "Two axes at a time", {}};
  if (metrics.empty()) return section;
  const Group done = all_done(sweep);
  struct Pair {
    double share;
    std::size_t x, y;
  };
  std::vector<double> share(sweep.axes.size(), 0);
  for (const auto& one : all.of.at({"", metrics[0]}))
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      if (sweep.axes[a].name == one.name && !std::isnan(one.share.value)) share[a] = one.share.value;
  std::vector<Pair> pairs;
  for (std::size_t x = 0; x < sweep.axes.size(); ++x)
    for (std::size_t y = x + 1; y < sweep.axes.size(); ++y) {
      std::set<std::pair<std::size_t, std::size_t>> seen;
      for (const auto i : done)
        if (sweep.points[i].level[x] != absent && sweep.points[i].level[y] != absent)
          seen.insert({sweep.points[i].level[x], sweep.points[i].level[y]});
      const std::size_t cells = sweep.axes[x].levels.size() * sweep.axes[y].levels.size();
      // Axes that are varied together fill no map.
      if (sweep.axes[x].levels.size() > 1 && sweep.axes[y].levels.size() > 1 && 2 * seen.size() >= cells)
        pairs.push_back({share[x] + share[y], x, y});
    }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.share > b.share; });
  std::size_t drawn = 0, skipped = 0;
  for (const auto& pair : pairs)
    for (std::size_t m = 0; m < std::min<std::size_t>(2, metrics.size()); ++m)
      for (const auto& policy : sweep.policies) {
        const Group its = of_policy(sweep, done, policy);
        if (std::none_of(its.begin(), its.end(), [&](std::size_t i) {
              return sweep.points[i].level[pair.x] != absent && sweep.points[i].level[pair.y] != absent &&
                     !std::isnan(sweep.points[i].metrics[metrics[m]]);
            }))
          continue;
        if (drawn++ < most_pair_figures) section.blocks.push_back(pair_figure(sweep, pair.x, pair.y, policy, metrics[m]));
        else ++skipped;
      }
  if (skipped > 0)
    section.blocks.push_back(Paragraph{fmt::format("{} more maps are left out.", skipped)});
  return section;
}

/// Every combination of policy and axes.
Section cell_section(const LoadedSweep& sweep, const std::vector<Metric>& metrics) {
  Section section{"configurations", "Every configuration", {}};
  std::map<std::vector<std::size_t>, Group> cells;
  for (const auto i : all_done(sweep)) {
    const auto& point = sweep.points[i];
    std::vector<std::size_t> key{static_cast<std::size_t>(
        std::find(sweep.policies.begin(), sweep.policies.end(), point.policy) - sweep.policies.begin())};
    key.insert(key.end(), point.level.begin(), point.level.end());
    cells[key].push_back(i);
  }
  if (cells.size() > most_cells) {
    section.blocks.push_back(Paragraph{fmt::format(
        "There are {} configurations; their table is left out above {}. All are in the view `results` of sweep.db.",
        cells.size(), most_cells)});
    return section;
  }
  Table table{"configurations", "Means over the seeds, with 95 % intervals", {{"policy", false}}, {}};
  table.folded = true;
  for (const auto& axis : sweep.axes) table.columns.push_back({axis_label(axis), axis.numeric});
  table.columns.push_back({"seeds"});
  add_columns(table, metrics);
  for (const auto& [key, group] : cells) {
    std::vector<Cell> row{{sweep.policies[key[0]]}};
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      row.push_back({key[a + 1] == absent ? "-" : sweep.axes[a].levels[key[a + 1]].name});
    row.push_back({fmt::format("{}", group.size())});
    for (auto& cell : cells_of(sweep, group, metrics)) row.push_back(std::move(cell));
    table.rows.push_back(std::move(row));
  }
  section.blocks.push_back(std::move(table));
  return section;
}

Section task_section(const std::string& folder, const LoadedSweep& sweep, std::vector<std::string>& warnings) {
  Section section{"tasks", "Tasks", {}};
  const Group done = all_done(sweep);
  std::set<std::string> names;
  for (const auto i : done) names.insert(sweep.points[i].run);
  if (names.size() > most_runs) {
    section.blocks.push_back(Paragraph{fmt::format(
        "Figures by application are left out above {} runs; `lair report` of one run has them.", most_runs)});
    return section;
  }
  std::map<std::string, std::optional<LoadedRun>> runs;
  std::vector<std::string> gone, damaged;
  for (const auto& name : names) {
    std::string problem;
    auto& run = runs[name] = load_run(folder + "/runs/" + name, problem);
    if (!run) gone.push_back("runs/" + name);
    else if (!run->problems.empty()) damaged.push_back("runs/" + name);
  }
  const auto warn = [&](const std::vector<std::string>& which, const char* what) {
    constexpr std::size_t most = 10;
    if (which.empty()) return;
    warnings.push_back(fmt::format(
        "the folders of {} of {} runs are {}: `lair sweep FILE --resume` runs them again ({}{})", which.size(), names.size(),
        what, fmt::join(which.begin(), which.begin() + static_cast<std::ptrdiff_t>(std::min(most, which.size())), ", "),
        which.size() > most ? fmt::format(" and {} more", which.size() - most) : ""));
  };
  warn(gone, "gone or without a summary, and missing in figures by application");
  warn(damaged, "damaged");
  std::vector<PolicyRuns> policies;
  for (const auto& policy : sweep.policies) {
    policies.push_back({policy, {}});
    std::set<std::string> seen; // points of equal scenario share a run
    for (const auto i : of_policy(sweep, done, policy))
      if (const auto& run = runs[sweep.points[i].run]; run && seen.insert(sweep.points[i].run).second)
        policies.back().runs.push_back(&*run);
  }
  for (auto& figure : task_figures(policies)) section.blocks.push_back(std::move(figure));
  return section;
}

} // namespace

Page sweep_page(const std::string& folder, const MetricChoice& chosen) {
  const LoadedSweep sweep = load_sweep(folder);
  Page page;
  add_facts(page, sweep);
  add_warnings(page, sweep);
  page.verdict = fmt::format("{} of {} points done.", sweep.done, sweep.points.size());
  if (sweep.done == 0) return page;
  const auto metrics = shown_metrics(chosen, folder, [&](Metric metric) { return values_of(sweep, metric); });
  const Shares shares = all_shares(sweep, metrics);
  page.verdict += policy_sentences(sweep, metrics) + axis_sentence(sweep, shares, metrics);
  const auto add = [&](Section section) {
    if (!section.blocks.empty()) page.sections.push_back(std::move(section));
  };
  add(policy_section(sweep, metrics));
  for (auto& section : axis_sections(sweep, metrics)) add(std::move(section));
  add(sensitivity_section(sweep, shares, metrics));
  add(pair_section(sweep, shares, metrics));
  add(task_section(folder, sweep, page.warnings));
  add(cell_section(sweep, metrics));
  return page;
}

} // namespace lair::report
