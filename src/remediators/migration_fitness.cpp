#include "remediators/migration_fitness.hpp"

#include "remediators/known_tasks.hpp"

#include <algorithm>
#include <cmath>

namespace lair {
namespace {

/// Work of the twin: one host played through an interval with its transfers, one task on it, one verdict on
/// its state. Little of it is arithmetic, so what it takes here (3 us a proposal) is charged as if a core of
/// 3.2 GFLOP/s had computed for as long (docs/dragon.md, "What annealing costs").
constexpr double flops_per_host = 2000, flops_per_task = 500, flops_per_verdict = 40;

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

} // namespace

ForecastJudge::ForecastJudge(const Observation& seen, const DetectionView* own,
                             Strided<ReportView> reports, std::uint32_t step)
    : rows_(seen.hosts().size()) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> row_of;
  for (std::uint32_t r = 0; r < rows_.size(); ++r) row_of.emplace_back(seen.hosts()[r].id, r);
  std::sort(row_of.begin(), row_of.end());
  for (const ReportView& report : reports)
    if (report.detection != nullptr) read(*report.detection, row_of, step);
  if (own != nullptr) read(*own, row_of, step); // last: nobody knows the own hosts better
}

void ForecastJudge::read(const DetectionView& detection,
                         const std::vector<std::pair<std::uint32_t, std::uint32_t>>& row_of,
                         std::uint32_t step) {
  const double* expected = detection.expected;
  const double* scale = detection.scale;
  if (const std::uint32_t ahead = std::min(step, detection.ahead); ahead > 0)
    expected = detection.ahead_expected +
               std::size_t(ahead - 1) * detection.count * LAIR_METRICS;
  for (std::uint32_t i = 0; i < detection.count; ++i) {
    const auto at = std::lower_bound(row_of.begin(), row_of.end(),
                                     std::pair(detection.hosts[i], std::uint32_t(0)));
    if (at == row_of.end() || at->first != detection.hosts[i]) continue;
    Row& row = rows_[at->second];
    row = {};
    row.label = detection.labels[i] != 0;
    row.threshold = detection.thresholds[i];
    if (expected == nullptr || scale == nullptr) continue;
    row.expected = expected + std::size_t(i) * LAIR_METRICS;
    row.scale = scale + std::size_t(i) * LAIR_METRICS;
  }
}

bool ForecastJudge::anomalous(std::uint32_t row, const double* state) const {
  const Row& judged = rows_[row];
  if (judged.expected == nullptr) return judged.label;
  double squares = 0;
  for (std::size_t m = 0; m < LAIR_METRICS; ++m) {
    const double above = (state[m] - judged.expected[m]) * judged.scale[m];
    if (above > 0) squares += above * above;
  }
  return std::sqrt(squares) >= judged.threshold;
}

MigrationFitness::MigrationFitness(const Observation& seen, TwinView& twin, Actions placement,
                                   const ForecastJudge& judge, const FitnessOptions& options,
                                   const FitnessMaxima& maxima, double host_total)
    : twin_(twin), judge_(judge), options_(options), maxima_(maxima),
      host_total_(std::max(1.0, host_total)),
      seconds_(std::clamp((seen.interval() + 1.0) * seen.interval_length() - seen.now(), 0.0,
                          seen.interval_length())),
      row_count_(seen.hosts().size()), actions_(placement.begin(), placement.end()),
      placed_(placement.size()), anomalous_(row_count_, 0) {
  for (const Host& host : seen.hosts()) power_ += host.power_max;
  const auto tasks = known_tasks(seen);
  task_count_ = tasks.size();
  double oldest = 0;
  for (const TaskView* task : tasks) {
    mean_age_ += (task->age + seconds_) / static_cast<double>(tasks.size());
    oldest = std::max(oldest, task->age + seconds_);
  }
  // A task is as old as that by the interval's end, if it has not ended before.
  maxima_.response = std::max(maxima_.response, oldest);
}

double MigrationFitness::value(const lair_forecast& forecast, std::uint32_t anomalies) const {
  const double response = !options_.of_ended        ? forecast.outlook
                          : forecast.finished > 0 ? forecast.response
                                                  : mean_age_;
  const double power = share(forecast.energy, seconds_);
  const double most = power_ > 0 ? power_ : maxima_.power;
  const double fitness = options_.alpha * share(response, maxima_.response) +
                         (options_.sign_as_printed ? -1 : 1) * options_.beta * share(power, most) +
                         options_.delta1 * anomalies / host_total_ +
                         options_.delta2 * share(forecast.migration_time, maxima_.migration);
  // Brokers add up hosts in another order each, the own ones first. What is equal must be equal for all,
  // or they would choose differently among sets that are worth the same.
  return std::round(fitness * 0x1p40) * 0x1p-40;
}

double MigrationFitness::of(std::span<const lair_action> moves) {
  actions_.resize(placed_);
  actions_.insert(actions_.end(), moves.begin(), moves.end());
  const lair_forecast forecast = twin_.forecast(actions_);
  flops_ += static_cast<double>(row_count_) * (flops_per_host + flops_per_verdict) +
            static_cast<double>(task_count_) * flops_per_task;
  anomalies_ = 0;
  for (std::uint32_t r = 0; r < row_count_; ++r) {
    anomalous_[r] = judge_.anomalous(r, forecast.states + std::size_t(r) * LAIR_METRICS);
    anomalies_ += anomalous_[r];
  }
  // "The maximum until the current interval" includes what this decision begins with, since the very
  // first decision has no other. From then on the maxima stay as they are: costs must compare.
  if (!met_idle_) maxima_.include(forecast, seconds_);
  if (!met_start_ && !moves.empty()) {
    maxima_.migration = std::max(maxima_.migration, forecast.migration_time);
    met_start_ = true;
  }
  met_idle_ = true;
  return value(forecast, anomalies_);
}

double MigrationFitness::with(std::uint64_t task, std::uint32_t host) {
  const TwinView::Trial trial = twin_.try_move(task, host);
  flipped_.clear();
  std::uint32_t anomalies = anomalies_;
  for (std::size_t i = 0; i < trial.rows.size(); ++i) {
    const std::uint32_t row = trial.rows[i];
    const bool now = judge_.anomalous(row, trial.state(i).data());
    if (now == (anomalous_[row] != 0)) continue;
    flipped_.push_back(row);
    now ? ++anomalies : --anomalies;
  }
  const double rows = static_cast<double>(trial.rows.size());
  flops_ += rows * (flops_per_host + flops_per_verdict +
                    flops_per_task * share(static_cast<double>(task_count_),
                                           static_cast<double>(row_count_)));
  return value(trial.outcome, anomalies);
}

void MigrationFitness::close(bool accept) {
  accept ? twin_.accept() : twin_.undo();
  if (!accept) return;
  for (const std::uint32_t row : flipped_) {
    anomalous_[row] ^= 1;
    anomalous_[row] != 0 ? ++anomalies_ : --anomalies_;
  }
}

} // namespace lair
