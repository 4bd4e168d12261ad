/// Injected faults: kinds, and the plan drawn before the run from its own random stream.
#pragma once

#include "core/ids.hpp"
#include "core/units.hpp"
#include "model/federation.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lair {

enum class FaultKind : std::uint8_t {
  cpu_overload,
  ram_contention,
  disk_attack,
  ddos,
  crash,
  link_loss,
  partition,
  silent_corruption
};
inline constexpr std::size_t fault_kind_count = 8;

std::string_view to_string(FaultKind);                       ///< "cpu_overload", ...
std::optional<FaultKind> fault_kind_from(std::string_view);  ///< inverse
std::string_view label_of(FaultKind);                        ///< "cpu", "ram", "disk", "net", "alive", ...
std::string_view description_of(FaultKind);                  ///< one line, for `lair list faults`

/// What a fault at strength 1 is. All of it can be set in `[faults.<kind>]`.
struct FaultEffects {
  double cpu_threads = 8;          ///< cpu_overload: busy threads
  double ram_share = 0.9;          ///< ram_contention: share of the host's RAM it occupies
  double ram_threads = 1;          ///< threads that touch it
  double disk_streams = 64;        ///< disk_attack: streams, each with one read and one write out
  double ddos_flows = 50;          ///< ddos: flows into the host's NIC
  double ddos_threads = 4;         ///< threads of request handling
  double ddos_backlog = 512;       ///< requests queued before the daemon
  Seconds ddos_request{0.01};      ///< CPU time of one request
  double link_loss_share = 0.9;    ///< link_loss: share of the bandwidth lost; 1 cuts the link
};

/// One entry of the plan. Host faults have a host; link_loss has a host (its LAN link) or a LEI (its
/// WAN link); partition has a LEI (cut from the WAN).
struct Fault {
  FaultId id;
  FaultKind kind{};
  Seconds start, length; ///< length of a crash = time the host is off
  double strength = 1;
  HostId host;
  LeiId lei;
};

struct FaultModel {
  double rate = 0; ///< faults per interval in the federation (Poisson mean); 0 = none
  std::array<double, fault_kind_count> shares{0.2, 0.2, 0.2, 0.2, 0.2, 0, 0, 0};
  double min_intervals = 1, max_intervals = 5; ///< attacks last U(min, max) intervals
  std::optional<Seconds> min_length, max_length; ///< instead, if both are set (FTSAD preset)
  Seconds min_reboot{60}, max_reboot{300};       ///< a crash: off for U(min, max)
  double strength = 1;
  Seconds onset{0}; ///< the strength ramps up over this time
  unsigned onset_steps = 10;
  FaultEffects effects;
  std::vector<Fault> script; ///< faults given one by one, in addition to the drawn ones
};

/// The plan for [0, horizon): script and draws from stream "faults", in order of start, ids 0, 1, ...
/// Independent of the policy.
std::vector<Fault> draw_fault_plan(const FaultModel&, const Federation&, Seconds interval,
                                   std::uint32_t intervals, std::uint64_t seed);

} // namespace lair
