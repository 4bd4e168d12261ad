#include "schedulers/placement_descent.hpp"

#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace lair {

using namespace learn;

PlacementValue::PlacementValue(Surrogate& surrogate, const PlacementProblem& problem)
    : surrogate_(surrogate), problem_(problem), hosts_(problem.base.rows),
      placed_(problem.base.cols - demand_width), rows_(problem.base), outputs_(hosts_, 2),
      slopes_(hosts_, problem.base.cols) {
  for (std::size_t h = 0; h < hosts_; ++h) all_tasks_ += tasks_per_unit * rows_(h, placed_ - demand_width);
  all_tasks_ += static_cast<double>(problem.tasks);
}

double PlacementValue::set(const std::vector<float>& shares, std::size_t waiting) {
  Matrix fresh = problem_.base;
  for (std::size_t i = 0; i < problem_.tasks; ++i)
    for (std::size_t h = 0; h < hosts_; ++h) {
      const float share = shares[i * hosts_ + h];
      if (share == 0) continue;
      const Demand& demand = problem_.demands[i * hosts_ + h];
      for (std::size_t d = 0; d < demand_width; ++d) fresh(h, placed_ + d) += share * demand[d];
    }
  std::vector<std::size_t> changed;
  for (std::size_t h = 0; h < hosts_; ++h)
    if (!known_ || !std::equal(fresh.row(h) + placed_, fresh.row(h) + fresh.cols, rows_.row(h) + placed_))
      changed.push_back(h);
  known_ = true;
  rows_ = std::move(fresh);
  const auto tasks_on = [&](std::size_t h) {
    return tasks_per_unit * static_cast<double>(rows_(h, placed_ - demand_width) + rows_(h, placed_));
  };
  if (!changed.empty()) {
    Matrix some(changed.size(), rows_.cols), seeds(changed.size(), 2), outputs, slopes;
    for (std::size_t n = 0; n < changed.size(); ++n) {
      std::copy_n(rows_.row(changed[n]), rows_.cols, some.row(n));
      seeds(n, 0) = static_cast<float>(problem_.energy_weight / static_cast<double>(hosts_));
      seeds(n, 1) = static_cast<float>(problem_.response_weight * tasks_on(changed[n]) / all_tasks_);
    }
    surrogate_.evaluate(some, seeds, outputs, &slopes);
    for (std::size_t n = 0; n < changed.size(); ++n) {
      std::copy_n(outputs.row(n), 2, outputs_.row(changed[n]));
      std::copy_n(slopes.row(n), rows_.cols, slopes_.row(changed[n]));
    }
    flops_ += surrogate_.flops_per_row() * static_cast<double>(changed.size());
  }
  double energy = 0, response = static_cast<double>(waiting);
  for (std::size_t h = 0; h < hosts_; ++h) {
    energy += outputs_(h, 0);
    response += tasks_on(h) * outputs_(h, 1);
  }
  flops_ += 5.0 * static_cast<double>(hosts_) + 8.0 * static_cast<double>(problem_.tasks);
  return problem_.energy_weight * energy / static_cast<double>(hosts_) +
         problem_.response_weight * response / all_tasks_;
}

void PlacementValue::gradient(std::vector<double>& out) const {
  out.resize(problem_.tasks * hosts_);
  for (std::size_t i = 0; i < problem_.tasks; ++i)
    for (std::size_t h = 0; h < hosts_; ++h) {
      const Demand& demand = problem_.demands[i * hosts_ + h];
      // A share of a task is that share of a task more to have this response.
      double sum = problem_.response_weight * outputs_(h, 1) / all_tasks_;
      for (std::size_t d = 0; d < demand_width; ++d) sum += demand[d] * slopes_(h, placed_ + d);
      out[i * hosts_ + h] = sum;
    }
}

