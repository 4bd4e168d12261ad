/// What is remembered of each task while it lives. Task ids are dense (0, 1, 2, ...), so finding
/// one costs an index; memory is 4 bytes a task ever seen plus one T for each that is alive at
/// once.
#pragma once

#include "core/error.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <vector>

namespace lair::record {

template <class T> class TaskSlots {
public:
  /// A fresh T for a task that was not seen before.
  T& open(TaskId id) {
    LAIR_ASSERT(id.valid() && id.value < never, "task ids are dense");
    if (id.index() >= slot_of_.size()) slot_of_.resize(id.index() + 1, never);
    LAIR_ASSERT(slot_of_[id.index()] == never, "a task arrives once");
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
      slots_[slot] = T{};
    }
    slot_of_[id.index()] = slot;
    return slots_[slot];
  }
  /// A live task's T.
  T& at(TaskId id) {
    LAIR_ASSERT(id.index() < slot_of_.size() && slot_of_[id.index()] < ended,
                "an event speaks of a task that has arrived and not yet ended");
    return slots_[slot_of_[id.index()]];
  }
  void close(TaskId id) {
    at(id);
    free_.push_back(slot_of_[id.index()]);
    slot_of_[id.index()] = ended;
  }
  /// f(TaskId, const T&) for every live task, in order of id.
  template <class F> void for_each(F&& f) const {
    for (std::size_t i = 0; i < slot_of_.size(); ++i)
      if (slot_of_[i] < ended) f(TaskId(i), slots_[slot_of_[i]]);
  }

private:
  static constexpr std::uint32_t never = 0xffffffffu, ended = 0xfffffffeu;
  std::vector<std::uint32_t> slot_of_;
  std::vector<T> slots_;
  std::vector<std::uint32_t> free_;
};

} // namespace lair::record
