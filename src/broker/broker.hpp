/// One broker: its policy objects and what they may use. The same object in every world.
#pragma once

#include "broker/validate.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "policy/policy_factory.hpp"
#include "policy/twin_service.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lair {

/// A detection that owns its rows, so that it can travel in a report.
struct DetectionCopy {
  std::vector<std::uint32_t> hosts;
  std::vector<double> scores, thresholds, expected, scale, ahead_expected;
  std::vector<std::uint8_t> labels;
  std::uint32_t ahead = 0; ///< further intervals in ahead_expected
  DetectionCopy() = default;
  explicit DetectionCopy(const lair_detection& raw);
  lair_detection raw() const;
  /// Numbers it puts on the wire.
  double numbers() const;
};

/// Seconds of this machine that policies have taken: wall clock and CPU of the calling thread.
struct PolicyCost {
  std::uint64_t decisions = 0; ///< intervals decided
  double decision_wall_s = 0, decision_cpu_s = 0;       ///< in sense() and decide()
  double fine_tuning_wall_s = 0, fine_tuning_cpu_s = 0; ///< in learn()
  PolicyCost& operator+=(const PolicyCost&);
};

/// Forecasts what is left of an observation's interval.
using ForecastService = std::function<bool(const lair_observation&, Actions, lair_forecast&)>;

/// Told what a broker senses, when its scheduler has placed and its detector has judged. It must change
/// nothing.
using SenseObserver =
    std::function<void(const lair_observation&, Actions placement, const ForecastService&)>;

class Broker {
public:
  /// `log(level, message)`; `twin`, which brokers may share, may be null and must outlive this object.
  /// PluginError if the policy cannot be created.
  Broker(LeiId lei, const PolicyFactory& policy, std::uint32_t host_total, std::uint64_t seed,
         std::function<void(int, const std::string&)> log, TwinService* twin);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  ~Broker();

  /// Start of an interval: schedules and detects. The detection is null without a detector; it
  /// stays valid until the next call.
  const DetectionCopy* sense(const lair_observation& observation);
  /// What its scheduler proposed in sense(); until the next one.
  Actions placement() const { return placement_.actions(); }

  void watch_sensing(SenseObserver observer) { watch_ = std::move(observer); }

  struct Decided {
    ValidDecision decision;
    double flops = 0;       ///< counted since sense() began
    double learn_flops = 0; ///< counted by learn() since the decision before
  };
  /// With the peers' reports in the observation. Must follow sense() of the same interval.
  Decided decide(const lair_observation& observation);

  /// After the interval.
  void learn(const lair_observation& before, const lair_observation& after);
  bool wants_learning() const;

  /// What its policy has really taken on this machine; no result depends on it.
  const PolicyCost& cost() const { return cost_; }

  LeiId lei() const { return lei_; }
  double extra_memory() const { return extra_memory_; } ///< bytes charged by the policy at run time

private:
  void judge(const lair_observation& observation);
  static double uniform(void* self);
  static void charge_flops(void* self, double flops);
  static void charge_memory(void* self, double bytes);
  static void log(void* self, int level, const char* message);
  static int forecast(void* self, const lair_action* actions, std::uint32_t count,
                      lair_forecast* out);
  static lair_twin* twin(void* self, const lair_observation* observation);

  LeiId lei_;
  RandomStream random_;
  std::function<void(int, const std::string&)> log_;
  TwinService* twin_;
  TwinDesk desk_;
  SenseObserver watch_;
  std::unique_ptr<PolicyInstance> policy_;
  Decision placement_, remediation_;
  Detection detection_;
  std::optional<DetectionCopy> detected_;
  double flops_ = 0, learn_flops_ = 0, extra_memory_ = 0;
  PolicyCost cost_;
};

} // namespace lair
