/// Laws of the model that every run obeys whatever happens in it, beyond record::Invariants. A broken
/// one aborts (LAIR_ASSERT), as it does there.
///  * A task's life: arrived, placed, started, finished; requeued or failed only from a host; nothing
///    after its end. A kill for memory takes it off its host at once.
///  * Nothing happens to a task on a host that is off, and no task stays on one.
///  * A migration starts only for a task that runs, ends once, and where it said it would.
///  * A host's bytes of migrations, out and in, are those of migrations that ended, to the byte.
///  * A task is corrupted only on a host that a fault corrupts at that instant; if others had to confirm
///    its result, or could have, on one that a fault has corrupted.
///  * Copies of a task are on different hosts. Each that starts ends once, with another one left, or is
///    the task when that ends or queues again.
///  * A host's energy lies between its least and its most power for the time it was on.
///  * A host's CPU did at least the work of the tasks that ended there, and at most what it can.
#pragma once

#include "record/invariants.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace lair::physics {

class Laws : public EventSink {
public:
  /// Passes everything on to `next`.
  Laws(const Scenario& scenario, EventSink& next);
  void on(const Event&) override;
  void on(const HostInterval&) override;
  void on(const IntervalTotals&) override;
  void on(const HostSample&) override;
  void on(const PolicyCharge& charge) override { next_.on(charge); }
  void finish(bool completed) const;

private:
  enum class Life { none, queued, active, ended };
  struct Copy {
    HostId host, target;
    bool computing = false;
    bool killed = false; ///< for memory; it leaves its host next
  };
  struct TaskLife {
    Life life = Life::none;
    std::vector<Copy> copies; ///< the primary first
    bool several = false; ///< copies, checkpoints or votes were seen
    Copy* on(HostId host) {
      for (Copy& copy : copies)
        if (copy.host == host) return &copy;
      return nullptr;
    }
  };
  void on_task(const Event&);

  const Scenario& scenario_;
  EventSink& next_;
  record::Invariants invariants_;
  std::vector<TaskLife> tasks_;
  std::vector<bool> on_;
  std::map<std::uint32_t, HostId> corrupting_; ///< faults at work
  std::vector<bool> was_corrupting_;           ///< by host
  std::vector<double> moved_in_, moved_out_;   ///< bytes in this interval, by host
  std::vector<double> least_, most_; ///< watts of each host while it is on
  double ended_work_ = 0;            ///< flops of finished tasks and lost ones
  double cpu_work_ = 0;              ///< flops that CPUs did, up to the last interval's end
};

} // namespace lair::physics
