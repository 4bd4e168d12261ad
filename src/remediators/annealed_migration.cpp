#include "remediators/annealed_migration.hpp"

#include "remediators/known_tasks.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace lair {
namespace {

constexpr std::uint32_t most_rounds = 5; ///< of iterate_moves
constexpr double flops_per_row_moved_on = 200; ///< its window and tasks, when the twin advances

/// Looking for labels: one comparison per row.
bool any_label(const DetectionView* own, const Observation& seen, double& flops) {
  const auto has = [&](const DetectionView& detection) {
    flops += detection.count;
    return std::find(detection.labels, detection.labels + detection.count, 1) !=
           detection.labels + detection.count;
  };
  bool any = own != nullptr && has(*own);
  for (const ReportView& report : seen.reports())
    any = any || (report.detection != nullptr && has(*report.detection));
  return any;
}

/// SplitMix64 as a hash of a sequence.
void mix(std::uint64_t& hash, std::uint64_t value) {
  hash += 0x9e3779b97f4a7c15ull + value;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ull;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebull;
  hash ^= hash >> 31;
}

std::string plain(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

bool fits(const TaskView& task, const Host& host) {
  return host.ram_need + task.resident <= host.ram + host.swap;
}

} // namespace

AnnealedMigration::AnnealedMigration(PolicyContext& context)
    : Remediator(context),
      fitness_{.alpha = context.number("alpha", 0.5, 0, 1000),
               .beta = context.number("beta", 0.5, 0, 1000),
               .delta1 = context.number("delta1", 0.5, 0, 1000),
               .delta2 = context.number("delta2", 0.5, 0, 1000),
               .sign_as_printed =
                   context.choice("sign", "minimised", {"minimised", "printed"}) == "printed",
               .of_ended = context.choice("response", "all", {"all", "ended"}) == "ended"},
      annealing_{.temperature = context.number("temperature", 0.1, 0, 1000),
                 .cooling = context.number("cooling", 0.95, 0, 1),
                 .proposals = static_cast<std::uint32_t>(context.whole("proposals", 200, 0, 1e6)),
                 .rejected = static_cast<std::uint32_t>(context.whole("rejected", 50, 1, 1e6)),
                 .most = static_cast<std::uint32_t>(context.whole("most", 32, 0, 1e6)),
                 .resolution = context.number("resolution", 1e-4, 0, 1),
                 .drop = context.number("drop", 0.5, 0, 1)},
      look_ahead_(static_cast<std::uint32_t>(context.whole("look_ahead", 1, 1, 100))),
      discount_(context.number("discount", 1, 0, 1)), budget_(context.number("budget", 0.1, 0, 1)),
      shared_seeds_(context.choice("seeds", "shared", {"shared", "own"}) == "shared"),
      inside_(context.choice("inside", "no", {"no", "yes"}) == "yes"),
      every_task_(context.choice("tasks", "labelled", {"labelled", "all"}) == "all"),
      iterate_(context.choice("iterate_moves", "no", {"no", "yes"}) == "yes"),
      record_(context.choice("record", "no", {"no", "yes"}) == "yes") {}

void AnnealedMigration::decide(const Observation& seen, Actions placement,
                               const DetectionView* own, Decision& out) {
  flops_ = 0;
  const bool labelled = any_label(own, seen, flops_);
  // The usual case: nothing is wrong anywhere, so nothing may be moved and no twin is asked.
  if (!labelled) return context().charge_flops(flops_);

  double speed = 0; // of the thread that computes this
  for (const Host& host : seen.own_hosts())
    if (host.id == seen.broker()) speed = host.core_flops;
  TwinView twin = context().twin(seen);
  Observation at = seen;
  Moves merged;
  std::uint32_t quiet = 0;
  for (std::uint32_t k = 0; k < look_ahead_; ++k) {
    const bool busy = step(at, twin, k == 0 ? placement : Actions{}, own, seen.reports(), k, merged);
    quiet = busy ? 0 : quiet + 1;
    if (quiet == 2 || k + 1 == look_ahead_) break;
    if (speed > 0 && flops_ / speed > budget_ * seen.interval_length()) break;
    at = twin.advance();
    flops_ += flops_per_row_moved_on * at.hosts().size();
  }
  apply(seen, merged, out);
  context().charge_flops(flops_);
}

bool AnnealedMigration::step(const Observation& at, TwinView& twin, Actions placement,
                             const DetectionView* own, Strided<ReportView> detections,
                             std::uint32_t k, Moves& merged) {
  const ForecastJudge judge(at, own, detections, k);
  MigrationFitness fitness(at, twin, placement, judge, fitness_, maxima_, context().host_total());
  const std::uint32_t rows = at.hosts().size();
  std::vector<std::uint8_t> sources(rows);
  if (k > 0) (void)fitness.of({}); // now labels are what the twin forecasts for this step
  for (std::uint32_t r = 0; r < rows; ++r)
    sources[r] = k == 0 ? judge.labelled(r) : fitness.anomalous(r);
  bool busy = std::find(sources.begin(), sources.end(), 1) != sources.end();

  std::vector<lair_action> moves;
  if (busy) {
    MoveSpace space = space_of(at, sources);
    RandomStream random(seed_of(at, space, k), "annealing");
    AnnealingOptions options = annealing_;
    double weight = 1;
    for (std::uint32_t i = 0; i < k; ++i) weight *= discount_;
    // Differences of a later step's fitness count `discount` as much when they are weighed against luck.
    options.temperature = weight > 0 ? options.temperature / weight : options.temperature;
    std::vector<Proposal> trace;
    Annealed found = anneal(space, fitness, options, random, nullptr, record_ ? &trace : nullptr);
    if (record_) note_step(at, k, found, trace);
    for (std::uint32_t round = 1; iterate_ && round < most_rounds; ++round) {
      // Detection again, under the accepted moves; what it finds may be moved as well.
      (void)fitness.of(found.moves);
      bool more = false;
      for (std::uint32_t r = 0; r < rows; ++r)
        if (fitness.anomalous(r) && sources[r] == 0) sources[r] = more = true;
      if (!more) break;
      space = space_of(at, sources);
      trace.clear();
      Annealed next =
          anneal(space, fitness, options, random, &found.moves, record_ ? &trace : nullptr);
      if (record_) note_step(at, k, next, trace);
      if (!(next.cost < found.cost)) break;
      found = std::move(next);
    }
    moves = std::move(found.moves);
    const double bytes = static_cast<double>(space.tasks.size() * sizeof(MoveSpace::Movable)) +
                         static_cast<double>(rows * (sizeof(Host) + 64));
    if (bytes > memory_) {
      context().charge_memory(bytes - memory_);
      memory_ = bytes;
    }
  }
  for (const lair_action& move : moves) merged[move.task] = move.host; // later overrides earlier
  if (k + 1 < look_ahead_) (void)fitness.of(moves); // what the next step starts from
  maxima_ = fitness.maxima();
  flops_ += fitness.flops();
  return busy;
}

/// Tasks of labelled hosts, and where each could go: hosts of other LEIs that answer and have room.
MoveSpace AnnealedMigration::space_of(const Observation& at,
                                      const std::vector<std::uint8_t>& sources) const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> row_of; // by host id
  for (std::uint32_t r = 0; r < at.hosts().size(); ++r) row_of.emplace_back(at.hosts()[r].id, r);
  std::sort(row_of.begin(), row_of.end());
  MoveSpace space;
  std::map<std::pair<std::uint32_t, double>, std::uint32_t> lists; // by LEI and size of the task
  for (const TaskView* task : known_tasks(at)) {
    if (task->state != LAIR_TASK_RUNNING) continue;
    const auto found =
        std::lower_bound(row_of.begin(), row_of.end(), std::pair(task->host, std::uint32_t(0)));
    if (found == row_of.end() || found->first != task->host) continue;
    const Host& from = at.hosts()[found->second];
    if (!is_alive(from) || (!every_task_ && sources[found->second] == 0)) continue;
    // With targets inside the LEI the list holds the own host too: to move there is not to move.
    const auto [list, made] =
        lists.try_emplace({from.lei, task->resident}, static_cast<std::uint32_t>(lists.size()));
    if (made) {
      auto& targets = space.targets.emplace_back();
      for (const auto& [id, row] : row_of) {
        const Host& to = at.hosts()[row];
        if ((inside_ || to.lei != from.lei) && takes_tasks(to) && fits(*task, to))
          targets.push_back(id);
      }
    }
    space.tasks.push_back({task->id, list->second});
  }
  return space;
}

