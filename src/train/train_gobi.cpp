// Training of GOBI's surrogate: traces with outcomes to host-intervals, epochs, the model. It learns from what
// became of placements, not from windows, so it is no Lesson.
#include "core/error.hpp"
#include "core/random.hpp"
#include "learn/surrogate.hpp"
#include "trace/trace.hpp"
#include "train/checkpoint.hpp"
#include "train/training.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

namespace lair::train {

using namespace learn;
using trace::Trace;

namespace {

namespace fs = std::filesystem;

/// Of every run, by time: the first part is learnt from, the last validates.
constexpr double training_share = 0.8; ///< [paper] 80/20

/// What became of a host's tasks, and what it used, in one interval.
struct HostOutcome {
  double energy = 0, rest = 0; ///< joules; seconds that its tasks still took, summed
  double tasks = 0;
};

class GobiTraining {
public:
  GobiTraining(const TrainRequest& request, const TrainListener& listener)
      : request_(request), listener_(listener), network_(seen_by(request)),
        checkpoint_path_(request.out + ".checkpoint") {
    if (request.metrics.empty()) {
      network_.metrics.clear();
      for (std::uint32_t m = 0; m < LAIR_ALIVE; ++m) network_.metrics.push_back(m);
    }
    network_.window = 1;
    refuse("--validate-on", !request.validate_on.empty(), "a surrogate labels no host: leave it out");
    refuse("--detector", !request.detector.empty(), "a surrogate is of no detector: leave it out");
    refuse("--window", request.window != 1, "a surrogate sees the newest state only: leave it out");
    for (const char* name : {"layer1", "layer2", "layer3", "horizon"})
      sizes_[name] = static_cast<std::uint32_t>(request.option(name));
    read();
    ask();
  }

  TrainOutcome run() {
    Checkpoint checkpoint;
    checkpoint.asked = asked_;
    RandomStream random(request_.seed, "weights");
    checkpoint.state.weights = initial_surrogate(network_, sizes_, random);
    if (request_.resume)
      if (auto found = load_checkpoint(checkpoint_path_, checkpoint.state.weights.tensors, asked_))
        checkpoint = *found;
    auto options = usual<EpochOptions>(request_);
    options.better = 1e-6;
    TrainOutcome outcome;
    outcome.samples = training_.size();
    outcome.validation_samples = validation_.size();
    outcome.resumed_after = static_cast<std::uint32_t>(checkpoint.epochs.size());
    outcome.f1 = outcome.aupr = std::numeric_limits<double>::quiet_NaN();
    SurrogateTrainer trainer(options, {.rate = request_.rate, .decay = request_.decay}, training_, validation_,
                             checkpoint.state);
    while (!trainer.ended()) {
      const auto epoch = static_cast<std::uint32_t>(trainer.history().size() + 1);
      const auto batch = [&](std::size_t done, std::size_t of) {
        return !listener_.batch || listener_.batch(epoch, done, of);
      };
      if (!trainer.run_epoch(batch)) return outcome; // stopped
      const Epoch& last = trainer.history().back();
      if (!std::isfinite(last.training.sum()) || !std::isfinite(last.validation.sum()))
        throw RunError("the loss is no finite number after epoch " + std::to_string(epoch) +
                       ": nothing was learnt; a smaller --rate may help");
      checkpoint.state = trainer.state();
      checkpoint.epochs.push_back({epoch, last.training.sum(), last.validation.sum(), outcome.f1, outcome.f1,
                                   last.best});
      save_checkpoint(checkpoint, checkpoint_path_);
      if (listener_.epoch) listener_.epoch(checkpoint.epochs.back());
    }
    double least = 0;
    for (const TrainedEpoch& epoch : checkpoint.epochs)
      if (epoch.best) {
        outcome.best = epoch.number;
        least = epoch.validation;
      }
    Model model;
    model.kind = &gobi_kind();
    model.network = network_;
    model.sizes = sizes_;
    model.normalisation = normalisation_;
    model.weights = trainer.best();
    model.weights.at("scale").values = {static_cast<float>(most_energy_), static_cast<float>(horizon_)};
    model.provenance = asked_;
    for (std::size_t i = 0; i < traces_.size(); ++i) {
      const trace::Origin& origin = traces_[i].origin();
      std::string seeds;
      for (const std::uint64_t seed : traces_[i].seeds()) seeds += (seeds.empty() ? "" : ",") + std::to_string(seed);
      model.provenance["trace." + std::to_string(i + 1)] =
          origin.scenario + " (" + origin.scenario_hash + "), seeds " + seeds + ", " +
          std::to_string(origin.intervals) + " intervals, policy " + origin.policy + ", scheduler " +
          origin.scheduler + ", lair " + origin.lair;
    }
    model.provenance["epochs_run"] = std::to_string(checkpoint.epochs.size());
    model.provenance["best_epoch"] = std::to_string(outcome.best);
    model.provenance["validation_loss"] = text_of(least);
    // What a surrogate that knows nothing but the mean would have: the loss to be beaten.
    model.provenance["validation_loss_of_means"] = text_of(loss_of_means());
    save_model(model, request_.out);
    outcome.hash = model.hash;
    std::error_code ignored;
    fs::remove(checkpoint_path_, ignored);
    outcome.completed = true;
    return outcome;
  }

private:
  static void refuse(const char* option, bool given, const char* remedy) {
    if (given) throw InputError(option, "", "is no option of gobi's training", remedy);
  }

