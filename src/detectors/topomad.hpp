/// Detector `topomad`: a host is anomalous by how badly TopoMAD's network (learn/graph_lstm.hpp), which saw
/// healthy hosts only, writes its window again. Threshold by SPOT. docs/baselines.md has every choice that the
/// paper leaves open.
#pragma once

#include "detectors/host_thresholds.hpp"
#include "learn/graph_lstm.hpp"
#include "learn/sample_builder.hpp"

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

namespace lair {

/// The options that a model may bring values for.
inline constexpr std::array<std::string_view, 6> topomad_options{"delay", "first",   "judged",
                                                                 "level", "risk", "samples"};

class TopomadDetector : public Detector {
public:
  explicit TopomadDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  enum class Judged {
    newest, ///< the state that has just come, by the one window that holds it
    recent, ///< mean of the last `delay` states, each by all windows that hold it
    settled ///< the state of `delay` - 1 intervals ago, by `delay` windows: the original's
  };
  /// What windows say of one state.
  struct StateScore {
    double sum = 0, windows = 0;
    double mean() const { return windows > 0 ? sum / windows : 0; }
  };
  /// Of a host: its last `delay` states, the newest last.
  struct History {
    std::deque<StateScore> states;
    std::uint32_t interval = 0; ///< of the newest
  };

  /// Rows are own hosts; of each the scores of its window's states, the oldest first.
  std::vector<std::vector<double>> scores(const Observation&, const learn::Sample&, std::uint64_t seed);
  double judge(std::uint32_t host, std::uint32_t interval, const std::vector<double>& states);

  learn::Model model_;
  Judged judged_;
  std::size_t delay_, samples_;
  HostThresholds thresholds_;
  learn::SampleBuilder builder_;
  learn::GraphLstm network_;
  std::map<std::uint32_t, History> histories_; ///< by host
};

} // namespace lair
