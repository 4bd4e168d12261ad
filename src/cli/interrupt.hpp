/// SIGINT and SIGTERM end a run after the interval that is under way; a second one ends it at once.
#pragma once

#include "model/event.hpp"

namespace lair::cli {

bool interrupted(); ///< since the start of the program

void catch_interrupts(); ///< from now on; for a verb that makes no SimGrid engine

/// Holds the signals back until the run's first event, then catches them: SimGrid's engine installs
/// a handler of its own when it is made, which would end the program without a summary. Passes all
/// on.
class CatchInterrupts : public EventSink {
public:
  explicit CatchInterrupts(EventSink& to);
  ~CatchInterrupts() override;
  CatchInterrupts(const CatchInterrupts&) = delete;
  CatchInterrupts& operator=(const CatchInterrupts&) = delete;
  void on(const Event& event) override {
    if (!catching_) start();
    to_.on(event);
  }
  void on(const HostInterval& row) override { to_.on(row); }
  void on(const IntervalTotals& totals) override {
    if (!catching_) start();
    to_.on(totals);
  }
  void on(const HostSample& sample) override { to_.on(sample); }
  void on(const PolicyCharge& charge) override { to_.on(charge); }
  void on(const PolicyNote& note) override { to_.on(note); }

private:
  void start();
  EventSink& to_;
  bool catching_ = false;
};

} // namespace lair::cli
