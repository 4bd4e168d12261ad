#include "faults/fault_plan.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace lair {

namespace {

/// Exactly these numbers are drawn for each fault, whatever its kind: other shares, lengths or
/// kinds change what a fault is, never when the others strike or whom.
struct Dice {
  double kind, start, target, link, length;
  explicit Dice(RandomStream& random)
      : kind(random.uniform()), start(random.uniform()), target(random.uniform()),
        link(random.uniform()), length(random.uniform()) {}
};

FaultKind kind_of(const FaultModel& model, double dice) {
  double total = 0;
  for (const double share : model.shares) total += share;
  double x = dice * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < fault_kind_count; ++i) {
    if (model.shares[i] <= 0) continue;
    last = i;
    if (x < model.shares[i]) break;
    x -= model.shares[i];
  }
  return static_cast<FaultKind>(last);
}

std::uint32_t index_of(double dice, std::size_t count) {
  const auto i = static_cast<std::size_t>(dice * static_cast<double>(count));
  return static_cast<std::uint32_t>(i < count ? i : count - 1);
}

double length_of(const FaultModel& model, FaultKind kind, double dice, double interval) {
  const auto between = [dice](double low, double high) { return low + (high - low) * dice; };
  if (kind == FaultKind::crash) return between(model.min_reboot.value, model.max_reboot.value);
  if (model.min_length && model.max_length)
    return between(model.min_length->value, model.max_length->value);
  return between(model.min_intervals, model.max_intervals) * interval;
}

Fault make_fault(const FaultModel& model, const Federation& federation, const Dice& dice,
                 std::uint32_t in_interval, double interval) {
  Fault fault;
  fault.kind = kind_of(model, dice.kind);
  fault.start = Seconds((in_interval + dice.start) * interval);
  fault.length = Seconds(length_of(model, fault.kind, dice.length, interval));
  fault.strength = model.strength;
  const bool wan = fault.kind == FaultKind::partition ||
                   (fault.kind == FaultKind::link_loss && dice.link >= 0.5);
  if (wan)
    fault.lei = LeiId(index_of(dice.target, federation.leis.size()));
  else
    fault.host = HostId(index_of(dice.target, federation.hosts.size()));
  return fault;
}

} // namespace

std::vector<Fault> draw_fault_plan(const FaultModel& model, const Federation& federation,
                                   Seconds interval, std::uint32_t intervals, std::uint64_t seed) {
  std::vector<Fault> plan = model.script;
  double shares = 0;
  for (const double share : model.shares) shares += share;
  if (model.rate > 0 && shares > 0 && !federation.hosts.empty()) {
    RandomStream random(seed, "faults");
    // Interval by interval: a longer run begins with the shorter one's faults.
    for (std::uint32_t i = 0; i < intervals; ++i)
      for (std::uint32_t n = random.poisson(model.rate); n > 0; --n)
        plan.push_back(make_fault(model, federation, Dice(random), i, interval.value));
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Fault& a, const Fault& b) { return a.start < b.start; });
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i].id = FaultId(static_cast<std::uint32_t>(i));
  return plan;
}

} // namespace lair
