#include "policy/twin_service.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lair {
namespace {
/// What a policy of ABI 1.0 has room for.
constexpr std::size_t forecast_1_0 = offsetof(lair_forecast, outlook);

bool sound(const lair_action* actions, std::uint32_t count, const lair_forecast* out) {
  return out != nullptr && out->size >= forecast_1_0 && (actions != nullptr || count == 0);
}

/// Makes a whole forecast and writes of it what the policy has room for. `make` says whether it could.
template <class Make> int answer(lair_forecast& out, Make&& make) {
  lair_forecast whole{};
  whole.size = sizeof whole;
  if (!make(whole)) return 1;
  whole.size = out.size;
  std::memcpy(&out, &whole, std::min<std::size_t>(out.size, sizeof whole));
  return 0;
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
  return answer(*out, [&](lair_forecast& whole) {
    return service_->forecast(*seen_, {actions, count}, whole);
  });
}

void TwinDesk::lend(lair_services& services) {
  services.twin_forecast = [](lair_twin* twin, const lair_action* actions, std::uint32_t count,
                              lair_forecast* out) {
    if (twin == nullptr || !of(twin).ready() || !sound(actions, count, out)) return 1;
    return answer(*out, [&](lair_forecast& whole) {
      return of(twin).service_->base({actions, count}, whole);
    });
  };
  services.twin_try = [](lair_twin* twin, std::uint64_t task, std::uint32_t host,
                         lair_forecast* out, lair_touched* touched) {
    if (twin == nullptr || !of(twin).ready() || !sound(nullptr, 0, out)) return 1;
    if (touched != nullptr && touched->size < sizeof(lair_touched)) return 1;
    return answer(*out, [&](lair_forecast& whole) {
      return of(twin).service_->try_move(task, host, whole, touched);
    });
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
