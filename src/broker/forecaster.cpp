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
  loaded_ = &observation;
  return *twin_;
}

bool Forecaster::forecast(const lair_observation& observation, Actions actions,
                          lair_forecast& out) {
  return load(observation)
      .forecast_into(actions.data(), static_cast<std::uint32_t>(actions.size()), &out);
}

bool Forecaster::gave(const lair_observation* observation) const {
  for (std::size_t i = 0; i < given_; ++i)
    if (&next_[i]->raw() == observation) return true;
  return false;
}

bool Forecaster::base(Actions actions, lair_forecast& out) {
  return twin_->forecast_into(actions.data(), static_cast<std::uint32_t>(actions.size()), &out);
}

bool Forecaster::try_move(std::uint64_t task, std::uint32_t host, lair_forecast& out,
                          lair_touched* touched) {
  if (!twin_->has_base() || twin_->has_open_change()) return false;
  const Outcome outcome = twin_->try_move(task, host);
  out.finished = outcome.finished;
  out.energy = outcome.energy;
  out.response = outcome.response;
  out.violations = outcome.violations;
  out.migration_time = outcome.migration_time;
  out.outlook = outcome.outlook;
  out.states = nullptr;
  if (touched != nullptr) {
    const auto rows = twin_->touched();
    touched->count = static_cast<std::uint32_t>(rows.size());
    touched->rows = rows.data();
    touched->states = rows.empty() ? nullptr : twin_->touched_state(0).data();
  }
  return true;
}

bool Forecaster::close(bool accept) {
  if (!twin_->has_open_change()) return false;
  accept ? twin_->accept() : twin_->undo();
  return true;
}

const lair_observation* Forecaster::next() {
  if (!twin_->has_base() || twin_->has_open_change()) return nullptr;
  if (given_ == next_.size()) next_.push_back(std::make_unique<NextObservation>());
  const lair_observation& made = next_[given_++]->make(*loaded_, *twin_);
  load(made);
  return &made;
}

} // namespace lair
