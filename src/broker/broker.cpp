#include "broker/broker.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

namespace lair {

namespace {

/// Adds the time between its construction and its end to two accumulators.
class Stopwatch {
public:
  Stopwatch(double& wall, double& cpu)
      : wall_(wall), cpu_(cpu), wall_began_(seconds(CLOCK_MONOTONIC)),
        cpu_began_(seconds(CLOCK_THREAD_CPUTIME_ID)) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    cpu_ += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_began_;
    wall_ += seconds(CLOCK_MONOTONIC) - wall_began_;
  }

private:
  static double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }
  double &wall_, &cpu_;
  double wall_began_, cpu_began_;
};

} // namespace

PolicyCost& PolicyCost::operator+=(const PolicyCost& other) {
  decisions += other.decisions;
  decision_wall_s += other.decision_wall_s;
  decision_cpu_s += other.decision_cpu_s;
  fine_tuning_wall_s += other.fine_tuning_wall_s;
  fine_tuning_cpu_s += other.fine_tuning_cpu_s;
  return *this;
}

DetectionCopy::DetectionCopy(const lair_detection& raw)
    : hosts(raw.hosts, raw.hosts + raw.count), scores(raw.scores, raw.scores + raw.count),
      thresholds(raw.thresholds, raw.thresholds + raw.count),
      labels(raw.labels, raw.labels + raw.count) {
  const std::size_t values = std::size_t(raw.count) * LAIR_METRICS;
  if (raw.expected != nullptr) expected.assign(raw.expected, raw.expected + values);
  if (raw.scale != nullptr) scale.assign(raw.scale, raw.scale + values);
  if (raw.ahead_expected != nullptr) {
    ahead = raw.ahead;
    ahead_expected.assign(raw.ahead_expected, raw.ahead_expected + ahead * values);
  }
}

lair_detection DetectionCopy::raw() const {
  lair_detection out{};
  out.size = sizeof out;
  out.count = static_cast<std::uint32_t>(hosts.size());
  out.hosts = hosts.data();
  out.scores = scores.data();
  out.thresholds = thresholds.data();
  out.labels = labels.data();
  out.expected = expected.empty() ? nullptr : expected.data();
  out.scale = scale.empty() ? nullptr : scale.data();
  out.ahead = ahead;
  out.ahead_expected = ahead_expected.empty() ? nullptr : ahead_expected.data();
  return out;
}

double DetectionCopy::numbers() const {
  return static_cast<double>(hosts.size() + scores.size() + thresholds.size() + labels.size() +
                             expected.size() + scale.size() + ahead_expected.size());
}

Broker::Broker(LeiId lei, const PolicyFactory& policy, std::uint32_t host_total, std::uint64_t seed,
               std::function<void(int, const std::string&)> log, TwinService* twin)
    : lei_(lei), random_(seed, "policy." + std::to_string(lei.value)), log_(std::move(log)),
      twin_(twin), desk_(twin) {
  lair_services services{};
  services.size = sizeof services;
  services.context = this;
  services.uniform = &Broker::uniform;
  services.charge_flops = &Broker::charge_flops;
  services.charge_memory = &Broker::charge_memory;
  services.log = &Broker::log;
  if (twin != nullptr) {
    services.forecast = &Broker::forecast;
    services.twin = &Broker::twin;
    TwinDesk::lend(services);
  }
  policy_ = policy.create(services, lei.value, host_total);
}

Broker::~Broker() = default;

const DetectionCopy* Broker::sense(const lair_observation& raw) {
  judge(raw);
  if (watch_)
    watch_(raw, placement_.actions(),
           [this](const lair_observation& observation, Actions actions, lair_forecast& out) {
             return twin_ != nullptr && twin_->forecast(observation, actions, out);
           });
  return detected_ ? &*detected_ : nullptr;
}

void Broker::judge(const lair_observation& raw) {
  const Stopwatch watch(cost_.decision_wall_s, cost_.decision_cpu_s);
  const Observation observation(raw);
  const TwinDesk::Call call(desk_, raw);
  flops_ = 0;
  placement_.clear();
  detected_.reset();
  policy_->scheduler()->place(observation, placement_);
  if (Detector* detector = policy_->detector()) {
    detection_.clear();
    detector->detect(observation, placement_.actions(), detection_);
    detected_.emplace(detection_.raw());
  }
}

Broker::Decided Broker::decide(const lair_observation& raw) {
  const Stopwatch watch(cost_.decision_wall_s, cost_.decision_cpu_s);
  ++cost_.decisions;
  const Observation observation(raw);
  remediation_.clear();
  if (Remediator* remediator = policy_->remediator()) {
    const TwinDesk::Call call(desk_, raw);
    lair_detection own{};
    if (detected_) own = detected_->raw();
    remediator->decide(observation, placement_.actions(), detected_ ? &own : nullptr, remediation_);
  }
  return {validate(raw, placement_.actions(), remediation_.actions(), remediation_.values()),
          flops_,
          std::exchange(learn_flops_, 0)};
}

void Broker::learn(const lair_observation& before, const lair_observation& after) {
  const Stopwatch watch(cost_.fine_tuning_wall_s, cost_.fine_tuning_cpu_s);
  const Observation was(before), is(after);
  flops_ = 0;
  if (Detector* detector = policy_->detector()) detector->learn(was, is);
  if (Remediator* remediator = policy_->remediator()) remediator->learn(was, is);
  learn_flops_ += std::exchange(flops_, 0);
}

bool Broker::wants_learning() const {
  return policy_->detector() != nullptr || policy_->remediator() != nullptr;
}

double Broker::uniform(void* self) { return static_cast<Broker*>(self)->random_.uniform(); }

void Broker::charge_flops(void* self, double flops) {
  // More than any run's horizon can hold: the decision never ends, whatever the excess.
  constexpr double endless = 1e17;
  if (flops > 0) {
    double& sum = static_cast<Broker*>(self)->flops_;
    sum = std::min(sum + flops, endless);
  }
}

void Broker::charge_memory(void* self, double bytes) {
  double& memory = static_cast<Broker*>(self)->extra_memory_;
  if (std::isfinite(bytes)) memory = std::max(0.0, memory + bytes); // no more is freed than taken
}

void Broker::log(void* self, int level, const char* message) {
  auto& broker = *static_cast<Broker*>(self);
  if (broker.log_) broker.log_(level, message);
}

int Broker::forecast(void* self, const lair_action* actions, std::uint32_t count,
                     lair_forecast* out) {
  return static_cast<Broker*>(self)->desk_.forecast(actions, count, out);
}

lair_twin* Broker::twin(void* self, const lair_observation* observation) {
  return static_cast<Broker*>(self)->desk_.open(observation);
}

} // namespace lair
