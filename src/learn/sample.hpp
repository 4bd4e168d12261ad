/// What the network sees of one LEI at one instant, as plain arrays: G, W and S of the paper, for any
/// number of hosts and tasks. Several samples may lie side by side in one (see pack), so that a
/// minibatch is one call.
#pragma once

#include "learn/network_options.hpp"

#include <cstdint>
#include <vector>

namespace lair::learn {

inline constexpr std::uint32_t nowhere = 0xffffffffu;

/// All values are normalised to [0, 1] by the training ranges.
struct Sample {
  std::uint32_t groups = 0; ///< how many LEIs lie side by side; usually 1

  // W: rows are entities, the own hosts first, then the tasks.
  std::uint32_t hosts = 0, tasks = 0;
  std::vector<float> window;            ///< rows x features
  std::vector<float> present;           ///< rows x metrics: 1 where the metric is known, else 0
  std::vector<std::uint64_t> keys;      ///< rows: which random probe is whose, whatever the order
  std::vector<std::uint32_t> row_group; ///< rows

  // S: the own host that each task is on, or will be started on; `nowhere` if neither.
  std::vector<std::uint32_t> host_of_task; ///< tasks, as host rows

  // G: all hosts that the broker knows of, with what it knows of them.
  std::uint32_t nodes = 0;
  std::vector<float> node_inputs;         ///< nodes x NetworkOptions::node_inputs()
  std::vector<std::uint32_t> hub;         ///< nodes: the node of its broker; itself for a broker
  std::vector<std::uint32_t> node_group;  ///< nodes
  std::vector<std::uint32_t> node_of_host; ///< hosts

  std::uint32_t rows() const { return hosts + tasks; }
  bool is_broker(std::uint32_t node) const { return hub[node] == node; }
  bool is_isolated(std::uint32_t node) const { return hub[node] == nowhere; }
};

/// The samples side by side: all their hosts, then all their tasks. They do not see one another.
Sample pack(const std::vector<const Sample*>& samples);

/// For each sample, where its rows went in pack(): index [sample][row].
std::vector<std::vector<std::uint32_t>> packed_rows(const std::vector<const Sample*>& samples);

} // namespace lair::learn
