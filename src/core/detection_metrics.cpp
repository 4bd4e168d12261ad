#include "core/detection_metrics.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace lair {

namespace {
double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                   : std::numeric_limits<double>::quiet_NaN();
}
} // namespace

double Confusion::accuracy() const { return ratio(tp + tn, tp + fp + tn + fn); }
double Confusion::precision() const { return ratio(tp, tp + fp); }
double Confusion::recall() const { return ratio(tp, tp + fn); }
double Confusion::f1() const { return ratio(2 * tp, 2 * tp + fp + fn); }

std::uint32_t DetectionMetrics::segment_of(std::size_t host, bool truth) {
  std::uint32_t& segment = open_.at(host);
  if (!truth) return segment = none;
  if (segment == none) {
    segment = static_cast<std::uint32_t>(segments_.size());
    segments_.push_back({-std::numeric_limits<double>::infinity()});
  }
  return segment;
}

void DetectionMetrics::skip(std::size_t host, bool truth) { segment_of(host, truth); }

void DetectionMetrics::add(std::size_t host, bool truth, bool said, double score) {
  labels_.add(truth, said);
  const std::uint32_t in = segment_of(host, truth);
  if (in != none) {
    Segment& segment = segments_[in];
    ++segment.judged;
    segment.hit |= said;
    if (std::isfinite(score)) segment.highest = std::max(segment.highest, score);
  }
  if (std::isfinite(score)) scored_.push_back({score, in});
}

template <class ScoreOf> void DetectionMetrics::rank(const ScoreOf& score, Values& out) const {
  std::vector<Scored> all;
  all.reserve(scored_.size());
  for (const Row& row : scored_) all.push_back({score(row), row.segment != none});
  out.auroc = area_under_roc(all);
  out.aupr = average_precision(all);
  std::vector<double> hits, gains;
  std::size_t from = 0;
  for (const std::size_t end : interval_ends_) {
    const std::span<const Scored> interval(all.data() + from, end - from);
    if (const double hit = hit_rate_at_full(interval); !std::isnan(hit)) {
      hits.push_back(hit);
      gains.push_back(ndcg_at_full(interval));
    }
    from = end;
  }
  out.hit_rate = mean(hits);
  out.ndcg = mean(gains);
}

DetectionMetrics::Values DetectionMetrics::raw() const {
  Values out{};
  out.labels = labels_;
  rank([](const Row& row) { return row.score; }, out);
  return out;
}

DetectionMetrics::Values DetectionMetrics::adjusted() const {
  Values out{};
  out.labels = labels_;
  out.labels.tp = out.labels.fn = 0;
  for (const Segment& segment : segments_)
    (segment.hit ? out.labels.tp : out.labels.fn) += segment.judged;
  rank(
      [&](const Row& row) {
        return row.segment == none ? row.score : segments_[row.segment].highest;
      },
      out);
  return out;
}

} // namespace lair