  void read() {
    std::vector<const Trace*> all;
    for (const std::string& path : request_.traces) {
      traces_.push_back(Trace::read(path));
      if (!traces_.back().has_outcomes())
        throw InputError(path, "", "does not say what became of placements", "record it with `lair trace --outcomes`");
      horizon_ = sizes_.at("horizon") * traces_.front().origin().interval_length;
      const std::uint32_t needed = 5 * (sizes_.at("horizon") + 2);
      if (traces_.back().origin().intervals < needed)
        throw InputError(path, "", "has " + std::to_string(traces_.back().origin().intervals) + " intervals",
                         "at least " + std::to_string(needed) +
                             ": the last of each run only say how long earlier tasks took");
    }
    for (const Trace& trace : traces_) all.push_back(&trace);
    normalisation_ = ranges_of(all, network_.metrics);
    if (!chosen("--curve", request_.curve, "linear", "knee")) normalisation_.curve = Curve::knee;
    for (const Trace& trace : traces_) {
      const trace::Origin& origin = trace.origin();
      for (std::uint32_t run = 0; run < trace.seeds().size(); ++run)
        for (std::uint32_t t = 0; t < origin.intervals; ++t)
          for (std::uint32_t h = 0; h < origin.hosts.size(); ++h)
            most_energy_ = std::max(most_energy_, trace.energy(run, t, h));
    }
    if (!(most_energy_ > 0)) most_energy_ = 1;
    for (const Trace& trace : traces_) add(trace);
  }

