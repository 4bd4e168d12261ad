/// Better or worse, in words: the same words for a comparison and a sweep.
#pragma once

#include "record/comparison.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lair::report {

struct JudgedMetric {
  record::Metric metric{};
  record::Verdict verdict = record::Verdict::none;
  double change = 0; ///< share of the baseline's mean; NaN where that is zero
};

struct JudgedPolicy {
  std::string name;
  std::vector<JudgedMetric> metrics;
};

/// One sentence per policy against the baseline, the first four of them, and what the number of seeds
/// allows to say. Empty without a policy.
std::string verdict_sentences(const std::string& baseline, const std::vector<JudgedPolicy>&, std::size_t seeds);

/// A metric's title within a sentence: "energy", but "SLO violations".
std::string lower_title(record::Metric);

} // namespace lair::report