/// From what all brokers see alike, so that all draw the same numbers (one decision, played by each); or
/// from the broker's own stream.
std::uint64_t AnnealedMigration::seed_of(const Observation& at, const MoveSpace& space,
                                         std::uint32_t k) {
  if (!shared_seeds_) return static_cast<std::uint64_t>(context().uniform() * 0x1p53);
  std::uint64_t seed = at.interval();
  mix(seed, k);
  for (const auto& task : space.tasks) mix(seed, task.task);
  return seed;
}

/// The own part of the merged moves: tasks that run here, to hosts of other LEIs.
void AnnealedMigration::apply(const Observation& seen, const Moves& merged, Decision& out) {
  for (const TaskView& task : seen.tasks()) {
    const auto move = merged.find(task.id);
    if (move == merged.end() || task.state != LAIR_TASK_RUNNING || move->second == task.host)
      continue;
    const Host* from = seen.find_host(task.host);
    const Host* to = seen.find_host(move->second);
    if (from == nullptr || to == nullptr || !is_own(*from)) continue;
    if (is_own(*to) && !inside_) continue;
    if (!takes_tasks(*to) || !fits(task, *to)) continue;
    out.migrate(task.id, to->id);
    flops_ += seen.hosts().size();
  }
}

void AnnealedMigration::note_step(const Observation& at, std::uint32_t k, const Annealed& found,
                                  const std::vector<Proposal>& trace) {
  const auto note = [&](const std::string& text) {
    context().log(0, "annealing step=" + std::to_string(k) + text);
  };
  note(" idle=" + plain(found.idle) + " start=" + plain(found.start) + " best=" + plain(found.cost) +
       " evaluations=" + std::to_string(found.evaluations) +
       " interval=" + std::to_string(at.interval()));
  for (std::size_t i = 0; i < trace.size(); ++i)
    note(" proposal=" + std::to_string(i) + " task=" + std::to_string(trace[i].task) +
         " host=" + (trace[i].host == LAIR_NONE ? "stay" : std::to_string(trace[i].host)) +
         " fitness=" + plain(trace[i].cost) + " accepted=" + (trace[i].accepted ? "1" : "0"));
  for (const lair_action& move : found.moves)
    note(" chosen task=" + std::to_string(move.task) + " host=" + std::to_string(move.host));
}

} // namespace lair
