#include "policy/answer_check.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <tuple>

namespace lair {

namespace {
/// A library of ABI 1.0 answers with a detection that ends here.
constexpr std::size_t detection_1_0 = offsetof(lair_detection, scale);
constexpr std::size_t actions_1_0 = offsetof(lair_actions, values);
constexpr std::uint32_t most_ahead = 1000; ///< further intervals; more is a count gone wrong
constexpr const char* kind_names[] = {"",       "placement",  "migration", "copy",
                                      "cancel", "checkpoint", "vote"};

/// What a decision holds once: a task's place or migration, its vote, the rest on each host.
std::tuple<std::uint64_t, std::uint32_t, std::uint32_t> once(const lair_action& action) {
  if (action.kind <= LAIR_MIGRATE) return {action.task, LAIR_PLACE, LAIR_NONE};
  return {action.task, action.kind, action.kind == LAIR_VOTE ? LAIR_NONE : action.host};
}
} // namespace

AnswerCheck::AnswerCheck(std::string policy, std::uint32_t host_total)
    : policy_(std::move(policy)), host_total_(host_total) {}

void AnswerCheck::fail(const char* role, const lair_observation& seen,
                       const std::string& what) const {
  throw PluginError(policy_, fmt::format("{}, interval {}: {}", role, seen.interval, what));
}

void AnswerCheck::actions(lair_role role, const lair_observation& seen, const lair_actions& answer,
                          Decision& out) {
  const char* who = role == LAIR_ROLE_SCHEDULER ? "scheduler" : "remediator";
  if (answer.size < actions_1_0)
    fail(who, seen,
         fmt::format("its answer states {} bytes, less than ABI 1.0's {}", answer.size,
                     actions_1_0));
  if (answer.count == 0) return;
  const Observation observation(seen);
  // Of a scheduler one for each task; of a remediator besides that a vote, and one of each of three
  // kinds for each host.
  const std::uint64_t most = role == LAIR_ROLE_SCHEDULER
                                 ? seen.task_count
                                 : seen.task_count * (2 + 3 * std::uint64_t(seen.host_count));
  if (answer.count > most)
    fail(who, seen, fmt::format("{} actions for {} tasks", answer.count, seen.task_count));
  if (answer.actions == nullptr)
    fail(who, seen, fmt::format("{} actions at a null pointer", answer.count));

  const double* values =
      answer.size >= actions_1_0 + sizeof answer.values ? answer.values : nullptr;
  known_tasks_.clear();
  for (const TaskView& task : observation.tasks()) known_tasks_.push_back(task.id);
  std::sort(known_tasks_.begin(), known_tasks_.end());
  named_.clear();
  for (std::uint32_t i = 0; i < answer.count; ++i) {
    const lair_action& action = answer.actions[i];
    if (action.kind < LAIR_PLACE || action.kind > LAIR_VOTE)
      fail(who, seen,
           fmt::format("action {} is of kind {}, which lair does not know", i, action.kind));
    if (action.kind != LAIR_PLACE && role == LAIR_ROLE_SCHEDULER)
      fail(who, seen,
           fmt::format("action {} is a {}, which only a remediator may ask for", i,
                       kind_names[action.kind]));
    if (!std::binary_search(known_tasks_.begin(), known_tasks_.end(), action.task))
      fail(who, seen,
           fmt::format("action {} names task {}, which it was not shown", i, action.task));
    if (action.kind != LAIR_VOTE &&
        (action.host >= host_total_ || observation.find_host(action.host) == nullptr))
      fail(who, seen,
           fmt::format("action {} names host {}, which it was not shown", i, action.host));
    const double value = values == nullptr ? 0 : values[i];
    if (action.kind == LAIR_CHECKPOINT && !(value >= 0 && std::isfinite(value)))
      fail(who, seen,
           fmt::format("action {} wants a checkpoint every {} s", i, value));
    if (action.kind == LAIR_VOTE && !(value >= 1 && value <= host_total_ && value == std::floor(value)))
      fail(who, seen,
           fmt::format("action {} wants {} equal results; 1 to {}, as many as there are hosts", i,
                       value, host_total_));
    named_.push_back(once(action));
  }
  std::sort(named_.begin(), named_.end());
  if (const auto twice = std::adjacent_find(named_.begin(), named_.end()); twice != named_.end())
    fail(who, seen,
         std::get<1>(*twice) <= LAIR_MIGRATE
             ? fmt::format("more than one action for task {}", std::get<0>(*twice))
             : fmt::format("more than one {} for task {}, host {}", kind_names[std::get<1>(*twice)],
                           std::get<0>(*twice), std::get<2>(*twice)));
  for (std::uint32_t i = 0; i < answer.count; ++i) {
    const lair_action& action = answer.actions[i];
    out.add(action.kind, action.task, action.host, values == nullptr ? 0 : values[i]);
  }
}

void AnswerCheck::detection(const lair_observation& seen, const lair_detection& given,
                            Detection& out) {
  const char* who = "detector";
  if (given.size < detection_1_0)
    fail(who, seen,
         fmt::format("its answer states {} bytes, less than ABI 1.0's {}", given.size,
                     detection_1_0));
  lair_detection answer{}; // what the library does not know stays null
  std::memcpy(&answer, &given, std::min<std::size_t>(given.size, sizeof answer));
  if (answer.count != seen.own_count)
    fail(who, seen,
         fmt::format("{} rows for the {} hosts of its LEI", answer.count, seen.own_count));
  if (answer.count == 0) return;
  if (answer.hosts == nullptr || answer.scores == nullptr || answer.thresholds == nullptr ||
      answer.labels == nullptr)
    fail(who, seen, "its hosts, scores, thresholds or labels are a null pointer");
  if (answer.scale != nullptr && answer.expected == nullptr)
    fail(who, seen, "a scale without an expected state");
  if (answer.ahead > most_ahead)
    fail(who, seen,
         fmt::format("it looks {} intervals ahead; at most {}", answer.ahead, most_ahead));
  if (answer.ahead > 0 && answer.ahead_expected == nullptr)
    fail(who, seen, fmt::format("{} intervals ahead at a null pointer", answer.ahead));
  own_.clear();
  for (const Host& host : Observation(seen).own_hosts()) own_.push_back(host.id);
  std::sort(own_.begin(), own_.end());
  named_hosts_.assign(answer.hosts, answer.hosts + answer.count);
  std::sort(named_hosts_.begin(), named_hosts_.end());
  if (named_hosts_ != own_) {
    for (const std::uint32_t id : named_hosts_)
      if (!std::binary_search(own_.begin(), own_.end(), id))
        fail(who, seen, fmt::format("a row for host {}, which is none of its LEI", id));
    fail(who, seen, "two rows for one host");
  }
  for (std::uint32_t i = 0; i < answer.count; ++i) {
    if (!std::isfinite(answer.scores[i]) || !std::isfinite(answer.thresholds[i]))
      fail(who, seen,
           fmt::format("the score ({}) or threshold ({}) of host {} is not finite",
                       answer.scores[i], answer.thresholds[i], answer.hosts[i]));
    if (answer.labels[i] > 1)
      fail(who, seen,
           fmt::format("the label of host {} is {}, neither 0 nor 1", answer.hosts[i],
                       answer.labels[i]));
    std::span<const double> expected;
    if (answer.expected != nullptr)
      expected = {answer.expected + std::size_t(i) * LAIR_METRICS, LAIR_METRICS};
    for (const double value : expected)
      if (!std::isfinite(value))
        fail(who, seen, fmt::format("an expected value of host {} is not finite", answer.hosts[i]));
    std::span<const double> scale;
    if (answer.scale != nullptr)
      scale = {answer.scale + std::size_t(i) * LAIR_METRICS, LAIR_METRICS};
    for (const double value : scale)
      if (!std::isfinite(value) || value < 0)
        fail(who, seen, fmt::format("a scale of host {} is negative or not finite",
                                    answer.hosts[i]));
    out.add(answer.hosts[i], answer.scores[i], answer.thresholds[i], answer.labels[i] != 0,
            expected, scale);
  }
  for (std::uint32_t step = 0; step < answer.ahead; ++step)
    for (std::uint32_t i = 0; i < answer.count; ++i) {
      const std::span<const double> expected{
          answer.ahead_expected + (std::size_t(step) * answer.count + i) * LAIR_METRICS,
          LAIR_METRICS};
      for (const double value : expected)
        if (!std::isfinite(value))
          fail(who, seen,
               fmt::format("an expected value of host {}, {} intervals ahead, is not finite",
                           answer.hosts[i], step + 1));
      out.ahead(step, expected);
    }
}

} // namespace lair
