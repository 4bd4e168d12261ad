/// The analytic twin as the forecast service of brokers.
#pragma once

#include "broker/broker.hpp"
#include "model/federation.hpp"
#include "policy/twin_service.hpp"
#include "twin/next_observation.hpp"
#include "twin/twin.hpp"

#include <memory>
#include <vector>

namespace lair {

/// Serves any number of brokers: every call loads the observation it is about (1 to 2 us with 16
/// hosts). The twin is made at the first call, so that a run whose policies forecast nothing pays
/// nothing.
class Forecaster : public TwinService {
public:
  /// `federation` must outlive this object. `probe_rate`: as TwinPlatform's.
  explicit Forecaster(const Federation& federation, double probe_rate = 0)
      : federation_(&federation), probe_rate_(probe_rate) {}

  /// What is left of the interval under `actions`. `out.states` stays valid until the next call.
  bool forecast(const lair_observation& observation, Actions actions, lair_forecast& out) override;

  /// The twin with this observation loaded and its interval shortened to what is left of it at
  /// `observation.now`.
  Twin& load(const lair_observation& observation);

  bool used() const { return twin_ != nullptr; }

  void begin() override { given_ = 0; }
  void take(const lair_observation& observation) override { load(observation); }
  bool gave(const lair_observation* observation) const override;
  bool base(Actions actions, lair_forecast& out) override;
  bool try_move(std::uint64_t task, std::uint32_t host, lair_forecast& out,
                lair_touched* touched) override;
  bool close(bool accept) override;
  const lair_observation* next() override;

private:
  const Federation* federation_;
  double probe_rate_;
  std::unique_ptr<Twin> twin_;
  const lair_observation* loaded_ = nullptr; ///< of the last load()
  /// Kept for the memory they have; the first `given_` are in use.
  std::vector<std::unique_ptr<NextObservation>> next_;
  std::size_t given_ = 0;
};

} // namespace lair
