/// Detector `arima`, of TBAFT (Rawat et al. 2021): every host's CPU, RAM and network share of the coming
/// interval, each forecast by an ARIMA(1,1,1) fitted anew on its last states; labelled is what reaches the
/// threshold. The score is the forecast of the share that comes nearest to its threshold, `expected` the state
/// with these forecasts. docs/baselines.md has what the paper leaves open.
///
///   option      meaning                                                             default
///   theta_hi    share from which a host is overloaded                                 0.9
///   thresholds  "fixed", or "adaptive": 1 - 2.5 MAD of the residuals, 0.7 to 0.95     fixed
///   history     states it keeps of each host, beyond the observation's window         30
#pragma once

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace lair {

class ArimaDetector : public Detector {
public:
  explicit ArimaDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  static constexpr std::size_t shares = 3; ///< CPU, RAM, network (the fuller way)
  struct History {
    std::uint32_t newest = 0; ///< interval
    std::array<std::vector<double>, shares> values;
  };
  void remember(const Observation&, const Host&);

  double theta_hi_;
  bool adaptive_;
  std::size_t length_;
  std::map<std::uint32_t, History> hosts_; ///< by id
  double memory_ = 0;                      ///< bytes charged so far
};

} // namespace lair
