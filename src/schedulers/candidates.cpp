#include "schedulers/candidates.hpp"

#include <algorithm>

namespace lair {

Scope scope_option(PolicyContext& context) {
  return context.choice("scope", "lei", {"lei", "federation"}) == "lei" ? Scope::lei
                                                                        : Scope::federation;
}

Admission admission_option(PolicyContext& context) {
  return context.choice("admit", "swap", {"swap", "ram"}) == "ram" ? Admission::ram
                                                                   : Admission::swap;
}

void Candidates::reset(const Observation& observation, Scope scope, LoadMeasure measure) {
  entries_.clear();
  flops_ = 0;
  const auto hosts = scope == Scope::lei ? observation.own_hosts() : observation.hosts();
  for (const Host& host : hosts) {
    if (!takes_tasks(host) || host.cores == 0) continue;
    if (!is_own(host) && host.window == nullptr) continue; // nothing is known of it
    Entry entry{host.id,  is_own(host), static_cast<double>(host.cores), 0, host.ram_need,
                host.ram, host.swap};
    if (measure == LoadMeasure::cpu)
      entry.load = observation.metric(host, LAIR_CPU);
    else if (entry.own)
      entry.load = host.unexplained.threads / entry.cores;
    else
      entry.load = observation.metric(host, LAIR_CPU_PRESSURE);
    flops_ += 1;
    entries_.push_back(entry);
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  if (measure == LoadMeasure::cpu) return;
  for (const TaskView& task : observation.tasks()) {
    if (task.state == LAIR_TASK_QUEUED || task.state == LAIR_TASK_RETURNING) continue;
    const std::uint32_t where = task.state == LAIR_TASK_MIGRATING ? task.target : task.host;
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), where,
                         [](const Entry& entry, std::uint32_t id) { return entry.id < id; });
    if (at == entries_.end() || at->id != where || !at->own) continue;
    at->load += observation.application(task).threads / at->cores;
    flops_ += 2;
  }
}

const std::vector<std::uint32_t>& Candidates::feasible(const TaskView& task) {
  feasible_.clear();
  for (const bool with_swap : {false, true}) {
    if (with_swap && admission_ == Admission::ram) break;
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      if (entry.need + task.resident <= entry.ram + (with_swap ? entry.swap : 0))
        feasible_.push_back(i);
    }
    flops_ += 3.0 * static_cast<double>(entries_.size());
    if (!feasible_.empty()) break;
  }
  return feasible_;
}

void Candidates::assign(std::uint32_t index, const TaskView& task,
                        const ApplicationView& application) {
  Entry& entry = entries_[index];
  entry.need += task.resident;
  entry.load += application.threads / entry.cores;
  flops_ += 3;
}

} // namespace lair
