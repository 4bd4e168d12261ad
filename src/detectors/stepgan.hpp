/// Detector `stepgan`: a host is anomalous by how badly StepGAN's generator (learn/step_gan.hpp), which saw
/// healthy hosts only, writes the correlations of its metrics again, and by how little its critic believes them.
/// Threshold by SPOT. docs/baselines.md has every choice that the paper leaves open.
#pragma once

#include "detectors/host_thresholds.hpp"
#include "learn/sample_builder.hpp"
#include "learn/step_gan.hpp"

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

namespace lair {

/// The options that a model may bring values for.
inline constexpr std::array<std::string_view, 4> stepgan_options{"critic", "first", "level", "risk"};

class StepganDetector : public Detector {
public:
  explicit StepganDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  /// Of a host: the last states that its broker saw, the newest last, as shares of the training ranges.
  struct History {
    std::deque<std::vector<double>> states;
    std::uint32_t interval = 0; ///< of the newest
  };
  /// The host's last states, as many as the model's window; the oldest one repeated where there are fewer.
  std::vector<double> window_of(const Observation&, const Host&);

  learn::Model model_;
  double critic_;
  HostThresholds thresholds_;
  learn::SampleBuilder builder_;
  learn::StepGan network_;
  std::map<std::uint32_t, History> histories_; ///< by host
};

} // namespace lair
