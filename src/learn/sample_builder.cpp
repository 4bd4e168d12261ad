#include "learn/sample_builder.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace lair::learn {
namespace {

/// Where S has the task: where it runs, where it is going, or where it is to be started.
std::uint32_t host_under_schedule(const TaskView& task, Actions placement) {
  for (const Action& action : placement)
    if (action.task == task.id) return action.host;
  return task.state == LAIR_TASK_MIGRATING && task.target != LAIR_NONE ? task.target : task.host;
}

/// Mean use of its host over the last `seconds`, in which it computed `images`.
TaskHistory::State state_of(const Observation& seen, const TaskView& task, double images,
                            double seconds) {
  TaskHistory::State state(LAIR_METRICS, 0.0);
  const Host* host = task.host == LAIR_NONE ? nullptr : seen.find_host(task.host);
  const ApplicationView& application = seen.application(task);
  if (host == nullptr || seconds <= 0) return state;
  const double rate = std::max(0.0, images) / seconds;
  const double cpu = host->cores * host->core_flops;
  state[LAIR_CPU] = cpu > 0 ? rate * application.flops_per_image / cpu : 0;
  state[LAIR_CPU_PRESSURE] = static_cast<double>(application.threads) / host->cores;
  state[LAIR_RAM] = host->ram > 0 ? task.resident / host->ram : 0;
  state[LAIR_DISK_READ] = rate * application.bytes_per_image;
  if (task.state == LAIR_TASK_STARTING) state[LAIR_NET_IN] = application.input / seconds;
  if (task.state == LAIR_TASK_RETURNING) state[LAIR_NET_OUT] = application.result / seconds;
  return state;
}

} // namespace

void TaskHistory::update(const Observation& seen, std::uint32_t window) {
  if (updated_ && seen.interval() == interval_) return;
  const double passed = seen.now() - last_;
  for (const TaskView& task : seen.tasks()) {
    const auto [at, first] = tracks_.try_emplace(task.id);
    Track& track = at->second;
    // A task met for the first time has its mean since its arrival instead.
    const double seconds = first ? std::max(task.age, seen.interval_length()) : passed;
    const double images = first ? task.images_done : task.images_done - track.images;
    track.states.push_back(state_of(seen, task, images, seconds));
    if (track.states.size() > window) track.states.pop_front();
    track.images = task.images_done;
    track.seen = seen.interval();
  }
  std::erase_if(tracks_, [&](const auto& entry) { return entry.second.seen != seen.interval(); });
  last_ = seen.now();
  interval_ = seen.interval();
  updated_ = true;
}

std::vector<TaskHistory::State> TaskHistory::of(std::uint64_t task, std::uint32_t window) const {
  const auto found = tracks_.find(task);
  if (found == tracks_.end()) return {};
  std::vector<State> states(found->second.states.begin(), found->second.states.end());
  while (states.size() < window) states.insert(states.begin(), states.front()); // replication padding
  return {states.end() - window, states.end()};
}

SampleBuilder::SampleBuilder(const NetworkOptions& network, const Normalisation& normalisation,
                             GraphFeatures features)
    : network_(network), normalisation_(normalisation), features_(features) {}

std::vector<double> SampleBuilder::unit_state(const double* raw) const {
  std::vector<double> unit;
  for (std::size_t i = 0; i < network_.metrics.size(); ++i)
    unit.push_back(normalisation_.to_unit(i, raw[network_.metrics[i]]));
  return unit;
}

/// The last k of `have` states; the first of them repeated where there are fewer.
void SampleBuilder::append_window(const double* states, std::uint32_t have,
                                  std::vector<float>& to) const {
  for (std::uint32_t s = 0; s < network_.window; ++s) {
    const std::uint32_t back = network_.window - s; // 1 = newest
    const double* raw = states + std::size_t(have > back ? have - back : 0) * LAIR_METRICS;
    for (const double unit : unit_state(raw))
      to.push_back(static_cast<float>(std::clamp(unit, 0.0, 1.0)));
  }
}

Sample SampleBuilder::build(const Observation& seen, Actions placement,
                            const TaskHistory& history) const {
  const std::uint32_t k = network_.window, features = network_.features(),
                      metrics = network_.metric_count();
  Sample sample;
  sample.groups = 1;
  std::map<std::uint32_t, std::uint32_t> node_of_id, row_of_id;
  for (const Host& host : seen.hosts()) {
    node_of_id[host.id] = sample.nodes++;
    const bool own = is_own(host);
    const bool known = host.window != nullptr && seen.window_length() > 0;
    std::vector<float> window;
    if (known) append_window(host.window, seen.window_length(), window);
    else window.assign(features, 0.0f);
    if (own) {
      row_of_id[host.id] = sample.hosts++;
      sample.node_of_host.push_back(node_of_id[host.id]);
      sample.window.insert(sample.window.end(), window.begin(), window.end());
      sample.present.insert(sample.present.end(), metrics, known ? 1.0f : 0.0f);
      sample.keys.push_back(host.id);
    }
    const bool shown = known && (!own || features_ == GraphFeatures::all);
    if (!shown) std::fill(window.begin(), window.end(), 0.0f);
    sample.node_inputs.insert(sample.node_inputs.end(), window.begin(), window.end());
    sample.node_inputs.insert(sample.node_inputs.end(), metrics, shown ? 1.0f : 0.0f);
    sample.node_inputs.push_back(known ? 1.0f : 0.0f);
    sample.node_inputs.push_back(is_broker(host) ? 1.0f : 0.0f);
  }
  LAIR_ASSERT(sample.hosts == seen.raw().own_count, "own hosts are those flagged as own");
  for (const Host& host : seen.hosts()) {
    const auto broker = node_of_id.find(is_broker(host) ? host.id : host.broker);
    sample.hub.push_back(broker == node_of_id.end() ? nowhere : broker->second);
  }
  // A worker whose broker has just lost its role stands alone.
  for (std::uint32_t i = 0; i < sample.nodes; ++i)
    if (sample.hub[i] != nowhere && sample.hub[sample.hub[i]] != sample.hub[i])
      sample.hub[i] = nowhere;
  sample.node_group.assign(sample.nodes, 0);

  for (const TaskView& task : seen.tasks()) {
    ++sample.tasks;
    const auto states = history.of(task.id, k);
    std::vector<double> raw;
    for (const auto& state : states) raw.insert(raw.end(), state.begin(), state.end());
    raw.resize(std::size_t(k) * LAIR_METRICS, 0.0);
    append_window(raw.data(), k, sample.window);
    sample.present.insert(sample.present.end(), metrics, states.empty() ? 0.0f : 1.0f);
    sample.keys.push_back((std::uint64_t(1) << 63) | task.id);
    const auto host = row_of_id.find(host_under_schedule(task, placement));
    sample.host_of_task.push_back(host == row_of_id.end() ? nowhere : host->second);
  }
  sample.row_group.assign(sample.rows(), 0);
  return sample;
}

} // namespace lair::learn
