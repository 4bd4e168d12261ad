#include "remediators/load_board.hpp"

namespace lair {

LoadBoard::LoadBoard(const Observation& seen, Actions placement, const DetectionView* own)
    : seen_(seen) {
  for (const Host& host : seen.hosts()) {
    if (host.cores == 0) continue; // loads are per core
    const double threads = is_own(host) ? host.unexplained.threads
                                        : seen.metric(host, LAIR_CPU_PRESSURE) * host.cores;
    places_.push_back({&host, threads, host.ram_need});
  }
  std::sort(places_.begin(), places_.end(),
            [](const Place& a, const Place& b) { return a.host->id < b.host->id; });
  const auto label = [&](const DetectionView& detection) {
    for (std::uint32_t i = 0; i < detection.count; ++i)
      if (Place* place = find(detection.hosts[i])) place->labelled = detection.labels[i] != 0;
  };
  for (const ReportView& report : seen.reports())
    if (report.detection != nullptr) label(*report.detection);
  if (own != nullptr) label(*own); // last: nobody knows the own hosts better
  for (const TaskView& task : seen.tasks()) {
    if (task.state == LAIR_TASK_RETURNING) continue;
    const bool queued = task.state == LAIR_TASK_QUEUED;
    Place* place = find(queued                                ? placed_on(task, placement)
                        : task.state == LAIR_TASK_MIGRATING ? task.target
                                                            : task.host);
    if (place == nullptr) continue;
    if (queued) place->need += task.resident;
    // What runs on another LEI's host is in that host's reported pressure.
    if (queued || is_own(*place->host)) place->threads += threads_of(task);
  }
  flops_ = 4.0 * static_cast<double>(places_.size()) + 3.0 * seen.tasks().size();
}

LoadBoard::Place* LoadBoard::find(std::uint32_t id) {
  const auto at =
      std::lower_bound(places_.begin(), places_.end(), id,
                       [](const Place& place, std::uint32_t i) { return place.host->id < i; });
  return at != places_.end() && at->host->id == id ? &*at : nullptr;
}

} // namespace lair
