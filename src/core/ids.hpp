/// Strong ids: indices into the federation's or the run's vectors, never mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace lair {

template <class Tag, class Rep = std::uint32_t> struct Id {
  using rep = Rep;
  static constexpr Rep none_value = static_cast<Rep>(-1);
  Rep value = none_value;

  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  constexpr bool valid() const { return value != none_value; }
  constexpr std::size_t index() const { return static_cast<std::size_t>(value); }
  constexpr auto operator<=>(const Id&) const = default;
};

using HostId = Id<struct HostTag>;
using LeiId = Id<struct LeiTag>;
using ApplicationId = Id<struct ApplicationTag>;
using FaultId = Id<struct FaultTag>;
using TaskId = Id<struct TaskTag, std::uint64_t>;

} // namespace lair

template <class Tag, class Rep> struct std::hash<lair::Id<Tag, Rep>> {
  std::size_t operator()(lair::Id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
