#include "remediators/surplus_negotiation.hpp"

#include "remediators/known_tasks.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace lair {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool has(const std::vector<std::uint32_t>& sorted, std::uint32_t id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

/// Where it is, or will be in this interval; LAIR_NONE: nowhere yet.
std::uint32_t whereabouts(const TaskView& task, Actions placement) {
  if (task.state == LAIR_TASK_MIGRATING) return task.target;
  if (task.state != LAIR_TASK_QUEUED) return task.host;
  for (const Action& action : placement)
    if (action.task == task.id) return action.host;
  return task.target; // a peer's: where its broker places it
}

} // namespace

SurplusNegotiation::SurplusNegotiation(PolicyContext& context)
    : Remediator(context), lambda_(context.number("lambda", 0.5, 0, 1000)),
      memory_(context.number("memory", 1, 0, 10)) {}

SurplusNegotiation::Site* SurplusNegotiation::site_of(std::uint32_t lei) {
  const auto at = std::lower_bound(sites_.begin(), sites_.end(), lei,
                                   [](const Site& site, std::uint32_t id) { return site.lei < id; });
  return at != sites_.end() && at->lei == lei ? &*at : nullptr;
}

SurplusNegotiation::Place* SurplusNegotiation::place_of(std::uint32_t host) {
  const auto at =
      std::lower_bound(places_.begin(), places_.end(), host,
                       [](const Place& place, std::uint32_t id) { return place.host->id < id; });
  return at != places_.end() && at->host->id == host ? &*at : nullptr;
}

void SurplusNegotiation::decide(const Observation& seen, Actions placement,
                                const DetectionView* own, Decision& out) {
  std::vector<std::uint32_t> labelled;
  const auto read = [&](const DetectionView& detection) {
    for (std::uint32_t i = 0; i < detection.count; ++i)
      if (detection.labels[i] != 0) labelled.push_back(detection.hosts[i]);
  };
  if (own != nullptr) read(*own);
  for (const ReportView& report : seen.reports())
    if (report.detection != nullptr) read(*report.detection);
  std::sort(labelled.begin(), labelled.end());
  flops_ = 0;
  read_hosts(seen, labelled);
  read_tasks(seen, placement, labelled);

  const auto count = static_cast<std::uint32_t>(sites_.size());
  for (std::uint32_t turn = 0; turn < count; ++turn) {
    const std::uint32_t asking = (seen.interval() + turn) % count;
    for (const Job* job : surplus(asking)) {
      Place* to = cheapest(seen, *job);
      if (to == nullptr) continue;
      // Agreed: its need leaves this site for that one.
      sites_[asking].need -= job->need;
      sites_[to->site].need += job->need;
      const double threads = seen.application(*job->task).threads;
      to->threads += threads;
      if (Place* from = job->from != nullptr ? place_of(job->from->id) : nullptr)
        from->threads -= threads;
      to->need += job->task->resident;
      if (sites_[asking].lei != seen.lei()) continue;
      if (job->task->state == LAIR_TASK_QUEUED)
        out.place(job->task->id, to->host->id);
      else
        out.migrate(job->task->id, to->host->id);
    }
  }
  context().charge_flops(flops_);
}

void SurplusNegotiation::read_hosts(const Observation& seen,
                                    const std::vector<std::uint32_t>& labelled) {
  sites_.clear();
  places_.clear();
  for (const lair_lei& lei : seen.leis()) sites_.push_back({.lei = lei.id});
  std::sort(sites_.begin(), sites_.end(), [](const Site& a, const Site& b) { return a.lei < b.lei; });
  std::vector<double> watts(sites_.size()), speed(sites_.size());
  for (const Host& host : seen.hosts()) {
    Site* site = site_of(host.lei);
    flops_ += 10;
    if (site == nullptr || !takes_tasks(host) || has(labelled, host.id)) continue;
    const auto index = static_cast<std::uint32_t>(site - sites_.data());
    const double foreign = host.unexplained.threads;
    site->capacity += host.core_flops * std::max(0.0, host.cores - foreign);
    watts[index] += host.power_max;
    speed[index] += host.core_flops * host.cores;
    if (host.cores > 0) places_.push_back({&host, index, foreign, host.ram_need});
  }
  std::sort(places_.begin(), places_.end(),
            [](const Place& a, const Place& b) { return a.host->id < b.host->id; });
  for (std::size_t i = 0; i < sites_.size(); ++i)
    sites_[i].price = speed[i] > 0 ? watts[i] / speed[i] : 0;
}

