#include "policy/twin_service.hpp"

namespace lair {
namespace {
bool sound(const lair_action* actions, std::uint32_t count, const lair_forecast* out) {
  return out != nullptr && out->size >= sizeof(lair_forecast) && (actions != nullptr || count == 0);
}
} // namespace

lair_twin* TwinDesk::open(const lair_observation* observation) {
  if (service_ == nullptr || seen_ == nullptr || observation == nullptr) return nullptr;
  if (observation != seen_ && !service_->gave(observation)) return nullptr;
  service_->take(*observation);
  loaded_ = true;
  return reinterpret_cast<lair_twin*>(this);
}

int TwinDesk::forecast(const lair_action* actions, std::uint32_t count, lair_forecast* out) {
  if (service_ == nullptr || seen_ == nullptr || !sound(actions, count, out)) return 1;
  loaded_ = false; // there is one twin
  return service_->forecast(*seen_, {actions, count}, *out) ? 0 : 1;
}

void TwinDesk::lend(lair_services& services) {
  services.twin_forecast = [](lair_twin* twin, const lair_action* actions, std::uint32_t count,
                              lair_forecast* out) {
    if (twin == nullptr || !of(twin).ready() || !sound(actions, count, out)) return 1;
    return of(twin).service_->base({actions, count}, *out) ? 0 : 1;
  };
  services.twin_try = [](lair_twin* twin, std::uint64_t task, std::uint32_t host,
                         lair_forecast* out, lair_touched* touched) {
    if (twin == nullptr || !of(twin).ready() || !sound(nullptr, 0, out)) return 1;
    if (touched != nullptr && touched->size < sizeof(lair_touched)) return 1;
    return of(twin).service_->try_move(task, host, *out, touched) ? 0 : 1;
  };
  services.twin_close = [](lair_twin* twin, int accept) {
    if (twin == nullptr || !of(twin).ready()) return 1;
    return of(twin).service_->close(accept != 0) ? 0 : 1;
  };
  services.twin_advance = [](lair_twin* twin) -> const lair_observation* {
    if (twin == nullptr || !of(twin).ready()) return nullptr;
    return of(twin).service_->next();
  };
}

} // namespace lair
