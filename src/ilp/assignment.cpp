#include "ilp/assignment.hpp"

#include "ilp/binary_program.hpp"

#include <algorithm>
#include <tuple>

namespace lair::ilp {
namespace {

/// Shares of a host's room by which sums may be too large: roundings.
constexpr double slack = 1e-9;
/// Largest coefficient of the objective; see BinaryProgram.
constexpr std::uint64_t largest = 10'000'000;

/// SplitMix64.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Costs with something small on top that tells equal ones apart: the earlier host, then by chance, the same
/// one always. All of it together is less than 1.
class Prices {
public:
  explicit Prices(const AssignmentProblem& problem) : problem_(problem) {
    std::uint64_t most = problem.penalty;
    for (const std::uint32_t cost : problem.cost)
      if (cost != AssignmentProblem::impossible) most = std::max<std::uint64_t>(most, cost);
    const std::uint64_t tasks = std::max(problem.tasks, 1u);
    step_ = std::clamp<std::uint64_t>(largest / ((most + 1) * tasks), 1, 1000);
    whole_ = step_ * tasks;
    const std::uint64_t hosts = std::max(problem.hosts, 1u);
    by_host_ = std::max<std::uint64_t>(step_ / hosts, 1);
  }
  std::uint64_t of(std::uint32_t task, std::uint32_t host) const {
    const std::uint64_t place = std::uint64_t(task) * problem_.hosts + host;
    const std::uint64_t small = host * by_host_ + mixed(place) % by_host_;
    return problem_.at(task, host) * whole_ + std::min(small, step_ - 1);
  }
  std::uint64_t penalty() const { return problem_.penalty * whole_; }

private:
  const AssignmentProblem& problem_;
  std::uint64_t step_, whole_, by_host_;
};

/// What the hosts still hold.
class Rooms {
public:
  explicit Rooms(const AssignmentProblem& problem) : problem_(problem), left_(problem.room) {}
  bool fits(std::uint32_t task, std::uint32_t host) const {
    for (std::uint32_t r = 0; r < problem_.resources; ++r)
      if (need(task, r) > left_[host * problem_.resources + r] +
                              slack * problem_.room[host * problem_.resources + r])
        return false;
    return true;
  }
  void take(std::uint32_t task, std::uint32_t host) {
    for (std::uint32_t r = 0; r < problem_.resources; ++r)
      left_[host * problem_.resources + r] -= need(task, r);
  }
  bool possible(std::uint32_t task, std::uint32_t host) const {
    return problem_.at(task, host) != AssignmentProblem::impossible && fits(task, host);
  }

private:
  double need(std::uint32_t task, std::uint32_t r) const {
    return problem_.need[task * problem_.resources + r];
  }
  const AssignmentProblem& problem_;
  std::vector<double> left_;
};

std::uint64_t cost_of(const AssignmentProblem& problem, const std::vector<std::uint32_t>& host) {
  std::uint64_t sum = 0;
  for (std::uint32_t t = 0; t < problem.tasks; ++t)
    sum += host[t] == Assignment::nowhere ? problem.penalty : problem.at(t, host[t]);
  return sum;
}

std::uint64_t price_of(const Prices& prices, const std::vector<std::uint32_t>& host) {
  std::uint64_t sum = 0;
  for (std::uint32_t t = 0; t < host.size(); ++t)
    sum += host[t] == Assignment::nowhere ? prices.penalty() : prices.of(t, host[t]);
  return sum;
}

bool fits(const AssignmentProblem& problem, const std::vector<std::uint32_t>& host) {
  Rooms rooms(problem);
  for (std::uint32_t t = 0; t < problem.tasks; ++t) {
    if (host[t] == Assignment::nowhere) continue;
    if (!rooms.possible(t, host[t])) return false;
    rooms.take(t, host[t]);
  }
  return true;
}

/// Everybody's first choice, as if hosts had room for all.
std::vector<std::uint32_t> first_choices(const AssignmentProblem& problem, const Prices& prices) {
  const Rooms empty(problem);
  std::vector<std::uint32_t> host(problem.tasks, Assignment::nowhere);
  for (std::uint32_t t = 0; t < problem.tasks; ++t) {
    std::uint64_t best = prices.penalty();
    for (std::uint32_t h = 0; h < problem.hosts; ++h)
      if (empty.possible(t, h) && prices.of(t, h) < best) {
        best = prices.of(t, h);
        host[t] = h;
      }
  }
  return host;
}

} // namespace

Assignment accepted(const AssignmentProblem& problem) {
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> pairs; // cost, task, host
  Rooms rooms(problem);
  for (std::uint32_t t = 0; t < problem.tasks; ++t)
    for (std::uint32_t h = 0; h < problem.hosts; ++h)
      if (rooms.possible(t, h) && problem.at(t, h) <= problem.penalty)
        pairs.emplace_back(problem.at(t, h), t, h);
  std::sort(pairs.begin(), pairs.end());
  Assignment out;
  out.host.assign(problem.tasks, Assignment::nowhere);
  for (const auto& [cost, task, host] : pairs)
    if (out.host[task] == Assignment::nowhere && rooms.fits(task, host)) {
      out.host[task] = host;
      rooms.take(task, host);
    }
  out.cost = cost_of(problem, out.host);
  return out;
}

Assignment cheapest(const AssignmentProblem& problem, std::uint32_t nodes) {
  const Prices prices(problem);
  Assignment out;
  out.host = first_choices(problem, prices);
  if (fits(problem, out.host)) {
    out.cost = cost_of(problem, out.host);
    out.proven = true;
    return out;
  }
  out = accepted(problem);

  // One variable for each pair that is possible by itself and one for each task that goes nowhere.
  BinaryProgram program;
  program.nodes = nodes;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> meaning; // task, host
  const Rooms empty(problem);
  for (std::uint32_t t = 0; t < problem.tasks; ++t) {
    program.low.push_back(1);
    program.high.push_back(1);
    for (std::uint32_t h = 0; h < problem.hosts; ++h)
      if (empty.possible(t, h)) meaning.emplace_back(t, h);
    meaning.emplace_back(t, Assignment::nowhere);
  }
  for (std::uint32_t h = 0; h < problem.hosts; ++h)
    for (std::uint32_t r = 0; r < problem.resources; ++r) {
      program.low.push_back(-std::numeric_limits<double>::infinity());
      program.high.push_back(1);
    }
  for (std::uint32_t v = 0; v < meaning.size(); ++v) {
    const auto [t, h] = meaning[v];
    program.entries.push_back({t, v, 1});
    program.objective.push_back(static_cast<double>(
        h == Assignment::nowhere ? prices.penalty() : prices.of(t, h)));
    if (h == Assignment::nowhere) continue;
    for (std::uint32_t r = 0; r < problem.resources; ++r) {
      const double need = problem.need[t * problem.resources + r];
      if (need > 0)
        program.entries.push_back({problem.tasks + h * problem.resources + r, v,
                                   need / problem.room[h * problem.resources + r]});
    }
  }
  program.known = static_cast<double>(price_of(prices, out.host));
  const BinarySolution solution = solve(program);
  out.nodes = solution.nodes;
  out.proven = solution.proven;
  if (!solution.found) return out;
  std::vector<std::uint32_t> host(problem.tasks, Assignment::nowhere);
  for (std::uint32_t v = 0; v < meaning.size(); ++v)
    if (solution.x[v] != 0) host[meaning[v].first] = meaning[v].second;
  // Roundings inside the solver must not fill a host beyond its room.
  if (fits(problem, host) && price_of(prices, host) <= price_of(prices, out.host))
    out.host = std::move(host);
  else
    out.proven = false;
  out.cost = cost_of(problem, out.host);
  return out;
}

} // namespace lair::ilp
