#include "remediators/digest_vote.hpp"

#include <algorithm>
#include <tuple>

namespace lair {
DigestVote::DigestVote(PolicyContext& context)
    : Remediator(context), f_(static_cast<std::uint32_t>(context.whole("f", 1, 1, 100))),
      timeout_(context.number("timeout", 3, 1, 1e6)),
      forgetting_(context.number("forgetting", 0.98, 0.5, 1)) {}

void DigestVote::decide(const Observation& seen, Actions placement, const DetectionView* own,
                        Decision& out) {
  flops_ = 0;
  for (auto& [lei, cloud] : clouds_) cloud.faults *= forgetting_;
  hear(seen);
  LoadBoard board(seen, placement, own);
  std::uint32_t usable = 0;
  for (const LoadBoard::Place& place : board.places()) usable += takes_tasks(*place.host);
  for (auto& [id, job] : jobs_) job.seen = false;
  for (const auto& rows : rows_by_task(seen)) {
    const TaskView& task = *rows.front();
    flops_ += 10.0 * static_cast<double>(rows.size());
    if (task.entry_lei != seen.lei()) continue;
    Job& job = jobs_[task.id];
    job.seen = true;
    watch(seen, rows, job);
    // A federation with fewer hosts than that can never agree.
    const std::uint32_t quorum = std::max(task.quorum, std::min(f_ + 1, context().host_total()));
    if (task.quorum < quorum && task.state == LAIR_TASK_RETURNING) continue; // it came without a vote
    if (task.quorum < quorum && usable > 0) out.vote(task.id, quorum);
    std::uint32_t going = 0, late = 0, counted = 0;
    for (const Run& run : job.runs) {
      going += !run.over && !run.late;
      late += !run.over && run.late;
      counted += !run.over || run.delivered; // what is lost is no run
    }
    const std::uint32_t needed = quorum - std::min(quorum, task.digests_equal);
    std::uint32_t missing = needed - std::min(needed, going);
    // As long as late runs may still deliver, f wrong ones are outvoted by 2 f + 1.
    if (late > 0) missing = std::min(missing, 2 * f_ + 1 - std::min(2 * f_ + 1, counted));
    if (missing > 0) start(seen, board, placement, rows, job, missing, out);
  }
  std::erase_if(jobs_, [](const auto& entry) { return !entry.second.seen; });
  context().charge_flops(flops_ + board.flops());
  const double bytes = 256.0 * static_cast<double>(jobs_.size()) + 128.0 * static_cast<double>(clouds_.size());
  if (bytes > memory_) context().charge_memory(bytes - memory_);
  memory_ = std::max(memory_, bytes);
}

/// What became of runs since the last decision.
void DigestVote::hear(const Observation& seen) {
  for (const lair_observed_event& event : seen.events()) {
    flops_ += 4;
    if (event.kind == LAIR_EVENT_RESULT_REJECTED) // the task is gone by now; its host tells the LEI
      if (const Host* host = seen.find_host(event.host)) clouds_[host->lei].faults += 1;
    const auto job = jobs_.find(event.task);
    if (job == jobs_.end()) continue;
    for (Run& run : job->second.runs) {
      if (run.over || run.host != event.host) continue;
      if (event.kind == LAIR_EVENT_RESULT) {
        clouds_[run.lei].model.learn(run.features, event.time - run.began, forgetting_);
        flops_ += CompletionModel::flops;
        run.over = run.delivered = true;
      } else if (event.kind == LAIR_EVENT_COPY_LOST || event.kind == LAIR_EVENT_TASK_LOST) {
        clouds_[run.lei].faults += 1; // an outage
        run.over = true;
      } else if (event.kind == LAIR_EVENT_ACTION_REFUSED) {
        run.over = true;
      }
    }
  }
}

/// Matches what was started with what is there.
void DigestVote::watch(const Observation& seen, const std::vector<const TaskView*>& rows, Job& job) {
  for (const TaskView* row : rows) {
    if (row->state == LAIR_TASK_QUEUED) continue;
    const std::uint32_t where = row->state == LAIR_TASK_MIGRATING ? row->target : row->host;
    const auto known = std::find_if(job.runs.begin(), job.runs.end(), [&](const Run& run) {
      return !run.over && (run.host == where || run.host == row->host);
    });
    if (known != job.runs.end()) continue;
    // Not ours: the scheduler's, or of a broker before this one.
    const Host* host = seen.find_host(where);
    Run run{where, host != nullptr ? host->lei : seen.lei(), seen.now(), seen.interval_length(), {}};
    if (host != nullptr) {
      const double speed = host->core_flops * std::min<double>(seen.application(*row).threads, host->cores);
      if (speed > 0) {
        const double alone = row->images_left * seen.application(*row).flops_per_image / speed;
        run.features = {alone, 0, 0};
        run.predicted = clouds_[run.lei].model.predict(run.features);
      }
    }
    job.runs.push_back(run);
  }
  for (Run& run : job.runs) {
    if (run.over) continue;
    const bool there = std::any_of(rows.begin(), rows.end(), [&](const TaskView* row) {
      return row->state != LAIR_TASK_QUEUED && (row->host == run.host || row->target == run.host);
    });
    // Copies that cannot be reached stand in no observation, but `copies` counts them.
    std::uint32_t shown = 0;
    for (const TaskView* row : rows) shown += row->state != LAIR_TASK_QUEUED;
    if (!there && shown >= rows.front()->copies) run.over = true; // refused, or lost unheard
    if (run.over || run.late || seen.now() - run.began <= timeout_ * run.predicted) continue;
    run.late = true;
    clouds_[run.lei].faults += 1;
  }
}

CompletionModel::Features DigestVote::features(const Observation& seen, const LoadBoard& board,
                                               const TaskView& task,
                                               const LoadBoard::Place& place) const {
  const ApplicationView& application = seen.application(task);
  const Host& host = *place.host;
  const double threads = board.threads_of(task);
  const double speed = host.core_flops * std::min<double>(threads, host.cores);
  const double alone = speed > 0 ? application.images * application.flops_per_image / speed : 1e9;
  double bandwidth = host.nic, latency = 0;
  if (host.lei != seen.lei())
    for (const lair_lei& lei : seen.leis())
      if (lei.id == host.lei || lei.id == seen.lei()) {
        bandwidth = std::min(bandwidth, lei.wan_bandwidth);
        latency += lei.wan_latency;
      }
  const double bytes = application.input + application.result + (host.image_cached ? 0 : application.image_transfer);
  return {alone, alone * std::max(0.0, place.pressure(threads) - 1),
          2 * latency + (bandwidth > 0 ? bytes / bandwidth : 1e9)};
}

void DigestVote::start(const Observation& seen, LoadBoard& board,
                       Actions placement, const std::vector<const TaskView*>& rows, Job& job,
                       std::uint32_t missing, Decision& out) {
  const TaskView& task = *rows.front();
  bool queued = task.state == LAIR_TASK_QUEUED;
  // The scheduler's place is free again, unless nothing better is found.
  LoadBoard::Place* const proposed = queued ? board.find(placed_on(task, placement)) : nullptr;
  if (proposed != nullptr) board.remove(*proposed, task);
  for (; missing > 0; --missing) {
    // Of each LEI the host that is least loaded. A LEI that has a run of it, or had, comes after all others; a
    // host that delivered never again, since it confirms nothing.
    LoadBoard::Place* best = nullptr;
    std::tuple<bool, double, std::uint32_t> least;
    CompletionModel::Features best_features{};
    double best_predicted = 0;
    for (const lair_lei& lei : seen.leis()) {
      if (lei.id != seen.lei() && lei.alive == 0) continue;
      LoadBoard::Place* place =
          board.least_loaded(task, context().host_total(), [&](const LoadBoard::Place& p) {
            return p.host->lei == lei.id && !is_on(rows, p.host->id) &&
                   std::none_of(job.runs.begin(), job.runs.end(),
                                [&](const Run& run) {
                                  return run.host == p.host->id && (!run.over || run.delivered);
                                });
          });
      if (place == nullptr) continue;
      const bool again = std::any_of(job.runs.begin(), job.runs.end(),
                                     [&](const Run& run) { return run.lei == lei.id; });
      Cloud& cloud = clouds_[lei.id];
      const auto x = features(seen, board, task, *place);
      const double predicted = cloud.model.predict(x);
      flops_ += 40;
      const std::tuple rank(again, predicted * (1 + cloud.faults), lei.id);
      if (best != nullptr && least <= rank) continue;
      best = place;
      least = rank;
      best_features = x;
      best_predicted = predicted;
    }
    if (best == nullptr) {
      if (queued && proposed != nullptr) board.add(*proposed, task);
      return;
    }
    if (queued) out.place(task.id, best->host->id);
    else out.replicate(task.id, best->host->id);
    queued = false;
    board.add(*best, task);
    job.runs.push_back({best->host->id, best->host->lei, seen.now(), best_predicted, best_features});
  }
}

} // namespace lair
