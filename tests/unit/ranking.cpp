// Metrics of detectors against their definitions, written out without any
// sorting: O(n^2) and slower.
#include "core/detection_metrics.hpp"
#include "core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace lair;
using doctest::Approx;

namespace {

using Rows = std::vector<Scored>;

/// Pairs of a positive and a negative: won by the positive, or half.
double auroc_by_pairs(const Rows& rows) {
  double wins = 0, pairs = 0;
  for (const Scored& p : rows)
    for (const Scored& n : rows)
      if (p.positive && !n.positive) {
        wins += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
        ++pairs;
      }
  return wins / pairs;
}

/// For each positive: precision when all that score as high as it are labelled;
/// the mean of those.
double aupr_by_thresholds(const Rows& rows) {
  double sum = 0, positives = 0;
  for (const Scored& p : rows) {
    if (!p.positive) continue;
    double labelled = 0, right = 0;
    for (const Scored& other : rows)
      if (other.score >= p.score) {
        ++labelled;
        right += other.positive;
      }
    sum += right / labelled;
    ++positives;
  }
  return sum / positives;
}

double best_f1_by_thresholds(const Rows& rows) {
  double best = 0;
  for (const Scored& threshold : rows) {
    Confusion labels;
    for (const Scored& row : rows) labels.add(row.positive, row.score >= threshold.score);
    best = std::max(best, labels.f1());
  }
  return best;
}

/// Mean over all n! orders that agree with the scores.
template <class Gain> double over_all_orders(const Rows& rows, const Gain& gain) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  double sum = 0, count = 0;
  do {
    bool sorted = true;
    for (std::size_t i = 1; i < order.size(); ++i)
      sorted &= rows[order[i - 1]].score >= rows[order[i]].score;
    if (!sorted) continue;
    std::vector<bool> ranked;
    for (const std::size_t i : order) ranked.push_back(rows[i].positive);
    sum += gain(ranked);
    ++count;
  } while (std::next_permutation(order.begin(), order.end()));
  return sum / count;
}
std::size_t positives(const std::vector<bool>& ranked) {
  return static_cast<std::size_t>(std::count(ranked.begin(), ranked.end(), true));
}
double hit_rate_of(const std::vector<bool>& ranked) {
  const std::size_t n = positives(ranked);
  double hits = 0;
  for (std::size_t i = 0; i < n; ++i) hits += ranked[i];
  return hits / static_cast<double>(n);
}
double ndcg_of(const std::vector<bool>& ranked) {
  double gain = 0, best = 0;
  for (std::size_t i = 0; i < positives(ranked); ++i) {
    const double discount = std::log(2) / std::log(static_cast<double>(i) + 2);
    gain += ranked[i] ? discount : 0;
    best += discount;
  }
  return gain / best;
}

/// Few distinct scores, so that most inputs have ties; at least one of each
/// class.
Rows random_rows(RandomStream& random, std::size_t count) {
  Rows rows(count);
  for (Scored& row : rows) row = {random.below(5) * 0.25, random.uniform() < 0.4};
  rows.front().positive = true;
  rows.back().positive = false;
  return rows;
}

} // namespace

TEST_CASE("rankings agree with their definitions, ties included") {
  RandomStream random(7, "rankings");
  for (int round = 0; round < 300; ++round) {
    const Rows rows = random_rows(random, 2 + random.below(40));
    CHECK(area_under_roc(rows) == Approx(auroc_by_pairs(rows)).epsilon(1e-12));
    CHECK(average_precision(rows) == Approx(aupr_by_thresholds(rows)).epsilon(1e-12));
    CHECK(best_f1(rows) == Approx(best_f1_by_thresholds(rows)).epsilon(1e-12));
  }
  for (int round = 0; round < 60; ++round) {
    const Rows rows = random_rows(random, 2 + random.below(6)); // 7! = 5040 orders
    CHECK(hit_rate_at_full(rows) == Approx(over_all_orders(rows, hit_rate_of)).epsilon(1e-12));
    CHECK(ndcg_at_full(rows) == Approx(over_all_orders(rows, ndcg_of)).epsilon(1e-12));
  }
}

