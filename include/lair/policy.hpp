/// What a policy author writes against. One class, one macro:
///
///     #include <lair/policy.hpp>
///     struct Stay : lair::Remediator {
///       explicit Stay(lair::PolicyContext& context) : lair::Remediator(context) {}
///       void decide(const lair::Observation&, const lair::Actions&, const lair::DetectionView*,
///                   lair::Decision&) override {}
///     };
///     LAIR_POLICY(Stay, "stay", "1.0", "leaves every task where it is", "example")
///
/// Built-in policies are the same classes, listed instead of exported (src/policy/builtin.hpp).
/// Rules: a role object is called by one broker, from one thread, with no simulation call inside;
/// all randomness comes from `context.uniform()`; no role may keep a pointer into an observation.
#pragma once

#include <lair/plugin.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace lair {

/// A view of `count` structures of type T that lie `stride` bytes apart (they may have grown).
template <class T> class Strided {
public:
  Strided(const T* first, std::uint32_t count, std::uint32_t stride)
      : first_(reinterpret_cast<const char*>(first)), count_(count), stride_(stride) {}
  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const T& operator[](std::uint32_t i) const {
    return *reinterpret_cast<const T*>(first_ + std::size_t(i) * stride_);
  }
  class iterator {
  public:
    iterator(const char* at, std::uint32_t stride) : at_(at), stride_(stride) {}
    const T& operator*() const { return *reinterpret_cast<const T*>(at_); }
    iterator& operator++() {
      at_ += stride_;
      return *this;
    }
    bool operator!=(const iterator& other) const { return at_ != other.at_; }

  private:
    const char* at_;
    std::uint32_t stride_;
  };
  iterator begin() const { return {first_, stride_}; }
  iterator end() const { return {first_ + std::size_t(count_) * stride_, stride_}; }

private:
  const char* first_;
  std::uint32_t count_, stride_;
};

using Host = lair_host;
using TaskView = lair_task;
using ApplicationView = lair_application;
using Action = lair_action;
using DetectionView = lair_detection;
using ReportView = lair_report;
using Actions = std::span<const lair_action>;

/// Read-only view of what one broker knows. Cheap to copy; valid during the call it was passed to.
class Observation {
public:
  explicit Observation(const lair_observation& raw) : raw_(&raw) {}
  const lair_observation& raw() const { return *raw_; }
  std::uint32_t interval() const { return raw_->interval; }
  double now() const { return raw_->now; }                         ///< seconds
  double interval_length() const { return raw_->interval_length; } ///< seconds
  std::uint32_t lei() const { return raw_->lei; }
  std::uint32_t broker() const { return raw_->broker; }
  std::uint32_t window_length() const { return raw_->window_length; }
  /// Own hosts first, then the peers' as last reported.
  Strided<Host> hosts() const { return {raw_->hosts, raw_->host_count, raw_->host_stride}; }
  Strided<Host> own_hosts() const { return {raw_->hosts, raw_->own_count, raw_->host_stride}; }
  Strided<TaskView> tasks() const { return {raw_->tasks, raw_->task_count, raw_->task_stride}; }
  Strided<ApplicationView> applications() const {
    return {raw_->applications, raw_->application_count, raw_->application_stride};
  }
  Strided<lair_lei> leis() const { return {raw_->leis, raw_->lei_count, raw_->lei_stride}; }
  Strided<ReportView> reports() const {
    return {raw_->reports, raw_->report_count, raw_->report_stride};
  }
  /// The tasks of a report's sender when it sent it; a queued one's target is where it is placed.
  static Strided<TaskView> tasks_of(const ReportView& report) {
    return {report.tasks, report.task_count, report.task_stride};
  }
  Strided<lair_observed_event> events() const {
    return {raw_->events, raw_->event_count, raw_->event_stride};
  }
  /// Newest state of a host; `otherwise` if nothing was ever received of it.
  double metric(const Host& host, lair_metric which, double otherwise = 0) const {
    if (host.window == nullptr || raw_->window_length == 0) return otherwise;
    return host.window[std::size_t(raw_->window_length - 1) * LAIR_METRICS + which];
  }
  /// The host with this id, or null if this broker knows of none.
  const Host* find_host(std::uint32_t id) const {
    for (std::uint32_t i = 0; i < raw_->host_count; ++i)
      if (const Host& host = hosts()[i]; host.id == id) return &host;
    return nullptr;
  }
  const ApplicationView& application(const TaskView& task) const {
    return applications()[task.application];
  }

private:
  const lair_observation* raw_;
};