  void add(const Trace& trace) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, double> ends;
    for (std::size_t i = 0; i < trace.ended(); ++i)
      ends[{trace.ended(i).run, trace.ended(i).task}] = trace.ended(i).time;
    const auto intervals = trace.origin().intervals, horizon = sizes_.at("horizon");
    const SurrogateColumns columns(network_);
    ObservationBuffer buffer;
    std::vector<float> row(columns.count());
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const Trace::Moment moment = trace.moment(i);
      // What still runs at the end of a run took longer than the horizon, or nobody knows.
      if (moment.interval + horizon >= intervals) continue;
      const double cut = training_share * intervals;
      const bool learns = moment.interval + horizon < cut;
      if (!learns && moment.interval < cut) continue; // its outcome lies in the other part
      SurrogateData& data = learns ? training_ : validation_;
      trace.observe(i, buffer);
      const Observation seen(buffer.raw);
      std::map<std::uint64_t, std::uint32_t> placed;
      for (const lair_action& action : trace.placement(i)) placed[action.task] = action.host;
      for (const Host& host : seen.own_hosts()) {
        if (!takes_tasks(host) || host.cores == 0) continue; // nothing is ever placed there
        host_row(seen, host, network_, normalisation_, row.data());
        HostOutcome outcome{trace.energy(moment.run, moment.interval, host.id), 0, 0};
        for (const TaskView& task : seen.tasks()) {
          const bool queued = task.state == LAIR_TASK_QUEUED;
          const auto target = placed.find(task.id);
          const std::uint32_t where = !queued                   ? task.host
                                      : target != placed.end() ? target->second
                                                               : LAIR_NONE;
          if (where != host.id || task.state == LAIR_TASK_RETURNING) continue;
          if (queued) {
            const Demand demand = demand_of(seen, task, host);
            for (std::size_t d = 0; d < demand_width; ++d) row[columns.placed() + d] += demand[d];
          }
          const auto end = ends.find({moment.run, task.id});
          outcome.rest += end == ends.end() ? horizon_ : std::clamp(end->second - moment.time, 0.0, horizon_);
          outcome.tasks += 1;
        }
        data.rows.insert(data.rows.end(), row.begin(), row.end());
        data.targets.push_back(static_cast<float>(outcome.energy / most_energy_));
        data.targets.push_back(
            static_cast<float>(outcome.tasks > 0 ? outcome.rest / outcome.tasks / horizon_ : 0));
        data.counts.push_back(outcome.tasks > 0 ? 1.0f : 0.0f);
      }
    }
  }

  double loss_of_means() const {
    double means[2]{}, counted = 0, loss = 0;
    for (std::size_t i = 0; i < training_.size(); ++i) {
      means[0] += training_.targets[2 * i];
      means[1] += training_.counts[i] * training_.targets[2 * i + 1];
      counted += training_.counts[i];
    }
    means[0] /= static_cast<double>(training_.size());
    means[1] /= std::max(counted, 1.0);
    for (std::size_t i = 0; i < validation_.size(); ++i)
      loss += std::pow(validation_.targets[2 * i] - means[0], 2) +
              validation_.counts[i] * std::pow(validation_.targets[2 * i + 1] - means[1], 2);
    return loss / static_cast<double>(std::max<std::size_t>(validation_.size(), 1));
  }

  /// Everything that decides a byte of the outcome.
  void ask() {
    std::string metrics, traces;
    for (const std::uint32_t metric : network_.metrics)
      metrics += (metrics.empty() ? "" : ",") + std::string(metric_name(metric));
    for (const Trace& trace : traces_) traces += (traces.empty() ? "" : ", ") + trace.hash();
    asked_ = {{"lair", request_.version},
              {"traces", traces},
              {"metrics", metrics},
              {"seed", std::to_string(request_.seed)},
              {"epochs", std::to_string(request_.epochs)},
              {"patience", std::to_string(request_.patience)},
              {"batch", std::to_string(request_.batch)},
              {"rate", text_of(request_.rate)},
              {"decay", text_of(request_.decay)},
              {"curve", request_.curve},
              {"command", request_.command}};
    for (const auto& [key, value] : request_.options) asked_["option." + key] = text_of(value);
  }

  const TrainRequest& request_;
  const TrainListener& listener_;
  NetworkOptions network_;
  Sizes sizes_;
  std::string checkpoint_path_;
  std::vector<Trace> traces_;
  Normalisation normalisation_;
  double most_energy_ = 0, horizon_ = 0;
  SurrogateData training_, validation_;
  std::map<std::string, std::string> asked_;
};

} // namespace

TrainOutcome train_gobi(const TrainRequest& request, const TrainListener& listener) {
  return GobiTraining(request, listener).run();
}

} // namespace lair::train
