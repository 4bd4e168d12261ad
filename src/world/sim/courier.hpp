/// Inputs and results travel through mailboxes, between the task's actor at one end and a courier at
/// the other. (Comm::sendto needs no other end, but SimGrid 3.32 keeps all such transfers of a
/// simulation in one list and searches it whenever one of them ends: at 16,384 hosts that was nearly
/// the whole run.)
#pragma once

#include "world/sim/sg_compat.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace lair::world::sim {

struct Task;
struct Transfer;

/// One input or result under way.
struct Delivery {
  enum class Stage { free, offered, asked, moving };
  Stage stage = Stage::free;
  sgc::s4u::Mailbox* box = nullptr; ///< until both ends have met
  Task* task = nullptr;         ///< whose; null once it has what it wanted or is lost
  sgc::s4u::Host* host = nullptr;
  sgc::s4u::Host* gateway = nullptr;
  bool input = false;           ///< gateway -> host; else a result
  double bytes = 0;
  void* received = nullptr;     ///< where SimGrid puts what it carries; no one looks
  sgc::s4u::CommPtr task_end, courier_end; ///< the same transfer, as each of them holds it
};

/// Stands at the gateways of some neighbouring hosts; an actor that never ends. SimGrid searches its
/// list of transfers at each end of one of them, so that it must not serve too many hosts.
struct Courier {
  static constexpr std::size_t hosts_served = 64;
  static constexpr std::size_t most_over = 8; ///< transfers that have ended and are not waited for

  explicit Courier(std::size_t number) : number(number) {}
  std::size_t number;
  sgc::s4u::ActorPtr actor;
  sgc::s4u::SemaphorePtr wake = sgc::s4u::Semaphore::create(0);
  bool idle = false;
  std::size_t named = 0; ///< mailboxes
  std::vector<Delivery*> asked, over;
  std::vector<std::unique_ptr<Delivery>> all;
  std::vector<Delivery*> unused;
  std::vector<sgc::s4u::Mailbox*> boxes; ///< empty ones, used again and again: they are for ever

  Delivery& take() { // [actor]
    sgc::s4u::Mailbox* box = nullptr;
    if (boxes.empty()) { // others may run meanwhile
      box = sgc::s4u::Mailbox::by_name("delivery" + std::to_string(number) + "." +
                                       std::to_string(named++));
    } else {
      box = boxes.back();
      boxes.pop_back();
    }
    if (unused.empty()) {
      all.push_back(std::make_unique<Delivery>());
      unused.push_back(all.back().get());
    }
    Delivery& d = *unused.back();
    unused.pop_back();
    d.box = box;
    return d;
  }
  /// When nothing waits in it any more.
  void free_box(Delivery& d) {
    if (d.box != nullptr) boxes.push_back(d.box);
    d.box = nullptr;
  }
  void give_back(Delivery& d) {
    free_box(d);
    d.stage = Delivery::Stage::free;
    d.task = nullptr;
    d.task_end = d.courier_end = nullptr;
    unused.push_back(&d);
  }
};

} // namespace lair::world::sim
