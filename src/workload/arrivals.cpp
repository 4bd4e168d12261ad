#include "workload/workload.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace lair {

namespace {

/// What is drawn first: when and where. Applications follow in the order of ids, from a stream of
/// their own, so that other weights of the applications leave times and places as they are.
struct Slot {
  double time;
  std::uint32_t lei;
};

std::vector<double> lei_weights(const Workload& workload, const Federation& federation) {
  std::vector<double> weights;
  weights.reserve(federation.leis.size());
  for (const auto& lei : federation.leis)
    weights.push_back(workload.uniform_over_leis ? 1
                      : lei.weight > 0           ? lei.weight
                                                 : static_cast<double>(lei.hosts.size()));
  return weights;
}

/// One Poisson number per LEI and interval: the sum over the LEIs is Poisson with mean `rate`.
/// Drawn interval by interval, so that a longer run begins with the shorter one's arrivals.
std::vector<Slot> bags(const Workload& workload, const std::vector<double>& weights,
                       double interval, std::uint32_t intervals, RandomStream& random) {
  double total = 0;
  for (const double w : weights) total += w;
  std::vector<Slot> slots;
  for (std::uint32_t i = 0; i < intervals; ++i)
    for (std::uint32_t lei = 0; lei < weights.size(); ++lei)
      slots.insert(slots.end(), random.poisson(workload.rate * weights[lei] / total),
                   Slot{i * interval, lei});
  return slots;
}

std::vector<Slot> continuous(const Workload& workload, const std::vector<double>& weights,
                             double interval, std::uint32_t intervals, RandomStream& random) {
  std::vector<Slot> slots;
  const double horizon = interval * intervals;
  const double gap = interval / workload.rate;
  for (double t = random.exponential(gap); t < horizon; t += random.exponential(gap))
    slots.push_back({t, static_cast<std::uint32_t>(random.weighted(weights))});
  return slots;
}

std::vector<Arrival> replay(const Workload& workload, double horizon) {
  std::vector<Arrival> arrivals;
  for (const auto& entry : workload.trace)
    if (entry.time.value >= 0 && entry.time.value < horizon)
      arrivals.push_back({TaskId{}, entry.time, entry.lei, entry.application,
                          entry.images > 0
                              ? entry.images
                              : workload.applications[entry.application.index()].images});
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) {
    return a.time != b.time ? a.time < b.time : a.lei < b.lei;
  });
  return arrivals;
}

} // namespace

std::vector<Arrival> draw_arrivals(const Workload& workload, const Federation& federation,
                                   Seconds interval, std::uint32_t intervals, std::uint64_t seed) {
  std::vector<Arrival> arrivals;
  if (!workload.trace.empty()) {
    arrivals = replay(workload, interval.value * intervals);
  } else if (workload.rate > 0 && !federation.leis.empty() && !workload.applications.empty()) {
    RandomStream random(seed, "arrivals");
    const auto weights = lei_weights(workload, federation);
    const auto slots = workload.arrivals == ArrivalProcess::bag
                           ? bags(workload, weights, interval.value, intervals, random)
                           : continuous(workload, weights, interval.value, intervals, random);
    RandomStream applications(seed, "applications");
    std::vector<double> shares;
    for (const auto& application : workload.applications) shares.push_back(application.weight);
    arrivals.reserve(slots.size());
    for (const auto& slot : slots) {
      const auto which = static_cast<std::uint32_t>(applications.weighted(shares));
      arrivals.push_back({TaskId{}, Seconds(slot.time), LeiId(slot.lei), ApplicationId(which),
                          workload.applications[which].images});
    }
  }
  for (std::size_t i = 0; i < arrivals.size(); ++i) arrivals[i].id = TaskId(i);
  return arrivals;
}

} // namespace lair
