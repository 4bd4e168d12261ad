/// Detector `threshold`: a host is anomalous when one of its metrics, averaged over the last
/// interval, reaches its limit. The score is the largest quotient of metric and limit, so the
/// threshold is 1.
///
/// The limits are ours. They lie between what tasks do to a host and what attacks do (a task has
/// two threads, a host four cores):
///   option     metric                     default  ordinary load         under attack
///   pressure   runnable threads per core   1.25    <= 1 (two tasks)      + 2 (CPU), + 1 (DDoS)
///   ram        share of RAM in use         0.95    0.25 to 0.6           1 (RAM)
///   swap       share of swap in use        0.01    0                     >= 0.1 (RAM)
///   io_wait    threads waiting for disk    2       < 0.5                 64 (disk)
///   net        share of NIC, inward        0.2     < 0.02                1 (DDoS)
/// A mean sees an attack of the last part of an interval only if that part is long enough; three or
/// more tasks on one host count as an overload as well, which they are. Liveness is no input.
/// `limits` = "sent": its detections say where the limits are (`expected` and `scale`), so that a remediator
/// can judge a forecast by them; the score itself is the quotient. They cost bytes in every report, so they
/// are kept by default.
#pragma once

#include <lair/policy.hpp>

namespace lair {

class ThresholdDetector : public Detector {
public:
  explicit ThresholdDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;

private:
  double pressure_, ram_, swap_, io_wait_, net_;
  bool send_limits_;
};

} // namespace lair
