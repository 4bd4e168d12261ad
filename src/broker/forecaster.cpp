#include "broker/forecaster.hpp"

#include <algorithm>

namespace lair {

Twin& Forecaster::load(const lair_observation& observation) {
  if (twin_ == nullptr) twin_ = std::make_unique<Twin>(TwinPlatform::of(*federation_, probe_rate_));
  lair_observation rest = observation;
  // Brokers wait for one another's reports, so an interval is a little older when they decide.
  const double end = (observation.interval + 1.0) * observation.interval_length;
  rest.interval_length = std::clamp(end - observation.now, 0.0, observation.interval_length);
  twin_->load(rest);
  return *twin_;
}

bool Forecaster::forecast(const lair_observation& observation, Actions actions,
                          lair_forecast& out) {
  return load(observation)
      .forecast_into(actions.data(), static_cast<std::uint32_t>(actions.size()), &out);
}

} // namespace lair
