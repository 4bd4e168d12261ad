#include "core/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lair {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<Scored> highest_first(std::span<const Scored> scored) {
  std::vector<Scored> sorted(scored.begin(), scored.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Scored& a, const Scored& b) { return a.score > b.score; });
  return sorted;
}

/// Calls visit(positives, from, to) for each group of equal scores [from, to),
/// the highest first.
template <class Visit> void for_each_tie(const std::vector<Scored>& sorted, const Visit& visit) {
  for (std::size_t i = 0; i < sorted.size();) {
    double positives = 0;
    std::size_t j = i;
    for (; j < sorted.size() && sorted[j].score == sorted[i].score; ++j)
      positives += sorted[j].positive;
    visit(positives, i, j);
    i = j;
  }
}

double positives_among(std::span<const Scored> scored) {
  return static_cast<double>(
      std::count_if(scored.begin(), scored.end(), [](const Scored& one) { return one.positive; }));
}

/// Gain of the n first ranks over the gain of n positives there; `discount(r)`
/// weighs rank r, from 1.
template <class Discount>
double gain_at_full(std::span<const Scored> scored, const Discount& discount) {
  const std::vector<Scored> sorted = highest_first(scored);
  const auto depth = static_cast<std::size_t>(positives_among(sorted));
  if (depth == 0) return nan;
  double gain = 0, best = 0;
  for (std::size_t r = 1; r <= depth; ++r) best += discount(r);
  for_each_tie(sorted, [&](double positives, std::size_t from, std::size_t to) {
    double weight = 0;
    for (std::size_t r = from + 1; r <= std::min(to, depth); ++r) weight += discount(r);
    gain += positives / static_cast<double>(to - from) * weight;
  });
  return gain / best;
}

} // namespace

double area_under_roc(std::span<const Scored> scored) {
  const double all = positives_among(scored);
  double seen = 0, wins = 0; // pairs in which the positive is above
  for_each_tie(highest_first(scored), [&](double positives, std::size_t from, std::size_t to) {
    const double negatives = static_cast<double>(to - from) - positives;
    wins += negatives * (seen + 0.5 * positives);
    seen += positives;
  });
  const double negatives = static_cast<double>(scored.size()) - all;
  return all > 0 && negatives > 0 ? wins / (all * negatives) : nan;
}

double average_precision(std::span<const Scored> scored) {
  double hits = 0, area = 0;
  for_each_tie(highest_first(scored), [&](double positives, std::size_t, std::size_t to) {
    hits += positives;
    area += positives * hits / static_cast<double>(to);
  });
  return hits > 0 ? area / hits : nan;
}

double best_f1(std::span<const Scored> scored) {
  const double all = positives_among(scored);
  if (all == 0) return nan;
  double hits = 0, best = 0;
  for_each_tie(highest_first(scored), [&](double positives, std::size_t, std::size_t to) {
    hits += positives; // 2 TP + FP + FN = those labelled + those positive
    best = std::max(best, 2 * hits / (static_cast<double>(to) + all));
  });
  return best;
}

double hit_rate_at_full(std::span<const Scored> scored) {
  return gain_at_full(scored, [](std::size_t) { return 1.0; });
}

double ndcg_at_full(std::span<const Scored> scored) {
  return gain_at_full(
      scored, [](std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); });
}

} // namespace lair