inline bool is_own(const Host& host) { return (host.flags & LAIR_HOST_OWN) != 0; }
inline bool is_alive(const Host& host) { return (host.flags & LAIR_HOST_ALIVE) != 0; }
/// Of a task's rows the one that stands for it: the others are further copies.
inline bool is_primary(const TaskView& task) { return task.copy == 0; }
/// Alive and allowed to run tasks.
inline bool takes_tasks(const Host& host) {
  return is_alive(host) && (host.flags & LAIR_HOST_NO_TASKS) == 0;
}
inline bool is_broker(const Host& host) { return (host.flags & LAIR_HOST_BROKER) != 0; }

/// Collects a decision's actions. Lair validates them; what cannot be done is refused with a
/// reason.
class Decision {
public:
  void place(std::uint64_t task, std::uint32_t host) { add(LAIR_PLACE, task, host); }
  void migrate(std::uint64_t task, std::uint32_t host) { add(LAIR_MIGRATE, task, host); }
  /// A further copy; the first result ends the task, unless a vote() asks for more.
  void replicate(std::uint64_t task, std::uint32_t host) { add(LAIR_REPLICATE, task, host); }
  /// Ends the copy on this host.
  void cancel(std::uint64_t task, std::uint32_t host) { add(LAIR_CANCEL, task, host); }
  /// Keeps the input on `host` and commits the progress to it: every `seconds`, or once if that is 0.
  void checkpoint(std::uint64_t task, std::uint32_t host, double seconds) {
    add(LAIR_CHECKPOINT, task, host, seconds);
  }
  /// The task is finished when `quorum` hosts have delivered equal results.
  void vote(std::uint64_t task, std::uint32_t quorum) { add(LAIR_VOTE, task, LAIR_NONE, quorum); }
  /// Any of them, as lair_action_kind says.
  void add(std::uint32_t kind, std::uint64_t task, std::uint32_t host, double value = 0) {
    actions_.push_back({kind, host, task});
    values_.push_back(value);
  }
  void clear() {
    actions_.clear();
    values_.clear();
  }
  Actions actions() const { return actions_; }
  std::span<const double> values() const { return values_; } ///< one for each action

private:
  std::vector<lair_action> actions_;
  std::vector<double> values_;
};

