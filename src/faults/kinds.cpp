#include "faults/fault_plan.hpp"

namespace lair {

namespace {
struct KindText {
  std::string_view name, label, description;
};
constexpr std::array<KindText, fault_kind_count> kinds{{
    {"cpu_overload", "cpu", "busy threads compete with the tasks for the host's cores"},
    {"ram_contention", "ram", "a large part of the RAM is occupied and touched; tasks swap"},
    {"disk_attack", "disk", "many read and write streams share the card with the tasks"},
    {"ddos", "net", "flows into the NIC, and requests that queue before the host's daemon"},
    {"crash", "alive", "the host is off for some minutes and then comes back empty"},
    {"link_loss", "link", "a host's LAN link or a LEI's WAN link loses most of its bandwidth"},
    {"partition", "link", "a LEI is cut from the WAN"},
    {"silent_corruption", "integrity",
     "tasks that finish on the host return wrong results in time"},
}};
} // namespace

std::string_view to_string(FaultKind kind) { return kinds[static_cast<std::size_t>(kind)].name; }

std::optional<FaultKind> fault_kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i].name == name) return static_cast<FaultKind>(i);
  return std::nullopt;
}

std::string_view label_of(FaultKind kind) { return kinds[static_cast<std::size_t>(kind)].label; }

std::string_view description_of(FaultKind kind) {
  return kinds[static_cast<std::size_t>(kind)].description;
}

} // namespace lair
