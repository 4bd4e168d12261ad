/// From what a broker observes to what the network sees.
#pragma once

#include "learn/model_file.hpp"
#include "learn/sample.hpp"

#include <lair/policy.hpp>

#include <deque>
#include <map>
#include <vector>

namespace lair::learn {

/// Whose windows stand at the nodes of G.
enum class GraphFeatures {
  all,  ///< of every host, own ones included: eq. 8 as printed
  peers ///< of other LEIs' hosts only: G then does not repeat the window that is judged
};

/// Observations say what tasks have done, not what they used; their states are worked out from the
/// images they computed since the observation before. One per broker.
class TaskHistory {
public:
  /// Raw values of one state, in the order of lair_metric.
  using State = std::vector<double>;

  /// A second call in one interval changes nothing.
  void update(const Observation&, std::uint32_t window);
  /// The last `window` states, oldest first, the first one repeated where there were fewer; empty for
  /// a task never seen.
  std::vector<State> of(std::uint64_t task, std::uint32_t window) const;

private:
  struct Track {
    std::deque<State> states;
    double images = 0;
    std::uint32_t seen = 0; ///< interval
  };
  std::map<std::uint64_t, Track> tracks_;
  double last_ = 0; ///< seconds; of the observation before
  std::uint32_t interval_ = 0;
  bool updated_ = false;
};

class SampleBuilder {
public:
  SampleBuilder(const NetworkOptions& network, const Normalisation& normalisation,
                GraphFeatures features);

  /// The sample of this broker's LEI, with S = what runs and what `placement` starts.
  Sample build(const Observation&, Actions placement, const TaskHistory&) const;

  /// A host's state as normalised metrics, from a row of LAIR_METRICS numbers; not clipped.
  std::vector<double> unit_state(const double* raw) const;

private:
  void append_window(const double* states, std::uint32_t have, std::vector<float>& to) const;

  NetworkOptions network_;
  Normalisation normalisation_;
  GraphFeatures features_;
};

} // namespace lair::learn
