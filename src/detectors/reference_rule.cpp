#include "detectors/reference_rule.hpp"

#include "detectors/reference_series.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace lair {
namespace {

constexpr std::size_t remembered = 10;  ///< samples that loess looks at
constexpr double loess_share = 0.6;
constexpr double loess_at = 11;         ///< of 0 to 9: one too far
constexpr double loess_safety = 1.2;
constexpr double early_limit = 0.7;     ///< CPU share, until there are ten samples
constexpr std::uint32_t fixed_interval = 1;     ///< the second row of the history
constexpr std::uint32_t looked_at = 3;  ///< columns, taken for hosts
constexpr double least_distance = 0.025; ///< of the clusters, times hosts

double sum(const TwoClusters::Point& point) {
  return std::accumulate(point.begin(), point.end(), 0.0);
}

double distance2(const TwoClusters::Point& a, const TwoClusters::Point& b) {
  double out = 0;
  for (std::size_t m = 0; m < TwoClusters::metrics; ++m) out += (a[m] - b[m]) * (a[m] - b[m]);
  return out;
}

/// CPU, RAM and disk: what the code knows of a host.
TwoClusters::Point state(const Observation& seen, const Host& host) {
  return {seen.metric(host, LAIR_CPU), seen.metric(host, LAIR_RAM),
          seen.metric(host, LAIR_DISK_READ) + seen.metric(host, LAIR_DISK_WRITE)};
}

} // namespace

double loess(std::span<const double> values, double share, double x) {
  const auto near = std::max<std::size_t>(
      2, static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))));
  std::vector<std::pair<double, std::size_t>> order; // distance, index
  for (std::size_t i = 0; i < values.size(); ++i)
    order.emplace_back(std::abs(static_cast<double>(i) - x), i);
  std::sort(order.begin(), order.end());
  order.resize(std::min(near, order.size()));
  const double widest = order.empty() ? 0 : order.back().first;
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  for (const auto& [distance, i] : order) {
    const double ratio = widest > 0 ? distance / widest : 0;
    const double weight = std::pow(1 - ratio * ratio * ratio, 3);
    const double at = static_cast<double>(i) - x; // so that the intercept is the answer
    w += weight;
    wx += weight * at;
    wy += weight * values[i];
    wxx += weight * at * at;
    wxy += weight * at * values[i];
  }
  const double determinant = w * wxx - wx * wx;
  if (!(std::abs(determinant) > 1e-12)) return w > 0 ? wy / w : 0;
  return (wxx * wy - wx * wxy) / determinant;
}

TwoClusters fuzzy_clusters(std::span<const TwoClusters::Point> points) {
  TwoClusters out;
  out.member.resize(points.size());
  if (points.empty()) return out;
  const auto [low, high] = std::minmax_element(
      points.begin(), points.end(), [](const auto& a, const auto& b) { return sum(a) < sum(b); });
  out.centre = {*low, *high};
  for (int round = 0; round < 100; ++round) {
    // Fuzziness 2: a point belongs to a centre by the inverse square of its distance.
    std::array<TwoClusters::Point, 2> centre{};
    std::array<double, 2> weight{};
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double d0 = distance2(points[i], out.centre[0]), d1 = distance2(points[i], out.centre[1]);
      const double to_first = d0 + d1 > 0 ? d1 / (d0 + d1) : 0.5;
      out.member[i] = to_first < 0.5 ? 1 : 0;
      for (const std::size_t c : {0u, 1u}) {
        const double share = c == 0 ? to_first : 1 - to_first;
        weight[c] += share * share;
        for (std::size_t m = 0; m < TwoClusters::metrics; ++m)
          centre[c][m] += share * share * points[i][m];
      }
    }
    double moved = 0;
    for (const std::size_t c : {0u, 1u}) {
      if (!(weight[c] > 0)) continue;
      for (double& value : centre[c]) value /= weight[c];
      moved = std::max(moved, distance2(centre[c], out.centre[c]));
      out.centre[c] = centre[c];
    }
    if (moved < 1e-8) break;
  }
  return out;
}

