/// Which policy's code a process is in. A policy can take its process with it, in ways that nothing
/// inside can catch (`_exit`, a crash on a broken stack); so this lies in memory that a watching
/// process shares and reads when the other one is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lair {

struct CallMark {
  enum class Where : std::uint32_t {
    lair,   ///< no policy's code is running
    policy, ///< that of a policy library
    service ///< Lair's own again, called by a policy
  };
  std::atomic<Where> where{Where::lair};
  std::atomic<std::uint32_t> calls{0}; ///< so far: while it stands still, it is the same call
  std::atomic<bool> finished{false};   ///< the process has come to its end as it should
  std::atomic<bool> closed{false};     ///< a call has closed one of `files`, and the process ended
  // Fixed in size, for there are no pointers from one process into another.
  std::uint32_t interval = 0;
  char policy[64] = "", role[16] = ""; ///< role: empty in a constructor or destructor
  static constexpr std::uint32_t most_files = 64;
  int files[most_files] = {}; ///< descriptors that the run needs; looked at after every call
  std::uint32_t file_count = 0;
  int output = -1; ///< where standard output goes, while the policy's goes to standard error

  /// "scheduler, interval 7: ", or "its constructor ": what happened may follow.
  std::string place() const;
};

/// Descriptors that are open in this process, in order.
std::vector<int> open_descriptors();

/// From now on the run needs those of `now` that are not in `before`.
void need_descriptors(CallMark&, const std::vector<int>& now, const std::vector<int>& before = {});

/// Standard output is Lair's: sends what policies write there to standard error, until the other one
/// is called. A program that reads JSON would get their words between.
void hide_output(CallMark&);
void show_output(CallMark&);

/// The policy's code is running for as long as this lives. No mark, no effect.
class MarkedCall {
public:
  MarkedCall(CallMark*, const std::string& policy, const char* role, std::uint32_t interval);
  ~MarkedCall();
  MarkedCall(const MarkedCall&) = delete;
  MarkedCall& operator=(const MarkedCall&) = delete;

private:
  CallMark* mark_;
  pid_t process_;
};

/// The policy has called a service of Lair for as long as this lives.
class MarkedService {
public:
  explicit MarkedService(CallMark* mark) : mark_(mark) {
    if (mark_ != nullptr) before_ = mark_->where.exchange(CallMark::Where::service);
  }
  ~MarkedService() {
    if (mark_ != nullptr) mark_->where = before_;
  }
  MarkedService(const MarkedService&) = delete;
  MarkedService& operator=(const MarkedService&) = delete;

private:
  CallMark* mark_;
  CallMark::Where before_{};
};

} // namespace lair
