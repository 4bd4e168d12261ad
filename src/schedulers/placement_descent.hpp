/// Gradient descent on a placement: GOBI's optimiser, apart from where its numbers come from.
#pragma once

#include "learn/surrogate.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace lair {

/// The hosts that tasks may be put on, and the tasks.
struct PlacementProblem {
  learn::Matrix base;                 ///< the hosts' rows, nothing placed
  std::vector<learn::Demand> demands; ///< task by task, host by host
  std::size_t tasks = 0;
  double energy_weight = 0.5, response_weight = 0.5;
};

/// Of each task its host's row, or `no_host`.
using Placement = std::vector<std::uint32_t>;
inline constexpr std::uint32_t no_host = 0xffffffffu;

struct DescentOptions {
  bool relaxed = false;    ///< softmax of logits instead of a projection in every step
  bool keep_best = true;   ///< the best placement met; else the last one
  std::uint32_t steps = 200, patience = 30; ///< at most; steps without change that end it
  double rate = 0.8, decay = 0.01;          ///< AdamW; the rate on a cosine of half period 10
};

struct Descent {
  Placement placement;
  double value = 0; ///< what the surrogate says of it
  std::uint32_t steps = 0;
  double flops = 0;
};

/// Energy as the mean share over the hosts, response as the mean share over the tasks; a task that is nowhere
/// has response 1.
class PlacementValue {
public:
  PlacementValue(learn::Surrogate&, const PlacementProblem&);
  /// Shares of each task on each host, task by task; `waiting` tasks have none anywhere. Rows that are as
  /// they were are not computed again.
  double set(const std::vector<float>& shares, std::size_t waiting);
  /// Gradient with respect to the shares, in their order.
  void gradient(std::vector<double>& out) const;
  double flops() const { return flops_; }

private:
  learn::Surrogate& surrogate_;
  const PlacementProblem& problem_;
  std::size_t hosts_, placed_; ///< `placed_`: first column of what is placed
  double all_tasks_ = 0;
  learn::Matrix rows_, outputs_, slopes_;
  bool known_ = false;
  double flops_ = 0;
};

/// `project`: the nearest placement that fits, from a number for each task and host (more is nearer).
/// `start` numbers decide where it begins.
Descent descend(learn::Surrogate&, const PlacementProblem&, const DescentOptions&,
                const std::vector<double>& start,
                const std::function<Placement(const std::vector<double>&)>& project);

} // namespace lair