namespace {

/// cos(k pi / 10): of a table, since a library's last bit may differ between types of CPU.
constexpr double cosines[] = {1, 0.9510565162951535, 0.8090169943749475, 0.5877852522924731, 0.30901699437494745,
                              0, -0.30901699437494745, -0.5877852522924731, -0.8090169943749475,
                              -0.9510565162951535, -1};

/// As torch's CosineAnnealingLR with T_max 10, which goes up again behind it.
double annealed(double rate, std::uint32_t step) {
  const std::uint32_t at = step % 20;
  return rate * (1 + cosines[at <= 10 ? at : 20 - at]) / 2;
}

std::vector<float> one_hot(const Placement& placement, std::size_t hosts) {
  std::vector<float> shares(placement.size() * hosts);
  for (std::size_t i = 0; i < placement.size(); ++i)
    if (placement[i] != no_host) shares[i * hosts + placement[i]] = 1;
  return shares;
}

std::size_t waiting_of(const Placement& placement) {
  return static_cast<std::size_t>(std::count(placement.begin(), placement.end(), no_host));
}

/// Each row's softmax; a task that fits no_host has no shares.
std::vector<float> softmax(const std::vector<double>& logits, const Placement& placement, std::size_t hosts) {
  std::vector<float> shares(logits.begin(), logits.end());
  for (std::size_t i = 0; i < placement.size(); ++i) {
    float* row = shares.data() + i * hosts;
    if (placement[i] == no_host) std::fill_n(row, hosts, 0.0f);
    else softmax_of(row, hosts);
  }
  return shares;
}

} // namespace

Descent descend(Surrogate& surrogate, const PlacementProblem& problem, const DescentOptions& options,
                const std::vector<double>& start,
                const std::function<Placement(const std::vector<double>&)>& project) {
  const std::size_t hosts = problem.base.rows, size = problem.tasks * hosts;
  // In the relaxed form values of placements are asked for beside those of shares.
  PlacementValue hard(surrogate, problem), soft(surrogate, problem);
  PlacementValue& followed = options.relaxed ? soft : hard;
  Descent out;
  Placement now = project(start);
  double value = hard.set(one_hot(now, hosts), waiting_of(now));
  out.placement = now;
  out.value = value;
  std::vector<double> x(size), g, mean(size), square(size);
  const auto begin_at = [&](const Placement& placement) {
    const std::vector<float> shares = one_hot(placement, hosts);
    std::copy(shares.begin(), shares.end(), x.begin());
  };
  begin_at(now);
  double power1 = 1, power2 = 1;
  for (std::uint32_t unchanged = 0; out.steps < options.steps && unchanged < options.patience; ++out.steps) {
    std::vector<float> shares;
    if (options.relaxed) {
      shares = softmax(x, now, hosts);
      (void)soft.set(shares, waiting_of(now));
    }
    followed.gradient(g);
    power1 *= 0.9;
    power2 *= 0.999;
    const double rate = annealed(options.rate, out.steps);
    for (std::size_t i = 0; i < problem.tasks; ++i) {
      double* row = g.data() + i * hosts;
      double level = 0; // a task is somewhere: what all its hosts have in common says nothing
      for (std::size_t h = 0; h < hosts; ++h)
        level += options.relaxed ? shares[i * hosts + h] * row[h] : row[h] / static_cast<double>(hosts);
      for (std::size_t h = 0; h < hosts; ++h) {
        const std::size_t at = i * hosts + h;
        const double slope = options.relaxed ? shares[at] * (row[h] - level) : row[h] - level;
        mean[at] = 0.9 * mean[at] + 0.1 * slope;
        square[at] = 0.999 * square[at] + 0.001 * slope * slope;
        x[at] -= rate * options.decay * x[at];
        x[at] -= rate * (mean[at] / (1 - power1)) / (std::sqrt(square[at] / (1 - power2)) + 1e-8);
      }
    }
    out.flops += 30.0 * static_cast<double>(size);
    const Placement next = project(x);
    unchanged = next == now ? unchanged + 1 : 0;
    if (next != now) {
      now = next;
      value = hard.set(one_hot(now, hosts), waiting_of(now));
      if (value < out.value) {
        out.value = value;
        out.placement = now;
      }
    }
    if (!options.relaxed) begin_at(now);
  }
  if (!options.keep_best) {
    out.placement = now;
    out.value = value;
  }
  out.flops += hard.flops() + soft.flops();
  return out;
}

} // namespace lair