/// A detector's answer; rows in the order in which `add` was called.
class Detection {
public:
  /// `expected`: LAIR_METRICS expected values of the next interval, or empty (all rows or none).
  /// `scale`: likewise, if the norm of max(0, state - expected) * scale tells anomalous states.
  void add(std::uint32_t host, double score, double threshold, bool label,
           std::span<const double> expected = {}, std::span<const double> scale = {}) {
    hosts_.push_back(host);
    scores_.push_back(score);
    thresholds_.push_back(threshold);
    labels_.push_back(label ? 1 : 0);
    expected_.insert(expected_.end(), expected.begin(), expected.end());
    scale_.insert(scale_.end(), scale.begin(), scale.end());
  }
  /// Expected values of a further interval for the next row of it, rows in the order of add():
  /// `step` 0 is the interval after the one that add()'s `expected` speaks of. Steps without gaps.
  void ahead(std::uint32_t step, std::span<const double> expected) {
    if (step > steps_.size() || expected.size() != LAIR_METRICS)
      throw std::logic_error("a detection's look-ahead comes step by step, all metrics of a row");
    if (step == steps_.size()) steps_.push_back(0);
    std::size_t end = 0;
    for (std::uint32_t s = 0; s <= step; ++s) end += steps_[s];
    ahead_.insert(ahead_.begin() + static_cast<std::ptrdiff_t>(end * LAIR_METRICS),
                  expected.begin(), expected.end());
    ++steps_[step];
  }
  void clear() {
    hosts_.clear();
    scores_.clear();
    thresholds_.clear();
    labels_.clear();
    expected_.clear();
    scale_.clear();
    ahead_.clear();
    steps_.clear();
  }
  std::size_t size() const { return hosts_.size(); }
  /// The C form; valid until the next change of this object. Throws std::logic_error if some rows
  /// have expected values, a scale, or a look-ahead, and others have not.
  lair_detection raw() const {
    const std::size_t values = hosts_.size() * LAIR_METRICS;
    const bool expects = expected_.size() == values && values > 0;
    if (!expected_.empty() && !expects)
      throw std::logic_error("a detection's rows have all their expected values, every metric, or none");
    if (!scale_.empty() && (scale_.size() != values || !expects))
      throw std::logic_error("a detection's rows have all an expected state and a scale, or none");
    for (const std::size_t rows : steps_)
      if (rows != hosts_.size())
        throw std::logic_error("a detection's rows have all a look-ahead, or none");
    lair_detection out{};
    out.size = sizeof out;
    out.count = static_cast<std::uint32_t>(hosts_.size());
    out.hosts = hosts_.data();
    out.scores = scores_.data();
    out.thresholds = thresholds_.data();
    out.labels = labels_.data();
    out.expected = expects ? expected_.data() : nullptr;
    out.scale = scale_.empty() ? nullptr : scale_.data();
    out.ahead = static_cast<std::uint32_t>(steps_.size());
    out.ahead_expected = ahead_.empty() ? nullptr : ahead_.data();
    return out;
  }

private:
  std::vector<std::uint32_t> hosts_;
  std::vector<double> scores_, thresholds_;
  std::vector<std::uint8_t> labels_;
  std::vector<double> expected_, scale_;
  std::vector<double> ahead_;      ///< step by step, all rows of each
  std::vector<std::size_t> steps_; ///< rows that a step has so far
};

/// An option of the scenario's `policy.options` that the policy does not take, or cannot read.
struct OptionError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// The twin, loaded with one observation: what annealing and looking ahead ask, thousands of times in
/// one decision. A handle: cheap to copy, valid until the role's call returns; loading another
/// observation, or PolicyContext::forecast(), takes the twin away from this one.
class TwinView {
public:
  TwinView(const lair_services& services, lair_twin* twin) : services_(&services), twin_(twin) {}

  /// The whole interval under `actions`, which become the base decision: own tasks' and those of
  /// the peers' reports. `states` stays valid until the base changes.
  lair_forecast forecast(Actions actions) {
    lair_forecast out{};
    out.size = sizeof out;
    check(services_->twin_forecast(twin_, actions.data(),
                                   static_cast<std::uint32_t>(actions.size()), &out),
          "a forecast");
    return out;
  }

  /// What a change would do; `rows` of the observation's hosts, ascending, and `states` are valid
  /// until the twin is called again.
  struct Trial {
    lair_forecast outcome; ///< its `states` is null
    std::span<const std::uint32_t> rows;
    std::span<const double> states; ///< LAIR_METRICS for each of `rows`
    std::span<const double> state(std::size_t i) const {
      return states.subspan(i * LAIR_METRICS, LAIR_METRICS);
    }
  };
  /// The base with one task moved or placed elsewhere (LAIR_NONE, or where it is: no action for
  /// it), left open: accept() or undo() must follow. Needs a forecast() before.
  Trial try_move(std::uint64_t task, std::uint32_t host) {
    Trial out{};
    out.outcome.size = sizeof out.outcome;
    lair_touched touched{};
    touched.size = sizeof touched;
    check(services_->twin_try(twin_, task, host, &out.outcome, &touched), "a move");
    out.rows = {touched.rows, touched.count};
    out.states = {touched.states, std::size_t(touched.count) * LAIR_METRICS};
    return out;
  }
  void accept() { check(services_->twin_close(twin_, 1), "accepting"); }
  void undo() { check(services_->twin_close(twin_, 0), "undoing"); }