ReferenceRule::ReferenceRule(PolicyContext& context) : Detector(context) {
  static constexpr const char* names[] = {"trend", "loess", "clusters", "static", "generated"};
  const std::string rule =
      context.choice("rule", names[0], {names[0], names[1], names[2], names[3], names[4]});
  rule_ = static_cast<Rule>(std::find(std::begin(names), std::end(names), rule) - std::begin(names));
}

double ReferenceRule::forecast(const std::vector<double>& cpu) const {
  if (rule_ == Rule::trend) return cpu.size() < 2 ? 0 : 2 * cpu.back() - cpu[cpu.size() - 2];
  if (cpu.size() < remembered) return cpu.back() > early_limit ? 1 : 0;
  return loess_safety * loess(cpu, loess_share, loess_at);
}

/// What stays for the whole run.
void ReferenceRule::pick(const Observation& seen) {
  looked_ = true;
  if (rule_ == Rule::clusters) cluster(seen);
  if (rule_ == Rule::fixed)
    for (const Host& host : seen.own_hosts())
      if (reference_series::excess(state(seen, host), {}) >= 1) picked_.insert(host.id);
  context().charge_flops((rule_ == Rule::clusters ? 100.0 * 20 : 10) * seen.hosts().size());
}

/// The network's gradient has the same signs wherever it is taken, and the optimiser takes whole steps; of its
/// weights only these signs are left, which training has no reason to prefer.
double ReferenceRule::generated(const Observation& seen, const Host& host) {
  const auto [at, is_new] = shift_.try_emplace(host.id);
  if (is_new)
    for (double& metric : at->second)
      metric = (context().uniform() < 0.5 ? -1 : 1) * reference_series::generated_shift();
  return reference_series::excess(state(seen, host), at->second);
}

/// States of all known hosts, each column over its largest.
void ReferenceRule::cluster(const Observation& seen) {
  std::vector<std::pair<std::uint32_t, TwoClusters::Point>> rows;
  for (const Host& host : seen.hosts())
    if (host.window != nullptr) rows.push_back({host.id, state(seen, host)});
  std::sort(rows.begin(), rows.end());
  TwoClusters::Point largest{};
  for (const auto& [id, point] : rows)
    for (std::size_t m = 0; m < TwoClusters::metrics; ++m) largest[m] = std::max(largest[m], point[m]);
  std::vector<TwoClusters::Point> points;
  for (auto& [id, point] : rows) {
    for (std::size_t m = 0; m < TwoClusters::metrics; ++m) point[m] /= largest[m] + 1e-8;
    points.push_back(point);
  }
  const TwoClusters found = fuzzy_clusters(points);
  const bool one = std::equal(found.member.begin() + !found.member.empty(), found.member.end(),
                              found.member.begin());
  const double apart = sum(found.centre[0]) - sum(found.centre[1]);
  if (one || std::abs(apart) < least_distance * static_cast<double>(rows.size())) return;
  const std::uint8_t smaller = apart < 0 ? 0 : 1; // taken for the larger
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].first < looked_at && found.member[i] == smaller) picked_.insert(rows[i].first);
}

void ReferenceRule::detect(const Observation& seen, Actions, Detection& out) {
  const bool stays = rule_ == Rule::clusters || rule_ == Rule::fixed;
  if (stays && !looked_ && seen.interval() >= fixed_interval) pick(seen);
  for (const Host& host : seen.own_hosts()) {
    double score = 0;
    if (stays) {
      score = picked_.contains(host.id) ? 1 : 0;
    } else if (rule_ == Rule::generated) {
      score = generated(seen, host);
    } else {
      std::vector<double>& cpu = cpu_[host.id];
      if (cpu.size() == remembered) cpu.erase(cpu.begin());
      cpu.push_back(seen.metric(host, LAIR_CPU));
      score = forecast(cpu);
    }
    out.add(host.id, score, 1, score >= 1);
  }
  context().charge_flops(100.0 * seen.own_hosts().size());
}

} // namespace lair
