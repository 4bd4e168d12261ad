#include "remediators/reference_simulation.hpp"

#include <algorithm>
#include <array>

namespace lair {
namespace {

/// The code's watts of boards with 4 and 8 GB at 0, 10, ... 100 % CPU; policies are not told the scenario's.
using Watts = std::array<double, 11>;
constexpr Watts board_4gb{2.45, 2.78, 2.90, 3.03, 3.65, 3.66, 3.69, 3.71, 3.72, 4.14, 4.75};
constexpr Watts board_8gb{2.65, 2.98, 3.10, 3.23, 3.45, 3.86, 3.89, 4.01, 4.12, 4.34, 5.05};
constexpr double between = 6e9; ///< bytes

} // namespace

ReferenceSimulation::ReferenceSimulation(const Observation& seen) : seen_(seen) {
  for (const Host& host : seen.hosts())
    if (takes_tasks(host)) hosts_.push_back(&host);
  std::sort(hosts_.begin(), hosts_.end(), [](auto* a, auto* b) { return a->id < b->id; });
  for (const Host* host : hosts_) {
    const double capacity = host->cores * host->core_flops;
    loads_.push_back({capacity, seen.metric(*host, LAIR_CPU) * capacity,
                      seen.metric(*host, LAIR_CPU_PRESSURE) * capacity});
    sum_ += share(loads_.size() - 1);
  }
}

std::size_t ReferenceSimulation::index(std::uint32_t host) const {
  const auto at = std::lower_bound(hosts_.begin(), hosts_.end(), host,
                                   [](const Host* a, std::uint32_t id) { return a->id < id; });
  return at != hosts_.end() && (*at)->id == host ? static_cast<std::size_t>(at - hosts_.begin())
                                                 : hosts_.size();
}

/// Beyond full CPU the code ends with an error; here that is full.
double ReferenceSimulation::share(std::size_t host) const {
  const Watts& watts = hosts_[host]->ram > between ? board_8gb : board_4gb;
  const double load = loads_[host].capacity > 0 ? loads_[host].used / loads_[host].capacity : 0;
  const double tenths = load > 0 ? std::min(10 * load, 10.0) : 0;
  const auto below = std::min<std::size_t>(static_cast<std::size_t>(tenths), 9);
  return (watts[below] + (watts[below + 1] - watts[below]) * (tenths - static_cast<double>(below))) / watts.back();
}

double ReferenceSimulation::score(std::span<const Move> moves) {
  double sum = sum_;
  const auto change = [&](std::size_t host, double by) {
    sum -= share(host);
    before_.emplace_back(host, loads_[host].used);
    loads_[host].used += by;
    sum += share(host);
  };
  for (const Move& move : moves) {
    const std::size_t from = index(move.task->host);
    const Load& there = loads_[move.to];
    const Host& host = *hosts_[move.to];
    if (from == hosts_.size() || from == move.to) continue;
    const double wanted = seen_.application(*move.task).threads * hosts_[from]->core_flops;
    if (there.wanted + wanted > there.capacity || host.ram_need + move.task->resident > host.ram)
      continue;
    const double crowd = loads_[from].capacity > 0 ? loads_[from].wanted / loads_[from].capacity : 0;
    const double has = wanted / std::max(1.0, crowd);
    change(from, -has);
    change(move.to, has);
  }
  for (; !before_.empty(); before_.pop_back()) loads_[before_.back().first].used = before_.back().second;
  flops_ += 60.0 * static_cast<double>(moves.size()) + 10;
  return hosts_.empty() ? 0 : sum / static_cast<double>(hosts_.size());
}

} // namespace lair