  /// The start of the next interval under the base decision, with no arrival and no fault; the twin
  /// is loaded with it. Valid until the role's call returns, as those given before.
  Observation advance() {
    const lair_observation* next = services_->twin_advance(twin_);
    check(next == nullptr, "advancing");
    return Observation(*next);
  }

private:
  static void check(int failed, const char* what) {
    if (failed != 0)
      throw std::runtime_error(std::string("the twin refused ") + what +
                               ": it needs a base decision, its own observation and an answer to "
                               "every change that was tried");
  }
  const lair_services* services_;
  lair_twin* twin_;
};

/// Options and services of one policy object; lives as long as the object.
class PolicyContext {
public:
  /// Copies the options, so that `setup` need not outlive the call.
  PolicyContext(const lair_services& services, const lair_setup& setup)
      : lei_(setup.lei), host_total_(setup.host_total), used_(setup.option_count, false) {
    // A newer lair may lend more services than this policy was compiled against.
    std::memcpy(&services_, &services, std::min<std::size_t>(services.size, sizeof services_));
    if (setup.size >= offsetof(lair_setup, platform) + sizeof setup.platform &&
        setup.platform != nullptr)
      platform_ = setup.platform;
    for (std::uint32_t i = 0; i < setup.option_count; ++i)
      options_.push_back({setup.options[i].name, setup.options[i].value});
  }

  std::uint32_t lei() const { return lei_; }
  std::uint32_t host_total() const { return host_total_; }
  /// Name of the federation, for example "pi-config2"; empty where there is none.
  const std::string& platform() const { return platform_; }
  /// Option `name` as a number, or `otherwise`. Throws OptionError if it is not one.
  double number(std::string_view name, double otherwise) {
    const std::string* text = find(name);
    if (text == nullptr) return otherwise;
    double value = 0; // from_chars: the same in every locale
    const char* end = text->data() + text->size();
    const auto [stop, problem] = std::from_chars(text->data(), end, value);
    if (problem == std::errc() && stop == end && !text->empty() && value == value) return value;
    throw OptionError("option '" + std::string(name) + "' is '" + *text + "', not a number");
  }
  /// As number(), and OptionError unless low <= value <= high. The bounds fit a long long if whole()
  /// is asked.
  double number(std::string_view name, double otherwise, double low, double high) {
    const double value = number(name, otherwise);
    if (value >= low && value <= high) return value;
    const std::string* text = find(name); // null: `otherwise` itself is out of range
    throw OptionError("option '" + std::string(name) + "' is '" +
                      (text != nullptr ? *text : plain(value)) +
                      (text != nullptr ? "'" : "' by default") + ", outside its range " +
                      plain(low) + " to " + plain(high));
  }
  /// As number() with a range, and OptionError for a fraction.
  double whole(std::string_view name, double otherwise, double low, double high) {
    const double value = number(name, otherwise, low, high);
    if (value == static_cast<double>(static_cast<long long>(value))) return value;
    const std::string* text = find(name);
    throw OptionError("option '" + std::string(name) + "' is '" +
                      (text != nullptr ? *text : plain(value)) + "', not a whole number");
  }
  std::string text(std::string_view name, std::string_view otherwise) {
    const std::string* value = find(name);
    return value != nullptr ? *value : std::string(otherwise);
  }
  /// As text(), and OptionError unless it is one of `choices`.
  std::string choice(std::string_view name, std::string_view otherwise,
                     std::initializer_list<std::string_view> choices) {
    std::string value = text(name, otherwise);
    std::string all;
    for (const std::string_view one : choices) {
      if (value == one) return value;
      all += (all.empty() ? "" : ", ") + std::string(one);
    }
    throw OptionError("option '" + std::string(name) + "' is '" + value + "', not one of " + all);
  }
  /// Call after the last option was read (LAIR_POLICY and the registry do): throws on unknown ones.
  void refuse_unknown_options() const {
    for (std::size_t i = 0; i < options_.size(); ++i)
      if (!used_[i]) throw OptionError("unknown option '" + options_[i].name + "'" + known());
  }
  /// Was option number `i` of the setup asked for?
  bool option_used(std::size_t i) const { return used_[i]; }
  /// The names asked for so far, in the order of the first asking.
  const std::vector<std::string>& known_options() const { return known_; }