TEST_CASE("scores that only differ as doubles are not equal") {
  const Rows rows{{1 + 1e-12, true}, {1, false}};
  CHECK(area_under_roc(rows) == 1);
  CHECK(average_precision(rows) == 1);
  CHECK(hit_rate_at_full(rows) == 1);
  DetectionMetrics metrics(2);
  metrics.add(0, true, false, 1 + 1e-12);
  metrics.add(1, false, false, 1);
  metrics.end_interval();
  CHECK(metrics.raw().auroc == 1);
  CHECK(metrics.raw().hit_rate == 1);
}

TEST_CASE("without positives, or without negatives, a ranking says nothing") {
  CHECK(std::isnan(area_under_roc(Rows{})));
  CHECK(std::isnan(area_under_roc(Rows{{1, true}})));
  CHECK(std::isnan(area_under_roc(Rows{{1, false}})));
  CHECK(std::isnan(average_precision(Rows{{1, false}})));
  CHECK(average_precision(Rows{{1, true}}) == 1);
  CHECK(std::isnan(best_f1(Rows{{1, false}})));
  CHECK(std::isnan(Confusion{}.f1()));
  CHECK(std::isnan(Confusion{.fp = 1}.recall()));
  CHECK(Confusion{.fp = 1}.f1() == 0);
  CHECK(std::isnan(DetectionMetrics(1).raw().hit_rate));
  CHECK(std::isnan(DetectionMetrics(1).adjusted().aupr));
}

TEST_CASE("areas under the curves of a detector") {
  const std::vector<Scored> scored{{.1, false}, {.4, false}, {.35, true},  {.8, true},
                                   {.4, true},  {.9, false}, {.05, false}, {.4, false}};
  CHECK(area_under_roc(scored) == Approx(0.6)); // stats.mannwhitneyu(pos, neg).statistic / (3 * 5)
  // thresholds .9 .8 .4 .35: 0, 1/3 * 1/2, 1/3 * 2/5, 1/3 * 3/6
  CHECK(average_precision(scored) == Approx((1.0 / 2 + 2.0 / 5 + 3.0 / 6) / 3));
  CHECK(std::isnan(area_under_roc(std::vector<Scored>{{.1, true}})));
  CHECK(std::isnan(average_precision(std::vector<Scored>{{.1, false}})));
  CHECK(area_under_roc(std::vector<Scored>{{.1, false}, {.2, true}}) == 1);
}

TEST_CASE("rankings: HitRate and NDCG at 100 %") {
  using Hosts = std::vector<Scored>;
  const double second = 1 / std::log2(3), third = 0.5;
  // Two faulty hosts at ranks 1 and 3: of the two first, one.
  const Hosts one{{0.9, true}, {0.8, false}, {0.7, true}, {0.1, false}};
  CHECK(hit_rate_at_full(one) == 0.5);
  CHECK(ndcg_at_full(one) == Approx(1 / (1 + second)));
  const Hosts perfect{{0.1, false}, {0.2, true}, {0.9, true}};
  CHECK(hit_rate_at_full(perfect) == 1);
  CHECK(ndcg_at_full(perfect) == 1);
  const Hosts inverted{{0.9, false}, {0.8, false}, {0.1, true}};
  CHECK(hit_rate_at_full(inverted) == 0);
  CHECK(ndcg_at_full(inverted) == 0);
  // All scores equal: the mean over the orders. Three of four are faulty.
  const Hosts equal{{1, true}, {1, false}, {1, true}, {1, true}};
  CHECK(hit_rate_at_full(equal) == Approx(0.75));
  CHECK(ndcg_at_full(equal) == Approx(0.75));
  // A tie across the depth: rank 1 is faulty; one of two equals at ranks 2 and
  // 3 counts half.
  const Hosts across{{5, true}, {3, true}, {3, false}, {1, false}};
  CHECK(hit_rate_at_full(across) == Approx(0.75));
  CHECK(ndcg_at_full(across) == Approx((1 + 0.5 * second) / (1 + second)));
  const Hosts three{{4, true}, {3, false}, {2, true}, {1, true}}; // ranks 1, 3 and, too deep, 4
  CHECK(ndcg_at_full(three) == Approx((1 + third) / (1 + second + third)));
  CHECK(std::isnan(hit_rate_at_full(Hosts{{1, false}})));
  CHECK(std::isnan(ndcg_at_full(Hosts{})));
}

