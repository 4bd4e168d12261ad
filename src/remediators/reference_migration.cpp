#include "remediators/reference_migration.hpp"

#include "remediators/reference_choice.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace lair {

ReferenceMigration::ReferenceMigration(PolicyContext& context) : Remediator(context) {
  const std::string target =
      context.choice("target", "fastest", {"fastest", "least-cpu", "first-fit"});
  target_ = target == "fastest"     ? Target::fastest
            : target == "least-cpu" ? Target::least_cpu
                                    : Target::first_fit;
}

void ReferenceMigration::decide(const Observation& seen, Actions, const DetectionView* own,
                                Decision& out) {
  if (own == nullptr) return;
  double flops = own->count;
  for (std::uint32_t i = 0; i < own->count; ++i) {
    if (own->labels[i] == 0) continue;
    const TaskView* smallest = smallest_task(seen, own->hosts[i]);
    flops += seen.tasks().size() + 3.0 * seen.hosts().size();
    if (smallest == nullptr) continue;
    const Host* to = target(seen, *smallest);
    if (to != nullptr && to->id != smallest->host) out.migrate(smallest->id, to->id);
  }
  context().charge_flops(flops);
}

const Host* ReferenceMigration::target(const Observation& seen, const TaskView& task) const {
  const Host* best = nullptr;
  double least = 0;
  for (const Host& host : seen.hosts()) {
    if (!takes_tasks(host)) continue; // there, hosts do not fail
    if (target_ != Target::fastest && host.ram_need + task.resident > host.ram) continue;
    const double value = target_ == Target::fastest     ? task.resident / std::max(host.nic, 1.0)
                         : target_ == Target::least_cpu ? seen.metric(host, LAIR_CPU)
                                                        : 0;
    if (best == nullptr || std::tie(value, host.id) < std::tie(least, best->id)) {
      best = &host;
      least = value;
    }
  }
  return best;
}

} // namespace lair
