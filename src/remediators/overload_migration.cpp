#include "remediators/overload_migration.hpp"

#include <algorithm>
#include <tuple>

namespace lair {

namespace {

/// Fewer unexplained disk requests than this do not make a host worth leaving.
constexpr double few_streams = 2;

/// Seconds of computing left if the task had its host to itself.
double work_left(const ApplicationView& application, const TaskView& task, const Host& host) {
  const double speed = host.core_flops * std::min<double>(application.threads, host.cores);
  return speed > 0 ? task.images_left * application.flops_per_image / speed : 0;
}

} // namespace

OverloadMigration::OverloadMigration(PolicyContext& context)
    : Remediator(context), moves_(static_cast<unsigned>(context.whole("moves", 2, 0, 1000))),
      cooldown_(static_cast<unsigned>(context.whole("cooldown", 3, 0, 1e6))),
      fill_(context.number("fill", 1, 0, 1000)), memory_(context.number("memory", 1, 0, 1000)),
      steer_(context.number("steer", 1, 0, 1) != 0) {}

void OverloadMigration::decide(const Observation& observation, Actions placement,
                               const DetectionView* own, Decision& out) {
  if (own == nullptr) return;
  context().charge_flops(own->count);
  // The usual case, and the reason why a large federation costs little: nothing is wrong here.
  if (std::find(own->labels, own->labels + own->count, 1) == own->labels + own->count) return;
  flops_ = 0;
  std::erase_if(moved_at_, [&](const auto& entry) {
    return observation.interval() - entry.second > cooldown_;
  });
  read(observation, placement, *own);
  if (steer_) steer(observation, placement, out);

  std::vector<Place*> sources;
  for (Place& place : places_)
    if (is_own(*place.host) && place.labelled && is_alive(*place.host)) sources.push_back(&place);
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Place* a, const Place* b) { return a->score > b->score; });
  for (Place* source : sources) relieve(observation, *source, out);
  context().charge_flops(flops_);
}

/// Everything known of every host, with this interval's placements already on board.
void OverloadMigration::read(const Observation& observation, Actions placement,
                             const DetectionView& own) {
  places_.clear();
  for (const Host& host : observation.hosts()) {
    if (host.cores == 0) continue; // loads are per core
    const double threads = is_own(host) ? host.unexplained.threads
                                        : observation.metric(host, LAIR_CPU_PRESSURE) * host.cores;
    places_.push_back({&host, false, 0, threads, host.ram_need});
  }
  std::sort(places_.begin(), places_.end(),
            [](const Place& a, const Place& b) { return a.host->id < b.host->id; });
  const auto label = [&](const DetectionView& detection) {
    for (std::uint32_t i = 0; i < detection.count; ++i)
      if (Place* place = find(detection.hosts[i])) {
        place->labelled = detection.labels[i] != 0;
        place->score = detection.scores[i];
      }
  };
  for (const ReportView& report : observation.reports())
    if (report.detection != nullptr) label(*report.detection);
  label(own); // last: nobody knows the own hosts better
  for (const TaskView& task : observation.tasks()) {
    std::uint32_t where = task.host;
    bool counted = true; // in the host's memory need
    if (task.state == LAIR_TASK_QUEUED) {
      const auto placed =
          std::find_if(placement.begin(), placement.end(),
                       [&](const Action& action) { return action.task == task.id; });
      if (placed == placement.end()) continue;
      where = placed->host;
      counted = false;
    } else if (task.state == LAIR_TASK_RETURNING) {
      continue;
    } else if (task.state == LAIR_TASK_MIGRATING) {
      where = task.target; // where its memory is reserved already
    }
    Place* place = find(where);
    if (place == nullptr) continue;
    if (!counted) place->need += task.resident;
    // What runs on another LEI's host is in that host's reported pressure.
    if (!counted || is_own(*place->host)) place->threads += observation.application(task).threads;
    flops_ += 2;
  }
  flops_ += static_cast<double>(places_.size());
}

OverloadMigration::Place* OverloadMigration::find(std::uint32_t id) {
  const auto at =
      std::lower_bound(places_.begin(), places_.end(), id,
                       [](const Place& place, std::uint32_t i) { return place.host->id < i; });
  return at != places_.end() && at->host->id == id ? &*at : nullptr;
}

