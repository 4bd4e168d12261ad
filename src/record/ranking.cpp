#include "record/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lair::record {

namespace {

/// Gain of the n first ranks over the gain of n faulty hosts there; `discount(r)` weighs rank r,
/// from 1.
template <class Discount>
double gain_at_full(std::span<const Scored> hosts, const Discount& discount) {
  std::vector<Scored> sorted(hosts.begin(), hosts.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Scored& a, const Scored& b) { return a.score > b.score; });
  const auto depth = static_cast<std::size_t>(std::count_if(
      sorted.begin(), sorted.end(), [](const Scored& host) { return host.positive; }));
  if (depth == 0) return std::numeric_limits<double>::quiet_NaN();
  double gain = 0, best = 0;
  for (std::size_t r = 1; r <= depth; ++r) best += discount(r);
  for (std::size_t i = 0; i < depth;) { // one group of equal scores at a time
    double positives = 0, weight = 0;
    std::size_t j = i;
    for (; j < sorted.size() && sorted[j].score == sorted[i].score; ++j) {
      positives += sorted[j].positive;
      if (j < depth) weight += discount(j + 1);
    }
    gain += positives / static_cast<double>(j - i) * weight;
    i = j;
  }
  return gain / best;
}

} // namespace

double hit_rate_at_full(std::span<const Scored> hosts) {
  return gain_at_full(hosts, [](std::size_t) { return 1.0; });
}

double ndcg_at_full(std::span<const Scored> hosts) {
  return gain_at_full(
      hosts, [](std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); });
}

} // namespace lair::record
