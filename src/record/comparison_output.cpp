#include "record/comparison.hpp"

#include "core/error.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

namespace lair::record {

namespace {

using Json = nlohmann::ordered_json;

const MetricDescription& description(Metric metric) {
  return metric_table()[static_cast<std::size_t>(metric)];
}

/// Four significant digits, without an exponent where that is readable.
std::string shown(double x) {
  if (std::isnan(x)) return "-";
  const double size = std::abs(x);
  if (size >= 1e4 && size < 1e7) return fmt::format("{:.0f}", x);
  return fmt::format("{:.4g}", x);
}

std::string shown(double x, Interval interval) {
  if (std::isnan(x)) return "-";
  if (interval.low == interval.high) return shown(x);
  return fmt::format("{} [{}, {}]", shown(x), shown(interval.low), shown(interval.high));
}

using Line = std::vector<std::string>;

/// Columns as wide as their widest cell; the first is left aligned, the others too.
std::string aligned(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += fmt::format("{:<{}}  ", line[i], widths[i]);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

/// Says nothing: without a value, or zero wherever it has one.
bool silent(const Comparison& all, std::size_t first) {
  for (std::size_t i = 0; i < all.policies.size(); ++i) {
    const ComparisonRow& row = all.rows[first + i];
    if (!std::isnan(row.mean) && (row.mean != 0 || row.interval.low != row.interval.high))
      return false;
  }
  return true;
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

/// What width_json() has written.
WidthReport read_width(const Json& in, const std::vector<std::string>& policies) {
  WidthReport out;
  for (const auto& metric : metric_table())
    if (in.at("metric") == std::string(metric.name)) out.goal.metric = metric.metric;
  out.goal.of = in.at("of") == "mean" ? WidthOf::mean : WidthOf::difference;
  out.goal.width = in.at("asked");
  out.goal.most_seeds = in.at("max_seeds");
  out.given = in.at("seeds_given");
  out.seeds = in.at("seeds_used");
  out.reached = in.at("reached");
  for (const Json& line : in.at("widths")) {
    const auto policy = std::find(policies.begin(), policies.end(), line.at("policy"));
    if (policy == policies.end()) continue;
    const Json& width = line.at("width");
    out.widths.push_back({static_cast<std::size_t>(policy - policies.begin()),
                          width.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                          : width.get<double>(),
                          line.at("seeds_needed")});
  }
  return out;
}

Json width_json(const WidthReport& report, const std::vector<std::string>& policies) {
  Json out;
  out["metric"] = description(report.goal.metric).name;
  out["of"] = report.goal.of == WidthOf::mean ? "mean" : "difference";
  out["asked"] = report.goal.width;
  out["max_seeds"] = report.goal.most_seeds;
  out["seeds_given"] = report.given;
  out["seeds_used"] = report.seeds;
  out["reached"] = report.reached;
  out["widths"] = Json::array();
  for (const auto& one : report.widths)
    out["widths"].push_back({{"policy", policies[one.policy]},
                             {"width", number(one.width)},
                             {"seeds_needed", one.needed}});
  return out;
}

} // namespace

std::string comparison_text(const Comparison& all) {
  const std::size_t policies = all.policies.size();
  std::string out;
  for (std::size_t i = policies > 1 ? 1 : 0; i < policies; ++i) {
    std::vector<Line> lines{{"metric", "unit", all.policies[0]}};
    if (i > 0)
      for (const auto& title :
           {all.policies[i], std::string("paired difference"), std::string("n"),
            std::string("p (Holm)"), std::string("A12"), std::string("verdict")})
        lines[0].push_back(title);
    for (std::size_t first = 0; first < all.rows.size(); first += policies) {
      if (silent(all, first)) continue;
      const ComparisonRow &base = all.rows[first], &row = all.rows[first + i];
      const auto& metric = description(base.metric);
      Line line{std::string(metric.name), std::string(metric.unit),
                shown(base.mean, base.interval)};
      if (i > 0)
        for (const auto& cell :
             {shown(row.mean, row.interval), shown(row.difference, row.difference_interval),
              fmt::format("{}", row.pairs), shown(row.p_holm), shown(row.a12),
              std::string(to_string(row.verdict))})
          line.push_back(cell);
      lines.push_back(std::move(line));
    }
    out += aligned(lines) + "\n";
  }
  out +=
      "Means with bootstrap 95 % intervals; A12: probability that the policy's value is larger.\n";
  for (const auto& verdict : all.verdicts) out += verdict + "\n";
  if (all.until_width) out += width_text(*all.until_width, all.policies) + "\n";
  return out;
}

std::string comparison_csv(const Comparison& all) {
  std::string out(comparison_header);
  out += '\n';
  const auto cell = [](double x) { return std::isnan(x) ? std::string() : fmt::format("{}", x); };
  for (const auto& row : all.rows) {
    const auto& metric = description(row.metric);
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", metric.name,
                       metric.unit, to_string(metric.better), csv_quoted(all.policies[row.policy]),
                       row.runs, cell(row.mean), cell(row.interval.low), cell(row.interval.high),
                       row.pairs, cell(row.difference), cell(row.difference_interval.low),
                       cell(row.difference_interval.high), cell(row.p), cell(row.p_holm),
                       cell(row.a12), to_string(row.verdict));
  }
  return out;
}

std::string comparison_json(const Comparison& all) {
  Json out;
  out["lair_schema"] = "comparison";
  out["schema_version"] = summary_schema_version;
  out["scenario"] = {{"name", all.scenario_name}, {"hash", all.scenario_hash}};
  out["baseline"] = all.policies[0];
  out["policies"] = all.policies;
  out["seeds"] = all.seeds;
  out["rows"] = Json::array();
  for (const auto& row : all.rows) {
    const auto& metric = description(row.metric);
    Json line;
    line["metric"] = metric.name;
    line["unit"] = metric.unit;
    line["better"] = to_string(metric.better);
    line["policy"] = all.policies[row.policy];
    line["runs"] = row.runs;
    line["mean"] = number(row.mean);
    line["low"] = number(row.interval.low);
    line["high"] = number(row.interval.high);
    line["pairs"] = row.pairs;
    line["difference"] = number(row.difference);
    line["difference_low"] = number(row.difference_interval.low);
    line["difference_high"] = number(row.difference_interval.high);
    line["p"] = number(row.p);
    line["p_holm"] = number(row.p_holm);
    line["a12"] = number(row.a12);
    line["verdict"] =
        row.verdict == Verdict::none ? Json(nullptr) : Json(std::string(to_string(row.verdict)));
    out["rows"].push_back(std::move(line));
  }
  out["verdicts"] = all.verdicts;
  if (all.until_width) out["until_width"] = width_json(*all.until_width, all.policies);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Comparison> read_comparison(const std::string& folder) {
  const std::string path = folder + "/compare.json";
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const auto number_or_nan = [](const Json& x) {
    return x.is_null() ? std::numeric_limits<double>::quiet_NaN() : x.get<double>();
  };
  try {
    const Json in = Json::parse(file);
    if (in.at("lair_schema") != "comparison" || in.at("schema_version") != summary_schema_version)
      throw InputError(path, "schema_version", "is of a form that this version cannot read",
                       "compare again");
    Comparison out;
    out.scenario_name = in.at("scenario").at("name");
    out.scenario_hash = in.at("scenario").at("hash");
    out.policies = in.at("policies").get<std::vector<std::string>>();
    out.seeds = in.at("seeds").get<std::vector<std::uint64_t>>();
    out.verdicts = in.at("verdicts").get<std::vector<std::string>>();
    if (out.policies.empty()) throw InputError(path, "policies", "is empty", "compare again");
    const double nan = number_or_nan(nullptr);
    for (const auto& metric : metric_table())
      for (std::size_t policy = 0; policy < out.policies.size(); ++policy)
        out.rows.push_back({metric.metric, policy, 0, nan, {nan, nan}, 0, nan, {nan, nan}, nan, nan, nan,
                            Verdict::none});
    for (const Json& line : in.at("rows")) {
      const auto metric = std::find_if(metric_table().begin(), metric_table().end(), [&](const auto& one) {
        return one.name == line.at("metric").get<std::string>();
      });
      const auto policy = std::find(out.policies.begin(), out.policies.end(), line.at("policy"));
      if (metric == metric_table().end() || policy == out.policies.end()) continue;
      ComparisonRow& row = out.rows[static_cast<std::size_t>(metric - metric_table().begin()) * out.policies.size() +
                                    static_cast<std::size_t>(policy - out.policies.begin())];
      row.runs = line.at("runs");
      row.mean = number_or_nan(line.at("mean"));
      row.interval = {number_or_nan(line.at("low")), number_or_nan(line.at("high"))};
      row.pairs = line.at("pairs");
      row.difference = number_or_nan(line.at("difference"));
      row.difference_interval = {number_or_nan(line.at("difference_low")),
                                 number_or_nan(line.at("difference_high"))};
      row.p = number_or_nan(line.at("p"));
      row.p_holm = number_or_nan(line.at("p_holm"));
      row.a12 = number_or_nan(line.at("a12"));
      for (const Verdict verdict : {Verdict::better, Verdict::worse, Verdict::same, Verdict::unclear})
        if (line.at("verdict") == std::string(to_string(verdict))) row.verdict = verdict;
    }
    if (in.contains("until_width")) out.until_width = read_width(in.at("until_width"), out.policies);
    return out;
  } catch (const Json::parse_error&) {
    throw InputError(path, "", "is not whole: no JSON", "compare again with --resume");
  } catch (const Json::exception&) {
    throw InputError(path, "", "lacks a key, or has one of another type", "compare again with --resume");
  }
}

std::string read_comparison_hash(const std::string& folder) {
  std::ifstream file(folder + "/compare.json", std::ios::binary);
  const Json in = Json::parse(file, nullptr, false);
  try {
    return in.at("scenario").at("hash");
  } catch (const Json::exception&) { // not there, or not ours
    return {};
  }
}

} // namespace lair::record
