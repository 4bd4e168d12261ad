/// Policies compared on the same worlds: per metric means with intervals, paired differences to the
/// first policy, and tests.
#pragma once

#include "core/statistics.hpp"
#include "record/summary.hpp"
#include "record/until_width.hpp"

#include <cstdint>
#include <optional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lair::record {

struct ComparedPolicy {
  std::string name;
  std::vector<MetricValues> runs; ///< one per seed, in the order of the seeds
};

/// What a paired difference comes to. `none`: the baseline, a metric without a better direction, or
/// no pair.
enum class Verdict : std::uint8_t { none, better, worse, same, unclear };
std::string_view to_string(Verdict);

/// Values that differ by no more than this share of the larger one do so by rounding: they are
/// equal.
inline constexpr double rounding = 1e-9;
/// A mean difference of at most this share of the larger mean matters to nobody, however sure it
/// is: "same", not better or worse. 0.05 %.
inline constexpr double negligible = 5e-4;

/// One metric of one policy. NaN where there is nothing to say.
struct ComparisonRow {
  Metric metric{};
  std::size_t policy = 0; ///< index; 0 is the baseline, which has no difference
  std::size_t runs = 0;   ///< that have a value
  double mean = 0;
  Interval interval;     ///< bootstrap 95 % of the mean
  std::size_t pairs = 0; ///< seeds in which both have a value
  double difference = 0; ///< mean of the paired differences, policy - baseline
  Interval difference_interval;
  double p = 0;      ///< Wilcoxon signed-rank, two-sided
  double p_holm = 0; ///< adjusted over all tests of the comparison
  double a12 = 0;    ///< probability that the policy's value is the larger
  Verdict verdict = Verdict::none;
};

struct Comparison {
  std::string scenario_name, scenario_hash;
  std::vector<std::string> policies;
  std::vector<std::uint64_t> seeds;
  std::vector<ComparisonRow> rows;   ///< by metric, then policy
  std::vector<std::string> verdicts; ///< one sentence per policy but the first
  std::optional<WidthReport> until_width; ///< if seeds were added until intervals were narrow
};

/// What a paired difference of `pairs` seeds comes to, `mean` against `baseline_mean`.
Verdict judge(Metric, std::size_t pairs, double difference, const Interval&, double mean, double baseline_mean);

/// `policies` holds at least one, each with a run for every seed. Tested are the metrics that
/// differ in at least one pair; a metric that never differs is no test and does not count for Holm.
Comparison compare(const std::vector<ComparedPolicy>& policies,
                   const std::vector<std::uint64_t>& seeds);

/// A change by this share of a baseline: "-10.2 %", and from eleven times on "25 times".
std::string change_text(double share);

std::string comparison_text(const Comparison&); ///< tables for a terminal, verdicts last
std::string comparison_csv(const Comparison&);
std::string comparison_json(const Comparison&);

/// What comparison_json() wrote into a folder's compare.json, with every metric that this version knows:
/// one that is not in the file has no value. Empty if there is no file; InputError if it cannot be read.
std::optional<Comparison> read_comparison(const std::string& folder);

/// The scenario's hash in a folder's compare.json; empty if there is none that can be read.
std::string read_comparison_hash(const std::string& folder);

inline constexpr std::string_view comparison_header =
    "metric,unit,better,policy,runs,mean,low,high,pairs,difference,difference_low,difference_high,"
    "p,p_holm,a12,verdict";

} // namespace lair::record
