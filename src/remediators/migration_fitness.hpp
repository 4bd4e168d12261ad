/// DRAGON's fitness of a set of migrations (eq. 17 and 18), from a twin of the federation:
///
///     alpha ART + beta AEC + delta1 N / H + delta2 O, to be minimised
///
/// Every term is a share of about [0, 1]; docs/dragon.md says how each is read.
#pragma once

#include "remediators/annealer.hpp"

#include <lair/policy.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace lair {

struct FitnessOptions {
  double alpha = 0.5, beta = 0.5, delta1 = 0.5, delta2 = 0.5;
  bool sign_as_printed = false; ///< -beta AEC: the more energy the better
  /// ART of the tasks that end in the interval, as printed; else of all, by the twin's outlook.
  bool of_ended = false;
};

/// The largest response and migration times so far, seconds, and of energy the mean power, watts.
struct FitnessMaxima {
  double response = 0, migration = 0, power = 0;
  void include(const lair_forecast& forecast, double seconds) {
    response = std::max({response, forecast.response, forecast.outlook});
    migration = std::max(migration, forecast.migration_time);
    if (seconds > 0) power = std::max(power, forecast.energy / seconds);
  }
};

/// What the detectors of the federation expected of each host: whether a forecast state is anomalous.
class ForecastJudge {
public:
  /// `step`: which of the detections' expectations counts; 0 the coming interval, 1 the one after. A
  /// detector that looked less far ahead is taken at its furthest. The detections must outlive this.
  ForecastJudge(const Observation&, const DetectionView* own, Strided<ReportView> reports,
                std::uint32_t step);
  bool anomalous(std::uint32_t row, const double* state) const;
  /// What the detector itself said.
  bool labelled(std::uint32_t row) const { return rows_[row].label; }

private:
  struct Row {
    const double* expected = nullptr; ///< LAIR_METRICS; null: the label is all that is known
    const double* scale = nullptr;
    double threshold = 0;
    bool label = false;
  };
  void read(const DetectionView&, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& row_of,
            std::uint32_t step);
  std::vector<Row> rows_; ///< as the observation's hosts
};

class MigrationFitness : public MigrationCost {
public:
  /// `placement` belongs to every set. `maxima`: of what was before. All must outlive this.
  MigrationFitness(const Observation&, TwinView&, Actions placement, const ForecastJudge&,
                   const FitnessOptions&, const FitnessMaxima& maxima, double host_total);

  double of(std::span<const lair_action> moves) override;
  double with(std::uint64_t task, std::uint32_t host) override;
  void close(bool accept) override;

  /// Of the base: is the host of this row going to be anomalous?
  bool anomalous(std::uint32_t row) const { return anomalous_[row] != 0; }
  /// What it normalises by: the maxima of before, of moving nothing, and of the first set of moves.
  const FitnessMaxima& maxima() const { return maxima_; }
  double flops() const { return flops_; } ///< of all evaluations

private:
  double value(const lair_forecast&, std::uint32_t anomalies) const;

  TwinView& twin_;
  const ForecastJudge& judge_;
  const FitnessOptions& options_;
  FitnessMaxima maxima_;
  double host_total_, seconds_; ///< left of the interval
  double power_ = 0;            ///< watts of all known hosts at most
  double mean_age_ = 0;         ///< of the tasks at the interval's end, should none of them end
  std::size_t task_count_ = 0, row_count_;
  std::vector<lair_action> actions_; ///< placement, then moves
  std::size_t placed_;
  std::vector<std::uint8_t> anomalous_;
  std::uint32_t anomalies_ = 0;
  bool met_idle_ = false, met_start_ = false; ///< a first set, and one with moves
  // The open change: rows whose verdict differs.
  std::vector<std::uint32_t> flipped_;
  double flops_ = 0;
};

} // namespace lair