/// Does nothing that is known of the host slow its tasks down any more?
bool OverloadMigration::relieved(const Place& place) const {
  return place.pressure() <= fill_ && place.need <= room(*place.host) &&
         place.host->unexplained.streams < few_streams;
}

void OverloadMigration::steer(const Observation& observation, Actions placement, Decision& out) {
  for (const Action& action : placement) {
    Place* from = find(action.host);
    if (from == nullptr || !from->labelled) continue;
    const auto tasks = observation.tasks();
    for (const TaskView& task : tasks) {
      if (task.id != action.task || task.state != LAIR_TASK_QUEUED) continue;
      const double threads = observation.application(task).threads;
      Place* best = nullptr;
      for (Place& place : places_) {
        if (!is_own(*place.host) || !takes_tasks(*place.host) || place.labelled) continue;
        if (place.need + task.resident > room(*place.host)) continue;
        if (best == nullptr || place.pressure(threads) < best->pressure(threads)) best = &place;
        flops_ += 5;
      }
      if (best == nullptr || best->pressure(threads) > std::max(fill_, from->pressure())) break;
      out.place(task.id, best->host->id);
      best->threads += threads;
      best->need += task.resident;
      from->threads -= threads;
      from->need -= task.resident;
      break;
    }
  }
}

void OverloadMigration::relieve(const Observation& observation, Place& from, Decision& out) {
  struct Choice {
    double bytes;
    const TaskView* task;
  };
  std::vector<Choice> choices;
  for (const TaskView& task : observation.tasks())
    if (task.state == LAIR_TASK_RUNNING && task.host == from.host->id &&
        !moved_at_.contains(task.id))
      choices.push_back({task.resident, &task});
  // From one host to one target the time of a migration grows with the bytes: fastest first.
  std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    return std::tie(a.bytes, a.task->id) < std::tie(b.bytes, b.task->id);
  });
  unsigned made = 0;
  for (const auto& [bytes, task] : choices) {
    if (made >= moves_ || relieved(from)) return;
    const ApplicationView& application = observation.application(*task);
    const double threads = application.threads;
    Place* to = target(observation, from, *task, threads);
    if (to == nullptr) continue;
    flops_ += 12;
    if (work_left(application, *task, *from.host) <
        migration_time(observation, *from.host, *to->host, bytes))
      continue;
    out.migrate(task->id, to->host->id);
    moved_at_[task->id] = observation.interval();
    from.threads -= threads;
    from.need -= bytes;
    to->threads += threads;
    to->need += bytes;
    ++made;
  }
}

OverloadMigration::Place* OverloadMigration::target(const Observation& observation,
                                                    const Place& from, const TaskView& task,
                                                    double threads) {
  const std::uint32_t total = std::max(context().host_total(), 1u);
  const auto rank = [&](const Place& place) { // smaller is better
    const std::uint32_t turn = (place.host->id + total - observation.broker() % total) % total;
    return std::make_tuple(place.pressure(threads), !is_own(*place.host), turn);
  };
  Place* best = nullptr;
  for (Place& place : places_) {
    const Host& host = *place.host;
    flops_ += 4;
    if (&place == &from || !takes_tasks(host) || place.labelled || host.window == nullptr) continue;
    if (place.need + task.resident > room(host) || place.pressure(threads) > fill_) continue;
    if (best == nullptr || rank(place) < rank(*best)) best = &place;
  }
  return best;
}

/// Freeze, write the resident set, send it, write and read it there (model, "Migration"). A card
/// gives each outstanding request an equal part of its time, so an attack on the disk makes leaving
/// slow.
double OverloadMigration::migration_time(const Observation& observation, const Host& from,
                                         const Host& to, double bytes) const {
  double bandwidth = std::min(from.nic, to.nic), latency = 0;
  if (from.lei != to.lei)
    for (const lair_lei& lei : observation.leis())
      if (lei.id == from.lei || lei.id == to.lei) {
        bandwidth = std::min(bandwidth, lei.wan_bandwidth);
        latency += lei.wan_latency;
      }
  const double here = 1 + from.unexplained.streams, there = 1 + to.unexplained.streams;
  const double slow[] = {from.disk_write / here, bandwidth, to.disk_write / there,
                         to.disk_read / there};
  double time = latency;
  for (const double rate : slow) {
    if (!(rate > 0)) return std::numeric_limits<double>::infinity();
    time += bytes / rate;
  }
  return time;
}

} // namespace lair
