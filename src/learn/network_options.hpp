/// Shape and variants of DRAGON's network D(G, W, S), fixed when a model is trained.
/// Sources: DRAGON (IEEE TNSM 2022) section IV-C, Fig. 4, eq. 6-10; docs/dragon.md says where the
/// paper leaves a choice and why each default was taken.
#pragma once

#include <lair/plugin.h>

#include <cstdint>
#include <vector>

namespace lair::learn {

enum class Activation {
  tanh, ///< smooth, so that second derivatives carry information
  relu  ///< as printed in eq. 6
};

enum class Head {
  map,   ///< a validity in (0, 1) for every number of the window, shaped as eq. 10 says
  scalar ///< one probability per window, as eq. 2-5 say
};

struct NetworkOptions {
  /// What is seen of hosts and tasks; never LAIR_ALIVE, which would give the answer away.
  std::vector<std::uint32_t> metrics = {LAIR_CPU,        LAIR_RAM,    LAIR_DISK_READ,
                                        LAIR_DISK_WRITE, LAIR_NET_IN, LAIR_NET_OUT};
  std::uint32_t window = 10;      ///< k, states
  std::uint32_t width = 128;      ///< units of every hidden layer
  std::uint32_t depth = 1;        ///< hidden layers of each feed-forward block
  std::uint32_t convolutions = 2; ///< r
  Activation activation = Activation::tanh;
  Head head = Head::map;
  bool topology = true; ///< false: no convolution and no attention (ablation "w/o topology")

  std::uint32_t metric_count() const { return static_cast<std::uint32_t>(metrics.size()); }
  /// n * k numbers of one entity's window, state after state, the oldest first.
  std::uint32_t features() const { return metric_count() * window; }
  /// Window, one bit per metric that is there, one bit that says task.
  std::uint32_t entity_inputs() const { return features() + metric_count() + 1; }
  /// Window, one bit per metric that is there, known, broker.
  std::uint32_t node_inputs() const { return features() + metric_count() + 2; }
  bool operator==(const NetworkOptions&) const = default;
};

} // namespace lair::learn