void SurplusNegotiation::read_tasks(const Observation& seen, Actions placement,
                                    const std::vector<std::uint32_t>& labelled) {
  jobs_.clear();
  std::vector<std::pair<std::uint32_t, const Host*>> hosts; // by id
  for (const Host& host : seen.hosts()) hosts.emplace_back(host.id, &host);
  std::sort(hosts.begin(), hosts.end());
  const auto known = known_tasks(seen);
  for (const TaskView* task : known) {
    if (task->state == LAIR_TASK_RETURNING || task->application >= seen.applications().size())
      continue;
    const ApplicationView& application = seen.application(*task);
    const std::uint32_t where = whereabouts(*task, placement);
    const auto found = std::lower_bound(hosts.begin(), hosts.end(),
                                        std::pair<std::uint32_t, const Host*>(where, nullptr));
    const Host* host = found != hosts.end() && found->first == where ? found->second : nullptr;
    const bool queued = task->state == LAIR_TASK_QUEUED;
    Site* site = site_of(queued || host == nullptr ? task->entry_lei : host->lei);
    if (site == nullptr) continue;
    flops_ += 20;
    Job job{};
    job.task = task;
    job.site = static_cast<std::uint32_t>(site - sites_.data());
    job.from = queued ? nullptr : host;
    job.work = task->images_left * application.flops_per_image;
    job.slack = task->deadline - task->age;
    const double fastest = application.threads * (host != nullptr ? host->core_flops : infinity);
    job.need = job.slack > 0 ? std::min(job.work / job.slack, fastest) : fastest;
    if (job.need == infinity) job.need = 0; // waits nowhere in particular
    job.data = queued ? application.input : task->resident;
    job.again = queued ? task->restarts > 0 : has(labelled, where) && host != nullptr && is_alive(*host);
    site->need += job.need;
    if (Place* place = place_of(where)) {
      place->threads += application.threads;
      if (queued) place->need += task->resident;
    }
    jobs_.push_back(job);
  }
}

std::vector<const SurplusNegotiation::Job*> SurplusNegotiation::surplus(std::uint32_t site) const {
  std::vector<const Job*> again, others;
  for (const Job& job : jobs_) {
    if (job.site != site) continue;
    const bool movable = job.task->state == LAIR_TASK_QUEUED ||
                         (job.task->state == LAIR_TASK_RUNNING && job.from != nullptr &&
                          is_alive(*job.from));
    if (!movable) continue;
    (job.again ? again : others).push_back(&job);
  }
  const auto least_data = [](const Job* a, const Job* b) {
    const double x = a->work > 0 ? a->data / a->work : infinity;
    const double y = b->work > 0 ? b->data / b->work : infinity;
    return std::tie(x, a->task->id) < std::tie(y, b->task->id);
  };
  std::sort(again.begin(), again.end(), least_data);
  std::sort(others.begin(), others.end(), least_data);
  double need = sites_[site].need;
  for (const Job* job : again) need -= job->need;
  for (const Job* job : others) {
    if (need <= sites_[site].capacity) break;
    again.push_back(job);
    need -= job->need;
  }
  return again;
}

/// The host, of all sites that can take the task, at the site where it is cheapest: the least busy one there.
SurplusNegotiation::Place* SurplusNegotiation::cheapest(const Observation& seen, const Job& job) {
  const ApplicationView& application = seen.application(*job.task);
  double dearest = 0;
  for (const Site& site : sites_) dearest = std::max(dearest, site.price);
  const auto bandwidth_of = [&](std::uint32_t lei) {
    for (const lair_lei& one : seen.leis())
      if (one.id == lei) return one.wan_bandwidth;
    return infinity;
  };
  const double own_bandwidth = bandwidth_of(sites_[job.site].lei);
  Place* best = nullptr;
  std::tuple<double, double, std::uint32_t> rank; // cost, threads per core, id
  for (std::uint32_t k = 0; k < sites_.size(); ++k) {
    const Site& site = sites_[k];
    if (k == job.site && !job.again) continue;
    const double more = k == job.site ? 0 : job.need; // its own site counts it already
    flops_ += 5;
    if (site.need + more > site.capacity) continue;
    const double way = k == job.site ? infinity : std::min(own_bandwidth, bandwidth_of(site.lei));
    for (Place& place : places_) {
      if (place.site != k || place.host == job.from) continue;
      const Host& host = *place.host;
      flops_ += 15;
      if (place.need + job.task->resident > memory_ * host.ram) continue;
      const double bandwidth =
          std::min({way, host.nic, job.from != nullptr ? job.from->nic : infinity});
      const double bytes = job.data + (host.image_cached != 0 ? 0 : application.image_transfer);
      const double transfer = bandwidth > 0 ? bytes / bandwidth : infinity;
      const double share = std::min(1.0, host.cores / (place.threads + application.threads));
      const double rate = host.core_flops * std::min<double>(application.threads, host.cores) * share;
      if (!(rate > 0) || transfer + job.work / rate > job.slack) continue;
      const double cost = (dearest > 0 ? site.price / dearest : 0) +
                          lambda_ * transfer / seen.interval_length();
      const std::tuple mine(cost, place.threads / host.cores, host.id);
      if (best == nullptr || mine < rank) {
        best = &place;
        rank = mine;
      }
    }
  }
  return best;
}

} // namespace lair
