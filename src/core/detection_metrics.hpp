/// A detector against the truth, over hosts and intervals: raw, and
/// point-adjusted. Used by the metrics of runs, by training and by studies of
/// detectors alike.
#pragma once

#include "core/ranking.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lair {

/// True and false, positive and negative: counts of labels against a truth.
/// What has nothing to divide by is NaN.
struct Confusion {
  std::uint64_t tp = 0, fp = 0, tn = 0, fn = 0;
  void add(bool truth, bool said) { (truth ? (said ? tp : fn) : (said ? fp : tn)) += 1; }
  double accuracy() const, precision() const, recall() const, f1() const;
};

/// Point adjustment (Xu et al., WWW 2018; used by the DRAGON paper's peers): a
/// segment is a longest run of intervals in which one host is faulty. If any of
/// its intervals is labelled, all of them count as labelled; each has the
/// highest of the segment's scores. One hit counts for the whole fault, so
/// adjusted figures are higher by construction: a detector that labels at
/// random gains most.
class DetectionMetrics {
public:
  struct Values {
    Confusion labels;
    double auroc, aupr;
    double hit_rate, ndcg; ///< at 100 %: each interval's ranking; mean over
                           ///< those with a positive
  };

  explicit DetectionMetrics(std::size_t hosts) : open_(hosts, none) {}

  /// Once per host and interval, and then end_interval(). A `score` that is not
  /// finite is in no ranking.
  void add(std::size_t host, bool truth, bool said, double score);
  /// In place of add(): no detector spoke of this host, but the truth about it
  /// is known.
  void skip(std::size_t host, bool truth);
  void end_interval() { interval_ends_.push_back(scored_.size()); }

  const Confusion& labels() const { return labels_; }
  Values raw() const;
  Values adjusted() const;

private:
  static constexpr std::uint32_t none = 0xffffffffu;
  struct Row { ///< 16 bytes, since a large federation has millions
    double score;
    std::uint32_t segment; ///< none: not faulty
  };
  struct Segment {
    double highest;
    std::uint32_t judged = 0; ///< intervals that have a label
    bool hit = false;
  };
  std::uint32_t segment_of(std::size_t host, bool truth);
  template <class ScoreOf> void rank(const ScoreOf&, Values&) const;

  std::vector<std::uint32_t> open_; ///< per host: its segment that still goes on
  std::vector<Segment> segments_;
  std::vector<Row> scored_;
  std::vector<std::size_t> interval_ends_; ///< in scored_
  Confusion labels_;
};

} // namespace lair
