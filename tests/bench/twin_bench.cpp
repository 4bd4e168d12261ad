// Speed of the analytic twin: whole forecasts, and one changed move after the other on top of a
// base decision, as annealing asks for them. Medians over repetitions; one thread.
//   twin_bench [--json] [--seconds S] [--case NAME]   S = time spent on each figure, default 1
#include "twin_builder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace twin_test;

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Median over 25 repetitions of the seconds one call of `call(i)` takes, i from 0 to a power of
/// two that is at least `count`.
template <class F> double median_call(double budget, F&& call, std::size_t count = 1) {
  for (;; count *= 2) {
    const double begin = seconds_now();
    for (std::size_t i = 0; i < count; ++i) call(i);
    if (seconds_now() - begin > budget / 50) break;
  }
  std::vector<double> samples;
  for (int repetition = 0; repetition < 25; ++repetition) {
    const double begin = seconds_now();
    for (std::size_t i = 0; i < count; ++i) call(i);
    samples.push_back((seconds_now() - begin) / double(count));
  }
  std::nth_element(samples.begin(), samples.begin() + 12, samples.end());
  return samples[12];
}

struct Case {
  const char* name;
  Shape shape;
};

} // namespace

int main(int argc, char** argv) {
  bool json = false;
  double budget = 1;
  const char* only = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0)
      json = true;
    else if (std::strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
      budget = std::atof(argv[++i]);
    else if (std::strcmp(argv[i], "--case") == 0 && i + 1 < argc)
      only = argv[++i];
    else {
      std::fprintf(stderr, "usage: twin_bench [--json] [--seconds S] [--case NAME]\n");
      return 2;
    }
  }
  const Case cases[] = {{"quiet", {16, 50, 1, 0.1, 0, 0}},
                        {"mixed", {16, 50, 1, 0.1, 0.1, 0.1}},
                        {"mixed, 4 LEIs", {16, 50, 4, 0.1, 0.1, 0.1}},
                        {"cold, 4 LEIs", {16, 50, 4, 0.1, 0.1, 0.9}},
                        {"quiet", {256, 800, 1, 0.1, 0, 0}},
                        {"mixed", {256, 800, 1, 0.1, 0.1, 0.1}}};
  if (json)
    std::printf("[");
  else
    std::printf("%-14s %6s %6s | %9s %12s | %14s %12s %8s\n", "case", "hosts", "tasks", "load us",
                "forecast us", "evaluations/s", "tries/s", "touched");
  bool first = true;
  double sum = 0; // keeps the results alive
  for (const Case& c : cases) {
    if (only != nullptr && std::strcmp(only, c.name) != 0) continue;
    lair::RandomStream random(7, c.name);
    Builder b = random_federation(random, c.shape);
    lair::Twin twin(b.platform());
    const lair_observation& observation = b.seal();
    twin.load(observation);
    // Base decision: every queued task placed, one running task in twenty under way elsewhere.
    std::vector<lair_action> base;
    for (const lair_task& t : b.buffer.tasks) {
      const std::uint32_t to = random.below(c.shape.hosts);
      if (t.state == LAIR_TASK_QUEUED) base.push_back({LAIR_PLACE, to, t.id});
      if (t.state == LAIR_TASK_RUNNING && random.below(20) == 0)
        base.push_back({LAIR_MIGRATE, to, t.id});
    }
    struct Move {
      std::uint64_t task;
      std::uint32_t host;
    };
    std::vector<Move> moves;
    while (moves.size() < 4096) {
      const lair_task& t = b.buffer.tasks[random.below(c.shape.tasks)];
      if (t.state == LAIR_TASK_RUNNING) moves.push_back({t.id, random.below(c.shape.hosts)});
    }
    const double load = median_call(budget, [&](std::size_t) { twin.load(observation); });
    const double whole =
        median_call(budget, [&](std::size_t) { sum += twin.forecast(base).energy; });
    double touched = 0;
    for (const Move& m : moves) {
      twin.evaluate_change(m.task, m.host);
      touched += double(twin.touched().size()) / double(moves.size());
    }
    const double change = median_call(budget, [&](std::size_t i) {
      const Move& m = moves[i % moves.size()];
      sum += twin.evaluate_change(m.task, m.host).energy;
    }, moves.size());
    // As annealing walks: one in five is kept, and the next takes it back so that the base stays as
    // it is.
    const double walk = median_call(budget, [&](std::size_t i) {
      const Move& m = moves[(i - (i % 10 == 1)) % moves.size()];
      const std::uint32_t host = i % 10 == 1 ? LAIR_NONE : m.host;
      sum += twin.try_move(m.task, host).energy;
      if (i % 10 < 2)
        twin.accept();
      else
        twin.undo();
    }, moves.size());
    if (json)
      std::printf("%s\n  {\"case\": \"%s\", \"hosts\": %u, \"tasks\": %u, \"load_us\": %.3f, "
                  "\"forecast_us\": %.3f, \"evaluations_per_s\": %.0f, \"tries_per_s\": %.0f, "
                  "\"hosts_touched\": %.2f}",
                  first ? "" : ",", c.name, c.shape.hosts, c.shape.tasks, load * 1e6, whole * 1e6,
                  1 / change, 1 / walk, touched);
    else
      std::printf("%-14s %6u %6u | %9.2f %12.2f | %14.0f %12.0f %8.2f\n", c.name, c.shape.hosts,
                  c.shape.tasks, load * 1e6, whole * 1e6, 1 / change, 1 / walk, touched);
    first = false;
  }
  if (json) std::printf("\n]\n");
  return sum == sum ? 0 : 1;
}