  double uniform() { return services_.uniform(services_.context); }
  /// Index in [0, count). `count` must be positive.
  std::uint32_t pick(std::uint32_t count) {
    const auto i = static_cast<std::uint32_t>(uniform() * count);
    return i < count ? i : count - 1;
  }
  void charge_flops(double flops) { services_.charge_flops(services_.context, flops); }
  void charge_memory(double bytes) { services_.charge_memory(services_.context, bytes); }
  void log(int level, const std::string& message) {
    services_.log(services_.context, level, message.c_str());
  }
  /// The twin's forecast of the coming interval under `actions`.
  lair_forecast forecast(Actions actions) {
    lair_forecast out{};
    out.size = sizeof out;
    if (services_.forecast == nullptr ||
        services_.forecast(services_.context, actions.data(),
                           static_cast<std::uint32_t>(actions.size()), &out) != 0)
      throw std::runtime_error("no forecast can be made outside place, detect and decide");
    return out;
  }
  /// Does this lair lend a twin?
  bool has_twin() const {
    return services_.twin != nullptr && services_.twin_forecast != nullptr &&
           services_.twin_try != nullptr && services_.twin_close != nullptr &&
           services_.twin_advance != nullptr;
  }
  /// The twin with `observation` loaded: one that this call was given, or that advance() gave.
  TwinView twin(const Observation& observation) {
    if (!has_twin())
      throw std::runtime_error("this lair lends no twin (it is older than ABI 1.1, or has none)");
    lair_twin* twin = services_.twin(services_.context, &observation.raw());
    if (twin == nullptr)
      throw std::runtime_error("the twin takes only observations that lair gave, during place, "
                               "detect and decide");
    return {services_, twin};
  }

private:
  struct Option {
    std::string name, value;
  };
  const std::string* find(std::string_view name) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
    for (std::size_t i = 0; i < options_.size(); ++i)
      if (name == options_[i].name) {
        used_[i] = true;
        return &options_[i].value;
      }
    return nullptr;
  }
  std::string known() const {
    if (known_.empty()) return "; it takes none";
    std::string all = "; it takes";
    for (const auto& name : known_) all += (&name == &known_.front() ? " " : ", ") + name;
    return all;
  }
  static std::string plain(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
  }

  lair_services services_{};
  std::uint32_t lei_, host_total_;
  std::string platform_;
  std::vector<Option> options_;
  std::vector<bool> used_;
  std::vector<std::string> known_;
};

/// Proposes a host for every queued task.
class Scheduler {
public:
  explicit Scheduler(PolicyContext& context) : context_(context) {}
  virtual ~Scheduler() = default;
  virtual void place(const Observation& observation, Decision& out) = 0;

protected:
  PolicyContext& context() { return context_; }

private:
  PolicyContext& context_;
};

/// Scores and labels the hosts of the own LEI.
class Detector {
public:
  explicit Detector(PolicyContext& context) : context_(context) {}
  virtual ~Detector() = default;
  virtual void detect(const Observation& observation, Actions placement, Detection& out) = 0;
  virtual void learn(const Observation& /*before*/, const Observation& /*after*/) {}

protected:
  PolicyContext& context() { return context_; }

private:
  PolicyContext& context_;
};

/// Turns detections into actions. `own` is null when the run has no detector.
class Remediator {
public:
  explicit Remediator(PolicyContext& context) : context_(context) {}
  virtual ~Remediator() = default;
  virtual void decide(const Observation& observation, Actions placement, const DetectionView* own,
                      Decision& out) = 0;
  virtual void learn(const Observation& /*before*/, const Observation& /*after*/) {}

protected:
  PolicyContext& context() { return context_; }

private:
  PolicyContext& context_;
};

/// Several role classes as one policy: `struct Mine : lair::Bundle<MyDetector, MyRemediator>`.
/// (A class that derives from several roles itself says `Detector::context()`, since each has one.)
template <class... Roles> struct Bundle : Roles... {
  explicit Bundle(PolicyContext& context) : Roles(context)... {}
};

} // namespace lair

#include <lair/plugin_export.hpp>