TEST_CASE("point adjustment agrees with its definition") {
  // Hosts x intervals of truth, label, score; some without a label, some scores
  // not finite.
  struct Cell {
    bool truth, spoken, said;
    double score;
  };
  RandomStream random(11, "adjustment");
  for (int round = 0; round < 200; ++round) {
    const std::size_t hosts = 1 + random.below(4), intervals = 1 + random.below(12);
    std::vector<std::vector<Cell>> cells(hosts, std::vector<Cell>(intervals));
    DetectionMetrics metrics(hosts);
    for (std::size_t t = 0; t < intervals; ++t) {
      for (std::size_t h = 0; h < hosts; ++h) {
        Cell& cell = cells[h][t];
        cell = {random.uniform() < 0.5, random.uniform() < 0.9, random.uniform() < 0.3,
                random.uniform() < 0.1 ? std::numeric_limits<double>::infinity()
                                       : random.below(4) * 0.5};
        if (cell.spoken)
          metrics.add(h, cell.truth, cell.said, cell.score);
        else
          metrics.skip(h, cell.truth);
      }
      metrics.end_interval();
    }
    Confusion raw, adjusted;
    Rows raw_rows, adjusted_rows;
    double hit_rate = 0, ndcg = 0, ranked = 0;
    for (std::size_t t = 0; t < intervals; ++t) {
      Rows interval;
      for (std::size_t h = 0; h < hosts; ++h) {
        const Cell& cell = cells[h][t];
        if (!cell.spoken) continue;
        raw.add(cell.truth, cell.said);
        bool said = cell.said;
        double score = cell.score;
        if (cell.truth) { // to both ends of its segment
          std::size_t first = t, last = t;
          while (first > 0 && cells[h][first - 1].truth) --first;
          while (last + 1 < intervals && cells[h][last + 1].truth) ++last;
          for (std::size_t i = first; i <= last; ++i) {
            const Cell& other = cells[h][i];
            if (!other.spoken) continue;
            said |= other.said;
            if (std::isfinite(other.score) && other.score > score) score = other.score;
          }
        }
        adjusted.add(cell.truth, said);
        if (!std::isfinite(cell.score)) continue;
        raw_rows.push_back({cell.score, cell.truth});
        interval.push_back({score, cell.truth});
      }
      adjusted_rows.insert(adjusted_rows.end(), interval.begin(), interval.end());
      if (const double hit = hit_rate_at_full(interval); !std::isnan(hit)) {
        hit_rate += hit;
        ndcg += ndcg_at_full(interval);
        ++ranked;
      }
    }
    const auto same = [](double a, double b) {
      return (std::isnan(a) && std::isnan(b)) || a == Approx(b).epsilon(1e-12);
    };
    const DetectionMetrics::Values r = metrics.raw(), a = metrics.adjusted();
    CHECK(r.labels.tp == raw.tp);
    CHECK(r.labels.fn == raw.fn);
    CHECK(a.labels.tp == adjusted.tp);
    CHECK(a.labels.fn == adjusted.fn);
    CHECK(a.labels.fp == raw.fp);
    CHECK(a.labels.tn == raw.tn);
    CHECK(same(r.auroc, area_under_roc(raw_rows)));
    CHECK(same(a.auroc, area_under_roc(adjusted_rows)));
    CHECK(same(a.aupr, average_precision(adjusted_rows)));
    CHECK(same(a.hit_rate, ranked > 0 ? hit_rate / ranked : NAN));
    CHECK(same(a.ndcg, ranked > 0 ? ndcg / ranked : NAN));
  }
}
