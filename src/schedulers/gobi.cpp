#include "schedulers/gobi.hpp"

#include "learn/model_path.hpp"

#include <algorithm>

namespace lair {

using namespace learn;

namespace {

/// Nobody's training: the baseline that a trained model must beat.
Model untrained_surrogate() {
  Model model;
  model.kind = &gobi_kind();
  model.network.window = 1;
  model.network.metrics = {LAIR_CPU, LAIR_CPU_PRESSURE, LAIR_RAM, LAIR_SWAP, LAIR_IO_WAIT};
  model.normalisation.low = {0, 0, 0, 0, 0};
  model.normalisation.high = {1, 4, 1, 1, 64};
  model.sizes = {{"layer1", 128}, {"layer2", 128}, {"layer3", 64}, {"horizon", 10}};
  RandomStream random(1, untrained);
  model.weights = initial_surrogate(model.network, model.sizes, random);
  model.identity = untrained;
  return model;
}

/// The option is no `model`: that is the detector's, and options belong to all roles together.
Model chosen_surrogate(PolicyContext& context) {
  std::string name = context.text("surrogate", automatic);
  if (name == automatic) {
    name = automatic_model("gobi", context.platform());
    if (context.lei() == 0 && name != "gobi-" + context.platform())
      context.log(1, "no model was trained for " +
                         (context.platform().empty() ? "this platform" : "'" + context.platform() + "'") +
                         ": gobi uses " + name);
  }
  Model model = name == untrained ? untrained_surrogate() : find_model(name, gobi_kind());
  if (context.lei() == 0) context.log(0, "gobi model=" + name + " manifest=" + model.identity);
  return model;
}

DescentOptions descent_options(PolicyContext& context) {
  DescentOptions options;
  options.relaxed = context.choice("relaxation", "one-hot", {"one-hot", "softmax"}) == "softmax";
  options.keep_best = context.choice("keep", "best", {"best", "last"}) == "best";
  options.steps = static_cast<std::uint32_t>(context.whole("gobi_steps", 200, 0, 100000));
  // Relaxed, every step computes every row, and moves are no jumps that come in bursts.
  options.patience = static_cast<std::uint32_t>(context.whole("gobi_patience", options.relaxed ? 10 : 30, 1, 100000));
  options.rate = context.number("gobi_rate", 0.8, 0, 100);
  return options;
}

} // namespace

GobiScheduler::GobiScheduler(PolicyContext& context)
    : Scheduler(context), model_(chosen_surrogate(context)), candidates_(admission_option(context)),
      descent_(descent_options(context)),
      energy_weight_(context.number("gobi_energy", 0.1, 0, 1e6)),
      response_weight_(context.number("gobi_response", 0.9, 0, 1e6)),
      surrogate_(model_.network, model_.weights) {
  // Weights as float32, and their transpose.
  context.charge_memory(8 * static_cast<double>(surrogate_.parameters()));
}

void GobiScheduler::place(const Observation& seen, Decision& out) {
  candidates_.reset(seen, Scope::lei, LoadMeasure::threads);
  std::vector<TaskView> tasks;
  for (const TaskView& task : seen.tasks())
    if (task.state == LAIR_TASK_QUEUED) tasks.push_back(task);
  const std::size_t hosts = candidates_.size();
  if (tasks.empty() || hosts == 0) return context().charge_flops(candidates_.flops());

  double flops = candidates_.flops();
  // In the order of the queue, so that RAM goes to whom it would go with every other scheduler.
  const auto project = [&](const std::vector<double>& x) {
    Candidates left = candidates_;
    Placement placement(tasks.size(), no_host);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const double* row = x.data() + i * hosts;
      for (const std::uint32_t h : left.feasible(tasks[i]))
        if (placement[i] == no_host || row[h] > row[placement[i]]) placement[i] = h;
      if (placement[i] != no_host) left.assign(placement[i], tasks[i], seen.application(tasks[i]));
    }
    flops += left.flops() - candidates_.flops();
    return placement;
  };

  PlacementProblem problem;
  problem.base.resize(hosts, surrogate_.inputs());
  problem.tasks = tasks.size();
  problem.energy_weight = energy_weight_;
  problem.response_weight = response_weight_;
  problem.demands.resize(tasks.size() * hosts);
  std::vector<double> start(tasks.size() * hosts);
  for (double& number : start) number = context().uniform();
  Placement placement;
  if (hosts == 1) { // nothing to choose
    placement = project(start);
  } else {
    for (const Host& host : seen.own_hosts())
      for (std::uint32_t h = 0; h < hosts; ++h) {
        if (candidates_.id(h) != host.id) continue;
        host_row(seen, host, model_.network, model_.normalisation, problem.base.row(h));
        for (std::size_t i = 0; i < tasks.size(); ++i)
          problem.demands[i * hosts + h] = demand_of(seen, tasks[i], host);
      }
    const Descent found = descend(surrogate_, problem, descent_, start, project);
    placement = found.placement;
    // A row: ten metrics, and every task looked at; a demand is about ten operations.
    flops += found.flops + static_cast<double>(hosts) * (20 + 12.0 * seen.tasks().size()) +
             10.0 * static_cast<double>(problem.demands.size());
  }
  for (std::size_t i = 0; i < tasks.size(); ++i)
    if (placement[i] != no_host) out.place(tasks[i].id, candidates_.id(placement[i]));
  context().charge_flops(flops);
}

} // namespace lair
